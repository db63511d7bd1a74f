/* SPDX-License-Identifier: BSD-3-Clause */
/* test_long_names - each bound at both sides. */
#include <stdio.h>

#include "facts.h"

extern const struct detector detector_long_names;

enum { A = 1, NS = 2, CNAME = 5, NULL_RECORD = 10, MX = 15, TXT = 16, AAAA = 28, SRV = 33 };

/* A name of <len> characters, below example.org. */
static const char *name_of(char text[256], unsigned len)
{
	static const char tail[] = ".example.org";
	unsigned fill = len - (sizeof(tail) - 1);

	for (unsigned i = 0; i < fill; i++)
		text[i] = i % 60 == 59 ? '.' : (char)('a' + i % 26);
	strcpy(text + fill, tail);
	assert_int_equal(strlen(text), len);
	return text;
}

/* <count> questions at <now>, the first <distinct> of them new. Returns the last opinion. */
static struct opinion ask(struct bench *bench, uint64_t now, unsigned len, unsigned count,
                          unsigned distinct)
{
	struct opinion opinion = NO_OPINION;
	struct made made;
	char text[256];

	for (unsigned i = 0; i < count; i++) {
		make_question(&made, now, name_of(text, len), 1, TXT);
		made.facts.novel = i < distinct;
		opinion = bench_show(bench, &made.facts);
	}
	return opinion;
}

static void speaks_beyond_each_bound(void **state)
{
	static const struct {
		unsigned len, count, distinct;
		uint8_t confidence;
	} cases[] = {
		{ 55, 20, 20, CONFIDENCE_NONE },
		{ 55, 21, 21, CONFIDENCE_MEDIUM },
		{ 55, 21, 10, CONFIDENCE_NONE },
		{ 55, 21, 11, CONFIDENCE_MEDIUM },
		{ 50, 200, 200, CONFIDENCE_NONE }, /* not longer than 50 */
		{ 51, 50, 50, CONFIDENCE_MEDIUM },
		{ 51, 51, 51, CONFIDENCE_HIGH },
		{ 61, 50, 50, CONFIDENCE_MEDIUM },
		{ 61, 101, 101, CONFIDENCE_HIGH },
		{ 55, 60, 50, CONFIDENCE_MEDIUM },
		{ 55, 60, 51, CONFIDENCE_HIGH },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct opinion opinion;
		struct bench bench;

		bench_start(&bench, &detector_long_names);
		opinion = ask(&bench, START, cases[i].len, cases[i].count, cases[i].distinct);
		assert_int_equal(opinion.confidence, cases[i].confidence);
		if (opinion.confidence) {
			assert_int_equal(opinion.evidence[0], cases[i].count);
			assert_int_equal(opinion.evidence[1], cases[i].distinct);
			assert_int_equal(opinion.evidence[2], cases[i].len);
		}
	}
}

/* The mean matters for names that count by their dots. Seven labels: six dots. */
static void weighs_the_mean(void **state)
{
	static const struct {
		unsigned fill; /* of the first label; the rest has 20 characters */
		unsigned count;
		uint8_t confidence;
	} cases[] = {
		{ 20, 30, CONFIDENCE_NONE },    /* mean 40 */
		{ 21, 30, CONFIDENCE_MEDIUM },  /* mean 41 */
		{ 30, 100, CONFIDENCE_MEDIUM }, /* mean 50 */
		{ 31, 100, CONFIDENCE_HIGH },   /* mean 51 */
		{ 30, 101, CONFIDENCE_MEDIUM },
		{ 40, 101, CONFIDENCE_HIGH },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct opinion opinion = NO_OPINION;
		struct bench bench;
		struct made made;
		char text[256];

		bench_start(&bench, &detector_long_names);
		memset(text, 'a', cases[i].fill);
		strcpy(text + cases[i].fill, ".b.c.d.e.example.org");
		for (unsigned j = 0; j < cases[i].count; j++) {
			make_question(&made, START, text, 5, A);
			opinion = bench_show(&bench, &made.facts);
		}
		assert_int_equal(opinion.confidence, cases[i].confidence);
	}
}

static void counts_names_by_length_or_dots(void **state)
{
	static const struct {
		const char *name;
		uint16_t qtype;
		bool counted;
	} cases[] = {
		{ "a.b.c.d.e.f", TXT, false },   /* five dots */
		{ "a.b.c.d.e.f.g", TXT, true },  /* six */
		{ "a.b.c.d.e.f.g.", TXT, true }, /* the last one is none */
		{ "a.b.c.d.e\\.f.g", TXT, false },
		{ "a.b.c.d.e.f.g", A, true },
		{ "a.b.c.d.e.f.g", AAAA, true },
		{ "a.b.c.d.e.f.g", CNAME, true },
		{ "a.b.c.d.e.f.g", MX, true },
		{ "a.b.c.d.e.f.g", NULL_RECORD, true },
		{ "a.b.c.d.e.f.g", NS, false },
		{ "a.b.c.d.e.f.g", SRV, false },
		{ ".", TXT, false },
	};
	struct bench bench;
	struct made made;

	(void)state;
	bench_start(&bench, &detector_long_names);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		make_question(&made, START, cases[i].name, 0, cases[i].qtype);
		assert_int_equal(detector_long_names.relevant(bench.config, &made.facts),
		                 cases[i].counted);
	}
}

static void forgets_after_a_day(void **state)
{
	static const struct {
		uint64_t later;
		uint8_t confidence;
	} cases[] = {
		{ 86400000 - 1, CONFIDENCE_MEDIUM },
		{ 86400000, CONFIDENCE_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bench bench;

		bench_start(&bench, &detector_long_names);
		assert_int_equal(ask(&bench, START, 55, 20, 20).confidence, CONFIDENCE_NONE);
		assert_int_equal(ask(&bench, START + cases[i].later, 55, 1, 1).confidence,
		                 cases[i].confidence);
	}
}

static void saturates(void **state)
{
	struct opinion opinion;
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_long_names);
	opinion = ask(&bench, START, 55, 70000, 70000);
	assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
	assert_int_equal(opinion.evidence[0], UINT16_MAX);
	assert_int_equal(opinion.evidence[2], 55);
	/* Another bucket still takes some. */
	assert_int_equal(ask(&bench, START + 43200000, 55, 1, 1).evidence[0], UINT16_MAX + 1);
}

static void entropy_is_a_gate(void **state)
{
	static const char low[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab.example.org";
	static const char high[] = "k3x0q7zj2vf9w4hm8ybt5nd1gcp6srlaeiuo.k3x0q7zj2.example.org";
	struct bench bench;
	struct made made;

	(void)state;
	bench_start(&bench, &detector_long_names);
	make_question(&made, START, low, 1, TXT);
	assert_true(detector_long_names.relevant(bench.config, &made.facts));
	set_option(&detector_long_names, bench.config, "entropy", 60);
	assert_false(detector_long_names.relevant(bench.config, &made.facts));
	make_question(&made, START, high, 2, TXT);
	assert_true(detector_long_names.relevant(bench.config, &made.facts));
	set_option(&detector_long_names, bench.config, "entropy", 100);
	assert_false(detector_long_names.relevant(bench.config, &made.facts));
}

static void says_how_full_it_is(void **state)
{
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_long_names);
	assert_int_equal(detector_long_names.weight(bench.config, bench.pair, NULL, 0), 0);
	ask(&bench, START, 55, 11, 11);
	assert_in_range(detector_long_names.weight(bench.config, bench.pair, NULL, 0), 100, 160);
	ask(&bench, START, 55, 10, 10);
	assert_int_equal(detector_long_names.weight(bench.config, bench.pair, NULL, 0), 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(speaks_beyond_each_bound),
		cmocka_unit_test(weighs_the_mean),
		cmocka_unit_test(counts_names_by_length_or_dots),
		cmocka_unit_test(forgets_after_a_day),
		cmocka_unit_test(saturates),
		cmocka_unit_test(entropy_is_a_gate),
		cmocka_unit_test(says_how_full_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
