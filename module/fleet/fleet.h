/* SPDX-License-Identifier: BSD-3-Clause */
/* fleet - the thread that shares verdicts with other nodes.
 *
 * It joins what talks to the primary (primary.h) and what knows what to say (sharing.h), and sleeps in poll() between
 * the two. Everything belongs to it; who wants to look in meanwhile takes the lock, which it gives away while it sleeps.
 *
 * Invariant: it waits for nobody but in poll(), with <stop> among the descriptors.
 */
#ifndef FLEET_FLEET_H
#define FLEET_FLEET_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "primary/primary.h"
#include "fleet/sharing.h"

struct fleet {
	struct warden *warden;
	uint64_t (*clock)(void); /* milliseconds since 1970 */
	int stop;                /* borrowed: readable once the thread is to end */
	struct primary *primary; /* NULL: nothing is shared */
	struct sharing sharing;
	pthread_mutex_t lock;    /* of all this */
	uint64_t update;         /* number of the last one */
	uint64_t now;            /* of the work at hand */
	bool up;
	uint64_t since;          /* when <up> last changed */
	bool running;
	pthread_t thread;
};

/* Readies what the thread needs; without fleet-zone ends what is left in the segment of a fleet. False with a sentence in <error> when sharing is configured and not possible; then, and
 * when it is not configured, fleet_is_wanted() says that there is nothing to run. fleet_close() is due either way.
 */
bool fleet_open(struct fleet *fleet, struct warden *warden, int stop, uint64_t (*clock)(void), char *error,
                size_t error_len);
void fleet_close(struct fleet *fleet);

static inline bool fleet_is_wanted(const struct fleet *fleet)
{
	return fleet->primary != NULL;
}

/* The thread: until <stop> is readable. */
void fleet_run(struct fleet *fleet);

/* For the command `status`: a line about the primary; nothing where nothing is shared. Any thread. */
void fleet_print_state(struct fleet *fleet, FILE *out);

/* For the command `fleet`: sharing_print(). Any thread. */
void fleet_print(struct fleet *fleet, FILE *out, uint64_t most);

#endif
