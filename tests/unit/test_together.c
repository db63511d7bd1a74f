/* SPDX-License-Identifier: BSD-3-Clause */
/* test_together - what is told to other nodes, and what comes of what was told through them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "detect/detector.h"
#include "engine/look.h"
#include "report/explain.h"
#include "report/show_client.h"
#include "store/elsewhere.h"
#include "store/outbox.h"
#include "support.h"

#define CLIENT "192.0.2.7"
#define DOMAIN "example.com"
#define TXT    16
#define FROM   (32 * 8.0) /* bits of fleet-count-from: as it is */
#define BUDGET (512 * 8.0) /* of a pair */

#define DAYLONG "detector:\n name: information\n fast-budget: 1048576\n" /* only the day counts */

extern const struct detector detector_information;

static uint64_t random_state;

static struct warden *start(const char *more, bool redis, bool private)
{
	char config[2048];

	temp_clean();
	random_state = 77;
	snprintf(config, sizeof(config),
	         "warden:\n mode: enforce\n profile: small\n refuse-score: 0\n warn-score: 0\n shared-memory: \"%s\"\n"
	         " snapshot-file: \"\"\n fleet-redis: \"%s\"\n%s",
	         temp("segment"), redis ? "127.0.0.1" : "", more);
	return open_engine(config, private);
}

struct keys {
	uint64_t client, domain, pair;
};

static struct keys keys_of(const struct warden *warden, const char *client, const char *domain)
{
	struct keys keys;
	struct name name;
	uint8_t octets[16];

	address(octets, client);
	assert_true(name_from_text(&name, domain));
	keys.client = client_hash(&warden->mapping, octets);
	keys.domain = domain_hash(&warden->mapping, name.wire, name.len);
	keys.pair = pair_hash(&warden->mapping, keys.client, keys.domain);
	return keys;
}

/* The <len> octets of a slot's ledger, zeros without a slot. */
static void ledger(const struct table *table, uint64_t hash, unsigned first, void *octets, size_t len)
{
	struct place place = table_find(table, hash);
	uint64_t word[SLOT_IMAGE(CLIENT_WORDS)], whose;

	memset(octets, 0, len);
	if (!place.slot)
		return;
	assert_true(slot_read(place.slot, &whose, first, (unsigned)(len / 8), word));
	memcpy(octets, word, len);
}

static struct pair_ledger pair_of(struct warden *warden, const char *client, const char *domain)
{
	struct pair_ledger pair;

	ledger(&warden->mapping.pairs, keys_of(warden, client, domain).pair, PAIR_DATA + NOTES_WORDS, &pair, sizeof(pair));
	return pair;
}

static struct client_ledger client_of_test(struct warden *warden, const char *client)
{
	struct client_ledger found;

	ledger(&warden->mapping.clients, keys_of(warden, client, DOMAIN).client, CLIENT_DATA + NOTES_WORDS, &found,
	       sizeof(found));
	return found;
}

static struct domain_ledger domain_of(struct warden *warden, const char *domain)
{
	struct domain_ledger found;

	ledger(&warden->mapping.domains, keys_of(warden, CLIENT, domain).domain, DOMAIN_DATA + DOMAIN_NOTES_WORDS, &found,
	       sizeof(found));
	return found;
}

/* A question for a name of <letters> that nobody could have known. */
static struct warden_decision tell_at(struct warden *warden, const char *client, const char *domain, unsigned letters,
                                      uint64_t now)
{
	char name[256];
	struct asked asked;

	for (unsigned i = 0; i < letters; i++)
		name[i] = "abcdefghijklmnopqrstuvwxyz234567"[random_next(&random_state) >> 40 & 31];
	snprintf(name + letters, sizeof(name) - letters, ".%s", domain);
	question(&asked, client, name, TXT);
	asked.obs.now = now;
	return warden_observe(warden, &asked.obs);
}

static struct warden_decision tell(struct warden *warden, const char *client, const char *domain, unsigned letters)
{
	return tell_at(warden, client, domain, letters, NOW);
}

/* Whether the pair is held, and then whether that takes what was told elsewhere. */
static bool held_pair(struct warden *warden, const char *client, const char *domain, struct hold *hold)
{
	struct keys keys = keys_of(warden, client, domain);

	return hold_find(&warden->mapping, keys.client, keys.domain, NOW, hold);
}

/* Takes the one parcel that there may be. */
static bool taken(struct warden *warden, struct parcel *parcel)
{
	struct parcel more;
	uint64_t skipped = 0;
	bool any;

	memset(parcel, 0, sizeof(*parcel));
	any = outbox_get(&warden->mapping, parcel, NOW, &skipped);
	assert_false(outbox_get(&warden->mapping, &more, NOW, &skipped));
	assert_int_equal(skipped, 0);
	return any;
}

static void about(double value, double wanted)
{
	if (fabs(value - wanted) > 1e-4 * wanted + 1e-6)
		fail_msg("%g, not %g", value, wanted);
}

static void elsewhere(struct warden *warden, uint64_t hash, double octets_told, unsigned nodes, uint64_t now)
{
	assert_true(elsewhere_put(&warden->mapping, hash, &(struct elsewhere){ octets_told * 8, 10 * nodes, nodes }, now));
}

/* ---- what is told -------------------------------------------------------------- */

/* Below the threshold nothing, then all of it, then each charge. */
static void whole_once_then_each(void **state)
{
	struct warden *warden = start("", true, false);
	struct keys keys = keys_of(warden, CLIENT, DOMAIN);
	unsigned silent = 0, whole = 0, each = 0;
	struct name domain;
	struct parcel parcel;
	uint8_t client[16];
	double before = 0;

	(void)state;
	address(client, CLIENT);
	assert_true(name_from_text(&domain, DOMAIN));
	for (unsigned i = 0; i < 20; i++) {
		struct pair_ledger pair;

		tell(warden, CLIENT, DOMAIN, 8);
		pair = pair_of(warden, CLIENT, DOMAIN);
		assert_true((double)pair.up.day > before);
		if ((double)pair.up.day < FROM) {
			assert_false(taken(warden, &parcel));
			assert_int_equal(pair.together, 0);
			silent++;
		} else {
			assert_true(taken(warden, &parcel));
			about((double)parcel.pair_bits, before < FROM ? (double)pair.up.day : (double)pair.up.day - before);
			assert_int_equal(pair.together, 1);
			assert_int_equal(parcel.now, NOW);
			assert_true(parcel.pair == keys.pair && parcel.domain == keys.domain && parcel.client_key == keys.client);
			assert_memory_equal(parcel.client, client, sizeof(client));
			assert_int_equal(parcel.qname_len, 8 + 1 + domain.len);
			assert_int_equal(parcel.domain_at, 9);
			assert_memory_equal(parcel.qname + parcel.domain_at, domain.wire, domain.len);
			assert_int_equal(parcel.is_new, 1);
			assert_true(parcel.domain_bits == 0); /* it takes eight times as much */
			whole += before < FROM;
			each += before >= FROM;
		}
		before = (double)pair.up.day;
	}
	assert_true(silent >= 3 && whole == 1 && each >= 10);
	assert_int_equal(counted(warden, COUNTER_redis_lost), 0);
	warden_close(warden);
}

/* The threshold is of the configuration. */
static void from_there_on(void **state)
{
	struct warden *warden = start(" fleet-count-from: 200\n", true, false);
	struct parcel parcel;
	double before;

	(void)state;
	do {
		before = (double)pair_of(warden, CLIENT, DOMAIN).up.day;
		tell(warden, CLIENT, DOMAIN, 8);
	} while (!taken(warden, &parcel));
	assert_true(before < 200 * 8 && (double)parcel.pair_bits >= 200 * 8);
	warden_close(warden);
}

/* A client that tells each of many domains too little is counted by itself: of rare domains alone. */
static void of_a_client(void **state)
{
	struct warden *warden = start("", true, false);
	double before = 0, sum;
	struct parcel parcel;
	char domain[32];

	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		bool any;

		snprintf(domain, sizeof(domain), "example%u.com", i);
		tell(warden, CLIENT, domain, 8);
		sum = (double)client_of_test(warden, CLIENT).up.day;
		any = taken(warden, &parcel);
		assert_int_equal(any, sum >= FROM);
		assert_true(parcel.pair_bits == 0 && parcel.domain_bits == 0);
		if (any)
			about((double)parcel.client_bits, before < FROM ? sum : sum - before);
		before = sum;
	}
	assert_true(before > 2 * FROM);
	/* What several clients ask for is charged to none of them. */
	for (unsigned i = 0; i < 4; i++)
		tell(warden, (const char *[]){ "192.0.2.20", "192.0.2.21", "192.0.2.22", CLIENT }[i], "example.org", 6);
	about((double)client_of_test(warden, CLIENT).up.day, before);
	taken(warden, &parcel);
	assert_true(parcel.client_bits == 0);
	warden_close(warden);
}

/* Many clients, each below its own threshold: the domain's is eight times that. */
static void of_a_domain(void **state)
{
	struct warden *warden = start("", true, false);
	double before = 0, sum = 0;
	struct parcel parcel;
	unsigned told = 0;
	char client[32];

	(void)state;
	for (unsigned i = 0; i < 14 * 5; i++) {
		bool any;

		snprintf(client, sizeof(client), "192.0.2.%u", 10 + i % 14);
		tell(warden, client, DOMAIN, 8);
		sum = (double)domain_of(warden, DOMAIN).up.day;
		while ((any = outbox_get(&warden->mapping, &parcel, NOW, &(uint64_t){ 0 })) && !(parcel.domain_bits > 0))
			;
		assert_int_equal(any, sum >= 8 * FROM);
		if (any) {
			about((double)parcel.domain_bits, before < 8 * FROM ? sum : sum - before);
			told++;
		}
		before = sum;
	}
	assert_true(told > 5 && told < 60);
	/* From the seventeenth client on it is no more one budget's. */
	for (unsigned i = 0; i < 12; i++) {
		snprintf(client, sizeof(client), "192.0.2.%u", 100 + i);
		tell(warden, client, DOMAIN, 8);
	}
	while (outbox_get(&warden->mapping, &parcel, NOW, &(uint64_t){ 0 }))
		;
	tell(warden, "192.0.2.120", DOMAIN, 8);
	taken(warden, &parcel);
	assert_true(parcel.domain_bits == 0);
	warden_close(warden);
}

/* A full outbox loses charges, and says so; what was to be sent whole is tried again. */
static void full_outbox(void **state)
{
	struct warden *warden = start("", true, false);
	struct parcel parcel = { .qname_len = 1 };
	uint64_t skipped = 0;

	(void)state;
	while (outbox_put(&warden->mapping, &parcel))
		;
	for (unsigned i = 0; i < 12; i++)
		tell(warden, CLIENT, DOMAIN, 8);
	assert_true((double)pair_of(warden, CLIENT, DOMAIN).up.day > FROM);
	assert_int_equal(pair_of(warden, CLIENT, DOMAIN).together, 0);
	assert_in_range(counted(warden, COUNTER_redis_lost), 1, 12);
	while (outbox_get(&warden->mapping, &parcel, NOW, &skipped))
		;
	tell(warden, CLIENT, DOMAIN, 8);
	assert_true(taken(warden, &parcel));
	about((double)parcel.pair_bits, (double)pair_of(warden, CLIENT, DOMAIN).up.day);
	about((double)parcel.client_bits, (double)client_of_test(warden, CLIENT).up.day);
	warden_close(warden);
}

/* A sum that hovers at the threshold is not sent whole again, one that has faded away is. */
static void faded_and_back(void **state)
{
	struct warden *warden = start("", true, false);
	unsigned whole = 0;
	struct parcel parcel;

	(void)state;
	while (!taken(warden, &parcel))
		tell(warden, CLIENT, DOMAIN, 8);
	tell_at(warden, CLIENT, DOMAIN, 8, NOW + DAY); /* below, a third is left */
	assert_true((double)pair_of(warden, CLIENT, DOMAIN).up.day < FROM);
	assert_true(taken(warden, &parcel));
	assert_true((double)parcel.pair_bits < FROM / 2);
	for (unsigned i = 0; i < 20 && !whole; i++) {
		tell_at(warden, CLIENT, DOMAIN, 4, NOW + 9 * DAY);
		if (taken(warden, &parcel))
			whole = (double)parcel.pair_bits >= FROM;
	}
	assert_int_equal(whole, 1);
	warden_close(warden);
}

static void nothing_without_redis(void **state)
{
	struct warden *warden = start(DAYLONG, false, false);
	struct keys keys = keys_of(warden, CLIENT, DOMAIN);
	struct parcel parcel;

	(void)state;
	elsewhere(warden, keys.pair, 100000, 2, NOW);
	elsewhere(warden, keys.client, 100000, 2, NOW);
	elsewhere(warden, keys.domain, 100000, 2, NOW);
	for (unsigned i = 0; i < 15; i++)
		assert_int_equal(tell(warden, CLIENT, DOMAIN, 8).verdict, WARDEN_PASS);
	assert_false(taken(warden, &parcel));
	assert_int_equal(pair_of(warden, CLIENT, DOMAIN).together, 0);
	assert_int_equal(drain(warden, NULL, 0), 0);
	warden_close(warden);
}

/* Nobody takes parcels from private memory: recorded traffic is told to nobody, and nothing is lost. */
static void nothing_from_recordings(void **state)
{
	struct warden *warden = start("", true, true);
	struct parcel parcel;

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		tell(warden, CLIENT, DOMAIN, 8);
	assert_false(taken(warden, &parcel));
	assert_int_equal(counted(warden, COUNTER_redis_lost), 0);
	warden_close(warden);
}

/* ---- what comes of it ---------------------------------------------------------- */

/* A third of the budget here, two thirds elsewhere: refused at the budget, not before. */
static void a_third_here(void **state)
{
	struct warden *warden = start(DAYLONG, true, false);
	struct keys keys = keys_of(warden, CLIENT, DOMAIN);
	double told = 0, there = 2 * BUDGET / 3;
	struct record record[64];
	unsigned count;
	struct hold hold;

	(void)state;
	elsewhere(warden, keys.pair, there / 8, 2, NOW);
	while (!warden_verdict_denies(tell(warden, CLIENT, DOMAIN, 8).verdict)) {
		told = (double)pair_of(warden, CLIENT, DOMAIN).up.day;
		assert_true(told + there < BUDGET);
	}
	told = (double)pair_of(warden, CLIENT, DOMAIN).up.day;
	assert_true(told + there >= BUDGET);
	assert_true(told < BUDGET / 2);
	assert_true(held_pair(warden, CLIENT, DOMAIN, &hold));
	assert_true(hold.together);
	count = drain(warden, record, 64);
	assert_in_range(count, 1, 64);
	for (unsigned i = 0; i < count; i++)
		if (warden_verdict_denies((enum warden_verdict)record[i].verdict)) {
			assert_int_equal(record[i].detector, DETECTOR_information);
			assert_int_equal(record[i].confidence, CONFIDENCE_HIGH);
			assert_string_equal(detector_information.reasons[record[i].reason],
			                    "told one domain through this and other nodes more than ordinary questions carry");
			assert_int_equal(record[i].evidence[0], octets(told));
			assert_int_equal(record[i].evidence[8], octets(there));
			assert_int_equal(record[i].evidence[9], 2);
			assert_int_equal(record[i].evidence[10], 20);
		}
	warden_close(warden);
}

/* Enough here alone is a reason of its own, whatever was told elsewhere. */
static void all_of_it_here(void **state)
{
	struct warden *warden = start(DAYLONG, true, false);
	struct record record[64];
	unsigned count;
	struct hold hold;

	(void)state;
	while (!warden_verdict_denies(tell(warden, CLIENT, DOMAIN, 8).verdict))
		;
	assert_true(held_pair(warden, CLIENT, DOMAIN, &hold));
	assert_false(hold.together);
	about((double)pair_of(warden, CLIENT, DOMAIN).up.day, BUDGET + 20); /* within a question */
	count = drain(warden, record, 64);
	assert_in_range(count, 1, 64);
	for (unsigned i = 0; i < count; i++)
		if (record[i].detector == DETECTOR_information) {
			assert_int_equal(record[i].reason, 0);
			assert_int_equal(record[i].evidence[8], 0);
		}
	warden_close(warden);
}

/* Whatever was told elsewhere: who tells next to nothing here is refused nothing here. */
static void elsewhere_alone(void **state)
{
	struct warden *warden = start(DAYLONG, true, false);
	struct keys keys = keys_of(warden, CLIENT, DOMAIN);
	unsigned passed = 0;

	(void)state;
	elsewhere(warden, keys.pair, 100000, 2, NOW);
	elsewhere(warden, keys.client, 100000, 2, NOW);
	elsewhere(warden, keys.domain, 100000, 2, NOW);
	for (;; passed++) {
		bool denied = warden_verdict_denies(tell(warden, CLIENT, DOMAIN, 6).verdict);

		assert_int_equal(denied, (double)pair_of(warden, CLIENT, DOMAIN).up.day >= FROM);
		if (denied)
			break;
		assert_int_equal(drain(warden, NULL, 0), 0);
	}
	assert_true(passed >= 2);
	warden_close(warden);
}

/* Nor do they come back as `risk`, as if it had been found here. */
static void no_risk_of_it(void **state)
{
	struct warden *warden = start(DAYLONG " score: 100\n", true, false);
	struct record record[64];
	unsigned count;

	(void)state;
	elsewhere(warden, keys_of(warden, CLIENT, DOMAIN).pair, 100000, 2, NOW);
	while (!warden_verdict_denies(tell(warden, CLIENT, DOMAIN, 8).verdict))
		;
	count = drain(warden, record, 64);
	assert_in_range(count, 1, 64);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(record[i].score, 0);
	warden_close(warden);
}

/* It fades, and is of no use when the other nodes are not heard of any more. */
static void heard_of_long_ago(void **state)
{
	struct warden *warden = start(DAYLONG, true, false);
	double left = 4000 * exp(-3);

	(void)state;
	elsewhere(warden, keys_of(warden, CLIENT, DOMAIN).pair, 4000 / 8.0, 2, NOW - 3 * DAY);
	while (!warden_verdict_denies(tell(warden, CLIENT, DOMAIN, 8).verdict))
		assert_true((double)pair_of(warden, CLIENT, DOMAIN).up.day + left < BUDGET);
	assert_true((double)pair_of(warden, CLIENT, DOMAIN).up.day + left >= BUDGET);
	warden_close(warden);
}

/* The table keeps it as a pair that has told all of that here, also after what tells nothing. */
static void weighs(void **state)
{
	struct warden *warden = start(DAYLONG, true, false);
	struct keys keys = keys_of(warden, CLIENT, DOMAIN);
	struct parcel parcel;
	struct asked asked;
	struct place place;

	(void)state;
	while (!taken(warden, &parcel))
		tell(warden, CLIENT, DOMAIN, 8);
	place = table_find(&warden->mapping.pairs, keys.pair);
	assert_true(place_weight(&place) < TABLE_KEEP);
	elsewhere(warden, keys.pair, 150, 2, NOW);
	tell(warden, CLIENT, DOMAIN, 8);
	assert_true(place_weight(&place) > TABLE_KEEP);
	question(&asked, CLIENT, "www." DOMAIN, TXT);
	asked.obs.what = WARDEN_ANSWER;
	warden_observe(warden, &asked.obs);
	assert_true(place_weight(&place) > TABLE_KEEP);
	warden_close(warden);
}

/* ---- what is shown ------------------------------------------------------------- */

static void shown(void **state)
{
	struct warden *warden = start(DAYLONG, true, false);
	struct keys keys = keys_of(warden, CLIENT, DOMAIN);
	char reply[16384], wanted[256];
	struct parcel parcel;
	uint8_t client[16];
	struct name name;
	FILE *out;

	(void)state;
	address(client, CLIENT);
	assert_true(name_from_text(&name, DOMAIN));
	tell(warden, CLIENT, DOMAIN, 8);
	elsewhere(warden, keys.pair, 340, 2, NOW);
	elsewhere(warden, keys.client, 400, 3, NOW);
	out = fmemopen(reply, sizeof(reply), "w");
	explain_print(warden, client, &name, NOW, out);
	fclose(out);
	assert_non_null(strstr(reply, "\npair.elsewhere: 340 bytes in a day through 2 other nodes, 20 distinct names through "
	                              "all, not counted: too little was told here\n"));
	assert_null(strstr(reply, "domain.elsewhere"));
	while (!taken(warden, &parcel))
		tell(warden, CLIENT, DOMAIN, 8);
	out = fmemopen(reply, sizeof(reply), "w");
	explain_print(warden, client, &name, NOW, out);
	fclose(out);
	snprintf(wanted, sizeof(wanted), "\npair.elsewhere: 340 bytes in a day through 2 other nodes, 20 distinct names "
	         "through all, %u of 512 bytes together",
	         (unsigned)octets((double)pair_of(warden, CLIENT, DOMAIN).up.day + 340 * 8));
	assert_non_null(strstr(reply, wanted));
	assert_non_null(strstr(reply, "\nclient.elsewhere: 400 bytes in a day through 3 other nodes, "));
	out = fmemopen(reply, sizeof(reply), "w");
	show_client(warden, client, NOW, out);
	fclose(out);
	assert_non_null(strstr(reply, "\nelsewhere: 400 bytes told rare domains in a day through 3 other nodes, 30 distinct names "
	                              "through all\n"));
	assert_non_null(strstr(reply, " elsewhere=340\n"));
	warden_close(warden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_once_then_each),
		cmocka_unit_test(from_there_on),
		cmocka_unit_test(of_a_client),
		cmocka_unit_test(of_a_domain),
		cmocka_unit_test(full_outbox),
		cmocka_unit_test(faded_and_back),
		cmocka_unit_test(nothing_without_redis),
		cmocka_unit_test(nothing_from_recordings),
		cmocka_unit_test(a_third_here),
		cmocka_unit_test(all_of_it_here),
		cmocka_unit_test(elsewhere_alone),
		cmocka_unit_test(no_risk_of_it),
		cmocka_unit_test(heard_of_long_ago),
		cmocka_unit_test(weighs),
		cmocka_unit_test(shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
