/* SPDX-License-Identifier: BSD-3-Clause */
/* test_gaps - the regularity of what is kept against that of the very gaps.
 *
 * The exact score is worked out here, from the list of all gaps in milliseconds, by a formula of
 * its own.
 */
#include <math.h>
#include <stdio.h>

#include "detect/gaps.h"
#include "facts.h"

#define SEEDS  400
#define SERIES 120 /* gaps of each */
#define NEAR   0.05

/* ---- chance ---------------------------------------------------------------------- */

static double uniform(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return (double)(*random >> 11) / 9007199254740992.0;
}

static double between(uint64_t *random, double low, double high)
{
	return low + (high - low) * uniform(random);
}

static double normal(uint64_t *random)
{
	return sqrt(-2 * log(1 - uniform(random))) * cos(2 * 3.14159265358979 * uniform(random));
}

/* Each makes a gap, in seconds, of a series whose typical gap is <scale>. */
static double constant(uint64_t *random, double scale, unsigned i)
{
	(void)random, (void)i;
	return scale;
}

static double nearly_constant(uint64_t *random, double scale, unsigned i)
{
	(void)i;
	return scale + between(random, 0, 0.02);
}

static double late(uint64_t *random, double scale, unsigned i)
{
	(void)i;
	return scale * (1 - 0.03 * log(1 - uniform(random)));
}

static double jitter_5(uint64_t *random, double scale, unsigned i)
{
	(void)i;
	return scale * between(random, 0.95, 1.05);
}

static double jitter_20(uint64_t *random, double scale, unsigned i)
{
	(void)i;
	return scale * between(random, 0.8, 1.2);
}

static double jitter_90(uint64_t *random, double scale, unsigned i)
{
	(void)i;
	return scale * between(random, 0.1, 1.9);
}

static double exponential(uint64_t *random, double scale, unsigned i)
{
	(void)i;
	return -scale * log(1 - uniform(random));
}

static double lognormal(uint64_t *random, double scale, unsigned i)
{
	(void)i;
	return scale * exp(normal(random));
}

static double wide_lognormal(uint64_t *random, double scale, unsigned i)
{
	(void)i;
	return scale * exp(3 * normal(random));
}

static double two_timers(uint64_t *random, double scale, unsigned i)
{
	(void)i;
	return (uniform(random) < 0.5 ? scale : 2 * scale) * between(random, 0.98, 1.02);
}

static double with_pauses(uint64_t *random, double scale, unsigned i)
{
	return i % 9 == 8 ? between(random, 3600, 200000) : jitter_20(random, scale, i);
}

static double in_turn(uint64_t *random, double scale, unsigned i)
{
	return i / 30 % 2 ? exponential(random, scale, i) : jitter_20(random, scale * 20, i);
}

static double days(uint64_t *random, double scale, unsigned i)
{
	(void)scale, (void)i;
	return between(random, 0.5, 5) * 86400;
}

static const struct {
	const char *name;
	double (*gap)(uint64_t *random, double scale, unsigned i);
} kinds[] = {
	{ "constant", constant }, { "nearly constant", nearly_constant }, { "late", late },
	{ "jitter 5 %", jitter_5 }, { "jitter 20 %", jitter_20 }, { "jitter 90 %", jitter_90 },
	{ "exponential", exponential }, { "lognormal", lognormal }, { "wide lognormal", wide_lognormal },
	{ "two timers", two_timers }, { "with pauses", with_pauses }, { "in turn", in_turn },
	{ "days", days },
};

/* ---- the exact score ------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* The value at place <share> * (count - 1), a fraction of it between two. */
static double sorted_at(const double *sorted, unsigned count, double share)
{
	double whole, part = modf(share * (count - 1), &whole);
	unsigned i = (unsigned)whole;

	return part > 0 ? (1 - part) * sorted[i] + part * sorted[i + 1] : sorted[i];
}

static double exact_score(const uint64_t *gap, unsigned count)
{
	double sorted[SERIES], stray[SERIES], q1, q2, q3, spread, mad;

	for (unsigned i = 0; i < count; i++)
		sorted[i] = (double)gap[i];
	qsort(sorted, count, sizeof(*sorted), compare);
	q1 = sorted_at(sorted, count, 0.25);
	q2 = sorted_at(sorted, count, 0.5);
	q3 = sorted_at(sorted, count, 0.75);
	spread = q3 - q1 > 0.1 * q2 ? q3 - q1 : 0.1 * q2;
	for (unsigned i = 0; i < count; i++)
		stray[i] = fabs(sorted[i] - q2);
	qsort(stray, count, sizeof(*stray), compare);
	mad = sorted_at(stray, count, 0.5);
	return 0.5 * (1 - fabs((q1 + q3 - 2 * q2) / spread)) + 0.5 * (mad < q2 ? (q2 - mad) / q2 : 0);
}

/* ---- the cases ------------------------------------------------------------------- */

/* After every gap of every series: what is kept, against the last gaps as they were. */
static void is_near_the_exact_score(void **state)
{
	static const double scales[] = { 1, 5, 30, 60, 900, 3600, 43200 };
	double worst = 0;

	(void)state;
	for (size_t kind = 0; kind < sizeof(kinds) / sizeof(*kinds); kind++) {
		double worst_here = 0;

		for (unsigned seed = 1; seed <= SEEDS; seed++) {
			uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15), gap[SERIES];
			double scale = scales[seed % (sizeof(scales) / sizeof(*scales))];
			struct gaps gaps = { 0 };

			for (unsigned i = 0; i < SERIES; i++) {
				unsigned kept = i + 1 < GAPS_KEPT ? i + 1 : GAPS_KEPT;
				double seconds = kinds[kind].gap(&random, scale, i), off;
				struct regularity seen;

				seconds = fmin(fmax(seconds, 1), 1048576);
				gap[i] = (uint64_t)(seconds * 1000);
				gaps_add(&gaps, gap[i]);
				seen = gaps_regularity(&gaps);
				assert_int_equal(seen.gaps, kept);
				off = fabs(seen.score - exact_score(gap + i + 1 - kept, kept));
				if (off > NEAR)
					fail_msg("%s, seed %u, gap %u: off by %f", kinds[kind].name, seed,
					         i, off);
				worst_here = fmax(worst_here, off);
			}
		}
		print_message("%-16s off by %.4f at most\n", kinds[kind].name, worst_here);
		worst = fmax(worst, worst_here);
	}
	/* As the invariant says. */
	assert_true(worst < 0.036);
}

static void knows_the_regular_from_the_rest(void **state)
{
	static const struct {
		double gap[8];
		unsigned count;
		double score, median;
	} cases[] = {
		{ { 30 }, 1, 1, 30 },
		{ { 30, 30, 30, 30 }, 4, 1, 30 },
		/* Q 20 30 40, MAD 10. */
		{ { 10, 20, 30, 40, 50 }, 5, (1 + 2.0 / 3) / 2, 30 },
		/* Q 1 1 10: all of it is on one side. MAD 0. */
		{ { 1, 1, 1, 10, 100 }, 5, 0.5, 1 },
		/* Q 2 4 100, MAD 3, skewness 94/98. */
		{ { 1, 2, 4, 100, 200 }, 5, (1 - 94.0 / 98 + 1 - 3.0 / 4) / 2, 4 },
		/* Q 100 100 101, which tells little of so narrow a spread: 1/10. MAD 0. */
		{ { 100, 100, 100, 101, 101 }, 5, (0.9 + 1) / 2, 100 },
		/* Q 1 1.5 9, between two. MAD 0.5. */
		{ { 1, 1, 2, 9, 9, 9, 1, 1 }, 8, (1 - 7.0 / 8 + 1 - 1.0 / 3) / 2, 1.5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct regularity seen = regularity(cases[i].gap, cases[i].count);

		assert_int_equal(seen.gaps, cases[i].count);
		if (fabs(seen.score - cases[i].score) > 1e-9 || fabs(seen.median - cases[i].median) > 1e-9)
			fail_msg("case %zu: score %f, median %f", i, seen.score, seen.median);
	}
}

static void keeps_the_last_ones(void **state)
{
	struct gaps gaps = { 0 };

	(void)state;
	assert_int_equal(gaps_regularity(&gaps).gaps, 0);
	for (unsigned i = 0; i < 100; i++)
		gaps_add(&gaps, HOUR + i * HOUR);
	assert_int_equal(gaps_regularity(&gaps).gaps, GAPS_KEPT);
	for (unsigned i = 0; i < GAPS_KEPT - 1; i++)
		gaps_add(&gaps, 10 * SECOND);
	assert_true(gaps_regularity(&gaps).score > 0.99);
	assert_true(fabs(gaps_regularity(&gaps).median - 10000) < 20);
}

static void takes_what_is_out_of_bounds(void **state)
{
	static const uint64_t out[][2] = {
		{ 0, GAP_LEAST }, { 1, GAP_LEAST }, { GAP_MOST + 1, GAP_MOST }, { UINT64_MAX, GAP_MOST },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(out) / sizeof(*out); i++) {
		struct gaps gaps = { 0 };

		gaps_add(&gaps, out[i][0]);
		assert_int_equal(gaps_regularity(&gaps).gaps, 1);
		assert_true(fabs(gaps_regularity(&gaps).median - (double)out[i][1]) < 1);
	}
}

static void survives_any_octets(void **state)
{
	uint64_t random = 7;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct gaps gaps;
		struct regularity seen;

		for (size_t j = 0; j < sizeof(gaps); j++)
			((uint8_t *)&gaps)[j] = (uint8_t)(uniform(&random) * 256);
		gaps_add(&gaps, (uint64_t)(uniform(&random) * 1e9));
		seen = gaps_regularity(&gaps);
		assert_true(seen.score >= 0 && seen.score <= 1);
	}
	assert_int_equal(regularity(NULL, 0).gaps, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_near_the_exact_score),
		cmocka_unit_test(knows_the_regular_from_the_rest),
		cmocka_unit_test(keeps_the_last_ones),
		cmocka_unit_test(takes_what_is_out_of_bounds),
		cmocka_unit_test(survives_any_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
