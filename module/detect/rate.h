/* SPDX-License-Identifier: BSD-3-Clause */
/* rate - how many there were in a sliding window, in 24 octets.
 *
 * The state of every detector that counts one thing against one bound. Counts saturate:
 * a bucket takes no more than it holds, so a rate that is too high to be told reads as high.
 */
#ifndef DETECT_RATE_H
#define DETECT_RATE_H

#include <assert.h>
#include <stdint.h>

#include "detect/window.h"

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
	uint64_t sum = 0;

	for (unsigned i = 0; i < WINDOW_BUCKETS; i++)
		if (expired >> i & 1)
			rate->count[i] = 0;
	rate->count[at] = rate->count[at] <= UINT16_MAX - n ? (uint16_t)(rate->count[at] + n) : UINT16_MAX;
	for (unsigned i = 0; i < WINDOW_BUCKETS; i++)
		sum += rate->count[i];
	return sum;
}

#endif
