/* SPDX-License-Identifier: BSD-3-Clause */
/* bucket - so many a minute, and as many at once after a quiet one.
 *
 * A token bucket whose content is kept in milliseconds of filling: a clock that steps back fills nothing, and takes
 * nothing away. All zeros is a full one.
 */
#ifndef FLEET_BUCKET_H
#define FLEET_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

struct bucket {
	uint64_t spent;  /* of MINUTE * rate, in milliseconds times tokens */
	uint64_t filled; /* when that was so */
};

/* Takes one of <rate> a minute. False when there is none. */
static inline bool bucket_take(struct bucket *bucket, uint64_t rate, uint64_t now)
{
	uint64_t since = clock_since(now, bucket->filled), most = rate * MINUTE;

	if (since >= MINUTE && since != CLOCK_LONG_AGO)
		bucket->spent = 0;
	else if (since != CLOCK_LONG_AGO)
		bucket->spent -= since * rate < bucket->spent ? since * rate : bucket->spent;
	bucket->filled = now;
	if (bucket->spent + MINUTE > most)
		return false;
	bucket->spent += MINUTE;
	return true;
}

#endif
