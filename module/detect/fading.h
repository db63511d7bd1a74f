/* SPDX-License-Identifier: BSD-3-Clause */
/* fading - how many there were lately, in 8 octets.
 *
 * For states that have no room for a struct rate. Two periods of the window's length, on a grid
 * that begins at the first event after a pause; of the older one that part counts which
 * would still be inside if it had been spread evenly (as HAProxy's freq_ctr has it):
 *
 *     |-- before --|-- count --|
 *            |-----------^now        before * (rest of the window) / window + count
 *
 * Invariant: exact for the first window after a pause of two; nothing older than two windows is
 * ever counted. A clock that steps back starts anew. Counts saturate.
 */
#ifndef DETECT_FADING_H
#define DETECT_FADING_H

#include <assert.h>
#include <stdint.h>

#include "base/clock.h"

struct fading {
	uint32_t began; /* the current period, in seconds since 1970; 0: no event yet */
	uint16_t count, before;
};

static_assert(sizeof(struct fading) == 8, "no padding: the state is shared");

/* Moves <fading> to <now>, adds <n>, and returns how many there are in the last <window>
 * milliseconds, these included. All zeros is none; any octets are some.
 */
static inline uint64_t fading_count(struct fading *fading, uint64_t window, uint64_t now, unsigned n)
{
	uint64_t since = clock_since(now, fading->began * SECOND);

	if (!fading->began || since == CLOCK_LONG_AGO || since >= 2 * window) {
		*fading = (struct fading){ .began = (uint32_t)(now / SECOND) };
		since = 0;
	} else if (since >= window) {
		*fading = (struct fading){
			.began = (uint32_t)(fading->began + window / SECOND),
			.before = fading->count,
		};
		since -= window;
	}
	fading->count = fading->count <= UINT16_MAX - n ? (uint16_t)(fading->count + n) : UINT16_MAX;
	return fading->count + fading->before * (window - since) / window;
}

#endif
