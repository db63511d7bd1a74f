/* SPDX-License-Identifier: BSD-3-Clause */
/* test_answers - what becomes of a refused answer: whom it is kept from, what is counted and told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/policy.h"
#include "support.h"

enum { TXT = 16, NOERROR = 0, REFUSED = 5 };

#define Q WARDEN_QUESTION
#define A WARDEN_ANSWER

#define ENFORCE "warden:\n mode: enforce\n"
#define TEXT_COMMANDS "detector:\n name: \"text-commands\"\n"

static int setup(void **state)
{
	(void)state;
	temp_clean();
	return 0;
}

static const uint8_t bad[] = "\012/bin/sh -c", good[] = "\012/bin/shall";

/* Somebody's TXT answer of <rdata>. */
static struct warden_decision answer(struct warden *warden, uint8_t what, uint8_t path, uint16_t flags,
                                     const uint8_t *rdata)
{
	struct warden_record record = { .rdata = rdata, .type = TXT, .rdata_len = sizeof(bad) - 1 };
	struct asked asked;

	question(&asked, "192.0.2.1", "www.example.com", TXT);
	asked.obs.what = what;
	asked.obs.path = path;
	asked.obs.flags = flags;
	asked.obs.records = &record;
	asked.obs.record_count = asked.obs.answer_count = 1;
	return warden_observe(warden, &asked.obs);
}

static const struct {
	uint8_t what, path;
	uint16_t flags;
	uint8_t withheld; /* in enforce mode */
	uint8_t rcode;    /* then, of the event */
} cases[] = {
	{ A, WARDEN_PATH_MISS, WARDEN_FLAG_OPEN, 1, REFUSED },
	{ Q | A, WARDEN_PATH_JOINED, WARDEN_FLAG_OPEN, 1, REFUSED },
	{ A, WARDEN_PATH_MISS, WARDEN_FLAG_EMPTIED, 1, NOERROR },
	{ Q | A, WARDEN_PATH_CACHE, WARDEN_FLAG_EMPTIED, 1, NOERROR },
	/* Nothing can be done about these: recorded traffic, local data. */
	{ A, WARDEN_PATH_MISS, 0, 0, NOERROR },
	{ Q | A, WARDEN_PATH_LOCAL, 0, 0, NOERROR },
};

#define CASE_COUNT (sizeof(cases) / sizeof(*cases))

static void enforced(void **state)
{
	(void)state;
	for (size_t i = 0; i < CASE_COUNT; i++) {
		struct warden *warden = open_engine(ENFORCE TEXT_COMMANDS, true);
		struct warden_decision decision = answer(warden, cases[i].what, cases[i].path, cases[i].flags, bad);
		struct record record[4];

		assert_int_equal(decision.verdict, WARDEN_REFUSE);
		assert_false(decision.dry_run);
		assert_string_equal(decision.detector, "text-commands");
		assert_int_equal(decision.ede, cases[i].withheld ? 15 : WARDEN_NO_EDE);
		assert_int_equal(counted(warden, COUNTER_withheld), cases[i].withheld);
		assert_int_equal(counted(warden, COUNTER_verdict_refuse), 1);
		assert_int_equal(counted(warden, COUNTER_refused), 0);
		assert_int_equal(drain(warden, record, 4), 1);
		assert_int_equal(record[0].denied, cases[i].withheld);
		assert_int_equal(record[0].rcode, cases[i].rcode);
		assert_int_equal(record[0].hold_expires, 0);
		/* The next question of the pair meets nothing. */
		assert_int_equal(decision_on(warden, "192.0.2.1", "www.example.com", TXT).verdict, WARDEN_PASS);
		warden_close(warden);
	}
}

static void observed_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < CASE_COUNT; i++) {
		struct warden *warden = open_engine("warden:\n mode: observe\n" TEXT_COMMANDS, true);
		struct warden_decision decision = answer(warden, cases[i].what, cases[i].path, cases[i].flags, bad);
		struct record record[4];

		assert_int_equal(decision.verdict, WARDEN_REFUSE);
		assert_true(decision.dry_run);
		assert_int_equal(decision.ede, WARDEN_NO_EDE);
		assert_int_equal(counted(warden, COUNTER_withheld), 0);
		assert_int_equal(drain(warden, record, 4), 1);
		assert_int_equal(record[0].denied, 0);
		assert_int_equal(record[0].rcode, NOERROR);
		warden_close(warden);
	}
}

/* Nobody is counted, and nobody is told of; a slot for the all-zero address is not made. */
static void refreshed_for_nobody(void **state)
{
	static const struct {
		const char *config;
		const uint8_t *rdata;
		enum warden_verdict verdict;
		unsigned withheld;
	} refreshed[] = {
		{ ENFORCE TEXT_COMMANDS, bad, WARDEN_REFUSE, 1 },
		{ ENFORCE TEXT_COMMANDS, good, WARDEN_PASS, 0 },
		{ ENFORCE TEXT_COMMANDS " action: log\n", bad, WARDEN_LOG, 0 },
		{ ENFORCE " allow-domain: example.com\n" TEXT_COMMANDS, bad, WARDEN_PASS, 0 },
		{ "warden:\n mode: observe\n" TEXT_COMMANDS, bad, WARDEN_REFUSE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(refreshed) / sizeof(*refreshed); i++) {
		struct warden *warden = open_engine(refreshed[i].config, true);
		struct record record[4];

		assert_int_equal(answer(warden, A, WARDEN_PATH_MISS, WARDEN_FLAG_NOBODY | WARDEN_FLAG_OPEN,
		                        refreshed[i].rdata).verdict, refreshed[i].verdict);
		assert_int_equal(counted(warden, COUNTER_withheld), refreshed[i].withheld);
		assert_int_equal(counted(warden, COUNTER_answers), 0);
		assert_int_equal(table_used(&warden->mapping.clients), 0);
		assert_int_equal(table_used(&warden->mapping.pairs), 0);
		assert_int_equal(table_used(&warden->mapping.domains), 0);
		assert_int_equal(drain(warden, record, 4), 0);
		warden_close(warden);
	}
}

/* Who waited for an answer that is refused is counted like who asked; Warden's own answer to a refused
 * question is not withheld.
 */
static void own_answers(void **state)
{
	struct warden *warden = open_engine(ENFORCE TEXT_COMMANDS, true);

	(void)state;
	answer(warden, Q | A, WARDEN_PATH_JOINED, WARDEN_FLAG_OWN, bad);
	assert_int_equal(counted(warden, COUNTER_withheld), 1);
	assert_int_equal(counted(warden, COUNTER_joined), 1);
	answer(warden, A, WARDEN_PATH_MISS, WARDEN_FLAG_OWN, bad);
	assert_int_equal(counted(warden, COUNTER_withheld), 1);
	assert_int_equal(counted(warden, COUNTER_verdict_refuse), 0);
	warden_close(warden);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(enforced),
		TEST(observed_only),
		TEST(refreshed_for_nobody),
		TEST(own_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
