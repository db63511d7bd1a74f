/* SPDX-License-Identifier: BSD-3-Clause */
/* rate - how many there were in a sliding window, in 24 octets.
 *
 * The state of every detector that counts one thing against one bound. Counts saturate:
 * a bucket takes no more than it holds, so a rate that is too high to be told reads as high. Those that
 * count two things in one window have buckets of their own, see BUCKETS_COUNT.
 */
#ifndef DETECT_RATE_H
#define DETECT_RATE_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "detect/detector.h"
#include "detect/window.h"

/* What a window counts, in buckets of 8, 16 or 32 bits: zeroes those that <expired>, adds <n> to the one
 * <at>, both as window_move() told them, and returns what is in all. A bucket saturates.
 */
#define BUCKETS_COUNT(bits) \
	static inline uint64_t buckets_count##bits(uint##bits##_t count[WINDOW_BUCKETS], unsigned at, \
	                                           uint32_t expired, uint32_t n) \
	{ \
		uint64_t here; \
\
		for (; expired; expired &= expired - 1) \
			count[__builtin_ctz(expired)] = 0; \
		here = (uint64_t)count[at] + n; \
		count[at] = here < UINT##bits##_MAX ? (uint##bits##_t)here : UINT##bits##_MAX; \
		static_assert(WINDOW_BUCKETS == 6, "all of them"); \
		return (uint64_t)count[0] + count[1] + count[2] + count[3] + count[4] + count[5]; \
	}

BUCKETS_COUNT(8)
BUCKETS_COUNT(16)
BUCKETS_COUNT(32)

struct rate {
	struct window window;
	uint16_t count[WINDOW_BUCKETS];
};

static_assert(sizeof(struct rate) == 24, "no padding: the state is shared");

/* Moves <rate> to <now>, adds <n>, and returns how many there are in the last <window>
 * milliseconds, these included. All zeros is a rate of nothing; any octets are a rate.
 */
static inline uint64_t rate_count(struct rate *rate, uint64_t window, uint64_t now, unsigned n)
{
	uint32_t expired;
	unsigned at = window_move(&rate->window, window, now, &expired);

	return buckets_count16(rate->count, at, expired, n);
}

/* A rate of everything would be moved for every question, cached ones included, and moving it
 * costs more than all else that is done for one of these. So it looks at each RATE_STEP-th
 * question of a client by each path, and takes it for so many. That is late by fewer than
 * RATE_STEP questions a path; and 1001, the first that is more than 1000, is 77 steps, so a
 * flood by one path that begins with the client is met on its question.
 */
#define RATE_STEP 13

/* The step for a rate of up to <bound> things, of which a question makes up to <most>: all are
 * looked at where a step would be more than a 64th of the bound.
 */
static inline unsigned rate_step(uint64_t bound, unsigned most)
{
	return bound < 64u * RATE_STEP * most ? 1 : RATE_STEP;
}

/* What goes with that for detector.signs. */
static inline uint32_t rate_sign(unsigned step)
{
	return step == 1 ? SIGN_ALWAYS : SIGN_DUE;
}

/* Whether to look at the <nth> question, which is facts.nth. */
static inline bool rate_due(uint64_t nth, unsigned step)
{
	return step == 1 || (nth && nth % RATE_STEP == 0);
}

#endif
