/* SPDX-License-Identifier: BSD-3-Clause */
/* test_rates - detectors that count questions against a bound, at both sides of it.
 *
 * Windows, paths and clocks are in the scenarios 80 to 89; here is what these cannot see:
 * evidence, reasons, steps, and counts that are full.
 */
#include "facts.h"

extern const struct detector detector_any_rate, detector_bytes_rate, detector_distinct_names,
	detector_long_names_client, detector_lookup_script, detector_query_rate, detector_txt_rate;

enum { A = 1, CNAME = 5, SOA = 6, PTR = 12, MX = 15, TXT = 16, AAAA = 28, SRV = 33, DS = 43, TLSA = 52,
       HTTPS = 65, ANY = 255, URI = 256 };

static struct opinion ask(struct bench *bench, const char *name, uint16_t qtype, bool novel)
{
	struct made made;

	make_question(&made, START, name, 1, qtype);
	made.facts.novel = made.facts.fresh = novel;
	return bench_show(bench, &made.facts);
}

/* The client's <nth> question by its path. */
static struct opinion ask_nth(struct bench *bench, const char *name, uint64_t nth)
{
	struct made made;

	make_question(&made, START, name, 1, A);
	made.facts.nth = nth;
	return bench_show(bench, &made.facts);
}

/* ---- any, txt ------------------------------------------------------------------ */

static void any_counts(void **state)
{
	struct opinion opinion = NO_OPINION;
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_any_rate);
	for (unsigned i = 0; i < 200; i++)
		assert_int_equal(ask(&bench, "www.example.org", ANY, false).confidence, CONFIDENCE_NONE);
	opinion = ask(&bench, "www.example.org", ANY, false);
	assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
	assert_int_equal(opinion.evidence[0], 201);
	for (unsigned i = 0; i < 70000; i++)
		opinion = ask(&bench, "www.example.org", ANY, false);
	assert_int_equal(opinion.evidence[0], UINT16_MAX);
}

static void txt_counts(void **state)
{
	enum { REASON_RATE, REASON_DISTINCT };
	struct opinion opinion = NO_OPINION;
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_txt_rate);
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(ask(&bench, "www.example.org", TXT, false).confidence, CONFIDENCE_NONE);
	opinion = ask(&bench, "www.example.org", TXT, false);
	assert_int_equal(opinion.confidence, CONFIDENCE_MEDIUM);
	assert_int_equal(opinion.reason, REASON_RATE);
	for (unsigned i = 0; i < 10; i++)
		opinion = ask(&bench, "www.example.org", TXT, true);
	assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
	assert_int_equal(opinion.reason, REASON_DISTINCT);
	assert_int_equal(opinion.evidence[0], 61);
	assert_int_equal(opinion.evidence[1], 10);

	bench_start(&bench, &detector_txt_rate);
	set_option(&detector_txt_rate, bench.config, "distinct", 0);
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(ask(&bench, "www.example.org", TXT, true).confidence, CONFIDENCE_NONE);
	for (unsigned i = 0; i < 200; i++)
		assert_int_equal(ask(&bench, "_dmarc.example.org", TXT, true).confidence, CONFIDENCE_NONE);
}

/* ---- everything ---------------------------------------------------------------- */

static void queries_are_counted_in_steps(void **state)
{
	struct opinion opinion;
	struct bench bench;

	(void)state;
	bench_start(&bench, &detector_query_rate);
	for (unsigned i = 1; i <= 1000; i++)
		assert_int_equal(ask_nth(&bench, "www.example.org", i).confidence, CONFIDENCE_NONE);
	opinion = ask_nth(&bench, "www.example.org", 1001);
	assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
	assert_int_equal(opinion.evidence[0], 1001);

	/* Below 832 each is looked at; without a slot to count in there is no number. */
	bench_start(&bench, &detector_query_rate);
	for (unsigned i = 0; i < 2000; i++)
		assert_int_equal(ask_nth(&bench, "www.example.org", 0).confidence, CONFIDENCE_NONE);
	set_option(&detector_query_rate, bench.config, "count", 831);
	for (unsigned i = 1; i <= 831; i++)
		assert_int_equal(ask_nth(&bench, "www.example.org", i).confidence, CONFIDENCE_NONE);
	assert_int_equal(ask_nth(&bench, "www.example.org", 832).confidence, CONFIDENCE_HIGH);
	bench_start(&bench, &detector_query_rate);
	set_option(&detector_query_rate, bench.config, "count", 832);
	for (unsigned i = 1; i <= 844; i++)
		assert_int_equal(ask_nth(&bench, "www.example.org", i).confidence, CONFIDENCE_NONE);
	assert_int_equal(ask_nth(&bench, "www.example.org", 845).confidence, CONFIDENCE_HIGH);
}

static void bytes_are_estimated(void **state)
{
	struct opinion opinion = NO_OPINION;
	struct bench bench;
	unsigned i = 0;

	(void)state;
	bench_start(&bench, &detector_bytes_rate);
	while (!opinion.confidence && i < 40000)
		opinion = ask_nth(&bench, "www.example.org", ++i);
	assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
	assert_int_equal(i, 20007);         /* 1539 steps of 13 names of 15 octets: 1538 are 299,910 */
	assert_int_equal(opinion.evidence[0], 300105);

	/* All there is to hold is 32 bits. */
	memset(bench.client, 0xff, sizeof(bench.client));
	set_option(&detector_bytes_rate, bench.config, "octets", 1000000000);
	ask_nth(&bench, "www.example.org", 13); /* whatever the window was */
	for (unsigned n = 0; n < 6; n++)
		memset((char *)bench.client + 16 + 4 * n, 0xff, 4);
	opinion = ask_nth(&bench, "www.example.org", 26);
	assert_int_equal(opinion.evidence[0], 6 * (uint64_t)UINT32_MAX);
}

/* ---- names --------------------------------------------------------------------- */

static void names_are_dense_by_their_payload(void **state)
{
	enum { REASON_PAIR, REASON_DENSE, REASON_DOMAIN };
	static const struct {
		const char *name;
		unsigned payload;
		bool dense;
	} cases[] = {
		{ "abcdefghijklmnopqrstuvwx.example.org", 1, true },
		{ "abcdefghijklmnopqrstuvw.example.org", 1, false },
		{ "abcdefghijkl.mnopqrstuvwx.example.org", 2, true },
		{ "abcdefghijkl.mnopqrstuvw.example.org", 2, false },
		{ "abcdefghijkl.mnopqrstuvwx", 2, true }, /* all of it: a TLD that does not exist */
		{ "abcdefghijkl.mnopqrstuvw", 2, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct opinion opinion = NO_OPINION;
		struct bench bench;
		struct made made;

		print_message("%s\n", cases[i].name);
		bench_start(&bench, &detector_distinct_names);
		for (unsigned n = 0; n < 200; n++) {
			make_question(&made, START, cases[i].name, cases[i].payload, A);
			made.facts.fresh = true;
			opinion = bench_show(&bench, &made.facts);
			assert_int_equal(opinion.confidence,
			                 cases[i].dense && n >= 79 ? CONFIDENCE_HIGH : CONFIDENCE_NONE);
		}
		assert_int_equal(opinion.evidence[0], 200);
		assert_int_equal(opinion.evidence[1], cases[i].dense ? 200 : 0);
		opinion = bench_show(&bench, &made.facts);
		assert_int_equal(opinion.reason, REASON_PAIR);
		for (unsigned n = 0; n < 70000; n++)
			opinion = bench_show(&bench, &made.facts);
		assert_int_equal(opinion.evidence[0], UINT16_MAX);
		assert_int_equal(opinion.evidence[1], cases[i].dense ? UINT8_MAX : 0);
		assert_int_equal(opinion.evidence[2], cases[i].payload < made.name.labels ? UINT16_MAX : 0);
		set_option(&detector_distinct_names, bench.config, "count", 60000);
		set_option(&detector_distinct_names, bench.config, "dense-count", 0);
		memset(bench.pair, 0, sizeof(bench.pair));
		for (unsigned n = 1; n <= 20; n++) {
			opinion = bench_show(&bench, &made.facts);
			assert_int_equal(opinion.confidence, cases[i].payload == made.name.labels ? CONFIDENCE_NONE
			                                     : n < 20 ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM);
			assert_int_equal(opinion.reason, opinion.confidence ? REASON_DOMAIN : 0);
		}
	}
}

static void show_one(struct bench *bench)
{
	struct made made;

	make_question(&made, START, "a.example.org", 1, bench->detector == &detector_any_rate ? ANY : TXT);
	made.facts.nth = 13;
	assert_in_range(bench_show(bench, &made.facts).confidence, 0, CONFIDENCE_HIGH);
}

static void any_octets_are_a_state(void **state)
{
	static const struct detector *const all[] = {
		&detector_any_rate, &detector_bytes_rate, &detector_distinct_names,
		&detector_long_names_client, &detector_lookup_script, &detector_query_rate, &detector_txt_rate,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		bench_any_octets(all[i], show_one);
}

static void long_names_count_by_labels(void **state)
{
	static const struct {
		const char *name;
		uint16_t qtype;
		bool counted;
	} cases[] = {
		{ "a.b.c.d.example.org", A, true },
		{ "a.b.c.example.org", A, false },
		{ "aaaaaaaaaabbbbbbbbbbccccccccccddddddddd.example.org", A, true },  /* 51 */
		{ "aaaaaaaaaabbbbbbbbbbccccccccccdddddddd.example.org", A, false },  /* 50 */
		{ "a.b.c.d.example.org", SRV, false },
		{ "a.b.c.d.example.org", TXT, true },
	};
	struct bench bench;
	struct made made;

	(void)state;
	bench_start(&bench, &detector_long_names_client);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		make_question(&made, START, cases[i].name, 1, cases[i].qtype);
		assert_int_equal(detector_long_names_client.relevant(bench.config, &made.facts),
		                 cases[i].counted);
	}
}

static void scripts_ask_for_other_records(void **state)
{
	static const struct {
		const char *name;
		uint16_t qtype;
		bool counted;
	} cases[] = {
		{ "a.example.org", TXT, true },      { "a.example.org", MX, true },
		{ "a.example.org", CNAME, true },    { "a.example.org", ANY, true },
		{ "a.example.org", A, false },       { "a.example.org", AAAA, false },
		{ "a.example.org", HTTPS, false },   { "a.example.org", PTR, false },
		{ "a.example.org", SOA, false },     { "a.example.org", DS, false },
		{ "a.example.org", SRV, true },      { "_ldap._tcp.example.org", SRV, false },
		{ "_ldap._tcp.example.org", TXT, true }, { "_443._tcp.example.org", TLSA, false },
		{ "_x.example.org", URI, false },    { "_dmarc.example.org", TXT, false },
		{ "s._domainkey.example.org", TXT, false }, { ".", TXT, true }, { ".", SRV, true },
	};
	struct opinion opinion = NO_OPINION;
	struct bench bench;
	struct made made;

	(void)state;
	bench_start(&bench, &detector_lookup_script);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		print_message("%s %u\n", cases[i].name, cases[i].qtype);
		make_question(&made, START, cases[i].name, 1, cases[i].qtype);
		assert_int_equal(detector_lookup_script.relevant(bench.config, &made.facts), cases[i].counted);
	}
	for (unsigned i = 0; i < 300; i++)
		opinion = ask(&bench, "a.example.org", TXT, i % 2);
	assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
	assert_int_equal(opinion.evidence[0], UINT8_MAX);
	assert_int_equal(opinion.evidence[1], 150);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_counts),
		cmocka_unit_test(txt_counts),
		cmocka_unit_test(queries_are_counted_in_steps),
		cmocka_unit_test(bytes_are_estimated),
		cmocka_unit_test(names_are_dense_by_their_payload),
		cmocka_unit_test(any_octets_are_a_state),
		cmocka_unit_test(long_names_count_by_labels),
		cmocka_unit_test(scripts_ask_for_other_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
