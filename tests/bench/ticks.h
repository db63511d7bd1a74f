/* SPDX-License-Identifier: BSD-3-Clause */
/* ticks - the finest clock there is, for spans of tens of nanoseconds.
 *
 * Where the processor's time stamp counter runs at a constant rate it is read by itself, and its rate
 * found by comparison with the system's clock; elsewhere a tick is a nanosecond of that clock. Reading
 * takes time as well: ticks_overhead() is what two readings differ by with nothing between them, to
 * be taken off every span.
 */
#ifndef TESTS_BENCH_TICKS_H
#define TESTS_BENCH_TICKS_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

extern bool ticks_are_tsc; /* set by ticks_begin(), read only from then on */

/* Finds the clock and its rate; takes a tenth of a second. Before any thread. */
void ticks_begin(void);

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t ticks_system(void);

/* CPU time of the calling thread, in nanoseconds. */
uint64_t ticks_of_thread(void);

double ticks_per_nanosecond(void);
uint64_t ticks_overhead(void);

/* What was begun before has ended, and nothing after has begun. */
static inline uint64_t ticks_now(void)
{
#if defined(__x86_64__)
	if (__builtin_expect(ticks_are_tsc, 1)) {
		uint64_t ticks;

		_mm_lfence();
		ticks = __rdtsc();
		_mm_lfence();
		return ticks;
	}
#endif
	return ticks_system();
}

/* From <began> until now, less what reading the clock takes. */
static inline uint64_t ticks_since(uint64_t began, uint64_t overhead)
{
	uint64_t took = ticks_now() - began;

	return took > overhead ? took - overhead : 0;
}

#endif
