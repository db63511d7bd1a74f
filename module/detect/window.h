/* SPDX-License-Identifier: BSD-3-Clause */
/* window - sliding windows out of a few rotating buckets, moved on touch.
 *
 * A window of W milliseconds is WINDOW_BUCKETS buckets of W / WINDOW_BUCKETS, on a
 * grid that begins at the first event after a pause. What lies in the current
 * bucket and the ones before it, WINDOW_BUCKETS in all, is inside.
 *
 *     grid   |0    |1    |2    |3    |4    |5    |0 ...
 *     inside  ------------------------------^now
 *
 * Invariant: nothing older than W is ever counted; an event is forgotten at most one
 * bucket before its time, and the first event of a burst after a pause exactly at
 * its time. A clock that steps back starts a new window.
 */
#ifndef DETECT_WINDOW_H
#define DETECT_WINDOW_H

#include <stdint.h>

#include "base/clock.h"

#define WINDOW_BUCKETS 6

struct window {
	uint32_t origin[2]; /* where the grid begins, low half first; 0: no event yet */
	uint32_t current;   /* bucket number on the grid of the newest event */
};

static inline uint64_t window_origin(const struct window *window)
{
	return window->origin[0] | (uint64_t)window->origin[1] << 32;
}

/* Moves <window> of <length> milliseconds to <now>. Returns the index of the bucket
 * to count in; bit i of <expired> is set for every bucket whose content must be
 * zeroed first. <length> is at least WINDOW_BUCKETS.
 */
static inline unsigned window_move(struct window *window, uint64_t length, uint64_t now,
                                   uint32_t *expired)
{
	uint64_t origin = window_origin(window);
	uint64_t since = clock_since(now, origin);
	const uint32_t all = (1u << WINDOW_BUCKETS) - 1;
	uint64_t bucket;

	/* Most often it is the same bucket, which a multiplication shows for less than a division. */
	if (origin && since < UINT32_MAX && since * WINDOW_BUCKETS < (window->current + UINT64_C(1)) * length) {
		*expired = 0;
		return window->current % WINDOW_BUCKETS;
	}
	bucket = since == CLOCK_LONG_AGO ? UINT64_MAX : since * WINDOW_BUCKETS / length;
	if (!origin || bucket >= UINT32_MAX || bucket >= (uint64_t)window->current + WINDOW_BUCKETS) {
		*window = (struct window){ .origin = { (uint32_t)now, (uint32_t)(now >> 32) } };
		*expired = all;
		return 0;
	}
	*expired = 0;
	while (window->current < bucket)
		*expired |= 1u << (++window->current % WINDOW_BUCKETS);
	return window->current % WINDOW_BUCKETS;
}

#endif
