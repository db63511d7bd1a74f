/* SPDX-License-Identifier: BSD-3-Clause */
/* test_profiled - the engine goes by the profile of the client, and by the client that a forwarder tells. What
 * scenarios can say stands in tests/replay, 55 and 56.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/dns.h"
#include "report/explain.h"
#include "support.h"

/* Everybody in one mode, some in another; the last are as everybody. */
#define PROFILES(mode, other) \
	"warden:\n mode: " mode "\n max-held-clients: 2\n" \
	"client-profile:\n name: other\n mode: " other "\n client: 198.51.100.7/24\n client: 2001:db8::/32\n" \
	"client-profile:\n name: same\n client: 203.0.113.0/24\n"

#define EVERYBODY "192.0.2.7"
#define OTHER     "198.51.100.7"
#define SAME      "203.0.113.7"

/* What becomes of a question of <client> that is held: "denied", "dry run" or "pass". */
static const char *fate(struct warden *warden, const char *client)
{
	struct warden_decision decision = decision_on(warden, client, "www.example.com", DNS_TYPE_A);

	if (!warden_verdict_denies(decision.verdict))
		return "pass";
	return decision.dry_run ? "dry run" : "denied";
}

/* Whether the answer that <client> waits for is kept from it by now. */
static bool still_held(struct warden *warden, const char *client)
{
	struct asked asked;

	question(&asked, client, "www.example.com", DNS_TYPE_A);
	asked.obs.what = WARDEN_ANSWER;
	asked.obs.flags = WARDEN_FLAG_EMPTIED;
	return warden_verdict_denies(warden_still_held(warden, &asked.obs).verdict);
}

static void fates(struct warden *warden, const char *everybody, const char *other)
{
	assert_string_equal(fate(warden, EVERYBODY), everybody);
	assert_string_equal(fate(warden, OTHER), other);
	assert_string_equal(fate(warden, SAME), everybody);
	assert_int_equal(still_held(warden, EVERYBODY), !strcmp(everybody, "denied"));
	assert_int_equal(still_held(warden, OTHER), !strcmp(other, "denied"));
	assert_int_equal(still_held(warden, SAME), !strcmp(everybody, "denied"));
}

static struct warden *open_held(const char *config)
{
	struct warden *warden = open_engine(config, true);

	provoke(warden, EVERYBODY, "example.com");
	provoke(warden, OTHER, "example.com");
	provoke(warden, SAME, "example.com");
	return warden;
}

/* Whoever stops enforcement, stops all of it; who starts it does as warden: would say. */
static void modes(void **state)
{
	struct warden *warden = open_held(PROFILES("observe", "enforce"));
	char error[FAULT_MAX];

	(void)state;
	fates(warden, "dry run", "denied");
	assert_true(warden_folds_case(warden));
	engine_set_mode(warden, MODE_OBSERVE);
	fates(warden, "dry run", "dry run");
	assert_false(warden_folds_case(warden));
	engine_set_mode(warden, MODE_ENFORCE);
	fates(warden, "denied", "denied");
	engine_set_mode(warden, MODE_OBSERVE);
	assert_int_equal(engine_reload(warden, error, sizeof(error)), 0);
	fates(warden, "dry run", "denied");
	warden_close(warden);

	warden = open_held(PROFILES("enforce", "observe"));
	fates(warden, "denied", "dry run");
	engine_set_mode(warden, MODE_OBSERVE);
	fates(warden, "dry run", "dry run");
	engine_set_mode(warden, MODE_ENFORCE);
	fates(warden, "denied", "dry run");
	warden_close(warden);

	warden = open_held(PROFILES("observe", "observe"));
	fates(warden, "dry run", "dry run");
	assert_false(warden_folds_case(warden));
	warden_close(warden);
}

/* Too many held clients are too many wherever they are. */
static void trip(void **state)
{
	struct warden *warden = open_held(PROFILES("observe", "enforce"));

	(void)state;
	assert_int_equal(engine_guard(warden, NOW), 3);
	assert_true(engine_tripped(warden));
	fates(warden, "dry run", "dry run");
	engine_set_mode(warden, MODE_ENFORCE);
	assert_false(engine_tripped(warden));
	fates(warden, "denied", "denied");
	warden_close(warden);

	warden = open_held(PROFILES("observe", "inherit"));
	assert_int_equal(engine_guard(warden, NOW), 3);
	assert_false(engine_tripped(warden));
	warden_close(warden);
}

/* What a door is told of the holds: a line each, in order of telling. */
static char told[4096];

static void on_hold(void *arg, const struct warden_hold *hold)
{
	size_t used = strlen(told);
	char domain[NAME_TEXT_MAX] = "any";
	static const uint8_t v4[12] = { [10] = 0xff, [11] = 0xff };

	(void)arg;
	if (hold->domain)
		name_text(domain, hold->domain, hold->domain_len);
	if (!hold->prefix)
		snprintf(told + used, sizeof(told) - used, "any %s %s\n", domain, warden_verdict_name(hold->verdict));
	else
		snprintf(told + used, sizeof(told) - used, "%s %02x%02x%02x/%u %s %s\n",
		         memcmp(hold->client, v4, sizeof(v4)) ? "v6" : "v4", hold->client[12], hold->client[13],
		         hold->client[15], hold->prefix, domain, warden_verdict_name(hold->verdict));
}

static const char *holds(struct warden *warden)
{
	told[0] = '\0';
	warden_holds(warden, NOW, on_hold, NULL);
	return told;
}

static void hold_domain(struct warden *warden, const char *text)
{
	struct name domain;
	char error[256];

	assert_true(name_from_text(&domain, text));
	assert_true(engine_hold(warden, NULL, &domain, NOW, NOW + HOUR, "", error, sizeof(error)));
}

static void has_lines(const char *text, const char *const *lines)
{
	size_t len = 0;

	for (; *lines; lines++) {
		len += strlen(*lines);
		if (!strstr(text, *lines))
			fail_msg("no '%s' in: %s", *lines, text);
	}
	assert_int_equal(strlen(text), len);
}

static void mirrored(void **state)
{
	static const char *const all_and_domain[] = {
		"v4 c00007/128 example.com refuse\n", "v4 cb0007/128 example.com refuse\n", "any example.net refuse\n",
		"v4 c63300/120 any pass\n", "v6 000000/32 any pass\n", NULL,
	};
	/* Who is observed is let through, though nobody told of a hold for all: his network may lie in another. */
	static const char *const some[] = {
		"v4 c63307/128 example.com refuse\n", "v4 cb0000/120 any pass\n", NULL,
	};
	static const char *const some_and_domain[] = {
		"v4 c63307/128 example.com refuse\n", "v4 c63300/120 example.net refuse\n",
		"v6 000000/32 example.net refuse\n", "v4 cb0000/120 any pass\n", NULL,
	};
	struct warden *warden;

	(void)state;
	warden = open_held(PROFILES("enforce", "observe"));
	hold_domain(warden, "example.net");
	has_lines(holds(warden), all_and_domain);
	engine_set_mode(warden, MODE_OBSERVE);
	assert_string_equal(holds(warden), "");
	warden_close(warden);

	warden = open_held(PROFILES("observe", "enforce"));
	has_lines(holds(warden), some);
	hold_domain(warden, "example.net");
	has_lines(holds(warden), some_and_domain);
	engine_set_mode(warden, MODE_OBSERVE);
	assert_string_equal(holds(warden), "");
	warden_close(warden);
}

/* A door collects records when somebody's detector reads them. */
static void records(void **state)
{
#define NO_RECORDS \
	"client-profile:\n name: other\n client: 198.51.100.0/24\n" \
	"detector:\n name: download\n enable: no\ndetector:\n name: signature-iodine\n enable: no\n"
	struct warden *warden = open_engine(NO_RECORDS, true);

	(void)state;
	assert_false(warden_wants_records(warden));
	warden_close(warden);
	warden = open_engine(NO_RECORDS "detector:\n name: download\n enable: yes\n profile: other\n", true);
	assert_true(warden_wants_records(warden));
	warden_close(warden);
}

/* What an opinion adds to the risk is as in the client's profile. */
static void scores(void **state)
{
	struct warden *warden = open_engine("client-profile:\n name: other\n client: 198.51.100.0/24\n"
	                                    "detector:\n name: null-rate\n score: 20\n"
	                                    "detector:\n name: null-rate\n profile: other\n score: 40\n", true);
	struct record record[8];

	(void)state;
	provoke(warden, EVERYBODY, "example.com");
	assert_int_equal(drain(warden, record, 8), 1);
	assert_int_equal(record[0].score, 20);
	provoke(warden, OTHER, "example.com");
	assert_int_equal(drain(warden, record, 8), 1);
	assert_int_equal(record[0].score, 40);
	warden_close(warden);
}

/* What explain says behind <key>. */
static const char *explained(struct warden *warden, const char *client, const char *key)
{
	static char reply[16384];
	FILE *out = fmemopen(reply, sizeof(reply), "w");
	uint8_t octets[16];
	struct name name;
	char *at;

	assert_non_null(out);
	address(octets, client);
	assert_true(name_from_text(&name, "example.com"));
	explain_print(warden, octets, &name, NOW, out);
	assert_int_equal(fclose(out), 0);
	at = strstr(reply, key);
	if (!at)
		return "";
	at += strlen(key);
	at[strcspn(at, "\n")] = '\0';
	return at;
}

static void explain(void **state)
{
	struct warden *warden = open_engine(
		PROFILES("observe", "enforce")
		"detector:\n name: information\n budget: 1000\n"
		"detector:\n name: information\n profile: other\n budget: 2000\n action: tag\n"
		"detector:\n name: download\n profile: other\n enable: no\n", true);

	(void)state;
	decision_on(warden, EVERYBODY, "www.example.com", DNS_TYPE_A);
	decision_on(warden, OTHER, "www.example.com", DNS_TYPE_A);
	assert_string_equal(explained(warden, EVERYBODY, "\nprofile: "), "");
	assert_string_equal(explained(warden, OTHER, "\nprofile: "), "other, mode enforce");
	assert_string_equal(explained(warden, SAME, "\nprofile: "), "same, mode observe");
	assert_non_null(strstr(explained(warden, EVERYBODY, "\npair.up: "), " of 1000 bytes in a day"));
	assert_non_null(strstr(explained(warden, OTHER, "\npair.up: "), " of 2000 bytes in a day"));
	assert_non_null(strstr(explained(warden, OTHER, "\npair.up: "), "action tag"));
	assert_string_equal(explained(warden, OTHER, "\npair.down: "), "not kept: detector download is disabled");
	warden_close(warden);
}

/* ---- forwarders ---------------------------------------------------------------- */

#define FORWARDER "192.0.2.53"
#define FORWARDED "warden:\n mode: enforce\n forwarder: " FORWARDER "\n"

/* Three NULL names over TCP, for a subnet. */
static struct warden_decision provoke_for(struct warden *warden, const char *subnet, uint8_t prefix)
{
	struct warden_decision decision = { .verdict = WARDEN_PASS };

	for (unsigned i = 0; i < 3; i++) {
		struct asked asked;
		char qname[64];

		snprintf(qname, sizeof(qname), "n%u.example.com", i);
		question(&asked, FORWARDER, qname, DNS_TYPE_NULL);
		address(asked.obs.subnet, subnet);
		asked.obs.subnet_prefix = prefix;
		asked.obs.transport = WARDEN_TRANSPORT_TCP;
		decision = warden_observe(warden, &asked.obs);
	}
	return decision;
}

static void events_tell_the_subnet(void **state)
{
	struct warden *warden = open_engine(FORWARDED, true);
	struct record record[8];
	uint8_t subnet[16];

	(void)state;
	address(subnet, "198.51.100.0");
	assert_int_equal(provoke_for(warden, "198.51.100.77", 120).verdict, WARDEN_REFUSE);
	assert_true(drain(warden, record, 8) > 0);
	assert_memory_equal(record[0].client, subnet, sizeof(subnet));
	warden_close(warden);
}

/* A stream proves where the forwarder is. Its client may have been forged. */
static void a_told_client_is_not_proven(void **state)
{
	struct warden *warden = open_engine(FORWARDED "detector:\n name: null-rate\n scope: client\n", true);
	struct asked asked;

	(void)state;
	assert_int_equal(provoke_for(warden, "198.51.100.0", 120).verdict, WARDEN_REFUSE);
	question(&asked, FORWARDER, "www.example.net", DNS_TYPE_A);
	address(asked.obs.subnet, "198.51.100.0");
	asked.obs.subnet_prefix = 120;
	asked.obs.transport = WARDEN_TRANSPORT_TCP;
	assert_int_equal(warden_observe(warden, &asked.obs).verdict, WARDEN_PASS);
	warden_close(warden);

	/* Its own questions do. */
	warden = open_engine(FORWARDED "detector:\n name: null-rate\n scope: client\n", true);
	assert_int_equal(provoke_for(warden, "::", 0).verdict, WARDEN_REFUSE);
	asked.obs.subnet_prefix = 0;
	assert_int_equal(warden_observe(warden, &asked.obs).verdict, WARDEN_REFUSE);
	warden_close(warden);
}

static void never_hold_is_for_who_asks(void **state)
{
	struct warden *warden = open_engine(FORWARDED " never-hold: 198.51.100.0/24\n", true);

	(void)state;
	assert_int_equal(provoke_for(warden, "198.51.100.0", 120).verdict, WARDEN_TAG);
	assert_int_equal(provoke_for(warden, "198.51.101.0", 120).verdict, WARDEN_REFUSE);
	warden_close(warden);
	warden = open_engine(FORWARDED " never-hold: " FORWARDER "\n", true);
	assert_int_equal(provoke_for(warden, "198.51.100.0", 120).verdict, WARDEN_REFUSE);
	assert_int_equal(provoke_for(warden, "198.51.100.0", 0).verdict, WARDEN_TAG);
	warden_close(warden);
}

static void any_subnet_is_survived(void **state)
{
	struct warden *warden = open_engine(FORWARDED, true);
	struct asked asked;

	(void)state;
	for (unsigned prefix = 0; prefix <= UINT8_MAX; prefix++)
		for (unsigned i = 0; i < 2; i++) {
			question(&asked, FORWARDER, "www.example.com", DNS_TYPE_A);
			address(asked.obs.subnet, i ? "255.255.255.255" : "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
			asked.obs.subnet_prefix = (uint8_t)prefix;
			assert_int_equal(warden_observe(warden, &asked.obs).verdict, WARDEN_PASS);
		}
	/* The forwarder, /97 to /128 of the one, /1 to /64 of the other. */
	assert_int_equal(table_used(&warden->mapping.clients), 1 + 32 + 64);
	warden_close(warden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modes),
		cmocka_unit_test(trip),
		cmocka_unit_test(mirrored),
		cmocka_unit_test(records),
		cmocka_unit_test(scores),
		cmocka_unit_test(explain),
		cmocka_unit_test(events_tell_the_subnet),
		cmocka_unit_test(a_told_client_is_not_proven),
		cmocka_unit_test(never_hold_is_for_who_asks),
		cmocka_unit_test(any_subnet_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
