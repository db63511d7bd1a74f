/* SPDX-License-Identifier: BSD-3-Clause */
/* test_information - sums against an exact reference, and the budget at both sides. */
#include <math.h>

#include "facts.h"

extern const struct detector detector_information;

#define HOUR UINT64_C(3600000)
#define DAY  (24 * HOUR)

enum { TXT = 16 };

/* One question, charged <cost> sixteenths of a bit and the choice of the code. */
static struct opinion ask(struct bench *bench, uint64_t now, uint32_t cost, bool novel)
{
	struct made made;

	make_question(&made, now, "0123456789.example.org", 1, TXT);
	made.facts.cost = cost;
	made.facts.novel = novel;
	return bench_show(bench, &made.facts);
}

/* As a list of charges, summed at full length each time. */
struct reference {
	struct {
		double bits;
		uint64_t at;
	} charge[4000];
	unsigned count;
};

static double reference_sum(const struct reference *reference, uint64_t now)
{
	double sum = 0;

	for (unsigned i = 0; i < reference->count; i++) {
		double half = (double)DAY * log(2);

		sum += reference->charge[i].bits *
		       exp2(-(double)(now - reference->charge[i].at) / half);
	}
	return sum;
}

static double reference_names(const struct reference *reference, uint64_t now)
{
	double sum = 0;

	for (unsigned i = 0; i < reference->count; i++)
		sum += exp(-(double)(now - reference->charge[i].at) / (double)DAY);
	return sum;
}

static double reference_ask(struct reference *reference, uint64_t now, uint32_t cost)
{
	reference->charge[reference->count].bits = cost / 16.0 + 2;
	reference->charge[reference->count++].at = now;
	return reference_sum(reference, now);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void agrees_with_the_reference(void **state)
{
	static struct reference reference;

	(void)state;
	for (uint32_t seed = 1; seed <= 8; seed++) {
		uint32_t random = seed;
		uint64_t now = START, charged = START;
		struct bench bench;

		bench_start(&bench, &detector_information);
		set_option(&detector_information, bench.config, "budget", 16);
		reference.count = 0;
		for (unsigned i = 0; i < 2000; i++) {
			static const uint64_t scales[] = { 1, 100, 10000, HOUR / 6, 6 * HOUR };
			bool novel = next_random(&random) % 3 != 0;
			uint32_t cost = next_random(&random) % 4000;
			struct opinion opinion;
			double expected;

			/* Rarely the clock steps back behind the last charge, and a new account is
			 * opened.
			 */
			if (next_random(&random) % 500 == 0) {
				now = charged - HOUR;
				reference.count = 0;
				novel = true;
			} else {
				uint64_t scale = scales[next_random(&random) % 5];

				now += next_random(&random) % (scale + 1);
			}
			charged = novel ? now : charged;
			opinion = ask(&bench, now, cost, novel);
			if (!novel) {
				assert_int_equal(opinion.confidence, CONFIDENCE_NONE);
				continue;
			}
			expected = reference_ask(&reference, now, cost) / 8;
			if (opinion.confidence)
				assert_true(fabs((double)opinion.evidence[0] - expected) <=
				            expected * 0.01 + 1);
			else
				assert_true(expected < 8 * 1.01);
			assert_true(!opinion.confidence ||
			            fabs((double)opinion.evidence[1] -
			                 reference_names(&reference, now)) <= 1);
		}
	}
}

static void speaks_at_the_budget(void **state)
{
	static const struct {
		unsigned octets; /* told at one moment */
		uint8_t confidence;
	} cases[] = {
		{ 255, CONFIDENCE_NONE },
		{ 256, CONFIDENCE_MEDIUM },
		{ 511, CONFIDENCE_MEDIUM },
		{ 512, CONFIDENCE_HIGH },
		{ 100000, CONFIDENCE_HIGH },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct opinion opinion = NO_OPINION;
		struct bench bench;

		bench_start(&bench, &detector_information);
		for (unsigned j = 0; j < cases[i].octets; j++)
			opinion = ask(&bench, START, 6 * 16, true); /* and 2 bits */
		assert_int_equal(opinion.confidence, cases[i].confidence);
		if (!opinion.confidence)
			continue;
		assert_int_equal(opinion.evidence[0], cases[i].octets);
		assert_int_equal(opinion.evidence[1], cases[i].octets);
		assert_int_equal(opinion.evidence[2], 0);
		assert_int_equal(opinion.evidence[3], 22);
	}
}

static void forgets_by_half_in_h(void **state)
{
	uint64_t half = (uint64_t)((double)DAY * log(2) + 0.5);
	struct opinion opinion;
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_information);
	ask(&bench, START, 1000 * 8 * 16 - 32, true);
	opinion = ask(&bench, START + half, 0, true);
	assert_int_equal(opinion.confidence, CONFIDENCE_MEDIUM);
	assert_int_equal(opinion.evidence[0], 500);
	assert_int_equal(opinion.evidence[2], half / 60000);
	assert_int_equal(ask(&bench, START + 2 * half, 0, true).confidence, CONFIDENCE_NONE);
}

/* Known names, however often asked for, neither add to the sum nor make it speak. */
static void known_names_are_free(void **state)
{
	struct opinion opinion;
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_information);
	set_option(&detector_information, bench.config, "budget", 16);
	for (unsigned i = 0; i < 3; i++)
		ask(&bench, START, 0, true);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(ask(&bench, START, 4000, false).confidence, CONFIDENCE_NONE);
	opinion = ask(&bench, START, 8 * 16 * 16, true);
	assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
	assert_int_equal(opinion.evidence[0], (4 * 2 + 8 * 16) / 8);
	assert_int_equal(opinion.evidence[1], 4);
}

static void bears_a_clock_that_steps(void **state)
{
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_information);
	ask(&bench, START, 1000 * 8 * 16, true);
	/* Threads disagree a little. */
	assert_int_equal(ask(&bench, START - 2000, 0, true).confidence, CONFIDENCE_HIGH);
	assert_int_equal(ask(&bench, START - 2001, 0, true).confidence, CONFIDENCE_NONE);

	ask(&bench, START, 1000 * 8 * 16, true);
	assert_int_equal(ask(&bench, START + 100 * DAY, 0, true).confidence, CONFIDENCE_NONE);
	assert_int_equal(ask(&bench, UINT64_MAX, 0, true).confidence, CONFIDENCE_NONE);
}

static void copes_with_any_state(void **state)
{
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_information);
	memset(bench.pair, 0xff, sizeof(bench.pair));
	ask(&bench, START, UINT32_MAX, true);
	memset(bench.pair, 0x01, sizeof(bench.pair));
	ask(&bench, START, 0, false);
	detector_information.weight(bench.config, NULL, bench.pair);
}

static void says_how_full_it_is(void **state)
{
	static const struct {
		uint32_t octets;
		unsigned least, most;
	} cases[] = {
		{ 1, 0, 1 },       { 128, 62, 64 },   { 256, 126, 128 },
		{ 511, 253, 254 }, { 512, 255, 255 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bench bench;

		bench_start(&bench, &detector_information);
		ask(&bench, START, cases[i].octets * 8 * 16 - 32, true);
		assert_in_range(detector_information.weight(bench.config, NULL, bench.pair),
		                cases[i].least, cases[i].most);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_reference),
		cmocka_unit_test(speaks_at_the_budget),
		cmocka_unit_test(forgets_by_half_in_h),
		cmocka_unit_test(known_names_are_free),
		cmocka_unit_test(bears_a_clock_that_steps),
		cmocka_unit_test(copes_with_any_state),
		cmocka_unit_test(says_how_full_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
