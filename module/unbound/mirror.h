/* SPDX-License-Identifier: BSD-3-Clause */
/* mirror - holds kept in Unbound's own local zones.
 *
 * Unbound answers from its cache without asking us. But before it looks there it looks for a local zone,
 * and a zone may treat a client's network otherwise than all others ("local-zone-override"). So holds
 * are kept there, too, and the held are refused before the cache, at the price of one look-up.
 *
 *     warden_holds() --> mirror_plan --> compared with what is there --> batch --> mirror_zones
 *     '------------------ the maintenance thread ----------------------------'   '- a worker -'
 *
 * Where that does not reach, and until it is in step, the reply callbacks deny what is held.
 *
 * A batch is handed over whole and comes back when it is in force everywhere. Without anything to do
 * the thread compares a number ten times a second, and once a second a sum over all holds, some of which
 * may have ended; it plans for a tenth of its time at most.
 *
 * Where Unbound was built without threads it forks, and the maintenance thread is in one process: the
 * others mirror nothing.
 */
#ifndef UNBOUND_MIRROR_H
#define UNBOUND_MIRROR_H

#include <stdbool.h>
#include <stdint.h>

#include <warden/warden.h>

#include "unbound/beat.h"
#include "unbound/mirror_plan.h"
#include "unbound/mirror_zones.h"

struct mirror {
	struct warden *warden; /* NULL: not yet */
	struct beat *beat;
	struct mirror_zones zones;

	/* The maintenance thread's. */
	struct mirror_plan plan;
	struct mirror_place **places; /* as the last batch has them, sorted by key */
	size_t place_count;
	struct mirror_batch *batch;   /* handed over; NULL: none */
	bool rooted;                  /* the root is a place, and stays one */
	bool looked, told_left_out, told_no_memory;
	uint64_t looked_at, looked_version, looked_sum;
	uint64_t rest_until;          /* milliseconds of the monotonic clock */
};

/* Gives <setup> the mirror; without memory for it there is none. */
void mirror_open(struct mirror *mirror, struct beat *beat, struct warden_mirror *setup);

/* Before its threads are started. */
void mirror_set(struct mirror *mirror, struct warden *warden);

/* When neither workers nor threads are left. All zeros is fine. */
void mirror_close(struct mirror *mirror);

#endif
