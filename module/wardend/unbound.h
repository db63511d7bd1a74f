/* SPDX-License-Identifier: BSD-3-Clause */
/* unbound - what wardend has Unbound do, over its control socket: list local zones, set some, remove some.
 *
 * Unbound talks to us with its first worker, and waits: for the rest of a command, and for room to write its list. So
 * what is sent in one piece fits the socket's buffer, and what comes is read at once. A wardend that is stopped in the
 * middle of a list (by a debugger, say) does keep that worker.
 *
 * Invariant: nothing takes longer than <patience> without a word from Unbound, nor LONGEST times as long in all.
 */
#ifndef WARDEND_UNBOUND_H
#define WARDEND_UNBOUND_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "wardend/zones.h"

#define LONGEST 12

struct control_of_unbound {
	const char *path;
	int stop;         /* readable once nothing is to be waited for any more */
	int64_t patience; /* milliseconds that it may be silent */
	_Atomic int64_t *beaten; /* when there was last something to read, by clock_steady(); or NULL */
};

/* Asks for all local zones; <line> is called for each. NULL, or why there are none. */
const char *unbound_list(const struct control_of_unbound *control,
                         void (*line)(void *arg, const char *line), void *arg);

/* Sets <zones>, by kind, or removes them. NULL, or why not; <failed> is how many were not taken. */
const char *unbound_set(const struct control_of_unbound *control, const struct zones *zones, size_t *failed);
const char *unbound_remove(const struct control_of_unbound *control, const struct zones *zones,
                           size_t *failed);

#endif
