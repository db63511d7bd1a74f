/* SPDX-License-Identifier: BSD-3-Clause */
/* test_failures - what fails: answers, new domains, names below a domain. Each bound at both sides. */
#include <stdio.h>

#include "base/clock.h"
#include "facts.h"

extern const struct detector detector_failures, detector_dga, detector_random_subdomain;

enum { A = 1, NOERROR = 0, FORMERR = 1, SERVFAIL = 2, NXDOMAIN = 3, REFUSED = 5 };

/* ---- failures -------------------------------------------------------------------- */

/* In the order of the evidence. */
enum { FAILED, ALL_NXDOMAIN, ALL_SERVFAIL, ALL_REFUSED, ALL_OTHER, ALL_NODATA, PERCENT, DOMAIN_1, DOMAIN_2, DOMAIN_3 };

/* The <nth> answer of a client fails. */
static struct opinion fail_one(struct bench *bench, uint64_t now, uint8_t rcode, uint64_t domain, uint64_t nth)
{
	struct made made;

	make_answer(&made, now, "www.example.org", 1, A, rcode);
	made.facts.domain_hash = domain;
	made.facts.answers = nth;
	return bench_show(bench, &made.facts);
}

static void fifty_are_silent(void **state)
{
	static const uint8_t rcodes[] = { FORMERR, SERVFAIL, NXDOMAIN, 4, REFUSED, 9 };
	struct opinion opinion;
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_failures);
	for (unsigned i = 1; i <= 50; i++)
		assert_int_equal(fail_one(&bench, START + i, rcodes[i % 6], 7, i).confidence, CONFIDENCE_NONE);
	opinion = fail_one(&bench, START + 51, NXDOMAIN, 7, 51);
	assert_int_equal(opinion.confidence, CONFIDENCE_MEDIUM);
	assert_int_equal(opinion.evidence[FAILED], 51);
	assert_int_equal(opinion.evidence[ALL_NXDOMAIN], 10); /* 2, 8, ... 50, and the last */
	assert_int_equal(opinion.evidence[ALL_SERVFAIL], 9);
	assert_int_equal(opinion.evidence[ALL_REFUSED], 8);
	assert_int_equal(opinion.evidence[ALL_OTHER], 24);
	assert_int_equal(opinion.evidence[ALL_NODATA], 0);
	assert_int_equal(opinion.evidence[PERCENT], 100);
	assert_int_equal(opinion.evidence[DOMAIN_1], 7);
	assert_int_equal(opinion.evidence[DOMAIN_2], 0);
}

static void what_counts(void **state)
{
	static const struct {
		const char *name;
		uint8_t rcode;
		uint16_t answers;
		bool counted, with_nodata;
	} cases[] = {
		{ "www.example.org", NXDOMAIN, 0, true, true },
		{ "example.org", SERVFAIL, 0, true, true },
		{ "www.example.org", NXDOMAIN, 1, true, true }, /* an alias to nowhere */
		{ "www.example.org", NOERROR, 1, false, false },
		{ "www.example.org", NOERROR, 0, false, true },
		{ "wpad", NXDOMAIN, 0, false, false },
		{ ".", SERVFAIL, 0, false, false },
		{ "7.2.0.192.in-addr.arpa", NXDOMAIN, 0, false, false },
		{ "7.2.0.192.IN-ADDR.ARPA", NXDOMAIN, 0, false, false },
		{ "arpa", NXDOMAIN, 0, false, false },
		{ "example.xarpa", NXDOMAIN, 0, true, true },
		{ "arpa.example.org", NXDOMAIN, 0, true, true },
		{ "example.a\\004arpa", NXDOMAIN, 0, true, true },
	};
	struct bench bench;
	struct made made;

	(void)state;
	bench_start(&bench, &detector_failures);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		make_answer(&made, START, cases[i].name, 0, A, cases[i].rcode);
		made.obs.answer_count = cases[i].answers;
		set_option(&detector_failures, bench.config, "nodata", 0);
		assert_int_equal(detector_failures.relevant(bench.config, &made.facts), cases[i].counted);
		set_option(&detector_failures, bench.config, "nodata", 1);
		assert_int_equal(detector_failures.relevant(bench.config, &made.facts), cases[i].with_nodata);
	}
	assert_false(detector_failures.when & ON_LOCAL);
}

static void nodata_is_its_own_kind(void **state)
{
	struct opinion opinion = NO_OPINION;
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_failures);
	set_option(&detector_failures, bench.config, "nodata", 1);
	for (unsigned i = 1; i <= 51; i++)
		opinion = fail_one(&bench, START, NOERROR, 7, i);
	assert_int_equal(opinion.confidence, CONFIDENCE_MEDIUM);
	assert_int_equal(opinion.evidence[ALL_NODATA], 51);
}

static void forgets_after_an_hour(void **state)
{
	static const struct {
		uint64_t later;
		uint8_t confidence;
	} cases[] = {
		{ HOUR - 1, CONFIDENCE_MEDIUM },
		{ HOUR, CONFIDENCE_NONE },
		{ 3 * HOUR, CONFIDENCE_NONE },
		{ -HOUR, CONFIDENCE_NONE }, /* the clock stepped back */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct opinion opinion;
		struct bench bench;

		bench_start(&bench, &detector_failures);
		for (unsigned n = 1; n <= 50; n++)
			fail_one(&bench, START, NXDOMAIN, 7, n);
		opinion = fail_one(&bench, START + cases[i].later, NXDOMAIN, 8, 51);
		assert_int_equal(opinion.confidence, cases[i].confidence);
		assert_int_equal(opinion.evidence[FAILED], cases[i].confidence ? 51 : 1);
		assert_int_equal(opinion.evidence[DOMAIN_1], cases[i].confidence ? 7 : 8);
		assert_int_equal(opinion.evidence[PERCENT], 100);
	}
}

static void share_of_all_answers(void **state)
{
	static const struct {
		uint64_t answers;
		uint8_t percent, confidence;
	} cases[] = {
		{ 51, 100, CONFIDENCE_MEDIUM },
		{ 102, 50, CONFIDENCE_MEDIUM },
		{ 103, 49, CONFIDENCE_NONE },
		{ 5100, 1, CONFIDENCE_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct opinion opinion;
		struct bench bench;

		bench_start(&bench, &detector_failures);
		set_option(&detector_failures, bench.config, "ratio", 50);
		/* The client got a thousand before its first failure. */
		for (unsigned n = 1; n <= 50; n++)
			fail_one(&bench, START, NXDOMAIN, 7, 1000 + n);
		opinion = fail_one(&bench, START, NXDOMAIN, 7, 1000 + cases[i].answers);
		assert_int_equal(opinion.evidence[PERCENT], cases[i].percent);
		assert_int_equal(opinion.confidence, cases[i].confidence);
	}
}

/* One answer in ten fails, for a day: the share stays what it is while the window moves on. */
static void share_moves_with_the_window(void **state)
{
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_failures);
	for (uint64_t n = 1; n <= 1440; n++) {
		struct opinion opinion = fail_one(&bench, START + n * MINUTE, SERVFAIL, 7, 10 * n);

		if (n > 10)
			assert_in_range(opinion.evidence[PERCENT], 9, 12);
	}
}

static void names_the_worst_three(void **state)
{
	struct opinion opinion = NO_OPINION;
	struct bench bench;
	unsigned n = 0;

	(void)state;
	bench_start(&bench, &detector_failures);
	/* Three domains fail often, and each time another one once. */
	for (unsigned round = 0; round < 600; round++) {
		opinion = fail_one(&bench, START, NXDOMAIN, 1, ++n);
		fail_one(&bench, START, NXDOMAIN, 1, ++n);
		fail_one(&bench, START, NXDOMAIN, 1, ++n);
		fail_one(&bench, START, NXDOMAIN, 2, ++n);
		fail_one(&bench, START, NXDOMAIN, 2, ++n);
		fail_one(&bench, START, NXDOMAIN, 3, ++n);
		fail_one(&bench, START, NXDOMAIN, round % 2 ? 3 : 1000 + round, ++n);
	}
	assert_int_equal(opinion.evidence[DOMAIN_1], 1);
	assert_int_equal(opinion.evidence[DOMAIN_2], 2);
	assert_int_equal(opinion.evidence[DOMAIN_3], 3);
	/* Fifty minutes on they have faded, and others are what fails now. */
	for (unsigned i = 0; i < 300; i++)
		opinion = fail_one(&bench, START + 50 * MINUTE, NXDOMAIN, 4 + i % 3, ++n);
	for (unsigned i = 0; i < 3; i++)
		assert_in_range(opinion.evidence[DOMAIN_1 + i], 4, 6);
}

static void failures_saturate(void **state)
{
	struct opinion opinion = NO_OPINION;
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_failures);
	for (unsigned i = 1; i <= 70000; i++)
		opinion = fail_one(&bench, START, NXDOMAIN, 7, i);
	assert_int_equal(opinion.evidence[FAILED], UINT16_MAX);
	assert_int_equal(opinion.confidence, CONFIDENCE_MEDIUM);
}

/* ---- dga ------------------------------------------------------------------------- */

enum { DGA_FAILED, DGA_DRAWS, DGA_TENTH_BITS };

static struct opinion draw_named(struct bench *bench, uint64_t now, const char *name, bool missing)
{
	struct made made;

	make_answer(&made, now, name, 0, A, missing ? NXDOMAIN : NOERROR);
	made.obs.answer_count = !missing;
	made.facts.queries = 1;
	made.facts.contact = true;
	return bench_show(bench, &made.facts);
}

static struct opinion draw(struct bench *bench, uint64_t now, bool missing)
{
	return draw_named(bench, now, "qxkzjvwpt.com", missing);
}

static void ten_in_a_row(void **state)
{
	struct opinion opinion;
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_dga);
	for (unsigned i = 1; i <= 9; i++)
		assert_int_equal(draw(&bench, START, true).confidence, CONFIDENCE_NONE);
	opinion = draw(&bench, START, true);
	assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
	assert_int_equal(opinion.evidence[DGA_FAILED], 10);
	assert_int_equal(opinion.evidence[DGA_DRAWS], 10);
	assert_true(opinion.evidence[DGA_TENTH_BITS] > 60);
}

/* Four of five fail, in any order: ten steps up, 0.6 of one each time. */
static void one_of_five_is_there(void **state)
{
	uint32_t random = 1;
	unsigned draws = 0;

	(void)state;
	for (unsigned test = 0; test < 1000; test++) {
		struct opinion opinion = NO_OPINION;
		struct bench bench;

		bench_start(&bench, &detector_dga);
		for (unsigned n = 0; !opinion.confidence; n++, draws++) {
			assert_true(n < 200);
			random = random * 1664525 + 1013904223; /* Knuth's quick one: the high bits are fine */
			opinion = draw(&bench, START, random >> 16 < 52429); /* 0.8 of 65536 */
		}
	}
	printf("draws of a test: %.1f on average\n", draws / 1000.0);
	assert_in_range(draws, 16000, 18500);
}

static void half_and_half_is_ordinary(void **state)
{
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_dga);
	for (unsigned n = 0; n < 10000; n++)
		assert_int_equal(draw(&bench, START + n, n % 2).confidence, CONFIDENCE_NONE);
}

static void browsing_is_no_wall(void **state)
{
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_dga);
	for (unsigned i = 0; i < 10000; i++)
		assert_int_equal(draw(&bench, START, false).confidence, CONFIDENCE_NONE);
	/* At worst the test is one step above its lower bound: ln 0.01, and a step is ln 4. */
	for (unsigned i = 1; i <= 13; i++)
		if (draw(&bench, START, true).confidence)
			return;
	fail();
}

static void what_is_far_apart_does_not_add_up(void **state)
{
	static const struct {
		uint64_t apart;
		bool found;
	} cases[] = {
		{ HOUR, true },      /* 1.386 / (1 - 2^(-1/12)) = 24.7 > 13.8 */
		{ 5 * HOUR / 2, false }, /* 10.3 */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bench bench;
		bool found = false;

		bench_start(&bench, &detector_dga);
		for (unsigned n = 0; n < 100; n++)
			found |= draw(&bench, START + n * cases[i].apart, true).confidence != CONFIDENCE_NONE;
		assert_int_equal(found, cases[i].found);
	}
}

static void clock_back_begins_anew(void **state)
{
	struct opinion opinion;
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_dga);
	for (unsigned i = 1; i <= 9; i++)
		draw(&bench, START, true);
	opinion = draw(&bench, START - HOUR, true);
	assert_int_equal(opinion.confidence, CONFIDENCE_NONE);
	assert_int_equal(opinion.evidence[DGA_DRAWS], 1);
}

static void what_is_no_draw(void **state)
{
	static const struct {
		const char *name;
		unsigned payload;
		uint8_t rcode;
		uint64_t queries;
		bool relevant;
	} cases[] = {
		{ "example.com", 0, NXDOMAIN, 1, true },
		{ "example.com", 0, NOERROR, 1, true },
		{ "example.com", 0, NXDOMAIN, 6, true },
		{ "example.com", 0, NXDOMAIN, 7, false }, /* a pair as old as this has had its draw */
		{ "example.com", 0, SERVFAIL, 1, false },
		{ "example.com", 0, REFUSED, 1, false },
		{ "printer.corp", 2, NXDOMAIN, 1, false }, /* no such TLD: the domain is the root */
		{ "7.2.0.192.in-addr.arpa", 3, NXDOMAIN, 1, false },
	};
	struct bench bench;
	struct made made;

	(void)state;
	bench_start(&bench, &detector_dga);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		make_answer(&made, START, cases[i].name, cases[i].payload, A, cases[i].rcode);
		made.facts.queries = cases[i].queries;
		assert_int_equal(detector_dga.relevant(bench.config, &made.facts), cases[i].relevant);
	}
	/* Another answer for the same domain. */
	make_answer(&made, START, "example.com", 0, A, NXDOMAIN);
	made.facts.queries = 2;
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(bench_show(&bench, &made.facts).confidence, CONFIDENCE_NONE);
}

/* The name is missing, the domain is not: its own servers say so, or an alias leads elsewhere. */
static void a_domain_that_is_there(void **state)
{
	static const uint8_t com[] = "\3com", own[] = "\7example\3com", below[] = "\1a\7example\3com";
	static const struct {
		const uint8_t *zone;
		uint8_t zone_len;
		uint16_t answers;
		bool missing;
	} cases[] = {
		{ com, sizeof(com), 0, true },
		{ own, sizeof(own), 0, false },
		{ below, sizeof(below), 0, false },
		{ NULL, 0, 0, true },
		{ NULL, 0, 1, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bench bench;
		bool found = false;

		bench_start(&bench, &detector_dga);
		for (unsigned n = 0; n < 20; n++) {
			struct made made;

			make_answer(&made, START, "www.example.com", 1, A, NXDOMAIN);
			made.obs.zone = cases[i].zone;
			made.obs.zone_len = cases[i].zone_len;
			made.obs.answer_count = cases[i].answers;
			made.facts.queries = 1;
			made.facts.contact = true;
			found |= bench_show(&bench, &made.facts).confidence != CONFIDENCE_NONE;
		}
		assert_int_equal(found, cases[i].missing);
	}
}

static void tells_what_the_labels_look_like(void **state)
{
	struct opinion odd = NO_OPINION, plain = NO_OPINION;
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_dga);
	for (unsigned i = 0; i < 10; i++)
		odd = draw_named(&bench, START, "xq7zkvw0jp.com", true);
	bench_start(&bench, &detector_dga);
	for (unsigned i = 0; i < 10; i++)
		plain = draw_named(&bench, START, "interesting.com", true);
	assert_true(plain.evidence[DGA_TENTH_BITS] > 20 && plain.evidence[DGA_TENTH_BITS] < 47);
	assert_true(odd.evidence[DGA_TENTH_BITS] > 55);
}

static void options_against_each_other(void **state)
{
	char error[256];
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_dga);
	assert_true(detector_dga.check(bench.config, error, sizeof(error)));
	set_option(&detector_dga, bench.config, "ordinary", 79);
	assert_true(detector_dga.check(bench.config, error, sizeof(error)));
	set_option(&detector_dga, bench.config, "ordinary", 80);
	assert_false(detector_dga.check(bench.config, error, sizeof(error)));
	assert_non_null(strstr(error, "80"));
}

/* ---- random-subdomain ------------------------------------------------------------ */

static struct opinion miss(struct bench *bench, uint64_t now, bool absent)
{
	struct made made;

	make_answer(&made, now, "kqzxwv.example.org", 1, A, NXDOMAIN);
	made.facts.absent = absent;
	made.facts.clients = 3;
	return bench_show(bench, &made.facts);
}

static void a_hundred_names_are_silent(void **state)
{
	struct opinion opinion;
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_random_subdomain);
	for (unsigned i = 1; i <= 100; i++)
		assert_int_equal(miss(&bench, START + i, true).confidence, CONFIDENCE_NONE);
	for (unsigned i = 1; i <= 100; i++) /* the same once more */
		assert_int_equal(miss(&bench, START + 100 + i, false).confidence, CONFIDENCE_NONE);
	opinion = miss(&bench, START + 300, true);
	assert_int_equal(opinion.confidence, CONFIDENCE_MEDIUM);
	assert_int_equal(opinion.evidence[0], 101);
	assert_int_equal(opinion.evidence[1], 3);
}

static void forgets_after_ten_minutes(void **state)
{
	static const struct {
		uint64_t later;
		uint8_t confidence;
	} cases[] = {
		{ 10 * MINUTE - 1, CONFIDENCE_MEDIUM },
		{ 10 * MINUTE, CONFIDENCE_NONE },
		{ -HOUR, CONFIDENCE_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bench bench;

		bench_start(&bench, &detector_random_subdomain);
		for (unsigned n = 0; n < 100; n++)
			miss(&bench, START, true);
		assert_int_equal(miss(&bench, START + cases[i].later, true).confidence, cases[i].confidence);
	}
}

static void which_names_are_missing(void **state)
{
	static const struct {
		const char *name;
		unsigned payload;
		uint8_t rcode;
		bool relevant;
	} cases[] = {
		{ "a.example.org", 1, NXDOMAIN, true },
		{ "a.example.org", 1, NOERROR, false },
		{ "a.example.org", 1, SERVFAIL, false },
		{ "a.corp", 2, NXDOMAIN, false },
		{ "7.2.0.192.in-addr.arpa", 4, NXDOMAIN, false },
	};
	struct made made;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		make_answer(&made, START, cases[i].name, cases[i].payload, A, cases[i].rcode);
		assert_int_equal(detector_random_subdomain.relevant(NULL, &made.facts), cases[i].relevant);
	}
}

/* ---- any octets are a state ------------------------------------------------------ */

static void show_many(struct bench *bench)
{
	struct made made;

	make_answer(&made, START, "a.example.org", 1, A, NXDOMAIN);
	made.facts.contact = made.facts.absent = true;
	for (unsigned n = 1; n < 300; n++) {
		made.facts.answers = n;
		made.facts.now += MINUTE;
		assert_in_range(bench_show(bench, &made.facts).confidence, 0, CONFIDENCE_HIGH);
	}
}

static void survive_any_octets(void **state)
{
	(void)state;
	bench_any_octets(&detector_failures, show_many);
	bench_any_octets(&detector_dga, show_many);
	bench_any_octets(&detector_random_subdomain, show_many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fifty_are_silent),
		cmocka_unit_test(what_counts),
		cmocka_unit_test(nodata_is_its_own_kind),
		cmocka_unit_test(forgets_after_an_hour),
		cmocka_unit_test(share_of_all_answers),
		cmocka_unit_test(share_moves_with_the_window),
		cmocka_unit_test(names_the_worst_three),
		cmocka_unit_test(failures_saturate),
		cmocka_unit_test(ten_in_a_row),
		cmocka_unit_test(one_of_five_is_there),
		cmocka_unit_test(half_and_half_is_ordinary),
		cmocka_unit_test(browsing_is_no_wall),
		cmocka_unit_test(what_is_far_apart_does_not_add_up),
		cmocka_unit_test(clock_back_begins_anew),
		cmocka_unit_test(what_is_no_draw),
		cmocka_unit_test(a_domain_that_is_there),
		cmocka_unit_test(tells_what_the_labels_look_like),
		cmocka_unit_test(options_against_each_other),
		cmocka_unit_test(a_hundred_names_are_silent),
		cmocka_unit_test(forgets_after_ten_minutes),
		cmocka_unit_test(which_names_are_missing),
		cmocka_unit_test(survive_any_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
