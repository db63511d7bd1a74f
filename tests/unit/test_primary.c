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
		transfer_ask(&transfer, wire, message_id(reply.wire), (const uint8_t *)"\005fleet\007example", 15, &have);
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
		while (reply.len < 65000)
			reply_name(&reply, "c");
		fake_send(&fake, &reply);
		octets += reply.len;
	}
	assert_in_range(octets, TRANSFER_OCTETS_MAX - 70000, TRANSFER_OCTETS_MAX + (4 << 20));
	assert_non_null(strstr(said, "more than 32 MiB"));
	assert_int_equal(fake.told.added, 0);
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
	assert_true(primary_due(fake.node, fake.now) <= fake.now + FAKE_POLL);
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
		CASE(test_slow),
		CASE(test_slow_messages),
		CASE(test_clock_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
