/* SPDX-License-Identifier: BSD-3-Clause */
/* test_information - the five detectors that read ledgers: both sides of every budget. */
#include "facts.h"

extern const struct detector detector_information, detector_information_client,
	detector_information_domain, detector_information_delegation, detector_download;

#define OCTET 8.0f

/* Facts about a question, with ledgers that a test may write into. */
struct told {
	struct made made;
	struct pair_ledger pair;
	struct client_ledger client;
	struct domain_ledger domain;
	struct delegation_ledger delegation;
	struct facts *facts;
};

static void tell(struct told *told)
{
	memset(told, 0, sizeof(*told));
	told->facts = make_question(&told->made, START, "0123456789.example.org", 1, 16);
	told->facts->told = told->facts->told_whole = 100;
	told->facts->clients = 1;
	told->facts->rare = true;
	told->facts->crowd = (struct crowd){ 1, 1 };
	told->facts->pair = &told->pair;
	told->facts->client = &told->client;
	told->facts->domain = &told->domain;
	told->facts->delegation = &told->delegation;
}

static struct opinion judge(const struct detector *detector, const struct told *told)
{
	struct bench bench;

	bench_start(&bench, detector);
	return bench_show(&bench, told->facts);
}

#define SAYS(detector, told, wanted) \
	assert_int_equal(judge(&detector_##detector, told).confidence, CONFIDENCE_##wanted)

static void of_a_pair(void **state)
{
	struct told told;
	struct opinion opinion;

	(void)state;
	tell(&told);
	told.pair.up.day = 255.9f * OCTET;
	SAYS(information, &told, NONE);
	told.pair.up.day = 256 * OCTET;
	SAYS(information, &told, MEDIUM);
	told.pair.up.day = 511.9f * OCTET;
	SAYS(information, &told, MEDIUM);
	told.pair.up = (struct sums){ .day = 512 * OCTET, .names = 20, .length = 600 };
	told.pair.down = 77 * OCTET;
	told.pair.span = (struct span){ START, START + 5 * MINUTE };
	kinds_count(told.pair.kinds, ASKS_TEXT);
	opinion = judge(&detector_information, &told);
	assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
	assert_int_equal(opinion.reason, 0);
	assert_int_equal(opinion.evidence[0], 512);
	assert_int_equal(opinion.evidence[1], 77);
	assert_int_equal(opinion.evidence[2], 20);
	assert_int_equal(opinion.evidence[3], 5);
	assert_int_equal(opinion.evidence[4], 30);
	assert_int_equal(opinion.evidence[6], 100);

	told.facts->told = 0; /* what tells nothing is not judged by what was told before */
	SAYS(information, &told, NONE);
	told.facts->told = 1;
	told.facts->pair = NULL;
	SAYS(information, &told, NONE);
}

static void in_ten_minutes(void **state)
{
	struct told told;

	(void)state;
	tell(&told);
	told.pair.up.fast = told.pair.up.day = 191.9f * OCTET;
	SAYS(information, &told, NONE);
	told.pair.up.fast = told.pair.up.day = 192 * OCTET;
	SAYS(information, &told, MEDIUM);
	told.pair.up.fast = told.pair.up.day = 383.9f * OCTET;
	SAYS(information, &told, MEDIUM);
	told.pair.up.fast = told.pair.up.day = 384 * OCTET;
	SAYS(information, &told, HIGH);
	assert_int_equal(judge(&detector_information, &told).reason, 1);
}

static void of_a_client(void **state)
{
	struct told told;

	(void)state;
	tell(&told);
	told.client.up.day = 511.9f * OCTET;
	SAYS(information_client, &told, NONE);
	told.client.up.day = 512 * OCTET;
	SAYS(information_client, &told, MEDIUM);
	told.client.up.day = 1023.9f * OCTET;
	SAYS(information_client, &told, MEDIUM);
	told.client.up.day = 1024 * OCTET;
	SAYS(information_client, &told, HIGH);

	told.facts->crowd = (struct crowd){ 3, 3 }; /* a forwarder */
	SAYS(information_client, &told, NONE);
	told.client.up.day = 3 * 1024 * OCTET;
	SAYS(information_client, &told, HIGH);
	assert_int_equal(judge(&detector_information_client, &told).evidence[5], 3);

	told.facts->rare = false; /* the sum is not about this question */
	SAYS(information_client, &told, NONE);
	told.facts->rare = true;
	told.facts->told_whole = 7.9;
	SAYS(information_client, &told, NONE);
	told.facts->told_whole = 8;
	SAYS(information_client, &told, HIGH);
}

static void of_a_domain(void **state)
{
	struct told told;

	(void)state;
	tell(&told);
	told.facts->rare = false;
	told.domain.up.day = 2047.9f * OCTET;
	SAYS(information_domain, &told, NONE);
	told.domain.up.day = 2048 * OCTET;
	SAYS(information_domain, &told, MEDIUM);
	told.domain.up.day = 4096 * OCTET;
	told.facts->clients = 16;
	SAYS(information_domain, &told, HIGH);
	told.facts->clients = 17;
	SAYS(information_domain, &told, MEDIUM);
	told.domain.up.day = 4096 * OCTET * 59 / 16;
	told.facts->clients = 59;
	SAYS(information_domain, &told, HIGH);
	told.facts->clients = 60;
	SAYS(information_domain, &told, NONE);
}

static void of_a_domain_in_a_week(void **state)
{
	struct told told;

	(void)state;
	tell(&told);
	told.domain.week = 511.9f * OCTET;
	SAYS(information_domain, &told, NONE);
	told.domain.week = 512 * OCTET;
	SAYS(information_domain, &told, MEDIUM);
	assert_int_equal(judge(&detector_information_domain, &told).reason, 1);
	told.domain.week = 1e6f;
	SAYS(information_domain, &told, MEDIUM); /* a tag at most */
	told.facts->rare = false;
	SAYS(information_domain, &told, NONE);
}

static void of_a_delegation(void **state)
{
	struct told told;

	(void)state;
	tell(&told);
	told.delegation.up.day = 1023.9f * OCTET;
	SAYS(information_delegation, &told, MEDIUM);
	told.delegation.up.day = 1024 * OCTET;
	SAYS(information_delegation, &told, HIGH);
	told.facts->told_whole = 1;
	SAYS(information_delegation, &told, NONE);
	told.facts->question = false; /* with the answer it is known whom all that was told */
	told.facts->answer = true;
	SAYS(information_delegation, &told, HIGH);
	told.facts->crowd = (struct crowd){ 2, 2 };
	SAYS(information_delegation, &told, MEDIUM);
	told.facts->delegation = NULL;
	SAYS(information_delegation, &told, NONE);
}

static void of_answers(void **state)
{
	struct told told;

	(void)state;
	tell(&told);
	told.facts->answered = 1;
	told.pair.down = 2047.9f * OCTET;
	SAYS(download, &told, NONE);
	told.pair.down = 2048 * OCTET;
	SAYS(download, &told, MEDIUM);
	told.pair.down = 4096 * OCTET;
	SAYS(download, &told, HIGH);
	told.facts->rare = false;
	SAYS(download, &told, NONE);
	told.pair.down = 16384 * OCTET;
	SAYS(download, &told, HIGH);
	told.facts->answered = 0;
	SAYS(download, &told, NONE);
}

static void budgets_make_sense(void **state)
{
	struct bench bench;
	char error[200];

	(void)state;
	bench_start(&bench, &detector_download);
	assert_true(detector_download.check(bench.config, error, sizeof(error)));
	set_option(&detector_download, bench.config, "rare-budget", 20000);
	assert_false(detector_download.check(bench.config, error, sizeof(error)));
}

/* What was told through other nodes counts as if it had been told here, and is said. */
static void with_elsewhere(void **state)
{
	static const struct elsewheres none;
	struct elsewheres elsewhere = none;
	struct opinion opinion;
	struct told told;

	(void)state;
	tell(&told);
	told.facts->elsewhere = &elsewhere;
	told.pair.up.day = 171 * OCTET;
	elsewhere.pair = (struct told_elsewhere){ 340 * 8, 2, 25 };
	SAYS(information, &told, MEDIUM);
	elsewhere.pair.bits = 341 * 8;
	opinion = judge(&detector_information, &told);
	assert_int_equal(opinion.confidence, CONFIDENCE_HIGH);
	assert_int_equal(opinion.reason, 3);
	assert_int_equal(opinion.evidence[0], 171);
	assert_int_equal(opinion.evidence[8], 341);
	assert_int_equal(opinion.evidence[9], 2);
	assert_int_equal(opinion.evidence[10], 25);
	told.pair.up.day = 512 * OCTET; /* too much by itself */
	assert_int_equal(judge(&detector_information, &told).reason, 0);
	told.pair.up = (struct sums){ .fast = 384 * OCTET, .day = 384 * OCTET };
	assert_int_equal(judge(&detector_information, &told).reason, 1);

	elsewhere = none;
	elsewhere.client = (struct told_elsewhere){ 700 * 8, 2, 26 };
	told.client.up.day = 323.9f * OCTET;
	SAYS(information_client, &told, MEDIUM);
	assert_int_equal(judge(&detector_information_client, &told).reason, 1);
	told.client.up.day = 324 * OCTET;
	SAYS(information_client, &told, HIGH);
	assert_int_equal(judge(&detector_information_client, &told).evidence[6], 700);
	assert_int_equal(judge(&detector_information_client, &told).evidence[7], 2);
	assert_int_equal(judge(&detector_information_client, &told).evidence[8], 26);

	elsewhere = none;
	elsewhere.domain = (struct told_elsewhere){ 3000 * 8, 2, 27 };
	told.domain.up.day = 1095.9f * OCTET;
	SAYS(information_domain, &told, MEDIUM);
	assert_int_equal(judge(&detector_information_domain, &told).reason, 2);
	told.domain.up.day = 1096 * OCTET;
	SAYS(information_domain, &told, HIGH);
	assert_int_equal(judge(&detector_information_domain, &told).evidence[6], 3000);
	assert_int_equal(judge(&detector_information_domain, &told).evidence[7], 2);
	assert_int_equal(judge(&detector_information_domain, &told).evidence[8], 27);
	assert_string_equal(detector_information_domain.evidence[8].name, "names_all_nodes");
}

/* Who has the budgets of a crowd here has them through each other node as well, or the crowd of an address that
 * is spread over the nodes would be taken for a tunnel.
 */
static void of_crowds_with_elsewhere(void **state)
{
	struct elsewheres elsewhere = { .client = { 10 * 1024 * 8, 2, 0 } };
	struct told told;

	(void)state;
	tell(&told);
	told.facts->elsewhere = &elsewhere;
	told.facts->crowd = (struct crowd){ 5, 5 }; /* 13 budgets: 1 + 4 here, and 4 through each of two */
	told.client.up.day = 2.9f * 1024 * OCTET;
	SAYS(information_client, &told, MEDIUM);
	told.client.up.day = 3 * 1024 * OCTET;
	SAYS(information_client, &told, HIGH);
	told.facts->crowd = (struct crowd){ 1, 1 };
	told.client.up.day = 1 * OCTET;
	SAYS(information_client, &told, HIGH);

	/* Of a domain: 10 clients here, so 30 through three nodes. */
	elsewhere = (struct elsewheres){ .domain = { 4096 * 8, 2, 0 } };
	told.facts->rare = false;
	told.facts->clients = 10;
	told.domain.up.day = 3583.9f * OCTET; /* 4096 * 30 / 16 in all */
	SAYS(information_domain, &told, MEDIUM);
	told.domain.up.day = 3584 * OCTET;
	SAYS(information_domain, &told, HIGH);
	told.facts->clients = 20; /* 60 are too many to be counted: what was told here alone */
	SAYS(information_domain, &told, MEDIUM);
	told.domain.up.day = 1000 * OCTET;
	SAYS(information_domain, &told, NONE);
}

static void weight(void **state)
{
	struct bench bench;
	struct pair_ledger ledger = { .up.day = 128 * OCTET };

	(void)state;
	bench_start(&bench, &detector_information);
	assert_int_equal(detector_information.weight(bench.config, NULL, &ledger, 0), 63);
	ledger.up.day = 512 * OCTET;
	assert_int_equal(detector_information.weight(bench.config, NULL, &ledger, 0), 255);
	assert_int_equal(detector_information.weight(bench.config, NULL, NULL, 0), 0);
	ledger.up.day = 64 * OCTET;
	assert_int_equal(detector_information.weight(bench.config, NULL, &ledger, 64 * 8), 63);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_pair),
		cmocka_unit_test(in_ten_minutes),
		cmocka_unit_test(of_a_client),
		cmocka_unit_test(of_a_domain),
		cmocka_unit_test(of_a_domain_in_a_week),
		cmocka_unit_test(of_a_delegation),
		cmocka_unit_test(of_answers),
		cmocka_unit_test(budgets_make_sense),
		cmocka_unit_test(with_elsewhere),
		cmocka_unit_test(of_crowds_with_elsewhere),
		cmocka_unit_test(weight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
