/* SPDX-License-Identifier: BSD-3-Clause */
/* service - what works beside the resolver, in threads.
 *
 *     writer       journal -> event file and other outputs; takes snapshots
 *     maintenance  ends holds, keeps the door's mirror of them
 *     control      unbound-control's protocol on a Unix socket
 *     counting     adds up with other nodes, in Redis: together/count.h
 *     fleet        shares verdicts with other nodes, where fleet-zone: says so
 *
 * All block all signals: those are Unbound's. All sleep in poll() with <stop> among
 * the descriptors, so that they end at once when it becomes readable. In a resolver that
 * forks its workers only the process that called warden_start() has the threads.
 */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "engine/engine.h"
#include "together/count.h"
#include "fleet/fleet.h"
#include "service/control.h"
#include "service/maintenance.h"
#include "service/writer.h"

struct service {
	struct warden *warden;
	/* Copies: a reload frees the configuration. It cannot change them. "": none. */
	char *snapshot_file, *control_socket;

	struct writer writer;
	struct control control;
	struct maintenance maintenance;
	struct counting counting;
	struct fleet fleet;
	_Atomic uint64_t snapshot_taken; /* milliseconds since 1970; 0: never */
	uint64_t started;
	int stop; /* eventfd: readable once the threads are to end */

	pid_t process; /* whose threads these are */
	bool writing, controlling;
	pthread_t writer_thread, control_thread;
};

/* Milliseconds since 1970. */
uint64_t service_now(void);

/* Whether what was changed by hand up to <version> is in force everywhere: maintenance_settled(). */
bool service_settled(struct service *service, uint64_t version);

#endif
