/* SPDX-License-Identifier: BSD-3-Clause */
/* clocks - what time it is: a door has to say so (warden.h), and what waits needs a clock that does
 * not step.
 */
#ifndef WARDEND_CLOCKS_H
#define WARDEND_CLOCKS_H

#include <stdint.h>
#include <time.h>

static inline int64_t clock_milliseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Milliseconds since 1970. */
static inline uint64_t clock_now(void)
{
	return (uint64_t)clock_milliseconds(CLOCK_REALTIME);
}

/* Milliseconds that only go forwards. */
static inline int64_t clock_steady(void)
{
	return clock_milliseconds(CLOCK_MONOTONIC);
}

static inline uint64_t clock_nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

#endif
