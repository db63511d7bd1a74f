/* SPDX-License-Identifier: BSD-3-Clause */
/* test_enforce - what a verdict amounts to: for whom, over which transport, for how long; and who is let
 * through all the same.
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
#include "support.h"

#define A WARDEN_ANSWER
#define Q WARDEN_QUESTION

#define ENFORCE "warden:\n mode: enforce\n"

static char error[FAULT_MAX];

/* A command of an operator; NULL is any. */
typedef bool by_hand(struct warden *warden, const uint8_t client[16], const struct name *domain,
                     uint64_t now, uint64_t expires, const char *comment, char *why, size_t why_len);

/* Reads whom a command is for; what is NULL stays unset. */
static void whom(const char *client, uint8_t octets[16], const char *domain, struct name *name)
{
	if (client)
		address(octets, client);
	if (domain)
		assert_true(name_from_text(name, domain));
}

static bool command(by_hand *does, struct warden *warden, const char *client, const char *domain)
{
	uint8_t octets[16];
	struct name name;

	whom(client, octets, domain, &name);
	return does(warden, client ? octets : NULL, domain ? &name : NULL, NOW, NOW + HOUR, "", error,
	            sizeof(error));
}

static bool takes_back(bool (*does)(struct warden *, const uint8_t *, const struct name *, uint64_t),
                       struct warden *warden, const char *client, const char *domain)
{
	uint8_t octets[16];
	struct name name;

	whom(client, octets, domain, &name);
	return does(warden, client ? octets : NULL, domain ? &name : NULL, NOW);
}

/* A question over <transport> with <flags> at <now>. */
static struct warden_decision ask_over(struct warden *warden, const char *client, const char *qname,
                                       uint8_t transport, uint16_t flags, uint64_t now)
{
	struct asked asked;

	question(&asked, client, qname, DNS_TYPE_A);
	asked.obs.transport = transport;
	asked.obs.flags |= flags;
	asked.obs.now = now;
	return warden_observe(warden, &asked.obs);
}

static bool denied(struct warden *warden, const char *client, const char *qname)
{
	return warden_verdict_denies(decision_on(warden, client, qname, DNS_TYPE_A).verdict);
}

/* Three NULL names: null-rate is certain at the third. */
static struct warden_decision provoke_over(struct warden *warden, const char *client, const char *domain,
                                           uint8_t transport, uint16_t flags, uint64_t now)
{
	struct warden_decision decision = { .verdict = WARDEN_PASS };

	for (unsigned i = 0; i < 3; i++) {
		struct asked asked;
		char qname[64];

		snprintf(qname, sizeof(qname), "n%u-%u.%s", i, (unsigned)(now / MINUTE), domain);
		question(&asked, client, qname, DNS_TYPE_NULL);
		asked.obs.transport = transport;
		asked.obs.flags |= flags;
		asked.obs.now = now + i;
		decision = warden_observe(warden, &asked.obs);
	}
	return decision;
}

/* The one hold that there is; false when there is another number of them. */
static bool only_hold(struct warden *warden, uint64_t now, struct hold *hold)
{
	unsigned count = 0;
	struct hold one;

	for (uint32_t i = 0; i < table_capacity(&warden->mapping.holds); i++)
		if (hold_read(&warden->mapping, i, now, &one)) {
			*hold = one;
			count++;
		}
	return count == 1;
}

static bool is_for_any_client(const struct hold *hold)
{
	static const uint8_t any[16];

	return !memcmp(hold->client, any, sizeof(any));
}

/* ---- by name ------------------------------------------------------------------- */

/* An operator may hold any name: above a registrable domain, below it, and where there is none. */
static void any_name_is_held(void **state)
{
	static const struct {
		const char *held, *in[3], *out[3];
	} cases[] = {
		{ "example.com", { "example.com", "www.example.com", "a.b.example.com" }, { "example.org", "com", "xexample.com" } },
		{ "sub.example.com", { "sub.example.com", "a.sub.example.com", "a.b.sub.example.com" }, { "example.com", "www.example.com", "sub.example.org" } },
		{ "zip", { "zip", "a.zip", "b.a.zip" }, { "zip.example.com", "com", "azip" } },
		{ "co.uk", { "co.uk", "example.co.uk", "www.example.co.uk" }, { "uk", "example.uk", "co.example.uk" } },
		{ "localhost", { "localhost", "a.localhost", "b.a.localhost" }, { "local", "localhost.example.com", "host" } },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (unsigned whose = 0; whose < 2; whose++) {
			const char *client = whose ? "192.0.2.1" : NULL;
			struct warden *warden = open_engine(ENFORCE, true);

			assert_true(command(engine_hold, warden, client, cases[i].held));
			for (unsigned j = 0; j < 3; j++) {
				if (!denied(warden, "192.0.2.1", cases[i].in[j]) ||
				    denied(warden, "192.0.2.2", cases[i].in[j]) == (bool)whose)
					fail_msg("%s, for %s, asked for %s", cases[i].held, client ? client : "any", cases[i].in[j]);
				if (denied(warden, "192.0.2.1", cases[i].out[j]))
					fail_msg("%s, for %s, asked for %s", cases[i].held, client ? client : "any", cases[i].out[j]);
			}
			assert_true(takes_back(engine_release, warden, client, cases[i].held));
			assert_false(denied(warden, "192.0.2.1", cases[i].in[2]));
			warden_close(warden);
		}
}

/* ---- exemptions ---------------------------------------------------------------- */

/* Nobody who is let through by hand is asked about: whatever is held, whatever detectors think. */
static void exemptions_win(void **state)
{
	static const struct {
		const char *client, *domain;
	} cases[] = { { "192.0.2.1", "example.com" }, { NULL, "example.com" }, { "192.0.2.1", NULL },
	             { "192.0.2.1", "sub.example.com" } };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct warden *warden = open_engine(ENFORCE, true);

		assert_true(command(engine_hold, warden, "192.0.2.1", "example.com"));
		assert_true(command(engine_hold, warden, "192.0.2.1", NULL));
		assert_true(command(engine_hold, warden, NULL, "sub.example.com"));
		assert_true(command(engine_allow, warden, cases[i].client, cases[i].domain));
		assert_false(denied(warden, "192.0.2.1", "www.sub.example.com"));
		assert_int_equal(provoke_over(warden, "192.0.2.1", "sub.example.com", 0, 0, NOW).verdict,
		                 WARDEN_PASS);
		assert_int_equal(denied(warden, "192.0.2.1", "www.example.org"), cases[i].domain != NULL);
		assert_int_equal(denied(warden, "192.0.2.2", "www.sub.example.com"), cases[i].client != NULL);
		assert_true(takes_back(engine_disallow, warden, cases[i].client, cases[i].domain));
		assert_false(takes_back(engine_disallow, warden, cases[i].client, cases[i].domain));
		assert_true(denied(warden, "192.0.2.1", "www.sub.example.com"));
		warden_close(warden);
	}
}

static void nobody_exempts_everybody(void **state)
{
	struct warden *warden = open_engine(ENFORCE, true);

	(void)state;
	assert_false(command(engine_allow, warden, NULL, NULL));
	assert_non_null(strstr(error, "would be everybody"));
	assert_false(command(engine_allow, warden, "192.0.2.1", "."));
	warden_close(warden);
}

/* What one client may have and others may not is kept out of the cache; what all may have, or nobody
 * may, is not.
 */
static void kept_out_of_the_cache(void **state)
{
	char config[256];
	struct warden *warden;

	(void)state;
	snprintf(config, sizeof(config), ENFORCE " allow-client: 192.0.2.9\nlist:\n name: bad\n"
	         " file: %s\n action: nxdomain\ndetector:\n name: \"list\"\n", temp_file("bad.list", "listed.example\n"));
	warden = open_engine(config, true);
	assert_int_equal(decision_on(warden, "192.0.2.1", "www.listed.example", DNS_TYPE_A).verdict, WARDEN_NXDOMAIN);
	assert_true(decision_on(warden, "192.0.2.9", "www.listed.example", DNS_TYPE_A).keep_out);
	assert_false(decision_on(warden, "192.0.2.9", "www.example.com", DNS_TYPE_A).keep_out);
	assert_true(command(engine_hold, warden, NULL, "example.com"));
	assert_true(decision_on(warden, "192.0.2.9", "www.example.com", DNS_TYPE_A).keep_out);
	assert_false(decision_on(warden, "192.0.2.1", "www.example.com", DNS_TYPE_A).keep_out);
	assert_false(decision_on(warden, "192.0.2.1", "www.example.org", DNS_TYPE_A).keep_out);
	assert_true(command(engine_allow, warden, "192.0.2.1", "example.com"));
	assert_true(decision_on(warden, "192.0.2.1", "www.example.com", DNS_TYPE_A).keep_out);
	/* Another's own hold is no reason: anybody could keep a domain out of the cache then. */
	assert_true(command(engine_hold, warden, "192.0.2.2", "example.net"));
	assert_false(decision_on(warden, "192.0.2.9", "www.example.net", DNS_TYPE_A).keep_out);
	engine_set_mode(warden, MODE_OBSERVE);
	assert_false(decision_on(warden, "192.0.2.9", "www.example.com", DNS_TYPE_A).keep_out);
	warden_close(warden);
}

/* Who is exempt is told so, for a door that would take something out of the question: whoever made the
 * exemption, and for questions only.
 */
static void told_to_be_exempt(void **state)
{
	struct warden *warden = open_engine(ENFORCE " allow-client: 192.0.2.9\n allow-domain: \"allowed.example\"\n", true);

	(void)state;
	assert_true(decision_on(warden, "192.0.2.9", "www.example.com", DNS_TYPE_A).exempt);
	assert_true(decision_on(warden, "192.0.2.1", "www.allowed.example", DNS_TYPE_A).exempt);
	assert_false(decision_on(warden, "192.0.2.1", "www.example.com", DNS_TYPE_A).exempt);
	assert_true(command(engine_allow, warden, "192.0.2.1", "example.com"));
	assert_true(decision_on(warden, "192.0.2.1", "www.example.com", DNS_TYPE_A).exempt);
	assert_false(decision_on(warden, "192.0.2.2", "www.example.com", DNS_TYPE_A).exempt);
	assert_true(command(engine_allow, warden, NULL, "example.org"));
	assert_true(decision_on(warden, "192.0.2.2", "www.example.org", DNS_TYPE_A).exempt);
	warden_close(warden);
}

/* ---- for whom ------------------------------------------------------------------ */

/* scope: client needs an address that is proven, now and for the day before. */
static void clients_are_held_on_proof_only(void **state)
{
	static const struct {
		const char *config;
		uint8_t transport;
		uint16_t flags;
		uint64_t unproven; /* milliseconds since another question over UDP; 0: there was none */
		bool client;
	} cases[] = {
		{ "", WARDEN_TRANSPORT_UDP, 0, 0, false },
		{ " trust-udp: yes\n", WARDEN_TRANSPORT_UDP, 0, 0, true },
		{ "", WARDEN_TRANSPORT_UDP, WARDEN_FLAG_COOKIE, 0, true },
		{ "", WARDEN_TRANSPORT_UDP, WARDEN_FLAG_PROXIED, 0, true },
		{ "", WARDEN_TRANSPORT_TCP, 0, 0, true },
		{ "", WARDEN_TRANSPORT_DOT, 0, 0, true },
		{ "", WARDEN_TRANSPORT_DOH, 0, 0, true },
		{ "", WARDEN_TRANSPORT_TCP, 0, 1000, false },
		{ "", WARDEN_TRANSPORT_TCP, 0, DAY - 5000, false },
		{ "", WARDEN_TRANSPORT_TCP, 0, DAY, true },
		{ " trust-udp: yes\n", WARDEN_TRANSPORT_TCP, 0, 1000, true },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char config[256];
		struct warden *warden;
		struct warden_decision decision;
		struct hold hold;

		snprintf(config, sizeof(config), ENFORCE "%sdetector:\n name: null-rate\n scope: client\n",
		         cases[i].config);
		warden = open_engine(config, true);
		if (cases[i].unproven)
			ask_over(warden, "192.0.2.1", "www.example.org", WARDEN_TRANSPORT_UDP, 0,
			         NOW - cases[i].unproven);
		decision = provoke_over(warden, "192.0.2.1", "example.com", cases[i].transport, cases[i].flags, NOW);
		assert_int_equal(decision.verdict, WARDEN_REFUSE);
		assert_true(only_hold(warden, NOW, &hold));
		assert_false(is_for_any_client(&hold));
		assert_int_equal(!hold.name_len, cases[i].client);
		assert_int_equal(decision.ede, cases[i].client ? 18 : 15);
		assert_int_equal(denied(warden, "192.0.2.1", "www.example.net"), cases[i].client);
		assert_false(denied(warden, "192.0.2.2", "www.example.com"));
		warden_close(warden);
	}
}

static void domains_are_held(void **state)
{
	struct warden *warden = open_engine(ENFORCE "detector:\n name: null-rate\n scope: domain\n ede: 17\n", true);
	struct record record;
	struct hold hold;

	(void)state;
	assert_int_equal(provoke(warden, "192.0.2.1", "example.com").ede, 17);
	assert_true(only_hold(warden, NOW, &hold));
	assert_true(is_for_any_client(&hold));
	assert_int_equal(hold.name_len, 13);
	assert_true(denied(warden, "2001:db8::1", "www.example.com"));
	assert_false(denied(warden, "192.0.2.1", "www.example.org"));
	drain(warden, &record, 1);
	assert_int_equal(record.scope, SCOPE_DOMAIN);
	warden_close(warden);
}

/* Released, whom a hold was for starts anew, wherever the detector keeps what it knows. */
static void released_scopes_start_anew(void **state)
{
	static const char *const scopes[] = { "pair", "domain", "client" };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		char config[256];
		struct warden *warden;

		snprintf(config, sizeof(config), ENFORCE " trust-udp: yes\ndetector:\n name: null-rate\n scope: %s\n",
		         scopes[i]);
		warden = open_engine(config, true);
		assert_int_equal(provoke(warden, "192.0.2.1", "example.com").verdict, WARDEN_REFUSE);
		assert_true(takes_back(engine_release, warden, i == 1 ? NULL : "192.0.2.1", i == 2 ? NULL : "example.com"));
		assert_int_equal(decision_on(warden, "192.0.2.1", "other.example.com", DNS_TYPE_NULL).verdict,
		                 WARDEN_PASS);
		warden_close(warden);
	}
}

/* One client does not fill the table, and operators find room in one that detectors have filled. */
static void holds_are_bounded(void **state)
{
	struct warden *warden = open_engine(ENFORCE " profile: small\n", true);
	unsigned capacity = table_capacity(&warden->mapping.holds);
	char text[64];

	(void)state;
	for (unsigned i = 0; i < 80; i++) {
		snprintf(text, sizeof(text), "d%u.com", i);
		/* Held or not, it is denied. */
		assert_int_equal(provoke_over(warden, "192.0.2.1", text, 0, 0, NOW).verdict, WARDEN_REFUSE);
	}
	assert_int_equal(atomic_load(&warden->mapping.header->holds), 64);
	assert_in_range(counted(warden, COUNTER_holds_lost), 16, 3 * 16); /* with each question that would have made it */
	for (unsigned client = 2; client < 40; client++)
		for (unsigned i = 0; i < 64; i++) {
			char address_text[32];

			snprintf(address_text, sizeof(address_text), "192.0.2.%u", client);
			snprintf(text, sizeof(text), "d%u.com", i);
			provoke_over(warden, address_text, text, 0, 0, NOW);
		}
	assert_int_equal(atomic_load(&warden->mapping.header->holds), capacity / 8 * 7);
	assert_true(command(engine_hold, warden, "198.51.100.1", NULL));
	warden_close(warden);
}

/* Over TCP a hold that truncates is not met, so detectors are asked again: that must not make it anew. */
static void streams_make_no_truncation(void **state)
{
	struct warden *warden = open_engine(ENFORCE "detector:\n name: null-rate\n action: truncate\n", true);
	uint64_t version;

	(void)state;
	assert_int_equal(provoke(warden, "192.0.2.1", "example.com").verdict, WARDEN_TRUNCATE);
	version = holds_version(&warden->mapping);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(provoke_over(warden, "192.0.2.1", "example.com", WARDEN_TRANSPORT_TCP, 0,
		                              NOW + i * MINUTE).verdict, WARDEN_TAG);
	assert_true(holds_version(&warden->mapping) == version);
	warden_close(warden);
}

/* ---- for how long -------------------------------------------------------------- */

/* Who does it again is held twice as long, until hold-max; a hold that is longer than that stays. */
static void repeated_offences(void **state)
{
	static const struct {
		const char *config;
		uint64_t minutes[4];
	} cases[] = {
		{ " hold-max: 4m\ndetector:\n name: null-rate\n hold: 1m\n", { 1, 2, 4, 4 } },
		{ " hold-max: 3m\ndetector:\n name: null-rate\n hold: 1m\n", { 1, 2, 3, 3 } },
		{ " hold-max: 1m\ndetector:\n name: null-rate\n hold: 9m\n", { 9, 9, 9, 9 } },
	};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		char config[256];
		uint64_t now = NOW;
		struct warden *warden;

		snprintf(config, sizeof(config), ENFORCE "%s", cases[i].config);
		warden = open_engine(config, true);
		for (unsigned j = 0; j < 4; j++) {
			struct hold hold;

			assert_true(warden_verdict_denies(provoke_over(warden, "192.0.2.1", "example.com", 0, 0, now).verdict));
			assert_true(only_hold(warden, now + 2, &hold));
			assert_int_equal(hold.expires - hold.made, cases[i].minutes[j] * MINUTE);
			now = hold.expires + HOUR;
		}
		warden_close(warden);
	}
}

/* ---- what is done -------------------------------------------------------------- */

static void actions_by_transport(void **state)
{
	static const struct {
		const char *action;
		enum warden_verdict udp, tcp;
	} cases[] = {
		{ "refuse", WARDEN_REFUSE, WARDEN_REFUSE },
		{ "nxdomain", WARDEN_NXDOMAIN, WARDEN_NXDOMAIN },
		{ "nodata", WARDEN_NODATA, WARDEN_NODATA },
		{ "truncate", WARDEN_TRUNCATE, WARDEN_TAG },
		{ "drop", WARDEN_DROP, WARDEN_REFUSE },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char config[256];
		struct warden *warden;
		bool challenge = cases[i].udp == WARDEN_TRUNCATE;
		struct warden_decision tcp;

		snprintf(config, sizeof(config), ENFORCE "detector:\n name: null-rate\n action: %s\n", cases[i].action);
		warden = open_engine(config, true);
		assert_int_equal(provoke_over(warden, "192.0.2.1", "example.com", WARDEN_TRANSPORT_UDP, 0, NOW).verdict,
		                 cases[i].udp);
		/* And the hold does the same. */
		assert_int_equal(ask_over(warden, "192.0.2.1", "a.example.com", WARDEN_TRANSPORT_UDP, 0, NOW).verdict,
		                 cases[i].udp);
		/* Who does what truncation asks for is looked at again. */
		assert_int_equal(ask_over(warden, "192.0.2.1", "a.example.com", WARDEN_TRANSPORT_TCP, 0, NOW).verdict,
		                 challenge ? WARDEN_PASS : cases[i].tcp);
		tcp = provoke_over(warden, "192.0.2.2", "example.com", WARDEN_TRANSPORT_TCP, 0, NOW);
		assert_int_equal(tcp.verdict, cases[i].tcp);
		assert_int_equal(tcp.ede, challenge ? 0 : 15);
		warden_close(warden);
	}
}

static void tags_are_told(void **state)
{
	static const struct {
		const char *config;
		uint16_t ede;
	} cases[] = { { ENFORCE, 0 }, { ENFORCE " tag-ede: no\n", WARDEN_NO_EDE }, { "", WARDEN_NO_EDE } };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		char config[256];
		struct warden *warden;
		struct warden_decision decision;

		snprintf(config, sizeof(config), "%sdetector:\n name: null-rate\n action: tag\n", cases[i].config);
		warden = open_engine(config, true);
		decision = provoke(warden, "192.0.2.1", "example.com");
		assert_int_equal(decision.verdict, WARDEN_TAG);
		assert_int_equal(decision.ede, cases[i].ede);
		assert_string_equal(decision.detector, "null-rate");
		warden_close(warden);
	}
}

/* A hold that comes between question and answer keeps the answer. */
static void held_meanwhile(void **state)
{
	struct warden *warden = open_engine(ENFORCE, true);
	struct asked asked;

	(void)state;
	question(&asked, "192.0.2.1", "www.example.com", DNS_TYPE_A);
	asked.obs.what = A;
	asked.obs.flags |= WARDEN_FLAG_EMPTIED;
	assert_int_equal(warden_still_held(warden, &asked.obs).verdict, WARDEN_PASS);
	assert_true(command(engine_hold, warden, "192.0.2.1", "example.com"));
	assert_int_equal(warden_still_held(warden, &asked.obs).verdict, WARDEN_REFUSE);
	assert_int_equal(warden_still_held(warden, &asked.obs).ede, 18);
	asked.obs.flags = 0; /* nothing can be done about it */
	assert_int_equal(warden_still_held(warden, &asked.obs).verdict, WARDEN_PASS);
	asked.obs.flags = WARDEN_FLAG_EMPTIED;
	assert_true(command(engine_allow, warden, "192.0.2.1", NULL));
	assert_int_equal(warden_still_held(warden, &asked.obs).verdict, WARDEN_PASS);
	assert_true(takes_back(engine_disallow, warden, "192.0.2.1", NULL));
	engine_set_mode(warden, MODE_OBSERVE);
	assert_int_equal(warden_still_held(warden, &asked.obs).verdict, WARDEN_PASS);
	warden_close(warden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_name_is_held),
		cmocka_unit_test(exemptions_win),
		cmocka_unit_test(nobody_exempts_everybody),
		cmocka_unit_test(kept_out_of_the_cache),
		cmocka_unit_test(told_to_be_exempt),
		cmocka_unit_test(clients_are_held_on_proof_only),
		cmocka_unit_test(domains_are_held),
		cmocka_unit_test(released_scopes_start_anew),
		cmocka_unit_test(holds_are_bounded),
		cmocka_unit_test(streams_make_no_truncation),
		cmocka_unit_test(repeated_offences),
		cmocka_unit_test(actions_by_transport),
		cmocka_unit_test(tags_are_told),
		cmocka_unit_test(held_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
