/* SPDX-License-Identifier: BSD-3-Clause */
/* test_rare_domain - new to the network, and nobody else's; and when nothing can be said. */
#include "base/clock.h"
#include "facts.h"

extern const struct detector detector_rare_domain;

enum { A = 1, PTR = 12, NXDOMAIN = 3 };
enum { REASON_NEW, REASON_LONELY };

static void answer(struct made *made, uint64_t now)
{
	make_answer(made, now, "www.example.org", 1, A, 0);
	made->facts.domain_hash = 77;
	made->facts.began = now - 7 * DAY;
	made->facts.clients = 1;
	made->facts.network = 50;
	made->facts.first_asked = now;
}

static void new_to_the_network(void **state)
{
	uint64_t key[RECALL_MAX];
	struct opinion opinion;
	struct bench bench;
	struct made made;

	(void)state;
	bench_start(&bench, &detector_rare_domain);
	answer(&made, START);
	assert_int_equal(detector_rare_domain.recall(bench.config, &made.facts, key), 1);
	assert_int_equal(key[0], 77);
	opinion = bench_show(&bench, &made.facts);
	assert_int_equal(opinion.confidence, CONFIDENCE_LOW);
	assert_int_equal(opinion.reason, REASON_NEW);
	assert_int_equal(opinion.evidence[0], 77);
	made.facts.recalled = 1;
	assert_int_equal(bench_show(&bench, &made.facts).confidence, CONFIDENCE_NONE);
	/* Other clients ask too, but nobody did before: it is new. */
	made.facts.recalled = 0;
	made.facts.clients = 5;
	assert_int_equal(bench_show(&bench, &made.facts).confidence, CONFIDENCE_LOW);
	/* Ten clients are a community, nine are not. */
	made.facts.network = 10;
	assert_int_equal(bench_show(&bench, &made.facts).confidence, CONFIDENCE_LOW);
	made.facts.network = 9;
	assert_int_equal(bench_show(&bench, &made.facts).confidence, CONFIDENCE_NONE);
}

static void nothing_is_new_in_the_first_week(void **state)
{
	struct bench bench;
	struct made made;

	(void)state;
	bench_start(&bench, &detector_rare_domain);
	answer(&made, START);
	made.facts.began = START - 7 * DAY + 1;
	assert_int_equal(bench_show(&bench, &made.facts).confidence, CONFIDENCE_NONE);
	made.facts.began = START + DAY; /* the clock stepped back */
	assert_int_equal(bench_show(&bench, &made.facts).confidence, CONFIDENCE_NONE);
	set_option(&detector_rare_domain, bench.config, "learn", 0);
	made.facts.began = START;
	assert_int_equal(bench_show(&bench, &made.facts).confidence, CONFIDENCE_LOW);
}

static void what_is_taken_in(void **state)
{
	static const struct {
		const char *name;
		unsigned payload;
		uint16_t qtype;
		uint8_t rcode;
		bool relevant;
	} cases[] = {
		{ "www.example.org", 1, A, 0, true },
		{ "www.example.org", 1, A, NXDOMAIN, false },
		{ "www.example.org", 1, A, 2, false },
		{ "www.example.org", 1, PTR, 0, false },
		{ "7.2.0.192.in-addr.arpa", 4, A, 0, false },
		{ "host.corp", 2, A, 0, false },
	};
	struct made made;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		make_answer(&made, START, cases[i].name, cases[i].payload, cases[i].qtype, cases[i].rcode);
		assert_int_equal(detector_rare_domain.relevant(NULL, &made.facts), cases[i].relevant);
	}
}

static void nobody_else_asks(void **state)
{
	static const struct {
		uint64_t since, network, lonely;
		unsigned clients;
		uint8_t confidence;
	} cases[] = {
		{ DAY, 10, 1, 1, CONFIDENCE_LOW },
		{ DAY - 1, 10, 1, 1, CONFIDENCE_NONE }, /* has not come back yet */
		{ DAY, 9, 1, 1, CONFIDENCE_NONE },      /* no community */
		{ DAY, 10, 1, 2, CONFIDENCE_NONE },
		{ DAY, 10, 0, 1, CONFIDENCE_NONE },     /* off, as by default */
		{ -DAY, 10, 1, 1, CONFIDENCE_NONE },    /* the clock stepped back */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct opinion opinion;
		struct bench bench;
		struct made made;

		bench_start(&bench, &detector_rare_domain);
		set_option(&detector_rare_domain, bench.config, "lonely", cases[i].lonely);
		answer(&made, START);
		made.facts.recalled = 1;
		made.facts.first_asked = START - cases[i].since;
		made.facts.network = cases[i].network;
		made.facts.clients = cases[i].clients;
		opinion = bench_show(&bench, &made.facts);
		assert_int_equal(opinion.confidence, cases[i].confidence);
		if (opinion.confidence)
			assert_int_equal(opinion.reason, REASON_LONELY);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_to_the_network),
		cmocka_unit_test(nothing_is_new_in_the_first_week),
		cmocka_unit_test(what_is_taken_in),
		cmocka_unit_test(nobody_else_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
