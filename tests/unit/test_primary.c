/* SPDX-License-Identifier: BSD-3-Clause */
/* test_primary - a primary that says what no primary should: whatever it is, the node's copy is one that it has had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fake_primary.h"
#include "primary/message.h"
#include "primary/transfer.h"
#include "support.h"

static struct fake fake;
static struct reply reply;

static int open_fake(void **state)
{
	(void)state;
	fake_open(&fake);
	return 0;
}

static int close_fake(void **state)
{
	(void)state;
	fake_close(&fake);
	return 0;
}

static const char *const a_and_b[] = { "a", "b", NULL };

/* A copy with a and b and the serial number 10, and after that a question for what has changed since. */
static void ask_for_changes(uint32_t serial)
{
	fake_whole(&fake, 10, a_and_b);
	fake_next(&fake);
	fake_serial(&fake, serial);
	fake_request(&fake);
}

/* The node has the copy of ask_for_changes() still, and asks for all of the zone. */
static void assert_falls_back(void)
{
	fake_request(&fake);
	assert_int_equal(fake.type, LDNS_RR_TYPE_AXFR);
	assert_int_equal(fake.told.dones, 1);
	assert_int_equal(fake.told.count, 2);
}

static void test_whole(void **state)
{
	(void)state;
	assert_false(primary_up(fake.node));
	fake_whole(&fake, 10, a_and_b);
	assert_int_equal(fake.told.wholes, 1);
	assert_int_equal(fake.told.serial, 10);
	assert_true(fake_has(&fake, "a") && fake_has(&fake, "b"));
	assert_true(primary_up(fake.node));
	assert_string_equal(said, "");
}

/* In many messages, of which only each third has a signature; names in any case. */
static void test_messages(void **state)
{
	char label[16];

	(void)state;
	fake_request(&fake);
	fake_serial(&fake, 10);
	fake_request(&fake);
	for (unsigned i = 0; i < 30; i++) {
		reply_begin(&reply, &fake);
		reply.wire[MESSAGE_HEADER + 1] = 'F';
		if (!i)
			reply_soa(&reply, 10);
		snprintf(label, sizeof(label), "a%u", i);
		reply_name(&reply, label);
		if (i % 3)
			fake_send_unsigned(&fake, &reply);
		else
			fake_send(&fake, &reply);
	}
	assert_int_equal(fake.told.added, 0);
	reply_begin(&reply, &fake);
	reply_soa(&reply, 10);
	fake_send(&fake, &reply);
	fake_until(&fake, fake.told.dones);
	assert_int_equal(fake.told.added, 30);
	assert_true(fake_has(&fake, "a0") && fake_has(&fake, "a29"));
}

static void test_changes(void **state)
{
	(void)state;
	ask_for_changes(12);
	assert_int_equal(fake.type, LDNS_RR_TYPE_IXFR);
	reply_begin(&reply, &fake);
	reply_soa(&reply, 12);
	reply_soa(&reply, 10);
	reply_name(&reply, "a");
	reply_soa(&reply, 11);
	reply_name(&reply, "c");
	reply_soa(&reply, 11);
	reply_soa(&reply, 12);
	reply_name(&reply, "a");
	reply_soa(&reply, 12);
	fake_send(&fake, &reply);
	fake_until(&fake, fake.told.dones == 2);
	assert_int_equal(fake.told.wholes, 1);
	assert_int_equal(fake.told.removed, 1);
	assert_int_equal(fake.told.count, 3);
	assert_int_equal(fake.told.serial, 12);
}

/* All of the zone may be the answer to a request for changes, and nothing, too. */
static void test_other_answers(void **state)
{
	(void)state;
	ask_for_changes(12);
	reply_begin(&reply, &fake);
	reply_soa(&reply, 10);
	fake_send(&fake, &reply);
	fake_next(&fake);
	assert_int_equal(fake.told.dones, 1);
	fake_serial(&fake, 13);
	fake_request(&fake);
	assert_int_equal(fake.type, LDNS_RR_TYPE_IXFR);
	reply_begin(&reply, &fake);
	reply_soa(&reply, 13);
	reply_name(&reply, "z");
	reply_soa(&reply, 13);
	fake_send(&fake, &reply);
	fake_until(&fake, fake.told.dones == 2);
	assert_int_equal(fake.told.wholes, 2);
	assert_int_equal(fake.told.count, 1);
}

/* A script of what is answered to a request for changes from 10 to 12: numbers are SOA records. */
static void reply_script(const char *script)
{
	char label[2] = { 0 };

	reply_begin(&reply, &fake);
	for (; *script; script++) {
		label[0] = *script;
		if (*script >= '0' && *script <= '9')
			reply_soa(&reply, 10 + (uint32_t)(*script - '0'));
		else
			reply_name(&reply, label);
	}
}

static void test_nonsense_changes(void **state)
{
	static const char *const scripts[] = {
		"a",        /* no SOA record at all */
		"21a2",     /* from a serial number that we do not have */
		"20a2b3",   /* beyond the new one */
		"20a1b2",   /* added up to one, ended with another */
		"20a1b12c2x", /* something behind the end */
		"200b1",    /* a change that does not end where it said */
		"2b3",      /* all of the zone, ended by another serial number */
		"2b2b",     /* something behind that */
		"22b",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
		ask_for_changes(12);
		reply_script(scripts[i]);
		fake_send(&fake, &reply);
		assert_falls_back();
		fake_close(&fake);
		fake_open(&fake);
	}
}

/* Changes to a serial number that is not later. */
static void test_changes_back(void **state)
{
	(void)state;
	ask_for_changes(12);
	reply_begin(&reply, &fake);
	reply_soa(&reply, 9);
	reply_soa(&reply, 10);
	reply_name(&reply, "a");
	reply_soa(&reply, 9);
	reply_soa(&reply, 9);
	fake_send(&fake, &reply);
	assert_falls_back();
}

static void test_refused(void **state)
{
	(void)state;
	ask_for_changes(12);
	reply_begin(&reply, &fake);
	reply.wire[3] = LDNS_RCODE_NOTIMPL;
	fake_send(&fake, &reply);
	assert_falls_back();
	reply_begin(&reply, &fake);
	reply.wire[3] = LDNS_RCODE_REFUSED;
	fake_send(&fake, &reply);
	fake_until(&fake, strstr(said, "does not give the zone: REFUSED"));
	assert_false(primary_up(fake.node));
	assert_int_equal(fake.told.dones, 1);
}

static void test_serial_back(void **state)
{
	(void)state;
	ask_for_changes(7);
	assert_int_equal(fake.type, LDNS_RR_TYPE_AXFR);
	reply_begin(&reply, &fake);
	reply_soa(&reply, 7);
	reply_soa(&reply, 7);
	fake_send(&fake, &reply);
	fake_until(&fake, fake.told.dones == 2);
	assert_int_equal(fake.told.count, 0);
	assert_int_equal(fake.told.serial, 7);
}

/* --- malformed messages ----------------------------------------------------------------------- */

enum damage { CUT, ID, NO_ANSWER, TRUNCATED, OPCODE, QUESTION, NO_RECORDS, ELSEWHERE, CLASS, DATA, SOA_BELOW, DAMAGES };

static void damage(enum damage kind)
{
	size_t records = MESSAGE_HEADER + 15 + 4;

	reply_begin(&reply, &fake);
	reply_soa(&reply, 12);
	reply_name(&reply, "c");
	reply_soa(&reply, 12);
	switch (kind) {
	case CUT:        reply.len -= 5; break;
	case ID:         reply.wire[0] ^= 1; break;
	case NO_ANSWER:  reply.wire[2] &= 0x7f; break;
	case TRUNCATED:  reply.wire[2] |= 2; break;
	case OPCODE:     reply.wire[2] |= MESSAGE_UPDATE << 3; break;
	case QUESTION:   reply.wire[MESSAGE_HEADER + 1] = 'x'; break;
	case NO_RECORDS: message_set_count(reply.wire, SECTION_ANSWER, 0); reply.len = records; break;
	case ELSEWHERE:  message_put16(reply.wire + records, 0xc000 | (MESSAGE_HEADER + 6)); break;
	case CLASS:      message_put16(reply.wire + records + 4, 3); break;
	case DATA:       message_put16(reply.wire + records + 10, 23); break;
	case SOA_BELOW:  message_put16(reply.wire + records + 12 + 22 + 4, LDNS_RR_TYPE_SOA); break;
	case DAMAGES:    break;
	}
}

static void test_malformed(void **state)
{
	(void)state;
	for (enum damage kind = 0; kind < DAMAGES; kind++) {
		ask_for_changes(12);
		damage(kind);
		fake_send(&fake, &reply);
		if (kind == CUT || kind == DATA) { /* no signature is found behind it */
			fake_until(&fake, !primary_up(fake.node));
			assert_int_equal(fake.told.count, 2);
		} else {
			assert_falls_back();
			damage(kind);
			fake_send(&fake, &reply);
			fake_until(&fake, strstr(said, "malformed"));
		}
		assert_int_equal(fake.told.dones, 1);
		fake_next(&fake); /* it asks again, later */
		assert_true(fake.now > NOW);
		fake_close(&fake);
		fake_open(&fake);
	}
}

/* Cut short at every octet, and signed for what it is: never a word of it. */
static void test_every_length(void **state)
{
	const struct share_rules rules = { .below = NULL };
	struct transfer transfer;
	uint8_t wire[TRANSFER_REQUEST_MAX];
	size_t whole;

	(void)state;
	ask_for_changes(12);
	damage(DAMAGES);
	whole = reply.len;
	for (size_t len = 0; len < whole; len++) {
		uint8_t *copy = malloc(len + 1);
		uint32_t have = 10;

		assert_non_null(copy);
		memcpy(copy, reply.wire, len);
		transfer_ask(&transfer, wire, message_id(reply.wire), (const uint8_t *)"\005fleet\007example", 15, &have,
		             &rules);
		assert_int_equal(transfer_take(&transfer, copy, len), TRANSFER_MALFORMED);
		transfer_free(&transfer);
		free(copy);
	}
}

/* A connection that ends in the middle leaves the copy as it was. */
static void test_broken(void **state)
{
	(void)state;
	ask_for_changes(12);
	reply_begin(&reply, &fake);
	reply_soa(&reply, 12);
	reply_soa(&reply, 10);
	reply_name(&reply, "a");
	fake_send(&fake, &reply);
	fake_send_octets(&fake, "\0\100abc", 5);
	for (unsigned i = 0; i < FAKE_LINES; i++)
		if (fake.lines[i] >= 0) {
			close(fake.lines[i]);
			fake.lines[i] = -1;
		}
	fake_until(&fake, strstr(said, "closes the connection"));
	assert_int_equal(fake.told.removed, 0);
	fake_next(&fake);
	fake_serial(&fake, 10);
	fake_until(&fake, primary_up(fake.node));
	assert_int_equal(fake.told.count, 2);
}

static void test_endless(void **state)
{
	uint64_t octets = 0;

	(void)state;
	fake_request(&fake);
	fake_serial(&fake, 12);
	fake_request(&fake);
	for (bool first = true; !fake_is_closed(&fake) && octets < 2 * TRANSFER_OCTETS_MAX; first = false) {
		reply_begin(&reply, &fake);
		if (first)
			reply_soa(&reply, 12);
		for (; reply.len < 64000; octets += 1000)
			reply_text(&reply, "c", "n1", 1000);
		fake_send(&fake, &reply);
	}
	assert_in_range(octets, TRANSFER_OCTETS_MAX / 8 * 7, TRANSFER_OCTETS_MAX + (4 << 20));
	assert_non_null(strstr(said, "more than 64 MiB"));
	assert_int_equal(fake.told.added, 0);
}

/* Changes without end: they may add up to less than they are, so all of the zone is asked for. */
static void test_endless_changes(void **state)
{
	uint64_t octets = 0;

	(void)state;
	ask_for_changes(12);
	for (bool first = true; !fake_is_closed(&fake) && octets < 2 * TRANSFER_OCTETS_MAX; first = false) {
		reply_begin(&reply, &fake);
		if (first) {
			reply_soa(&reply, 12);
			reply_soa(&reply, 10);
		}
		for (; reply.len < 64000; octets += 1000)
			reply_text(&reply, "c", "n2", 1000);
		fake_send(&fake, &reply);
	}
	assert_falls_back();
	assert_string_equal(said, "");
}

/* --- what is left out --------------------------------------------------------------------------- */

/* Sends all of a zone: <count> records of <len> octets of each of <writers>, and one of n9. */
static void send_flood(const char *const writers[], unsigned count, size_t len)
{
	fake_request(&fake);
	fake_serial(&fake, 10);
	fake_request(&fake);
	reply_begin(&reply, &fake);
	reply_soa(&reply, 10);
	for (; *writers; writers++)
		for (unsigned i = 0; i < count; i++) {
			if (reply.len + len > 64000) {
				fake_send(&fake, &reply);
				reply_begin(&reply, &fake);
			}
			reply_text(&reply, "flood", *writers, len);
		}
	reply_text(&reply, "honest", "n9", 200);
	reply_soa(&reply, 10);
	fake_send(&fake, &reply);
	fake_until(&fake, fake.told.dones);
}

/* 500 records as large as a record can be: more than there is room for, and none is of use. */
static void test_useless(void **state)
{
	static const char *const writers[] = { "n2", "n3", "n4", NULL };

	(void)state;
	send_flood(writers, 500, 60000);
	assert_int_equal(fake.told.added, 1);
	assert_true(fake_has(&fake, "honest"));
	assert_non_null(strstr(said, "1500 records are left out"));
	assert_true(primary_up(fake.node));
}

static void test_longest(void **state)
{
	static const char *const writers[] = { "n2", NULL };

	(void)state;
	send_flood(writers, 1, FAKE_DATA_MAX);
	assert_int_equal(fake.told.added, 2);
	assert_string_equal(said, "");
}

/* Each has its share, in any case of letters, whoever else there is; only we have no bound. */
static void test_shares(void **state)
{
	static const char *const writers[] = { "n2", "N3", "n2", "n1", "n3", "n10", NULL };
	const size_t record = 6 + 3 + 8 + 15 + 10 + 300; /* of n10: one more */

	(void)state;
	send_flood(writers, 1000, 300);
	assert_int_equal(fake.told.added, 2 * (FAKE_SHARE / record) + FAKE_SHARE / (record + 1) + 1000 + 1);
	assert_true(fake_has(&fake, "flood"));
	assert_non_null(strstr(said, "records are left out"));
}

/* More writers than a fleet has nodes. */
static void test_writers(void **state)
{
	char writer[16];

	(void)state;
	fake_request(&fake);
	fake_serial(&fake, 10);
	fake_request(&fake);
	reply_begin(&reply, &fake);
	reply_soa(&reply, 10);
	for (unsigned i = 0; i < SHARE_WRITERS_MAX + 100; i++) {
		snprintf(writer, sizeof(writer), "m%u", i);
		if (reply.len > 60000) {
			fake_send(&fake, &reply);
			reply_begin(&reply, &fake);
		}
		reply_text(&reply, "a", writer, 10);
	}
	reply_soa(&reply, 10);
	fake_send(&fake, &reply);
	fake_until(&fake, fake.told.dones);
	assert_int_equal(fake.told.added, SHARE_WRITERS_MAX);
}

/* A share is of the whole zone: changes have none, for each may take away what it adds. */
static void test_changes_have_no_share(void **state)
{
	const unsigned count = FAKE_SHARE / 100;

	(void)state;
	ask_for_changes(12);
	reply_begin(&reply, &fake);
	reply_soa(&reply, 12);
	reply_soa(&reply, 10);
	reply_soa(&reply, 12);
	for (unsigned i = 0; i < count; i++) {
		if (reply.len > 60000) {
			fake_send(&fake, &reply);
			reply_begin(&reply, &fake);
		}
		reply_text(&reply, "c", "n2", 100);
	}
	reply_soa(&reply, 12);
	fake_send(&fake, &reply);
	fake_until(&fake, fake.told.dones == 2);
	assert_int_equal(fake.told.added, 2 + count);
}

/* --- when it is told ---------------------------------------------------------------------------- */

/* A large zone is told slice by slice, and nothing else is told or asked in between. */
static void test_slices(void **state)
{
	const unsigned count = 5 * PRIMARY_TOLD_AT_ONCE / 2;

	(void)state;
	fake_request(&fake);
	fake_serial(&fake, 10);
	fake_request(&fake);
	for (unsigned i = 0; i < count; i++) {
		if (!i || reply.len > 60000) {
			if (i)
				fake_send(&fake, &reply);
			reply_begin(&reply, &fake);
		}
		if (!i)
			reply_soa(&reply, 10);
		reply_name(&reply, "c");
	}
	reply_soa(&reply, 10);
	fake_send(&fake, &reply);
	fake_until(&fake, fake.told.added);
	for (unsigned slice = 1; slice <= 2; slice++) {
		assert_int_equal(fake.told.added, slice * PRIMARY_TOLD_AT_ONCE);
		assert_int_equal(fake.told.dones, 0);
		assert_true(primary_is_telling(fake.node));
		assert_int_equal(primary_due(fake.node, fake.now), fake.now);
		fake.now += FAKE_POLL; /* it does not ask before it is through */
		primary_work(fake.node, fake.now);
	}
	assert_int_equal(fake.told.added, count);
	assert_int_equal(fake.told.wholes, 1);
	assert_int_equal(fake.told.dones, 1);
	assert_false(primary_is_telling(fake.node));
	assert_int_equal(fake.told.in_a_turn, PRIMARY_TOLD_AT_ONCE);
	fake_next(&fake);
	fake_serial(&fake, 10);
	fake_until(&fake, primary_up(fake.node));
}

/* An octet now and then, and never an end. */
static void test_slow(void **state)
{
	(void)state;
	ask_for_changes(12);
	fake_send_octets(&fake, "\1\0", 2);
	for (unsigned i = 0; i < 60 && !fake_is_closed(&fake); i++) {
		fake_send_octets(&fake, "x", 1);
		fake.now += SECOND;
		fake_turn(&fake);
	}
	fake_until(&fake, fake_is_closed(&fake));
	assert_non_null(strstr(said, "does not answer in time"));
	assert_int_equal(fake.told.count, 2);
}

/* Messages that keep coming, too slowly to end. */
static void test_slow_messages(void **state)
{
	unsigned seconds = 0;

	(void)state;
	ask_for_changes(12);
	for (; seconds < 120 && !fake_is_closed(&fake); seconds++) {
		reply_begin(&reply, &fake);
		if (!seconds)
			reply_soa(&reply, 12);
		reply_name(&reply, "c");
		fake_send(&fake, &reply);
		fake.now += SECOND;
		for (unsigned i = 0; i < 3; i++)
			fake_turn(&fake);
	}
	assert_in_range(seconds, 55, 65);
	assert_int_equal(fake.told.count, 2);
}

static void test_clock_back(void **state)
{
	(void)state;
	fake_whole(&fake, 10, a_and_b);
	fake.now -= DAY;
	fake_next(&fake);
	fake_serial(&fake, 10);
	fake_next(&fake);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, open_fake, close_fake)
	const struct CMUnitTest tests[] = {
		CASE(test_whole),
		CASE(test_messages),
		CASE(test_changes),
		CASE(test_other_answers),
		CASE(test_nonsense_changes),
		CASE(test_changes_back),
		CASE(test_refused),
		CASE(test_serial_back),
		CASE(test_malformed),
		CASE(test_every_length),
		CASE(test_broken),
		CASE(test_endless),
		CASE(test_endless_changes),
		CASE(test_useless),
		CASE(test_longest),
		CASE(test_shares),
		CASE(test_writers),
		CASE(test_changes_have_no_share),
		CASE(test_slices),
		CASE(test_slow),
		CASE(test_slow_messages),
		CASE(test_clock_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
