/* SPDX-License-Identifier: BSD-3-Clause */
/* test_engine - whole observations through the door: counts, lists, verdicts, modes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/invariant.h"
#include "engine/policy.h"
#include "support.h"

#define TYPE_A    1
#define TYPE_NULL 10

#define Q WARDEN_QUESTION
#define A WARDEN_ANSWER

static int setup(void **state)
{
	(void)state;
	said[0] = '\0';
	temp_clean();
	return 0;
}

/* ---- counts -------------------------------------------------------------------- */

/* How often each kind of call is made; all for the same name, but one client each. */
static const struct {
	unsigned what, path, times;
	enum counter_id counter;
	enum client_word word;
} calls[] = {
	{ Q, WARDEN_PATH_MISS, 7, COUNTER_misses, CLIENT_MISSES },
	{ A, WARDEN_PATH_MISS, 6, COUNTER_answers, CLIENT_ANSWERS },
	{ Q | A, WARDEN_PATH_JOINED, 5, COUNTER_joined, CLIENT_JOINED },
	{ Q | A, WARDEN_PATH_CACHE, 4, COUNTER_cachehits, CLIENT_CACHEHITS },
	{ Q | A, WARDEN_PATH_LOCAL, 3, COUNTER_local, CLIENT_LOCAL },
};

static void counts_are_exact(void **state)
{
	static const char *const clients[] = { "192.0.2.1", "192.0.2.2", "2001:db8::1" };
	struct warden *warden = open_engine("", true);
	struct place place;
	struct asked asked;

	(void)state;
	for (unsigned c = 0; c < 3; c++)
		for (unsigned i = 0; i < 5; i++)
			for (unsigned n = 0; n < calls[i].times * (c + 1); n++) {
				question(&asked, clients[c], "www.example.com", TYPE_A);
				asked.obs.what = (uint8_t)calls[i].what;
				asked.obs.path = (uint8_t)calls[i].path;
				assert_int_equal(warden_observe(warden, &asked.obs).verdict, WARDEN_PASS);
			}
	for (unsigned c = 0; c < 3; c++) {
		assert_int_equal(client_counted(warden, clients[c], CLIENT_ANSWERS) +
		                 client_counted(warden, clients[c], CLIENT_CACHEHITS), (6 + 5 + 4 + 3) * (c + 1));
		for (unsigned i = 0; i < 5; i++)
			if (calls[i].what != A)
				assert_int_equal(client_counted(warden, clients[c], calls[i].word),
				                 calls[i].times * (c + 1));
	}
	assert_int_equal(counted(warden, COUNTER_answers), (6 + 5 + 4 + 3) * 6);
	for (unsigned i = 0; i < 5; i++)
		if (calls[i].what != A)
			assert_int_equal(counted(warden, calls[i].counter), calls[i].times * 6);
	place = table_at(&warden->mapping.domains, 0);
	for (uint32_t i = 0; !place.slot; i++)
		place = table_at(&warden->mapping.domains, i);
	assert_int_equal(slot_get(place.slot, DOMAIN_QUERIES), (7 + 5 + 4 + 3) * 6);
	assert_int_equal(table_used(&warden->mapping.domains), 1);
	assert_int_equal(table_used(&warden->mapping.pairs), 3);
	assert_int_equal(table_used(&warden->mapping.clients), 3);
	assert_int_equal(counted(warden, COUNTER_busy) + counted(warden, COUNTER_untracked), 0);
	warden_close(warden);
}

static void prefixes(void **state)
{
	struct warden *warden = open_engine("warden:\n client-prefix-v4: 24\n", true);

	(void)state;
	decision_on(warden, "192.0.2.1", "example.com", TYPE_A);
	decision_on(warden, "192.0.2.255", "example.com", TYPE_A);
	decision_on(warden, "192.0.3.1", "example.com", TYPE_A);
	decision_on(warden, "2001:db8::1", "example.com", TYPE_A);
	decision_on(warden, "2001:db8::ffff:2", "example.com", TYPE_A);
	decision_on(warden, "2001:db8:0:1::1", "example.com", TYPE_A);
	assert_int_equal(table_used(&warden->mapping.clients), 4);
	assert_int_equal(client_counted(warden, "192.0.2.9", CLIENT_MISSES), 2);
	assert_int_equal(client_counted(warden, "2001:db8::9", CLIENT_MISSES), 2);
	warden_close(warden);
}

/* The client counts as one that asked; nothing is made of what is no name. */
static void malformed_names(void **state)
{
	static const struct {
		const char *wire;
		uint16_t len;
	} bad[] = {
		{ NULL, 0 }, { NULL, 13 }, { "", 0 },           /* no octets at all */
		{ "\3www", 4 }, { "\3www\7exampl", 11 },        /* no end */
		{ "\3www\300\14", 6 }, { "\100aaaa", 66 },      /* compressed; a label of 64 */
		{ "\3www\0x", 6 }, { "\0\0", 2 },               /* more behind the end */
	};
	struct warden *warden = open_engine("warden:\n mode: enforce\n", true);
	uint8_t octets[512] = { 0 };
	struct asked asked;
	unsigned n;

	(void)state;
	for (n = 0; n < sizeof(bad) / sizeof(*bad); n++) {
		question(&asked, "192.0.2.1", "example.com", TYPE_A);
		memset(octets, 0, sizeof(octets));
		if (bad[n].wire)
			memcpy(octets, bad[n].wire, strlen(bad[n].wire));
		asked.obs.qname = bad[n].wire ? octets : NULL;
		asked.obs.qname_len = bad[n].len;
		assert_int_equal(warden_observe(warden, &asked.obs).verdict, WARDEN_PASS);
		assert_int_equal(counted(warden, COUNTER_malformed), n + 1);
	}
	memset(octets, 1, sizeof(octets)); /* labels of one octet, too many of them */
	octets[256] = 0;
	asked.obs.qname_len = 257;
	asked.obs.qname = octets;
	warden_observe(warden, &asked.obs);
	assert_int_equal(counted(warden, COUNTER_malformed), n + 1);
	assert_int_equal(client_counted(warden, "192.0.2.1", CLIENT_MISSES), n + 1);
	assert_int_equal(table_used(&warden->mapping.pairs), 0);

	asked.obs.qname = (const uint8_t *)"";
	asked.obs.qname_len = 1; /* the root is a name */
	warden_observe(warden, &asked.obs);
	assert_int_equal(counted(warden, COUNTER_malformed), n + 1);
	assert_int_equal(table_used(&warden->mapping.pairs), 1);
	warden_close(warden);
}

static void no_such_path(void **state)
{
	struct warden *warden = open_engine("", true);
	uint64_t broken = invariant_count();
	struct asked asked;

	(void)state;
	question(&asked, "192.0.2.1", "example.com", TYPE_A);
	asked.obs.path = WARDEN_PATH_COUNT;
	assert_int_equal(warden_observe(warden, &asked.obs).verdict, WARDEN_PASS);
	assert_int_equal(invariant_count(), broken + 1);
	assert_int_equal(table_used(&warden->mapping.clients), 0);
	warden_close(warden);
}

static void durations(void **state)
{
	static const struct {
		uint64_t ns;
		unsigned bucket;
	} cases[] = {
		{ 0, 0 }, { 1, 0 }, { 2, 1 }, { 3, 1 }, { 255, 7 }, { 256, 8 },
		{ UINT64_C(1) << 31, 31 }, { UINT64_MAX / 4, 31 },
	};
	struct warden *warden = open_engine("", true);

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t before = banks_sum(warden->mapping.banks, BANK_HISTOGRAM + cases[i].bucket);

		warden_observe_took(warden, cases[i].ns);
		assert_int_equal(banks_sum(warden->mapping.banks, BANK_HISTOGRAM + cases[i].bucket), before + 1);
		assert_int_equal(counted(warden, COUNTER_timed), i + 1);
	}
	assert_true(warden_memory(warden) > warden->mapping.size);
	warden_close(warden);
}

/* ---- verdicts ------------------------------------------------------------------ */

static void enforced(void **state)
{
	struct warden *warden = open_engine("warden:\n mode: enforce\n", true);
	struct warden_decision decision = provoke(warden, "192.0.2.1", "tunnel.example.com");
	struct record record[8];

	(void)state;
	assert_int_equal(decision.verdict, WARDEN_REFUSE);
	assert_false(decision.dry_run);
	assert_int_equal(decision.ede, 15);
	assert_string_equal(decision.detector, "null-rate");
	assert_int_equal(counted(warden, COUNTER_refused), 1);
	assert_int_equal(counted(warden, COUNTER_verdict_refuse), 1);
	assert_int_equal(banks_sum(warden->mapping.banks, BANK_DETECTORS + DETECTOR_null_rate), 1);

	assert_int_equal(drain(warden, record, 8), 1);
	assert_int_equal(record[0].detector, DETECTOR_null_rate);
	assert_int_equal(record[0].verdict, WARDEN_REFUSE);
	assert_int_equal(record[0].dry_run, 0);
	assert_int_equal(record[0].at_query, 3);
	assert_int_equal(record[0].client_port, 53001);
	assert_int_equal(record[0].client[15], 1);
	assert_int_equal(record[0].payload_labels, 2); /* host3.tunnel */
	assert_int_equal(record[0].qname_len, strlen("host3.tunnel.example.com") + 2);
	assert_memory_equal(record[0].qname, "\5host3\6tunnel", 13);
	assert_int_equal(record[0].hold_expires, NOW + HOUR);
	assert_int_equal(record[0].evidence[1], 3);

	/* Held from now on, whatever is asked below the domain; others are not. */
	decision = decision_on(warden, "192.0.2.1", "www.example.com", TYPE_A);
	assert_int_equal(decision.verdict, WARDEN_REFUSE);
	assert_int_equal(decision.ede, 15);
	assert_string_equal(decision.detector, "null-rate");
	assert_int_equal(counted(warden, COUNTER_held), 1);
	assert_int_equal(client_counted(warden, "192.0.2.1", CLIENT_REFUSED), 2);
	assert_int_equal(decision_on(warden, "192.0.2.2", "www.example.com", TYPE_A).verdict, WARDEN_PASS);
	assert_int_equal(decision_on(warden, "192.0.2.1", "www.example.org", TYPE_A).verdict, WARDEN_PASS);

	/* No second event about the same within the log period. */
	assert_int_equal(drain(warden, record, 8), 0);
	assert_int_equal(counted(warden, COUNTER_events_suppressed), 1);
	assert_int_equal(counted(warden, COUNTER_events_queued), 1);
	warden_close(warden);
}

static void observed_only(void **state)
{
	struct warden *warden = open_engine("warden:\n mode: observe\n", true);
	struct warden_decision decision = provoke(warden, "192.0.2.1", "example.com");
	struct record record[8];

	(void)state;
	assert_int_equal(decision.verdict, WARDEN_REFUSE); /* what enforce mode would do */
	assert_true(decision.dry_run);
	assert_int_equal(decision.ede, WARDEN_NO_EDE);
	assert_int_equal(counted(warden, COUNTER_verdict_refuse), 1);
	assert_int_equal(counted(warden, COUNTER_refused), 0);
	assert_int_equal(client_counted(warden, "192.0.2.1", CLIENT_REFUSED), 0);
	assert_int_equal(drain(warden, record, 8), 1);
	assert_int_equal(record[0].dry_run, 1);
	assert_int_equal(record[0].verdict, WARDEN_REFUSE);

	/* Somebody sets the mode by hand: at once, and until the next reload. */
	atomic_store(&warden->mode, MODE_ENFORCE);
	decision = decision_on(warden, "192.0.2.1", "www.example.com", TYPE_A);
	assert_int_equal(decision.verdict, WARDEN_REFUSE);
	assert_false(decision.dry_run);
	assert_int_equal(counted(warden, COUNTER_refused), 1);
	warden_close(warden);
}

static void no_ede(void **state)
{
	struct warden *warden = open_engine("warden:\n mode: enforce\n ede: no\n", true);

	(void)state;
	assert_int_equal(provoke(warden, "192.0.2.1", "example.com").ede, WARDEN_NO_EDE);
	warden_close(warden);
}

/* What is answered already meets the hold too, but only a door that can take the answer back is told
 * why; one whose resolver has nothing to answer with as well, for that is the hold's doing.
 */
static void answered_questions_meet_the_hold(void **state)
{
	static const struct {
		uint8_t path;
		uint16_t flags;
		uint16_t ede;
		unsigned refused, withheld; /* so far */
	} cases[] = {
		{ WARDEN_PATH_CACHE, 0, WARDEN_NO_EDE, 1, 0 },
		{ WARDEN_PATH_CACHE, WARDEN_FLAG_EMPTIED, 15, 1, 1 },
		{ WARDEN_PATH_JOINED, WARDEN_FLAG_EMPTIED, 15, 1, 2 },
		{ WARDEN_PATH_LOCAL, WARDEN_FLAG_EMPTIED, 15, 2, 2 },
		{ WARDEN_PATH_LOCAL, WARDEN_FLAG_BARE, 15, 3, 2 },
		{ WARDEN_PATH_LOCAL, 0, WARDEN_NO_EDE, 3, 2 },
	};
	struct warden *warden = open_engine("warden:\n mode: enforce\n", true);
	struct asked asked;

	(void)state;
	provoke(warden, "192.0.2.1", "example.com");
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct warden_decision decision;

		question(&asked, "192.0.2.1", "www.example.com", TYPE_A);
		asked.obs.what = Q | A;
		asked.obs.path = cases[i].path;
		asked.obs.flags |= cases[i].flags;
		decision = warden_observe(warden, &asked.obs);
		assert_int_equal(decision.verdict, WARDEN_REFUSE);
		assert_int_equal(decision.ede, cases[i].ede);
		assert_int_equal(counted(warden, COUNTER_held), i + 1);
		assert_int_equal(counted(warden, COUNTER_refused), cases[i].refused);
		assert_int_equal(counted(warden, COUNTER_withheld), cases[i].withheld);
	}
	warden_close(warden);
}

static void actions_of_configuration(void **state)
{
	static const struct {
		const char *action;
		enum warden_verdict verdict;
	} cases[] = { { "log", WARDEN_LOG }, { "tag", WARDEN_TAG }, { "refuse", WARDEN_REFUSE } };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		char config[256];
		struct warden *warden;

		snprintf(config, sizeof(config), "warden:\n mode: enforce\ndetector:\n name: null-rate\n"
		         " action: %s\n hold: 5s\n ede: 18\n", cases[i].action);
		warden = open_engine(config, true);
		assert_int_equal(provoke(warden, "192.0.2.1", "example.com").verdict, cases[i].verdict);
		assert_int_equal(atomic_load(&warden->mapping.header->holds), i == 2);
		assert_int_equal(counted(warden, COUNTER_verdict_log), i == 0);
		assert_int_equal(counted(warden, COUNTER_verdict_tag), i == 1);
		assert_int_equal(counted(warden, COUNTER_refused), i == 2);
		warden_close(warden);
	}
}

/* An answer that says VACK is iodine's, unless Warden itself made it. */
static void own_answers_are_no_evidence(void **state)
{
	static const struct warden_record record = {
		.rdata = (const uint8_t *)"VACK\1\2\3\4\5", .rdata_len = 9, .type = TYPE_NULL,
	};
	struct warden *warden = open_engine("warden:\n mode: enforce\ndetector:\n name: risk\n enable: no\n",
	                                    true);
	struct asked asked;

	(void)state;
	question(&asked, "192.0.2.1", "vaaaakasvem.t.example.org", TYPE_NULL);
	asked.obs.what = A;
	asked.obs.answer_count = 1;
	asked.obs.records = &record;
	asked.obs.record_count = 1;
	asked.obs.flags = WARDEN_FLAG_OWN;
	assert_true(warden_wants_records(warden));
	assert_int_equal(warden_observe(warden, &asked.obs).verdict, WARDEN_PASS);
	assert_int_equal(drain(warden, NULL, 0), 0);
	assert_int_equal(counted(warden, COUNTER_answers), 1); /* but an answer it is */
	asked.obs.flags = 0;
	assert_int_not_equal(warden_observe(warden, &asked.obs).verdict, WARDEN_PASS);
	assert_int_equal(drain(warden, NULL, 0), 1);
	warden_close(warden);
}

/* ---- allow lists --------------------------------------------------------------- */

static void allowed(void **state)
{
	static const struct {
		const char *client, *domain;
		bool allowed;
	} cases[] = {
		{ "192.0.2.1", "example.com", false },
		{ "198.51.100.1", "example.com", true },  /* allow-client */
		{ "198.51.101.1", "example.com", false },
		{ "2001:db8:5::1", "example.com", true },
		{ "192.0.2.2", "good.example.org", true }, /* allow-domain, and below it */
		{ "192.0.2.2", "x.good.example.org", true },
		{ "192.0.2.3", "notgood.example.org", false },
		{ "192.0.2.4", "example.org", false },
		{ "192.0.2.5", "listed.example.net", true }, /* allow-list */
	};
	struct warden *warden;
	unsigned questions = 0;

	(void)state;
	temp_file("allow", "# comment\nlisted.example.net\n");
	warden = open_engine("warden:\n mode: enforce\n allow-client: 198.51.100.0/24\n"
	                     " allow-client: 2001:db8:5::/48\n allow-domain: good.example.org\n"
	                     " allow-list: \"allow\"\n", true);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if ((provoke(warden, cases[i].client, cases[i].domain).verdict == WARDEN_PASS) != cases[i].allowed)
			fail_msg("%s %s", cases[i].client, cases[i].domain);
		questions += cases[i].allowed ? 3 : 0;
	}
	assert_int_equal(counted(warden, COUNTER_allowed), questions);
	assert_int_equal(client_counted(warden, "198.51.100.1", CLIENT_MISSES), 3); /* counted all the same */
	warden_close(warden);
}

/* They win over holds, too. */
static void allowed_beats_hold(void **state)
{
	struct warden *warden = open_engine("warden:\n mode: enforce\n allow-domain: www.example.com\n", true);

	(void)state;
	provoke(warden, "192.0.2.1", "example.com");
	assert_int_equal(decision_on(warden, "192.0.2.1", "ftp.example.com", TYPE_A).verdict, WARDEN_REFUSE);
	assert_int_equal(decision_on(warden, "192.0.2.1", "www.example.com", TYPE_A).verdict, WARDEN_PASS);
	warden_close(warden);
}

/* Names under a TLD that does not exist are one pair of their client. */
static void unknown_tlds_share_a_pair(void **state)
{
	struct warden *warden = open_engine("", true);

	(void)state;
	decision_on(warden, "192.0.2.1", "a.one-no-tld", TYPE_A);
	decision_on(warden, "192.0.2.1", "b.c.two-no-tld", TYPE_A);
	assert_int_equal(table_used(&warden->mapping.pairs), 1);
	decision_on(warden, "192.0.2.2", "a.one-no-tld", TYPE_A);
	assert_int_equal(table_used(&warden->mapping.pairs), 2);
	assert_int_equal(table_used(&warden->mapping.domains), 1);
	warden_close(warden);
}

#define SOME 4 /* clients and domains */

static void ask_something(struct warden *warden, unsigned client, unsigned domain, uint64_t random)
{
	struct asked asked;
	char name[128];

	snprintf(name, sizeof(name), "n%u.a-long-label-of-some-kind-or-other.d%u.com",
	         (unsigned)(random % 1000), domain);
	question(&asked, "192.0.2.0", name, random % 2 ? 16 : TYPE_NULL);
	asked.obs.client[15] = (uint8_t)client;
	asked.obs.now = random % 3 ? NOW + random % DAY : random;
	warden_observe(warden, &asked.obs);
}

/* Detectors cope with any octets in a slot: of a writer that was killed, of a foreign hand. */
static void garbage_in_slots(void **state)
{
	struct warden *warden = open_engine("warden:\n mode: enforce\n profile: small\n", true);
	struct table *tables[] = { &warden->mapping.clients, &warden->mapping.pairs, &warden->mapping.domains };
	struct slot *slot[2 * SOME + SOME * SOME];
	uint32_t first[2 * SOME + SOME * SOME], end[2 * SOME + SOME * SOME];
	uint64_t random = 88172645463325252u;
	unsigned count = 0;

	(void)state;
	for (unsigned i = 0; i < SOME * SOME; i++)
		ask_something(warden, i / SOME, i % SOME, 1);
	for (unsigned t = 0; t < 3; t++)
		for (uint32_t i = 0; i < table_capacity(tables[t]); i++) {
			struct place place = table_at(tables[t], i);

			if (!place.slot)
				continue;
			assert_true(count < 2 * SOME + SOME * SOME);
			slot[count] = place.slot;
			first[count] = tables[t]->shape.data_first;
			end[count++] = tables[t]->shape.words;
		}
	assert_int_equal(count, 2 * SOME + SOME * SOME);
	for (unsigned round = 0; round < 20000; round++) {
		for (unsigned i = 0; i < count; i++)
			for (uint32_t w = first[i]; w < end[i]; w++)
				atomic_store(&slot[i]->word[w], random_next(&random) >> random % 64);
		ask_something(warden, round % SOME, round / SOME % SOME, random);
	}
	assert_int_equal(counted(warden, COUNTER_misses), 20000 + SOME * SOME);
	assert_int_equal(counted(warden, COUNTER_busy), 0);
	warden_close(warden);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(counts_are_exact),
		TEST(prefixes),
		TEST(malformed_names),
		TEST(no_such_path),
		TEST(durations),
		TEST(enforced),
		TEST(observed_only),
		TEST(no_ede),
		TEST(answered_questions_meet_the_hold),
		TEST(actions_of_configuration),
		TEST(own_answers_are_no_evidence),
		TEST(allowed),
		TEST(allowed_beats_hold),
		TEST(unknown_tlds_share_a_pair),
		TEST(garbage_in_slots),
	};

	unsetenv("WARDEN_ABORT"); /* no_such_path breaks an invariant on purpose */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
