/* SPDX-License-Identifier: BSD-3-Clause */
/* measure - how long warden_observe() takes, by three measures that check each other.
 *
 *     look    each call timed by itself, less what the timing takes: median and 99th percentile
 *     batch   the mean over 64 calls with no timing in between: the median of these means
 *     CPU     what the threads used, and wall time, less the same loop without the call
 *
 * The first waits for all that a call has begun before the clock is read; in the second the end of one call
 * and the beginning of the next overlap, as they do with what a resolver does before and after. Both alternate
 * in one loop. Observations are made between the batches: that is in none of the three.
 */
#ifndef TESTS_BENCH_MEASURE_H
#define TESTS_BENCH_MEASURE_H

#include <stdint.h>

#include "rig.h"

#define MEASURE_THREADS_MAX 16

struct measured {
	uint64_t looks;
	double median, p99;   /* nanoseconds of a look */
	double batch;         /* nanoseconds, the mean in a batch */
	double cpu, wall;     /* nanoseconds for each look, of all threads */
	struct rig_counts counts; /* of all looks */
};

/* Measures about <looks> observations of <kind> by <population>, in <threads> threads that share them. The clock
 * of <rig> goes on.
 */
struct measured measure(struct rig *rig, const struct population *population, enum kind kind,
                        unsigned threads, uint64_t looks);

#endif
