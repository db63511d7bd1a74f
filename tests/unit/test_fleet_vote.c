/* SPDX-License-Identifier: BSD-3-Clause */
/* test_fleet_vote - votes and triggers as records: written and read as the same, and nothing else is read. */
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
#include "fleet/trigger.h"
#include "fleet/vote.h"
#include "support.h"

static struct name zone;

static int set_up(void **state)
{
	(void)state;
	return !name_from_text(&zone, "fleet.example");
}

/* ---- votes --------------------------------------------------------------------- */

static struct vote a_vote(const char *client, uint8_t prefix, const char *domain)
{
	struct vote vote = { .node = "n1", .any_client = !client, .any_domain = !domain, .prefix = prefix,
		             .verdict = WARDEN_REFUSE, .confidence = CONFIDENCE_HIGH, .score = 80, .made = NOW,
		             .expires = NOW + HOUR, .detector = "information" };
	struct name name;

	if (client)
		address(vote.client, client);
	if (domain) {
		assert_true(name_from_text(&name, domain));
		vote.name_len = name.len;
		memcpy(vote.name, name.wire, name.len);
	}
	assert_true(vote_identify(&vote, (const uint8_t *)"secret", 6));
	return vote;
}

static void there_and_back(void **state)
{
	struct vote votes[] = {
		a_vote("192.0.2.7", 128, "example.org"),
		a_vote("192.0.2.0", 96 + 24, NULL),
		a_vote("2001:db8:0:1::", 64, "xn--bcher-kva.example"),
		a_vote("::", 64, NULL), /* a client like any other */
		a_vote(NULL, 0, "a\\200\\.b.example"),
	};

	(void)state;
	votes[1].clients = 2;
	votes[2].score = 0;
	votes[3].confidence = CONFIDENCE_LOW;
	votes[4].verdict = WARDEN_DROP;
	for (unsigned i = 0; i < sizeof(votes) / sizeof(*votes); i++) {
		ldns_rr *rr = vote_to_rr(&votes[i], &zone);
		struct name owner;
		struct vote again;

		assert_non_null(rr);
		assert_true(name_parse(&owner, ldns_rdf_data(ldns_rr_owner(rr)), ldns_rdf_size(ldns_rr_owner(rr))));
		assert_int_equal(vote_from_rr(&again, &zone, &owner, rr), VOTE_READ);
		assert_memory_equal(&again, &votes[i], sizeof(again));
		ldns_rr_free(rr);
	}
}

/* The same after a restart, and other for each subject and each secret. */
static void ids(void **state)
{
	struct vote one = a_vote("192.0.2.7", 128, "example.org"), two = a_vote("192.0.2.8", 128, "example.org");
	struct vote any = a_vote(NULL, 0, "example.org"), again = a_vote("192.0.2.7", 128, "example.org");

	(void)state;
	assert_int_equal(strlen(one.id), FLEET_ID_MAX);
	assert_string_equal(one.id, again.id);
	assert_string_not_equal(one.id, two.id);
	assert_string_not_equal(one.id, any.id);
	again.verdict = WARDEN_NODATA;
	again.expires += HOUR;
	assert_true(vote_identify(&again, (const uint8_t *)"secret", 6));
	assert_string_equal(one.id, again.id); /* it is the name of whom it is about, not of what it says */
	assert_true(vote_identify(&again, (const uint8_t *)"Secret", 6));
	assert_string_not_equal(one.id, again.id);
}

/* What a string cannot hold is not written. */
static void too_long(void **state)
{
	struct vote vote = a_vote(NULL, 0, "a.example");

	(void)state;
	assert_int_equal(vote_owner(&vote, &(struct name){ .len = 211 }, (uint8_t[NAME_WIRE_MAX]){ 0 }), NAME_WIRE_MAX);
	assert_int_equal(vote_owner(&vote, &(struct name){ .len = 212 }, (uint8_t[NAME_WIRE_MAX]){ 0 }), 0);
	assert_null(vote_to_rr(&vote, &(struct name){ .len = 212 }));
	assert_true(vote_strings(&vote, (uint8_t[VOTE_TEXT_MAX]){ 0 }) > 0);
	memset(vote.name, 200, sizeof(vote.name));
	vote.name[0] = 63;
	vote.name[64] = 0;
	vote.name_len = 65; /* 63 octets, four characters each: 252, and "domain=" */
	assert_int_equal(vote_strings(&vote, (uint8_t[VOTE_TEXT_MAX]){ 0 }), 0);
	vote.name[0] = 62;
	vote.name[63] = 0;
	vote.name_len = 64;
	assert_true(vote_strings(&vote, (uint8_t[VOTE_TEXT_MAX]){ 0 }) > 0);
}

#define ID   "0123456789abcdef0123456789abcdef"
#define HEAD "v=1", "node=n1"
#define TAIL "verdict=refuse", "detector=x", "confidence=high", "score=1", "made=1", "expires=2"

static enum vote_read read_at(const char *owner, const char *const *string)
{
	uint8_t octets[VOTE_TEXT_MAX];
	struct name name;
	struct vote vote;
	size_t used = 0;

	assert_true(name_from_text(&name, owner));
	for (; *string; string++) {
		octets[used++] = (uint8_t)strlen(*string);
		memcpy(octets + used, *string, strlen(*string));
		used += strlen(*string);
	}
	return vote_read(&vote, &zone, &name, octets, used);
}

#define READ_AT(owner, ...) read_at(owner, (const char *const[]){ __VA_ARGS__, NULL })
#define READ(...)           READ_AT(ID ".n1._warden.fleet.example", __VA_ARGS__)
#define REFUSED(...)        assert_int_equal(READ(__VA_ARGS__), VOTE_REFUSED)

static void owners(void **state)
{
	(void)state;
	assert_int_equal(READ_AT(ID ".n1._warden.fleet.example", HEAD, "domain=a.b", TAIL), VOTE_READ);
	assert_int_equal(READ_AT(ID ".N1._Warden.Fleet.example", HEAD, "domain=a.b", TAIL), VOTE_READ);
	/* A vote of another node, or of none that there can be. */
	assert_int_equal(READ_AT(ID ".n2._warden.fleet.example", HEAD, "domain=a.b", TAIL), VOTE_REFUSED);
	assert_int_equal(READ_AT(ID ".-n1._warden.fleet.example", "v=1", "node=-n1", "domain=a.b", TAIL), VOTE_REFUSED);
	assert_int_equal(READ_AT(ID "0.n1._warden.fleet.example", HEAD, "domain=a.b", TAIL), VOTE_REFUSED);
	assert_int_equal(READ_AT("0123.n1._warden.fleet.example", HEAD, "domain=a.b", TAIL), VOTE_REFUSED);
	assert_int_equal(READ_AT("n1._warden.fleet.example", HEAD, "domain=a.b", TAIL), VOTE_REFUSED);
	assert_int_equal(READ_AT("x." ID ".n1._warden.fleet.example", HEAD, "domain=a.b", TAIL), VOTE_REFUSED);
	/* Not where votes stand. */
	assert_int_equal(READ_AT(ID ".n1._warden.other.example", HEAD, "domain=a.b", TAIL), VOTE_NONE);
	assert_int_equal(READ_AT(ID ".n1.warden.fleet.example", HEAD, "domain=a.b", TAIL), VOTE_NONE);
	assert_int_equal(READ_AT("fleet.example", HEAD, "domain=a.b", TAIL), VOTE_NONE);
}

static void strict(void **state)
{
	(void)state;
	assert_int_equal(READ(HEAD, "client=192.0.2.7/32", TAIL), VOTE_READ);
	assert_int_equal(READ(HEAD, "client=192.0.2.7/32", "domain=a.b", TAIL), VOTE_READ);
	REFUSED(HEAD, TAIL); /* everybody, everything */
	REFUSED("v=2", "node=n1", "domain=a.b", TAIL);
	REFUSED("node=n1", "v=1", "domain=a.b", TAIL);
	REFUSED(HEAD, "domain=a.b", "client=192.0.2.7/32", TAIL);
	REFUSED(HEAD, "domain=a.b", "domain=a.b", TAIL);
	REFUSED(HEAD, "domain=a.b", TAIL, "expires=2");
	REFUSED(HEAD, "domain=a.b", TAIL, "more=2");
	REFUSED(HEAD, "domain=a.b", "verdict=refuse", "detector=x", "confidence=high", "score=1", "made=1");
	REFUSED("", HEAD, "domain=a.b", TAIL);

	/* Clients: none of all, no bits behind the prefix, and as they are printed. */
	REFUSED(HEAD, "client=0.0.0.0/0", TAIL);
	REFUSED(HEAD, "client=::/0", TAIL);
	REFUSED(HEAD, "client=192.0.2.7", TAIL);
	REFUSED(HEAD, "client=192.0.2.7/24", TAIL);
	REFUSED(HEAD, "client=192.0.2.7/33", TAIL);
	REFUSED(HEAD, "client=192.0.2.7/032", TAIL);
	REFUSED(HEAD, "client=2001:DB8::/64", TAIL);
	REFUSED(HEAD, "client=2001:db8:0::/64", TAIL);
	REFUSED(HEAD, "client=::ffff:192.0.2.7/128", TAIL);
	REFUSED(HEAD, "client=", TAIL);

	/* Domains: no root, lower case, one way to write it. */
	REFUSED(HEAD, "domain=.", TAIL);
	REFUSED(HEAD, "domain=A.b", TAIL);
	REFUSED(HEAD, "domain=a.b.", TAIL);
	REFUSED(HEAD, "domain=\\097.b", TAIL);
	REFUSED(HEAD, "domain=a..b", TAIL);
	REFUSED(HEAD, "domain=", TAIL);

#define WITH(verdict, detector, confidence, score, made, expires) \
	READ(HEAD, "domain=a.b", "verdict=" verdict, "detector=" detector, "confidence=" confidence, "score=" score, \
	     "made=" made, "expires=" expires)
	assert_int_equal(WITH("refuse", "x", "high", "100", "4294967294", "4294967295"), VOTE_READ);
	assert_int_equal(WITH("pass", "x", "high", "1", "1", "2"), VOTE_REFUSED);
	assert_int_equal(WITH("tag", "x", "high", "1", "1", "2"), VOTE_REFUSED);
	assert_int_equal(WITH("refused", "x", "high", "1", "1", "2"), VOTE_REFUSED);
	assert_int_equal(WITH("refuse", "X", "high", "1", "1", "2"), VOTE_REFUSED);
	assert_int_equal(WITH("refuse", "a\nb", "high", "1", "1", "2"), VOTE_REFUSED);
	assert_int_equal(WITH("refuse", "0123456789012345678901234567890123", "high", "1", "1", "2"), VOTE_REFUSED);
	assert_int_equal(WITH("refuse", "x", "none", "1", "1", "2"), VOTE_REFUSED);
	assert_int_equal(WITH("refuse", "x", "high", "101", "1", "2"), VOTE_REFUSED);
	assert_int_equal(WITH("refuse", "x", "high", "01", "1", "2"), VOTE_REFUSED);
	assert_int_equal(WITH("refuse", "x", "high", "-1", "1", "2"), VOTE_REFUSED);
	assert_int_equal(WITH("refuse", "x", "high", "1", "2", "2"), VOTE_REFUSED);
	assert_int_equal(WITH("refuse", "x", "high", "1", "1", "4294967296"), VOTE_REFUSED);
	assert_int_equal(WITH("refuse", "x", "high", "1", "1", "99999999999"), VOTE_REFUSED);
	REFUSED(HEAD, "domain=a.b", "verdict=refuse", "detector=x", "confidence=high", "score=1", "clients=0", "made=1",
	        "expires=2");
	REFUSED(HEAD, "domain=a.b", "verdict=refuse", "detector=x", "confidence=high", "score=1", "clients=256", "made=1",
	        "expires=2");
}

/* A string that says to be longer than there are octets; and a NUL in one. */
static void torn(void **state)
{
	static const uint8_t cut[] = "\003v=1\007node=n1\012domain=a.b", nul[] = "\003v=1\010node=n1\0";
	struct name owner;
	struct vote vote;

	(void)state;
	assert_true(name_from_text(&owner, ID ".n1._warden.fleet.example"));
	assert_int_equal(vote_read(&vote, &zone, &owner, cut, sizeof(cut) - 3), VOTE_REFUSED);
	assert_int_equal(vote_read(&vote, &zone, &owner, cut, 0), VOTE_REFUSED);
	assert_int_equal(vote_read(&vote, &zone, &owner, nul, sizeof(nul) - 1), VOTE_REFUSED);
}

/* ---- triggers ------------------------------------------------------------------ */

static void trigger_is(const char *text, bool is_ours)
{
	struct trigger trigger;
	struct name owner;
	ldns_rr *rr, *again;

	assert_int_equal(ldns_rr_new_frm_str(&rr, text, 60, NULL, NULL), LDNS_STATUS_OK);
	assert_true(name_parse(&owner, ldns_rdf_data(ldns_rr_owner(rr)), ldns_rdf_size(ldns_rr_owner(rr))));
	if (trigger_from_rr(&trigger, &zone, &owner, rr) && trigger.verdict != TRIGGER_FOREIGN) {
		if (!is_ours)
			fail_msg("is a trigger: %s", text);
		again = trigger_to_rr(&trigger, &zone);
		assert_non_null(again);
		assert_int_equal(ldns_rr_compare(again, rr), 0);
		ldns_rr_free(again);
	} else if (is_ours) {
		fail_msg("is no trigger: %s", text);
	}
	ldns_rr_free(rr);
}

static void triggers(void **state)
{
	(void)state;
	trigger_is("example.org.fleet.example. CNAME .", true);
	trigger_is("*.example.org.fleet.example. CNAME *.", true);
	trigger_is("example.org.fleet.example. CNAME rpz-drop.", true);
	trigger_is("example.org.fleet.example. CNAME rpz-tcp-only.", true);
	trigger_is("32.7.2.0.192.rpz-client-ip.fleet.example. CNAME .", true);
	trigger_is("24.0.2.0.192.rpz-client-ip.fleet.example. CNAME .", true);
	trigger_is("48.zz.1.db8.2001.rpz-client-ip.fleet.example. CNAME .", true);
	trigger_is("128.1.zz.db8.2001.rpz-client-ip.fleet.example. CNAME .", true);
	trigger_is("64.zz.rpz-client-ip.fleet.example. CNAME .", true);
	trigger_is("128.8.7.6.5.4.3.2.1.rpz-client-ip.fleet.example. CNAME .", true);

	trigger_is("example.org.fleet.example. CNAME rpz-passthru.", false);
	trigger_is("example.org.fleet.example. A 192.0.2.1", false);
	trigger_is("example.org.other.example. CNAME .", false);
	trigger_is("fleet.example. CNAME .", false);
	trigger_is("32.7.2.0.192.rpz-ip.fleet.example. CNAME .", false);
	trigger_is("0.0.0.0.0.rpz-client-ip.fleet.example. CNAME .", false);
	trigger_is("032.7.2.0.192.rpz-client-ip.fleet.example. CNAME .", false);
	trigger_is("32.7.2.0.256.rpz-client-ip.fleet.example. CNAME .", false);
	trigger_is("48.zz.1.zz.2001.rpz-client-ip.fleet.example. CNAME .", false);
	trigger_is("48.0.0.0.0.0.1.db8.2001.rpz-client-ip.fleet.example. CNAME .", false);
	trigger_is("128.8.7.6.zz.4.3.2.1.rpz-client-ip.fleet.example. CNAME .", false); /* one word is no run */
	trigger_is("128.8.7.6.0.4.3.2.1.rpz-client-ip.fleet.example. CNAME .", true);
	trigger_is("x.n1._warden.fleet.example. CNAME .", false);
}

/* The name must fit, wildcard included. */
static void trigger_room(void **state)
{
	struct trigger trigger = { .verdict = WARDEN_REFUSE };
	uint8_t owner[NAME_WIRE_MAX];
	struct name name;
	char text[256];

	(void)state;
	for (unsigned len = 235; len <= 245; len++) {
		memset(text, 'a', len);
		for (unsigned i = 50; i < len - 1; i += 51)
			text[i] = '.';
		text[len] = '\0';
		assert_true(name_from_text(&name, text));
		trigger.name_len = name.len;
		memcpy(trigger.name, name.wire, name.len);
		trigger.wild = false;
		assert_int_equal(trigger_owner(&trigger, &zone, owner) > 0, name.len - 1u + zone.len <= 255);
		trigger.wild = true;
		assert_int_equal(trigger_owner(&trigger, &zone, owner) > 0, name.len + 1u + zone.len <= 255);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(ids),
		cmocka_unit_test(too_long),
		cmocka_unit_test(owners),
		cmocka_unit_test(strict),
		cmocka_unit_test(torn),
		cmocka_unit_test(triggers),
		cmocka_unit_test(trigger_room),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
