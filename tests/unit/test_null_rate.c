/* SPDX-License-Identifier: BSD-3-Clause */
/* test_null_rate - both rates, at both sides. */
#include "facts.h"

extern const struct detector detector_null_rate;

enum { TXT = 16, NULL_RECORD = 10, PRIVATE = 65399 };
enum { REASON_RATE, REASON_DISTINCT };

static struct opinion ask(struct bench *bench, uint64_t now, const char *name, uint16_t qtype,
                          bool novel)
{
	struct made made;

	make_question(&made, now, name, 1, qtype);
	made.facts.novel = novel;
	return bench_show(bench, &made.facts);
}

static void counts_the_client(void **state)
{
	struct opinion opinion;
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_null_rate);
	for (unsigned i = 1; i <= 50; i++) {
		/* As if each were of another pair. */
		memset(bench.pair, 0, sizeof(bench.pair));
		opinion = ask(&bench, START + i, "a.example.org", NULL_RECORD, true);
		assert_int_equal(opinion.confidence, CONFIDENCE_NONE);
	}
	memset(bench.pair, 0, sizeof(bench.pair));
	opinion = ask(&bench, START + 51, "a.example.org", NULL_RECORD, true);
	assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
	assert_int_equal(opinion.reason, REASON_RATE);
	assert_int_equal(opinion.evidence[0], 51);
}

static void other_types_do_not_count(void **state)
{
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_null_rate);
	for (unsigned i = 0; i < 200; i++)
		assert_int_equal(ask(&bench, START, "a.example.org", TXT, true).confidence,
		                 CONFIDENCE_NONE);
	/* 65399 counts for names only. */
	for (unsigned i = 0; i < 200; i++)
		assert_int_equal(ask(&bench, START, "a.example.org", PRIVATE, false).confidence,
		                 CONFIDENCE_NONE);
}

static void counts_different_names_of_a_pair(void **state)
{
	static const uint16_t types[] = { NULL_RECORD, PRIVATE };

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		struct opinion opinion;
		struct bench bench;

		bench_start(&bench, &detector_null_rate);
		assert_int_equal(ask(&bench, START, "a.example.org", types[i], true).confidence, 0);
		assert_int_equal(ask(&bench, START, "b.example.org", types[i], true).confidence, 0);
		assert_int_equal(ask(&bench, START, "b.example.org", types[i], false).confidence,
		                 0);
		opinion = ask(&bench, START, "c.example.org", types[i], true);
		assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
		assert_int_equal(opinion.reason, REASON_DISTINCT);
		assert_int_equal(opinion.evidence[1], 3);

		bench_start(&bench, &detector_null_rate);
		set_option(&detector_null_rate, bench.config, "distinct", 0);
		for (unsigned j = 0; j < 50; j++)
			assert_int_equal(
			        ask(&bench, START, "a.example.org", types[i], true).confidence, 0);
	}
}

static void forgets_after_a_minute(void **state)
{
	static const struct {
		uint64_t later;
		uint8_t confidence;
	} cases[] = {
		{ 59999, CONFIDENCE_HIGH },
		{ 60000, CONFIDENCE_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t then = START + cases[i].later;
		struct bench bench;

		bench_start(&bench, &detector_null_rate);
		ask(&bench, START, "a.example.org", NULL_RECORD, true);
		ask(&bench, START, "b.example.org", NULL_RECORD, true);
		assert_int_equal(ask(&bench, then, "c.example.org", NULL_RECORD, true).confidence,
		                 cases[i].confidence);

		bench_start(&bench, &detector_null_rate);
		for (unsigned j = 0; j < 50; j++)
			ask(&bench, START, "a.example.org", NULL_RECORD, false);
		assert_int_equal(ask(&bench, then, "a.example.org", NULL_RECORD, false).confidence,
		                 cases[i].confidence);
	}
}

static void leaves_mail_and_keys_alone(void **state)
{
	static const struct {
		const char *name;
		bool counted;
	} cases[] = {
		{ "_dmarc.example.org", false },
		{ "_DMARC.example.org", false },
		{ "k1._domainkey.example.org", false },
		{ "_spf.example.org", false },
		{ "_acme-challenge.www.example.org", false },
		{ "_ta-4f66.", false },
		{ "_ta-4f66-9728.example.org", false },
		{ "_ta-4f6.example.org", true },
		{ "_dmarcx.example.org", true },
		{ "x._dmarc.example.org", true },
		{ "a.b._domainkey.example.org", true },
		{ ".", true },
	};
	struct bench bench;
	struct made made;

	(void)state;
	bench_start(&bench, &detector_null_rate);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		make_question(&made, START, cases[i].name, 1, NULL_RECORD);
		assert_int_equal(detector_null_rate.relevant(bench.config, &made.facts),
		                 cases[i].counted);
	}
}

static void saturates(void **state)
{
	struct opinion opinion = NO_OPINION;
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_null_rate);
	for (unsigned i = 0; i < 70000; i++)
		opinion = ask(&bench, START, "a.example.org", NULL_RECORD, true);
	assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
	assert_int_equal(opinion.evidence[0], UINT16_MAX);
	assert_int_equal(opinion.evidence[1], UINT16_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_the_client),
		cmocka_unit_test(other_types_do_not_count),
		cmocka_unit_test(counts_different_names_of_a_pair),
		cmocka_unit_test(forgets_after_a_minute),
		cmocka_unit_test(leaves_mail_and_keys_alone),
		cmocka_unit_test(saturates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
