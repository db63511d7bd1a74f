/* SPDX-License-Identifier: BSD-3-Clause */
/* repeats - an order-1 predictor and the code that goes with it. */
#include <math.h>

#include "detect/repeats.h"

#define TYPE_BITS 1

/* What followed the last question when it came before; 0 when that is not remembered. */
static uint16_t expected(const struct repeats *repeats)
{
	uint16_t last = repeats->recent[(repeats->at - 1u) % REPEATS_RECENT];

	for (unsigned back = 2; back <= REPEATS_RECENT; back++)
		if (repeats->recent[(repeats->at - back) % REPEATS_RECENT] == last)
			return repeats->recent[(repeats->at - back + 1) % REPEATS_RECENT];
	return 0;
}

/* Bits for an outcome that came <count> times in <asked>. */
static double outcome_bits(unsigned count, unsigned asked)
{
	return log2((asked + 1.0) / (count + 0.5));
}

double repeats_see(struct repeats *repeats, uint16_t question, bool known, double names)
{
	bool asbefore = expected(repeats) == question;
	double bits;

	repeats->recent[repeats->at++ % REPEATS_RECENT] = question;
	if (!known)
		return 0;
	if (repeats->asbefore > repeats->asked)
		repeats->asbefore = repeats->asked; /* not our octets */
	bits = asbefore ? outcome_bits(repeats->asbefore, repeats->asked)
	                : outcome_bits(repeats->asked - repeats->asbefore, repeats->asked) +
	                  log2((names > 1 ? names : 1) + 1) + TYPE_BITS;
	if (repeats->asked == UINT8_MAX) {
		repeats->asked /= 2;
		repeats->asbefore /= 2;
	}
	repeats->asked++;
	repeats->asbefore += asbefore;
	return bits;
}
