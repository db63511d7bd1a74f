/* SPDX-License-Identifier: BSD-3-Clause */
/* test_explain - what is told of a client and a domain, line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/look.h"
#include "report/explain.h"
#include "support.h"

#define CLIENT "192.0.2.7"
#define SECRET "jbswy3dpeblw64tmmqqq2d7k.example.com" /* nobody could have known it */
#define ALL_ENFORCED "warden:\n mode: enforce\n"

/* Everything that is told of <client> and <name>, static. */
static const char *explained(struct warden *warden, const char *client, const char *text, uint64_t now)
{
	static char reply[16384];
	FILE *out = fmemopen(reply, sizeof(reply), "w");
	struct name name;
	uint8_t octets[16];

	assert_non_null(out);
	address(octets, client);
	assert_true(name_from_text(&name, text));
	explain_print(warden, octets, &name, now, out);
	assert_int_equal(fclose(out), 0);
	return reply;
}

/* The line of <key>, without it, static. */
static const char *line(const char *reply, const char *key)
{
	static char found[2048];
	const char *at = reply;
	size_t len = strlen(key);

	while (at && (strncmp(at, key, len) || strncmp(at + len, ": ", 2)))
		at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL;
	if (!at)
		fail_msg("no line '%s' in:\n%s", key, reply);
	at += len + 2;
	snprintf(found, sizeof(found), "%.*s", (int)strcspn(at, "\n"), at);
	return found;
}

#define LINE(key, wanted) assert_string_equal(line(reply, key), wanted)

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in: %s", part, text);
}

/* Writes <octets> into a slot, as the engine would. */
static void put(const struct table *table, uint64_t hash, unsigned first, const void *octets, size_t len)
{
	struct place place = table_find(table, hash);
	uint64_t data[32], token;

	assert_non_null(place.slot);
	assert_true(len % sizeof(*data) == 0 && len <= sizeof(data));
	token = slot_edit(place.slot, hash, (uint32_t)(NOW / SECOND), first, (unsigned)(len / sizeof(*data)), data);
	assert_int_not_equal(token, 0);
	memcpy(data, octets, len);
	assert_true(slot_commit(place.slot, token, first, (unsigned)(len / sizeof(*data)), data));
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

/* Known sums for CLIENT and example.com, the last time something was told: NOW. */
static void put_ledgers(struct warden *warden)
{
	const struct span span = { NOW - HOUR, NOW };
	struct pair_ledger pair = {
		.span = span,
		.up = { .fast = 120 * 8, .day = 498 * 8, .names = 57, .length = 57 * 41 },
		.down = 2210 * 8,
		.kinds = { 3, 97, 0 },
		.repeats = { .asbefore = 30, .again = 6, .others = 4 },
	};
	struct client_ledger client = { .span = span, .up.day = 610 * 8, .domains = 12, .mixed = 255 };
	struct domain_ledger domain = { .span = span, .up.day = 2048 * 8, .week = 1200 * 8 };
	struct keys keys = keys_of(warden, CLIENT, "example.com");

	put(&warden->mapping.pairs, keys.pair, PAIR_DATA + NOTES_WORDS, &pair, sizeof(pair));
	put(&warden->mapping.clients, keys.client, CLIENT_DATA + NOTES_WORDS, &client, sizeof(client));
	put(&warden->mapping.domains, keys.domain, DOMAIN_DATA + DOMAIN_NOTES_WORDS, &domain, sizeof(domain));
}

/* An answer to CLIENT's question for <qname>, by way of the servers of example.com. */
static void answered(struct warden *warden, const char *qname, uint64_t now)
{
	const struct warden_server server = { (const uint8_t *)"\2ns\7example\3net", 16 };
	struct name zone;
	struct asked asked;

	question(&asked, CLIENT, qname, 16);
	assert_true(name_from_text(&zone, "example.com"));
	asked.obs.now = now;
	asked.obs.what = WARDEN_ANSWER;
	asked.obs.zone = zone.wire;
	asked.obs.zone_len = zone.len;
	asked.obs.servers = &server;
	asked.obs.server_count = 1;
	warden_observe(warden, &asked.obs);
}

/* ---- lines --------------------------------------------------------------------- */

static void nothing_is_known(void **state)
{
	struct warden *warden = open_engine(ALL_ENFORCED, true);
	const char *reply = explained(warden, CLIENT, "www.example.com", NOW);

	(void)state;
	assert_string_equal(reply,
	                    "client: 192.0.2.7\n"
	                    "domain: example.com (of www.example.com)\n"
	                    "allowed: no\n"
	                    "hold: none\n"
	                    "risk.pair: 0 of 100 (warn-score 70, refuse-score 100)\n"
	                    "risk.client: 0 of 100 (warn-score 70, refuse-score 100)\n"
	                    "pair: nothing is known of this client with this domain\n"
	                    "pair.up: nothing is known of this client with this domain\n"
	                    "pair.repeats: nothing is known of this client with this domain\n"
	                    "pair.down: nothing is known of this client with this domain\n"
	                    "client.rare: nothing is known of this client\n"
	                    "client.crowd: nothing is known of this client\n"
	                    "domain.clients: nothing is known of this domain\n"
	                    "domain.up: nothing is known of this domain\n"
	                    "delegation: servers not known yet, 0 bytes wait for them\n");
	assert_int_equal(table_used(&warden->mapping.clients) + table_used(&warden->mapping.pairs), 0);
	warden_close(warden);
}

static void risk_with_its_reasons(void **state)
{
	struct warden *warden = open_engine(ALL_ENFORCED, true);
	const char *reply;

	(void)state;
	provoke(warden, CLIENT, "example.com");
	reply = explained(warden, CLIENT, "example.com", NOW);
	LINE("risk.pair", "50 of 100: null-rate (warn-score 70, refuse-score 100)");
	LINE("risk.client", "50 of 100: null-rate (warn-score 70, refuse-score 100)");
	/* Another domain of this client has nothing to do with it. */
	reply = explained(warden, CLIENT, "example.net", NOW);
	LINE("risk.pair", "0 of 100 (warn-score 70, refuse-score 100)");
	LINE("risk.client", "50 of 100: null-rate (warn-score 70, refuse-score 100)");
	reply = explained(warden, CLIENT, "example.com", NOW + HOUR);
	LINE("risk.pair", "33 of 100: null-rate (warn-score 70, refuse-score 100)");
	warden_close(warden);
}

static void sums_beside_budgets(void **state)
{
	struct warden *warden = open_engine(ALL_ENFORCED, true);
	const char *reply;

	(void)state;
	decision_on(warden, CLIENT, SECRET, 16);
	put_ledgers(warden);
	reply = explained(warden, CLIENT, "example.com", NOW);
	LINE("domain", "example.com");
	LINE("pair", "first seen 2023-11-14T22:13:20.000Z, last told 2023-11-14T22:13:20.000Z, questions 1, "
	     "refused 0, 57 distinct names in a day, mean length 41, types address 3 % text 97 % name 0 %");
	LINE("pair.up", "498 of 512 bytes in a day (97 %), 120 of 384 bytes in ten minutes (31 %), "
	     "detector information, action refuse");
	LINE("pair.repeats", "of 40 questions asked once more of late, 30 in the order as before, 6 the last one again, "
	     "4 others");
	LINE("pair.down", "2210 of 4096 bytes in a day (53 %), rare domain, detector download, action refuse");
	LINE("client.rare", "610 of 1024 bytes in a day to all rare domains (59 %), "
	     "detector information-client, action refuse");
	LINE("client.crowd", "counts as 1.0 clients, has 1.0 budgets for rare domains, 12 ordinary new domains "
	     "in a day, 0.0 % of all questions, mixed case 100 %");
	LINE("domain.clients", "1 since yesterday, this one included (rare: fewer than 3)");
	LINE("domain.up", "2048 of 4096 bytes in a day by all clients (50 %), 1200 of 512 bytes in a week for a tag (234 %), "
	     "detector information-domain, action refuse");
	warden_close(warden);
}

/* Shown as it is now; kept as it was. */
static void sums_fade(void **state)
{
	struct warden *warden = open_engine(ALL_ENFORCED, true);
	const char *reply;

	(void)state;
	decision_on(warden, CLIENT, SECRET, 16);
	put_ledgers(warden);
	reply = explained(warden, CLIENT, "example.com", NOW + DAY);
	has(line(reply, "pair"), "last told 2023-11-14T22:13:20.000Z, ");
	has(line(reply, "pair"), ", 21 distinct names in a day, mean length 41, ");
	has(line(reply, "pair.up"), "183 of 512 bytes in a day (35 %), 0 of 384 bytes in ten minutes (0 %)");
	has(line(reply, "domain.up"), "1040 of 512 bytes in a week for a tag (203 %)");
	has(line(reply, "domain.clients"), "1 since yesterday");
	reply = explained(warden, CLIENT, "example.com", NOW);
	has(line(reply, "pair.up"), "498 of 512 bytes in a day (97 %)");
	/* The clock stepped back: the engine would begin anew. */
	reply = explained(warden, CLIENT, "example.com", NOW - HOUR);
	has(line(reply, "pair.up"), "0 of 512 bytes in a day (0 %)");
	warden_close(warden);
}

/* What is shown is what the detector said of the very same question. */
static void as_the_detector_sees_it(void **state)
{
	struct warden *warden = open_engine(ALL_ENFORCED, true);
	struct warden_decision decision = { .verdict = WARDEN_PASS };
	struct record record[64];
	char name[256], wanted[64];
	unsigned count = 0, i;
	uint64_t seed = 42;
	const char *reply;

	(void)state;
	for (i = 0; i < 100 && decision.verdict != WARDEN_REFUSE; i++) {
		snprintf(name, sizeof(name), "%016llx%016llx%016llx.example.com", (unsigned long long)random_next(&seed),
		         (unsigned long long)random_next(&seed), (unsigned long long)random_next(&seed));
		decision = decision_on(warden, CLIENT, name, 1);
	}
	assert_int_equal(decision.verdict, WARDEN_REFUSE);
	count = drain(warden, record, 64);
	assert_true(count > 0 && count <= 64);
	for (i = count; i-- && record[i].detector != DETECTOR_information;)
		;
	assert_true(i < count);
	reply = explained(warden, CLIENT, name, NOW);
	snprintf(wanted, sizeof(wanted), "%llu of 512 bytes in a day (", (unsigned long long)record[i].evidence[0]);
	assert_int_equal(strncmp(line(reply, "pair.up"), wanted, strlen(wanted)), 0);
	snprintf(wanted, sizeof(wanted), ", %llu distinct names", (unsigned long long)record[i].evidence[2]);
	has(line(reply, "pair"), wanted);
	has(line(reply, "hold"), "refuse for the client and the domain until 2023-11-14T23:13:20.000Z, 3600 seconds left, "
	    "by information, hits 0: told one domain");
	snprintf(wanted, sizeof(wanted), "bytes up %llu, ", (unsigned long long)record[i].evidence[0]);
	has(line(reply, "hold"), wanted);
	warden_close(warden);
}

/* A forwarder's budgets are those of its clients. */
static void a_crowd(void **state)
{
	struct warden *warden = open_engine(ALL_ENFORCED, true);
	const struct client_ledger client = { .span = { NOW, NOW }, .up.day = 610 * 8, .domains = 1000 };
	struct keys keys = keys_of(warden, CLIENT, "example.com");
	double budgets, bytes;
	const char *reply;

	(void)state;
	decision_on(warden, CLIENT, "www.example.com", 1);
	put(&warden->mapping.clients, keys.client, CLIENT_DATA + NOTES_WORDS, &client, sizeof(client));
	reply = explained(warden, CLIENT, "example.com", NOW);
	assert_int_equal(sscanf(line(reply, "client.crowd"), "counts as %*f clients, has %lf budgets", &budgets), 1);
	assert_true(budgets > 2);
	assert_int_equal(sscanf(line(reply, "client.rare"), "610 of %lf bytes", &bytes), 1);
	assert_true(bytes > 1024 * (budgets - 0.1) && bytes < 1024 * (budgets + 0.1));
	warden_close(warden);
}

static void who_it_is_about(void **state)
{
	struct warden *warden = open_engine("warden:\n mode: enforce\n client-prefix-v4: 24\n"
	                                    " allow-client: \"192.0.2.64/26\"\n allow-domain: \"example.net\"\n",
	                                    true);
	const char *reply;

	(void)state;
	decision_on(warden, "192.0.2.9", "a.no-such-tld", 1);
	reply = explained(warden, CLIENT, "b.c.no-such-tld", NOW);
	LINE("client", "192.0.2.0 (network of 192.0.2.7)");
	LINE("domain", ". (all names under top-level domains that do not exist)");
	LINE("allowed", "no");
	has(line(reply, "pair"), ", questions 1, ");
	LINE("delegation", "none: no servers answer for top-level domains that do not exist");
	reply = explained(warden, "192.0.2.65", "example.com", NOW);
	LINE("allowed", "by allow-client");
	reply = explained(warden, CLIENT, "a.b.example.net", NOW);
	LINE("allowed", "by allow-domain or allow-list, example.net");
	warden_close(warden);
}

static void holds_of_all_kinds(void **state)
{
	struct warden *warden = open_engine("warden:\n mode: observe\n", true);
	char error[256];
	uint8_t client[16];
	struct name domain;
	const char *reply;

	(void)state;
	address(client, CLIENT);
	assert_true(name_from_text(&domain, "example.com"));
	assert_true(engine_hold(warden, client, NULL, NOW, NOW + MINUTE, "ticket \"7\"", error, sizeof(error)));
	reply = explained(warden, CLIENT, "example.com", NOW);
	LINE("hold", "refuse for the client until 2023-11-14T22:14:20.000Z, 60 seconds left, by operator, hits 0, "
	     "not enforced in mode observe: held by the operator, comment \"ticket ?7?\"");
	assert_true(engine_hold(warden, NULL, &domain, NOW, NOW + MINUTE, "", error, sizeof(error)));
	reply = explained(warden, CLIENT, "www.example.com", NOW);
	has(reply, "\nhold: refuse for the client until ");
	has(reply, "\nhold: refuse for the domain until ");
	assert_null(strstr(reply, "hold: refuse for the client and the domain"));
	reply = explained(warden, "192.0.2.8", "example.com", NOW);
	has(line(reply, "hold"), "refuse for the domain until ");
	reply = explained(warden, CLIENT, "example.com", NOW + MINUTE);
	LINE("hold", "none");

	/* Above and below the domain, and let through by hand. */
	assert_true(name_from_text(&domain, "a.example.com"));
	assert_true(engine_hold(warden, client, &domain, NOW, NOW + MINUTE, "", error, sizeof(error)));
	reply = explained(warden, CLIENT, "b.a.example.com", NOW);
	has(reply, "\nhold: refuse for the client and a.example.com until ");
	reply = explained(warden, CLIENT, "b.example.com", NOW);
	assert_null(strstr(reply, "a.example.com until"));
	assert_true(name_from_text(&domain, "com"));
	assert_true(engine_allow(warden, NULL, &domain, NOW, UINT64_MAX, "asked for", error, sizeof(error)));
	reply = explained(warden, CLIENT, "b.example.com", NOW);
	LINE("allowed", "by hand, com, until taken back, comment \"asked for\"");
	assert_null(strstr(reply, "allowed: no"));
	warden_close(warden);
}

static void servers(void **state)
{
	struct warden *warden = open_engine(ALL_ENFORCED, true);
	const char *reply;
	unsigned waiting;

	(void)state;
	decision_on(warden, CLIENT, SECRET, 16);
	reply = explained(warden, CLIENT, "example.com", NOW);
	assert_int_equal(sscanf(line(reply, "delegation"), "servers not known yet, %u bytes wait", &waiting), 1);
	assert_in_range(waiting, 8, 100);
	answered(warden, SECRET, NOW);
	reply = explained(warden, CLIENT, "example.com", NOW);
	has(line(reply, "delegation"), "servers known, ");
	has(line(reply, "delegation"), " of 1024 bytes in a day (");
	has(line(reply, "delegation"), " over 1 domains behind them, detector information-delegation, action refuse");
	/* Another client has told them nothing. */
	reply = explained(warden, "192.0.2.8", "example.com", NOW);
	LINE("delegation", "servers known, nothing is known of this client with them");

	decision_on(warden, "192.0.2.8", "www.example.com", 1);
	decision_on(warden, "192.0.2.9", "www.example.com", 1);
	reply = explained(warden, CLIENT, "example.com", NOW);
	LINE("domain.clients", "3 since yesterday, this one included (not rare: not fewer than 3)");
	LINE("delegation", "servers known, nothing is charged to them: the domain is not rare");
	has(line(reply, "pair.down"), " of 16384 bytes in a day (0 %), not a rare domain, ");
	assert_null(strstr(line(reply, "domain.up"), "of 512 bytes in a week for a tag"));
	warden_close(warden);
}

static void many_clients(void **state)
{
	struct warden *warden = open_engine(ALL_ENFORCED, true);
	struct keys keys = keys_of(warden, CLIENT, "example.com");
	struct place place;
	const char *reply;

	(void)state;
	decision_on(warden, CLIENT, "www.example.com", 1);
	place = table_find(&warden->mapping.domains, keys.domain);
	assert_non_null(place.slot);
	atomic_store(&place.slot->word[DOMAIN_CLIENTS], UINT64_C(0xffffffff) | UINT64_C(1) << (keys.client & 63));
	reply = explained(warden, CLIENT, "example.com", NOW);
	has(line(reply, "domain.up"), keys.client & 32 ? " of 8448 bytes" : " of 8192 bytes");
	atomic_store(&place.slot->word[DOMAIN_CLIENTS], UINT64_MAX);
	reply = explained(warden, CLIENT, "example.com", NOW);
	has(line(reply, "domain.up"), ", no budget: 60 clients or more");
	/* Those of yesterday count; those of the day before do not. */
	assert_int_equal(strncmp(line(explained(warden, CLIENT, "example.com", NOW + DAY), "domain.clients"), "64 ", 3), 0);
	assert_int_equal(strncmp(line(explained(warden, CLIENT, "example.com", NOW + 2 * DAY), "domain.clients"), "1 ", 2), 0);
	warden_close(warden);
}

static void disabled(void **state)
{
	struct warden *warden = open_engine("warden:\n mode: enforce\n"
	                                    "detector:\n name: information\n enable: no\n"
	                                    "detector:\n name: information-domain\n enable: no\n"
	                                    "detector:\n name: download\n enable: no\n"
	                                    "detector:\n name: information-client\n action: tag\n budget: 2k\n"
	                                    "detector:\n name: information-delegation\n enable: no\n",
	                                    true);
	const char *reply;

	(void)state;
	decision_on(warden, CLIENT, SECRET, 16);
	put_ledgers(warden);
	reply = explained(warden, CLIENT, "example.com", NOW);
	LINE("pair.up", "498 bytes in a day, 120 bytes in ten minutes, no budget: detector information is disabled");
	LINE("pair.down", "not kept: detector download is disabled");
	LINE("client.rare", "610 of 2048 bytes in a day to all rare domains (29 %), detector information-client, action tag");
	LINE("domain.up", "not kept: detector information-domain is disabled");
	LINE("delegation", "not kept: detector information-delegation is disabled");
	warden_close(warden);
}

/* Somebody holds the slot: it is waited for a moment, and then said. */
static void busy(void **state)
{
	struct warden *warden = open_engine(ALL_ENFORCED, true);
	struct keys keys = keys_of(warden, CLIENT, "example.com");
	struct place place;
	const char *reply;
	uint64_t token;

	(void)state;
	decision_on(warden, CLIENT, "www.example.com", 1);
	place = table_find(&warden->mapping.pairs, keys.pair);
	assert_non_null(place.slot);
	token = slot_lock(place.slot, (uint32_t)(NOW / SECOND));
	assert_int_not_equal(token, 0);
	reply = explained(warden, CLIENT, "example.com", NOW);
	LINE("pair.up", "busy, ask again");
	has(line(reply, "client.rare"), " of 1024 bytes");
	slot_unlock(place.slot, token);
	has(line(explained(warden, CLIENT, "example.com", NOW), "pair.up"), " of 512 bytes");
	warden_close(warden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_known),
		cmocka_unit_test(risk_with_its_reasons),
		cmocka_unit_test(sums_beside_budgets),
		cmocka_unit_test(sums_fade),
		cmocka_unit_test(as_the_detector_sees_it),
		cmocka_unit_test(a_crowd),
		cmocka_unit_test(who_it_is_about),
		cmocka_unit_test(holds_of_all_kinds),
		cmocka_unit_test(servers),
		cmocka_unit_test(many_clients),
		cmocka_unit_test(disabled),
		cmocka_unit_test(busy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
