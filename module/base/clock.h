/* SPDX-License-Identifier: BSD-3-Clause */
/* clock - arithmetic on time that is handed in.
 *
 * Time is unsigned milliseconds since 1970, told by the observation. It is wall
 * clock, so it may step. The one rule, kept here: a difference that makes no sense
 * (the clock stepped back, or the state is from another life) reads as "longer ago
 * than anything", so that windows start anew; it never reads as a huge rate.
 * A step back of less than CLOCK_JITTER is two threads disagreeing, and reads as 0.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define SECOND UINT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

#define CLOCK_JITTER (2 * SECOND)
#define CLOCK_LONG_AGO UINT64_MAX

/* Milliseconds from <then> to <now>, or CLOCK_LONG_AGO when <then> is in the future. */
static inline uint64_t clock_since(uint64_t now, uint64_t then)
{
	if (now >= then)
		return now - then;
	return then - now <= CLOCK_JITTER ? 0 : CLOCK_LONG_AGO;
}

/* Whether <now> has come to <after>, a time that was set at most <most> ahead: one that is further away was set before the
 * clock stepped back, and is not waited for.
 */
static inline bool clock_reached(uint64_t after, uint64_t now, uint64_t most)
{
	return now >= after || after - now > most;
}

/* For chores: true once per <period>, and when the clock has stepped back; <last> is when that was. */
static inline bool clock_due(uint64_t *last, uint64_t now, uint64_t period)
{
	if (clock_since(now, *last) < period)
		return false;
	*last = now;
	return true;
}

#endif
