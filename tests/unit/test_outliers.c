/* SPDX-License-Identifier: BSD-3-Clause */
/* test_outliers - fading counts, names that are too long, answers that are too large. */
#include "base/clock.h"
#include "detect/fading.h"
#include "facts.h"

extern const struct detector detector_length_outlier, detector_byte_ratio;

enum { TXT = 16 };

/* ---- fading ---------------------------------------------------------------------- */

static void fading_counts(void **state)
{
	struct fading fading = { 0 };

	(void)state;
	for (unsigned i = 1; i <= 10; i++)
		assert_int_equal(fading_count(&fading, HOUR, START + i * SECOND, 1), i);
	assert_int_equal(fading_count(&fading, HOUR, START + SECOND + HOUR - 1, 0), 10);
	assert_int_equal(fading_count(&fading, HOUR, START + SECOND + HOUR, 0), 10);
	assert_int_equal(fading_count(&fading, HOUR, START + SECOND + HOUR + 6 * MINUTE, 0), 9);
	assert_int_equal(fading_count(&fading, HOUR, START + SECOND + HOUR + 30 * MINUTE, 5), 10);
	/* The ten are gone, and half of the five. */
	assert_int_equal(fading_count(&fading, HOUR, START + SECOND + 2 * HOUR + 30 * MINUTE, 0), 2);
	assert_int_equal(fading_count(&fading, HOUR, START + SECOND + 4 * HOUR, 1), 1);
}

static void fading_begins_anew(void **state)
{
	struct fading fading = { 0 };

	(void)state;
	fading_count(&fading, HOUR, START, 10);
	assert_int_equal(fading_count(&fading, HOUR, START + 2 * HOUR - 1, 0), 0); /* nearly all faded */
	fading = (struct fading){ 0 };
	fading_count(&fading, HOUR, START, 10);
	assert_int_equal(fading_count(&fading, HOUR, START + 2 * HOUR, 1), 1);
	fading_count(&fading, HOUR, START + 2 * HOUR, 10);
	assert_int_equal(fading_count(&fading, HOUR, START, 1), 1); /* the clock stepped back */
	assert_int_equal(fading_count(&fading, HOUR, START - SECOND, 1), 2); /* two threads disagree */
}

static void fading_saturates(void **state)
{
	struct fading fading = { 0 };

	(void)state;
	for (unsigned i = 0; i < 70000; i++)
		fading_count(&fading, HOUR, START, 1);
	assert_int_equal(fading_count(&fading, HOUR, START, 1), UINT16_MAX);
	for (unsigned octet = 0; octet < 256; octet++) {
		memset(&fading, (int)octet, sizeof(fading));
		assert_true(fading_count(&fading, MINUTE, START, 1) <= 2 * UINT16_MAX);
	}
}

/* ---- length-outlier -------------------------------------------------------------- */

enum { OUTLIERS, LENGTH, LENGTH_PER_MILLION };

static struct opinion ask(struct bench *bench, uint64_t now, bool novel, double tail, uint32_t known)
{
	struct made made;

	make_question(&made, now, "a-rather-long-name-for-a-text-record.example.org", 1, TXT);
	made.facts.novel = novel;
	made.facts.length_tail = tail;
	made.facts.length_known = known;
	return bench_show(bench, &made.facts);
}

static void nine_long_names_are_silent(void **state)
{
	struct opinion opinion;
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_length_outlier);
	for (unsigned i = 1; i <= 9; i++)
		assert_int_equal(ask(&bench, START + i, true, 0.0005, 10000).confidence, CONFIDENCE_NONE);
	for (unsigned i = 1; i <= 100; i++) /* one that was asked before, one that is not long enough */
		assert_int_equal(ask(&bench, START + 9, false, 0.0005, 10000).confidence, CONFIDENCE_NONE);
	assert_int_equal(ask(&bench, START + 9, true, 0.001, 10000).confidence, CONFIDENCE_NONE);
	opinion = ask(&bench, START + 10, true, 0.0005, 10000);
	assert_int_equal(opinion.confidence, CONFIDENCE_LOW);
	assert_int_equal(opinion.evidence[OUTLIERS], 10);
	assert_int_equal(opinion.evidence[LENGTH], 48);
	assert_int_equal(opinion.evidence[LENGTH_PER_MILLION], 500);
}

/* Whether twenty questions like this one make an opinion. */
static bool speaks(const char *option, uint64_t value, double tail, uint32_t known)
{
	struct bench bench;
	bool spoke = false;

	bench_start(&bench, &detector_length_outlier);
	if (option)
		set_option(&detector_length_outlier, bench.config, option, value);
	for (unsigned i = 0; i < 20; i++)
		spoke |= ask(&bench, START, true, tail, known).confidence != CONFIDENCE_NONE;
	return spoke;
}

static void how_long_is_long(void **state)
{
	(void)state;
	assert_true(speaks(NULL, 0, 0, 10000)); /* longer than anything */
	assert_true(speaks(NULL, 0, 0.00099, 10000));
	assert_false(speaks(NULL, 0, 0.001, 10000));
	assert_false(speaks(NULL, 0, 0, 9999));
	assert_false(speaks(NULL, 0, TAIL_UNKNOWN, 10000));
	/* As the rule is written. */
	assert_true(speaks("per-mille", 10, 0.0099, 10000));
	assert_false(speaks("per-mille", 10, 0.01, 10000));
	assert_true(speaks("least", 1000, 0, 1000));
	assert_false(speaks("least", 1000, 0, 999));
	assert_false(speaks("count", 21, 0, 10000));
}

static void long_names_of_the_last_hour(void **state)
{
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_length_outlier);
	for (unsigned i = 0; i < 9; i++)
		ask(&bench, START, true, 0, 10000);
	assert_int_equal(ask(&bench, START + HOUR - 1, true, 0, 10000).confidence, CONFIDENCE_LOW);
	bench_start(&bench, &detector_length_outlier);
	for (unsigned i = 0; i < 9; i++)
		ask(&bench, START, true, 0, 10000);
	assert_int_equal(ask(&bench, START + HOUR + 10 * MINUTE, true, 0, 10000).confidence, CONFIDENCE_NONE);
	assert_int_equal(ask(&bench, START - HOUR, true, 0, 10000).confidence, CONFIDENCE_NONE);
}

/* ---- byte-ratio ------------------------------------------------------------------ */

static struct opinion get(struct bench *bench, uint64_t now, double tail, uint32_t known)
{
	struct made made;

	make_answer(&made, now, "a.example.org", 1, TXT, 0);
	made.obs.answer_size = 1200;
	made.facts.bulk_tail = tail;
	made.facts.bulk_known = known;
	made.facts.answered = 300 * 8;
	return bench_show(bench, &made.facts);
}

static void nineteen_large_answers_are_silent(void **state)
{
	struct opinion opinion;
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_byte_ratio);
	for (unsigned i = 1; i <= 20; i++)
		get(&bench, START, 0.5, 10000);
	for (unsigned i = 1; i <= 19; i++)
		assert_int_equal(get(&bench, START, 0.001, 10000).confidence, CONFIDENCE_NONE);
	opinion = get(&bench, START, 0.001, 10000);
	assert_int_equal(opinion.confidence, CONFIDENCE_LOW); /* 20 of 40 */
	assert_int_equal(opinion.evidence[0], 20);
	assert_int_equal(opinion.evidence[1], 40);
	assert_int_equal(opinion.evidence[2], 1200);
	assert_int_equal(opinion.evidence[3], 15);
}

static void fewer_than_half(void **state)
{
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_byte_ratio);
	for (unsigned i = 1; i <= 21; i++)
		get(&bench, START, 0.5, 10000);
	for (unsigned i = 1; i <= 20; i++)
		assert_int_equal(get(&bench, START, 0.001, 10000).confidence, CONFIDENCE_NONE); /* 20 of 41 */
	assert_int_equal(get(&bench, START, 0.001, 10000).confidence, CONFIDENCE_LOW);
}

static void how_large_is_large(void **state)
{
	static const struct {
		double tail;
		uint32_t known;
		uint8_t confidence;
	} cases[] = {
		{ 0.0049, 10000, CONFIDENCE_LOW },
		{ 0.005, 10000, CONFIDENCE_NONE },
		{ 0, 9999, CONFIDENCE_NONE },
		{ TAIL_UNKNOWN, 10000, CONFIDENCE_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct opinion opinion = NO_OPINION;
		struct bench bench;

		bench_start(&bench, &detector_byte_ratio);
		for (unsigned n = 0; n < 20; n++)
			opinion = get(&bench, START, cases[i].tail, cases[i].known);
		assert_int_equal(opinion.confidence, cases[i].confidence);
	}
}

/* A quarter of the answer must be new. */
static void the_same_once_more(void **state)
{
	static const struct {
		double answered;
		uint8_t confidence;
	} cases[] = { { 300 * 8, CONFIDENCE_LOW }, { 300 * 8 - 1, CONFIDENCE_NONE }, { 0, CONFIDENCE_NONE } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct opinion opinion = NO_OPINION;
		struct bench bench;
		struct made made;

		bench_start(&bench, &detector_byte_ratio);
		make_answer(&made, START, "a.example.org", 1, TXT, 0);
		made.obs.answer_size = 1200;
		made.facts.bulk_known = 10000;
		made.facts.answered = cases[i].answered;
		for (unsigned n = 0; n < 20; n++)
			opinion = bench_show(&bench, &made.facts);
		assert_int_equal(opinion.confidence, cases[i].confidence);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fading_counts),
		cmocka_unit_test(fading_begins_anew),
		cmocka_unit_test(fading_saturates),
		cmocka_unit_test(nine_long_names_are_silent),
		cmocka_unit_test(how_long_is_long),
		cmocka_unit_test(long_names_of_the_last_hour),
		cmocka_unit_test(nineteen_large_answers_are_silent),
		cmocka_unit_test(fewer_than_half),
		cmocka_unit_test(how_large_is_large),
		cmocka_unit_test(the_same_once_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
