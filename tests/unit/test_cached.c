/* SPDX-License-Identifier: BSD-3-Clause */
/* test_cached - what the cache answers: counted with client and pair at once, with the domain later; and
 * no detector is left out that would have looked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/look.h"
#include "store/counts.h"
#include "support.h"

#define TYPE_A 1
#define DOMAIN "example.com"
#define NAME   "www.example.com"
#define ME     "192.0.2.1"

/* Enough clients that the domain is not a rare one, and their questions. */
#define OTHERS 4

static int setup(void **state)
{
	(void)state;
	temp_clean();
	return 0;
}

static void ask_for(struct warden *warden, const char *client, uint64_t at, unsigned path, unsigned flags)
{
	struct asked asked;

	question(&asked, client, NAME, TYPE_A);
	asked.obs.now = at;
	asked.obs.path = (uint8_t)path;
	asked.obs.flags = (uint16_t)flags;
	asked.obs.answer_count = 1;
	if (path != WARDEN_PATH_MISS)
		asked.obs.what = WARDEN_QUESTION | WARDEN_ANSWER;
	assert_int_equal(warden_observe(warden, &asked.obs).verdict, WARDEN_PASS);
}

static struct place domain_of(struct warden *warden)
{
	struct name name;

	assert_true(name_from_text(&name, DOMAIN));
	return table_find(&warden->mapping.domains, domain_hash(&warden->mapping, name.wire, name.len));
}

/* How many questions the domain knows of. */
static uint64_t told(struct warden *warden)
{
	struct place place = domain_of(warden);

	return place.slot ? slot_get(place.slot, DOMAIN_QUERIES) : 0;
}

/* Copies the words of the pair of <client>. */
static void pair_words(struct warden *warden, const char *client, uint64_t word[PAIR_DATA])
{
	struct place place;
	struct name name;
	uint8_t octets[16];
	uint64_t hash;

	address(octets, client);
	assert_true(name_from_text(&name, DOMAIN));
	hash = pair_hash(&warden->mapping, client_hash(&warden->mapping, octets),
	                 domain_hash(&warden->mapping, name.wire, name.len));
	place = table_find(&warden->mapping.pairs, hash);
	assert_non_null(place.slot);
	assert_true(slot_read(place.slot, &hash, 0, PAIR_DATA, word));
}

static void expect_pair(struct warden *warden, uint64_t queries, uint64_t answers, uint64_t owes)
{
	uint64_t word[PAIR_DATA];

	pair_words(warden, ME, word);
	assert_int_equal(pair_queries(word), queries);
	assert_int_equal(pair_answers(word), answers);
	assert_int_equal(pair_owes(word[PAIR_AT_ONCE]), owes);
}

/* Opens an engine in which the domain is not a rare one. */
static struct warden *open_busy(const char *config)
{
	struct warden *warden = open_engine(config, true);
	char client[32];

	for (unsigned i = 0; i < OTHERS; i++) {
		snprintf(client, sizeof(client), "198.51.100.%u", 1 + i);
		ask_for(warden, client, NOW, WARDEN_PATH_MISS, 0);
	}
	assert_int_equal(told(warden), OTHERS);
	return warden;
}

/* The first EARLY_QUERIES are told at once, then each OWED_MAX + 1 together. */
static void domain_hears_later(void **state)
{
	struct warden *warden = open_busy("");

	(void)state;
	for (unsigned n = 1; n <= EARLY_QUERIES; n++) {
		ask_for(warden, ME, NOW, WARDEN_PATH_CACHE, 0);
		assert_int_equal(told(warden), OTHERS + n);
		expect_pair(warden, n, n, 0);
	}
	for (unsigned n = EARLY_QUERIES + 1; n <= 6 * (OWED_MAX + 1); n++) {
		unsigned owes = (n - EARLY_QUERIES) % (OWED_MAX + 1);

		ask_for(warden, ME, NOW, WARDEN_PATH_CACHE, 0);
		assert_int_equal(told(warden), OTHERS + n - owes);
		expect_pair(warden, n, n, owes);
	}
	assert_int_equal(client_counted(warden, ME, CLIENT_CACHEHITS), 6 * (OWED_MAX + 1));
	assert_int_equal(client_counted(warden, ME, CLIENT_ANSWERS), 0);
	assert_int_equal(counted(warden, COUNTER_cachehits), 6 * (OWED_MAX + 1));
	assert_int_equal(counted(warden, COUNTER_answers), 6 * (OWED_MAX + 1));
	warden_close(warden);
}

/* Whatever goes upstream settles what is owed; so does another day, or an old answer that is fetched anew. */
static void debts_are_settled(void **state)
{
	static const struct {
		unsigned path, flags;
		uint64_t later;
		bool settles;
	} cases[] = {
		{ WARDEN_PATH_MISS, 0, 0, true },
		{ WARDEN_PATH_JOINED, 0, 0, true },
		{ WARDEN_PATH_LOCAL, 0, 0, true },
		{ WARDEN_PATH_CACHE, WARDEN_FLAG_REFRESH, 0, true },
		{ WARDEN_PATH_CACHE, 0, DAY, true },
		{ WARDEN_PATH_CACHE, 0, 0, false },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		unsigned n = EARLY_QUERIES + 5;
		struct warden *warden = open_busy("");

		for (unsigned k = 0; k < n; k++)
			ask_for(warden, ME, NOW, WARDEN_PATH_CACHE, 0);
		assert_int_equal(told(warden), OTHERS + EARLY_QUERIES);
		ask_for(warden, ME, NOW + cases[i].later, cases[i].path, cases[i].flags);
		assert_int_equal(told(warden), OTHERS + (cases[i].settles ? n + 1 : EARLY_QUERIES));
		expect_pair(warden, n + 1, cases[i].path == WARDEN_PATH_MISS ? n : n + 1, cases[i].settles ? 0 : 6);
		warden_close(warden);
	}
}

/* Of a rare domain each question is told, for the next client may be the one that makes it another. */
static void rare_domains_hear_at_once(void **state)
{
	struct warden *warden = open_engine("", true);
	unsigned n = 3 * EARLY_QUERIES;

	(void)state;
	for (unsigned k = 1; k <= n; k++) {
		ask_for(warden, ME, NOW, WARDEN_PATH_CACHE, 0);
		assert_int_equal(told(warden), k);
	}
	expect_pair(warden, n, n, 0);
	warden_close(warden);
}

/* On a new day the domain learns that the client still asks, from the cache alone too. */
static void days_are_told(void **state)
{
	struct warden *warden = open_busy("");

	(void)state;
	for (uint64_t day = 0; day < 3; day++) {
		for (unsigned k = 0; k < 2 * EARLY_QUERIES; k++)
			ask_for(warden, ME, NOW + day * DAY, WARDEN_PATH_CACHE, 0);
		assert_int_equal(slot_get(domain_of(warden).slot, DOMAIN_DAY), NOW / DAY + day);
		assert_int_equal(__builtin_popcountll(slot_get(domain_of(warden).slot, DOMAIN_CLIENTS)),
		                 day ? 1 : 1 + OTHERS);
	}
	warden_close(warden);
}

/* A cached question without its answer, or an answer alone, is counted as what it is. */
static void halves_are_exact(void **state)
{
	struct warden *warden = open_busy("");
	struct asked asked;

	(void)state;
	question(&asked, ME, NAME, TYPE_A);
	asked.obs.path = WARDEN_PATH_CACHE;
	for (unsigned i = 0; i < 3; i++)
		warden_observe(warden, &asked.obs);
	expect_pair(warden, 3, 0, 0);
	asked.obs.what = WARDEN_ANSWER;
	warden_observe(warden, &asked.obs);
	expect_pair(warden, 3, 1, 0);
	assert_int_equal(client_counted(warden, ME, CLIENT_CACHEHITS), 3);
	assert_int_equal(client_counted(warden, ME, CLIENT_ANSWERS) + 3, 1);
	assert_int_equal(counted(warden, COUNTER_answers), 1);
	warden_close(warden);
}

/* A refusal is told to the domain also where the question is not. */
static void refusals_are_told(void **state)
{
	struct warden *warden = open_busy("warden:\n mode: enforce\n");
	uint8_t octets[16];
	char error[256];
	struct asked asked;
	struct name name;

	(void)state;
	for (unsigned k = 0; k < EARLY_QUERIES + 3; k++)
		ask_for(warden, ME, NOW, WARDEN_PATH_CACHE, 0);
	address(octets, ME);
	assert_true(name_from_text(&name, DOMAIN));
	assert_true(engine_hold(warden, octets, &name, NOW, NOW + HOUR, "", error, sizeof(error)));
	question(&asked, ME, NAME, TYPE_A);
	asked.obs.path = WARDEN_PATH_CACHE;
	asked.obs.what = WARDEN_QUESTION | WARDEN_ANSWER;
	asked.obs.flags = WARDEN_FLAG_EMPTIED;
	assert_int_equal(warden_observe(warden, &asked.obs).verdict, WARDEN_REFUSE);
	assert_int_equal(counted(warden, COUNTER_held), 1);
	warden_close(warden);
}

#define THREADS 2
#define LOOKS   100000

static void look(unsigned thread, void *arg)
{
	for (unsigned i = 0; i < LOOKS; i++)
		ask_for(arg, i % 2 ? ME : thread ? "192.0.2.2" : "192.0.2.3", NOW, WARDEN_PATH_CACHE, 0);
}

/* Two threads, with one pair in common: nothing is lost, and the domain is told all but what is owed. */
static void counts_are_exact(void **state)
{
	static const char *const clients[] = { ME, "192.0.2.2", "192.0.2.3" };
	struct warden *warden = open_busy("");
	uint64_t word[PAIR_DATA], owed = 0;

	(void)state;
	in_threads(THREADS, look, warden);
	for (unsigned i = 0; i < 3; i++) {
		uint64_t all = i ? LOOKS / 2 : LOOKS;

		pair_words(warden, clients[i], word);
		assert_int_equal(pair_queries(word), all);
		assert_int_equal(pair_answers(word), all);
		assert_int_equal(client_counted(warden, clients[i], CLIENT_CACHEHITS), all);
		owed += pair_owes(word[PAIR_AT_ONCE]);
	}
	assert_int_equal(told(warden), OTHERS + THREADS * LOOKS - owed);
	for (unsigned i = 0; i < 3; i++)
		ask_for(warden, clients[i], NOW, WARDEN_PATH_MISS, 0);
	assert_int_equal(told(warden), OTHERS + THREADS * LOOKS + 3);
	assert_int_equal(counted(warden, COUNTER_cachehits), THREADS * LOOKS);
	warden_close(warden);
}

/* ---- signs --------------------------------------------------------------------- */

#define MOST_RECORDS 3

/* An observation of any kind. */
struct any {
	struct warden_observation obs;
	struct warden_record record[MOST_RECORDS];
	struct look look;
};

static void make_any(struct any *any, struct warden *warden, const struct rules *rules, uint64_t *random)
{
	static const char *const names[] = {
		"www.example.com", "example.com", "com", ".", "use-application-dns.net", "_dns.resolver.arpa",
		"mask.icloud.com", "dns.google", "a.b.c.d.e.f.g.example.org", "1.0.0.127.in-addr.arpa",
		"0123456789012345678901234567890123456789.01234567890123456789.example.net", "myhost.duckdns.org",
		"paaaaaaaa.tunnel.example", "dnscat.0123456789abcdef01.example.com", "xkqvzjwpt.info", "WWW.Example.COM",
	};
	static const uint16_t types[] = { 1, 28, 65, 5, 10, 12, 15, 16, 33, 64, 255, 65399, 999 };
	static const uint8_t *const rdata = (const uint8_t *)"\12\0\0\1\0\0\0\0\0\0\0\0\0\0\0\1";
	uint64_t r = random_next(random);
	struct look *l = &any->look;
	struct knowledge known;

	memset(any, 0, sizeof(*any));
	assert_true(name_from_text(&l->name, names[r % (sizeof(names) / sizeof(*names))]));
	any->obs = (struct warden_observation){
		.now = NOW, .what = (uint8_t)(1 + (r >> 8) % 3), .path = (uint8_t)((r >> 10) % WARDEN_PATH_COUNT),
		.qtype = types[(r >> 12) % (sizeof(types) / sizeof(*types))],
		.qclass = (r >> 16) % 8 ? 1 : 3, .qname = l->name.raw, .qname_len = l->name.len,
		.flags = (uint16_t)((r >> 19) % 4 ? 0 : r >> 21),
		.rcode = (uint8_t)((r >> 40) % 4 ? 0 : (r >> 42) % 4), .answer_count = (uint16_t)((r >> 44) % 3),
		.ttl = (uint32_t)(r >> 46) % 3, .records = any->record,
	};
	any->obs.record_count = any->obs.what & WARDEN_ANSWER ? (uint32_t)(r >> 48) % (MOST_RECORDS + 1) : 0;
	for (unsigned i = 0; i < MOST_RECORDS; i++) {
		uint16_t type = types[random_next(random) % 9];

		any->record[i] = (struct warden_record){ rdata, 60, type, type == 1 ? 4 : 16 };
	}
	l->warden = warden;
	l->mapping = &warden->mapping;
	l->rules = rules;
	l->config = rules->config;
	l->detector = rules->config->detector;
	l->plan = &rules->plan;
	l->obs = &any->obs;
	l->name_hash = hash_octets(l->mapping->header->secret, HASH_NAME, l->name.wire, l->name.len);
	known = known_name(l->config, l->mapping, &l->name, l->name_hash);
	l->domain_label = known.domain_label;
	l->name_signs = known.signs;
	l->rare = random_next(random) % 2;
	l->queries = random_next(random) % 40;
	l->nth = random_next(random) % 40;
	l->idle = (uint32_t)(random_next(random) % 3 ? random_next(random) % 100 : random_next(random) % 50000);
	l->upstream = any->obs.path == WARDEN_PATH_MISS;
}

/* Whoever finds something relevant is called: of every detector that is enabled, in every kind of row. */
static void everyone_relevant_is_called(void **state)
{
	static const char *const configs[] = {
		EVERY_DETECTOR "warden:\n mode: observe\n",
		EVERY_DETECTOR "detector:\n name: query-rate\n count: 10\ndetector:\n name: bytes-rate\n octets: 100\n"
		"detector:\n name: resolver-bypass\n quiet: 5\ndetector:\n name: record-change\n watch: www.example.com\n"
		"detector:\n name: long-names\n length: 3\ndetector:\n name: failures\n nodata: yes\n"
		"detector:\n name: answer-place\n deny-network: 10.0.0.0/8\n",
		NULL, /* with lists */
	};
	char listed[1024];
	uint64_t random = 7, relevant[DETECTOR_COUNT] = { 0 }, all = 0;

	(void)state;
	for (unsigned c = 0; c < sizeof(configs) / sizeof(*configs); c++) {
		struct warden *warden;
		unsigned cell;
		const struct rules *rules;

		snprintf(listed, sizeof(listed), EVERY_DETECTOR "list:\n name: mine\n file: \"%s\"\n action: log\n"
		         "detector:\n name: dynamic-dns\n file: \"%s\"\n", temp_file("mine", "example.org\n"),
		         temp_file("dynamic", "duckdns.org\n"));
		warden = open_engine(configs[c] ? configs[c] : listed, true);
		rules = rules_enter(warden, &cell);
		for (unsigned n = 0; n < 60000; n++) {
			struct listing listing[LISTED_MAX];
			struct any any;
			struct facts facts;
			struct call call;
			bool called;

			make_any(&any, warden, rules, &random);
			called = call_whom(&any.look, &call);
			facts = facts_begin(&any.look);
			listed_fill(&any.look, &facts, listing);
			facts.match = signature_match(&rules->plan.signatures, &facts);
			assert_true(call.signature || !facts.match.tool || !(call.row->needs & FACT_SIGNATURE));
			assert_int_equal(called, call.detectors || call.signature);
			for (uint64_t left = call.row->detectors; left; left = PLAN_REST(left)) {
				unsigned id = PLAN_FIRST(left);
				bool is = !detectors[id]->relevant ||
				          detectors[id]->relevant(any.look.detector[id], &facts);

				relevant[id] += is;
				all += is;
				if (is && !(detectors[id]->signs & SIGN_SIGNATURE) && !(call.detectors >> id & 1))
					fail_msg("%s is relevant and not called", detectors[id]->name);
			}
		}
		rules_leave(warden, cell);
		warden_close(warden);
	}
	for (unsigned id = 0; id < DETECTOR_COUNT; id++)
		if (detectors[id]->signs && !(detectors[id]->signs & SIGN_SIGNATURE) && !relevant[id])
			fail_msg("%s was never relevant", detectors[id]->name);
	assert_true(all > 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(domain_hears_later, setup),
		cmocka_unit_test_setup(debts_are_settled, setup),
		cmocka_unit_test_setup(rare_domains_hear_at_once, setup),
		cmocka_unit_test_setup(days_are_told, setup),
		cmocka_unit_test_setup(halves_are_exact, setup),
		cmocka_unit_test_setup(refusals_are_told, setup),
		cmocka_unit_test_setup(counts_are_exact, setup),
		cmocka_unit_test_setup(everyone_relevant_is_called, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
