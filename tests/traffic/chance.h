/* SPDX-License-Identifier: BSD-3-Clause */
/* chance - numbers by chance, the same in every run: from a seed, or from what they belong to.
 *
 * What happens is drawn from a stream (chance_next() and those below it). What is so, such as the
 * TTL of a name, is chance_of() the thing: it stays the same however the stream runs.
 */
#ifndef TRAFFIC_CHANCE_H
#define TRAFFIC_CHANCE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

struct chance {
	uint64_t state;
};

/* A number that belongs to <thing>: the finaliser of splitmix64 (Steele, Lea, Flood 2014). */
static inline uint64_t chance_of(uint64_t thing)
{
	thing += UINT64_C(0x9e3779b97f4a7c15);
	thing = (thing ^ thing >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	thing = (thing ^ thing >> 27) * UINT64_C(0x94d049bb133111eb);
	return thing ^ thing >> 31;
}

/* splitmix64. */
static inline uint64_t chance_next(struct chance *chance)
{
	uint64_t number = chance_of(chance->state);

	chance->state += UINT64_C(0x9e3779b97f4a7c15);
	return number;
}

/* From 0 up to, not including, 1. */
static inline double chance_unit(struct chance *chance)
{
	return (double)(chance_next(chance) >> 11) * 0x1p-53;
}

static inline bool chance_hits(struct chance *chance, double probability)
{
	return chance_unit(chance) < probability;
}

/* From 0 to <below> - 1. */
static inline uint32_t chance_below(struct chance *chance, uint32_t below)
{
	return (uint32_t)(chance_unit(chance) * below);
}

/* From <least> to <most>, each octave as likely as the next. */
static inline double chance_octave(struct chance *chance, double least, double most)
{
	return least * exp(chance_unit(chance) * log(most / least));
}

/* Time to the next of events that come independently of each other. */
static inline double chance_wait(struct chance *chance, double mean)
{
	return -mean * log1p(-chance_unit(chance));
}

/* Mean 0, deviation 1 (Box and Muller 1958). */
static inline double chance_normal(struct chance *chance)
{
	double radius = sqrt(chance_wait(chance, 2));

	return radius * cos(2 * acos(-1) * chance_unit(chance));
}

#endif
