/* SPDX-License-Identifier: BSD-3-Clause */
/* maintenance - the thread that keeps holds in order while workers answer questions.
 *
 *     holds that end            every second
 *     too many held clients     every second
 *     the door's mirror         ten times a second, and at once when somebody waits for it
 *     large pages               after the start, until the segment is of these (store/pages.h)
 *
 * It waits for no disk: that is the writer's (service.h). What an operator changes by hand is in force
 * when maintenance_settled() says so, so that the next question is answered as they expect.
 */
#ifndef SERVICE_MAINTENANCE_H
#define SERVICE_MAINTENANCE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"

struct maintenance {
	struct warden *warden;
	int stop;           /* borrowed: readable once the thread is to end */
	int wake;           /* eventfd: somebody waits; -1: none */
	uint64_t second, minute; /* when each chore was last done */
	bool joining;       /* there may be more large pages to make, */
	size_t joined;      /* behind as many octets of the segment */
	bool running;
	pthread_t thread;
};

/* Readies what the thread needs. False without descriptors. maintenance_close() is due either way. */
bool maintenance_open(struct maintenance *maintenance, struct warden *warden, int stop, uint64_t now);
void maintenance_close(struct maintenance *maintenance);

/* The thread: until <stop> is readable. */
void maintenance_run(struct maintenance *maintenance);

/* Whether what holds, exemptions, mode and configuration were at <version> (warden_holds_version()) is in force
 * everywhere. If not, the thread is woken to see to it. Any thread but maintenance's own.
 */
bool maintenance_settled(struct maintenance *maintenance, uint64_t version);

#endif
