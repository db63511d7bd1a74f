/* SPDX-License-Identifier: BSD-3-Clause */
/* histogram - how often a span took so many ticks.
 *
 * Buckets are one tick wide up to 512 and then, in each doubling, 256 of equal width: no value is off by more
 * than 0.4 %, and what is added to is a few cache lines near the median, so that counting disturbs nothing that
 * is counted.
 */
#ifndef TESTS_BENCH_HISTOGRAM_H
#define TESTS_BENCH_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BITS    8
#define HISTOGRAM_BUCKETS ((64 - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS)

struct histogram {
	uint64_t total;
	uint32_t count[HISTOGRAM_BUCKETS];
};

static inline unsigned histogram_bucket(uint64_t ticks)
{
	unsigned shift = 0;

	if (ticks >> (HISTOGRAM_BITS + 1))
		shift = 63 - HISTOGRAM_BITS - (unsigned)__builtin_clzll(ticks);
	return (unsigned)(ticks >> shift) + (shift << HISTOGRAM_BITS);
}

static inline void histogram_add(struct histogram *histogram, uint64_t ticks)
{
	histogram->count[histogram_bucket(ticks)]++;
	histogram->total++;
}

/* The least number of ticks in <bucket>: the inverse of histogram_bucket(). */
static inline uint64_t histogram_ticks(unsigned bucket)
{
	unsigned shift = bucket >> HISTOGRAM_BITS;

	if (shift < 2)
		return bucket;
	return (uint64_t)(bucket - ((shift - 1) << HISTOGRAM_BITS)) << (shift - 1);
}

static inline void histogram_merge(struct histogram *into, const struct histogram *from)
{
	into->total += from->total;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->count[i] += from->count[i];
}

/* The ticks that <percent> of the spans did not exceed. */
static inline uint64_t histogram_percentile(const struct histogram *histogram, unsigned percent)
{
	uint64_t seen = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->count[i];
		if (seen && seen * 100 >= histogram->total * percent)
			return histogram_ticks(i);
	}
	return 0;
}

#endif
