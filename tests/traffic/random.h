/* SPDX-License-Identifier: BSD-3-Clause */
/* random - a stream of numbers, the same in every run (splitmix64; Steele, Lea, Flood 2014). */
#ifndef TRAFFIC_RANDOM_H
#define TRAFFIC_RANDOM_H

#include <stdint.h>

static inline uint64_t random_next(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

/* A number from 0 to <end> - 1. The remainder's bias is of no account for a small <end>. */
static inline uint64_t random_below(uint64_t *state, uint64_t end)
{
	return random_next(state) % end;
}

/* <time> with a jitter of 20 per cent either way. */
static inline uint64_t random_about(uint64_t *state, uint64_t time)
{
	return time - time / 5 + random_below(state, 2 * (time / 5) + 1);
}

#endif
