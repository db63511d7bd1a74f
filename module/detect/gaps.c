/* SPDX-License-Identifier: BSD-3-Clause */
/* gaps - see gaps.h. */
#include <math.h>

#include "detect/gaps.h"

#define OCTAVE   204.0
#define CODE_MAX (1 + 20 * 204)

static_assert(CODE_MAX < 1 << 12, "a code has 12 bits");

/* ---- the list ------------------------------------------------------------------ */

static unsigned code_at(const struct gaps *gaps, unsigned i)
{
	const uint8_t *two = gaps->code + i / 2 * 3;

	return i % 2 ? two[1] >> 4 | (unsigned)two[2] << 4 : two[0] | (two[1] & 0xfu) << 8;
}

static void put_code(struct gaps *gaps, unsigned i, unsigned code)
{
	uint8_t *two = gaps->code + i / 2 * 3;

	if (i % 2) {
		two[1] = (uint8_t)((two[1] & 0xf) | code << 4);
		two[2] = (uint8_t)(code >> 4);
	} else {
		two[0] = (uint8_t)code;
		two[1] = (uint8_t)((two[1] & 0xf0) | code >> 8);
	}
}

void gaps_add(struct gaps *gaps, uint64_t gap)
{
	double octaves;
	unsigned at = gaps->next % GAPS_KEPT;

	gap = gap < GAP_LEAST ? GAP_LEAST : gap;
	octaves = log2((double)(gap < GAP_MOST ? gap : GAP_MOST) / GAP_LEAST);
	put_code(gaps, at, 1 + (unsigned)(octaves * OCTAVE + 0.5));
	gaps->next = (uint8_t)((at + 1) % GAPS_KEPT);
}

/* ---- the score ----------------------------------------------------------------- */

/* So few are soonest sorted by insertion. */
static void sort(double *value, unsigned count)
{
	for (unsigned i = 1; i < count; i++) {
		double v = value[i];
		unsigned at = i;

		for (; at && value[at - 1] > v; at--)
			value[at] = value[at - 1];
		value[at] = v;
	}
}

/* The value that <share> of the <count> sorted ones are below, between two of them if need be. */
static double quantile(const double *sorted, unsigned count, double share)
{
	double place = share * (count - 1);
	unsigned below = (unsigned)place;

	if (below + 1 >= count)
		return sorted[count - 1];
	return sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]);
}

struct regularity regularity(const double *gap, unsigned count)
{
	double value[GAPS_KEPT], low, median, high, spread, skew, stray;

	if (!count || count > GAPS_KEPT)
		return (struct regularity){ 0 };
	for (unsigned i = 0; i < count; i++)
		value[i] = gap[i];
	sort(value, count);
	low = quantile(value, count, 0.25);
	median = quantile(value, count, 0.5);
	high = quantile(value, count, 0.75);
	spread = fmax(high - low, SPREAD_LEAST * median);
	skew = (low + high - 2 * median) / spread;

	for (unsigned i = 0; i < count; i++)
		value[i] = fabs(value[i] - median);
	sort(value, count);
	stray = quantile(value, count, 0.5) / median;
	return (struct regularity){
		.gaps = count,
		.median = median,
		.score = (1 - fabs(skew)) / 2 + (1 - stray) / 2,
	};
}

struct regularity gaps_regularity(const struct gaps *gaps)
{
	double gap[GAPS_KEPT];
	unsigned count = 0;

	for (unsigned i = 0; i < GAPS_KEPT; i++) {
		unsigned code = code_at(gaps, i);

		if (code)
			gap[count++] = GAP_LEAST * exp2((code - 1) / OCTAVE);
	}
	return regularity(gap, count);
}
