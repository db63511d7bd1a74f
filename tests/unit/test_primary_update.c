/* SPDX-License-Identifier: BSD-3-Clause */
/* test_primary_update - updates, signatures and keys: what is not signed by our key has not been said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fake_primary.h"
#include "primary/key.h"
#include "primary/message.h"
#include "support.h"

static struct fake fake;
static struct reply reply;
static const char *const nothing[] = { NULL };

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

static ldns_rr_list *list_of(const char *const records[])
{
	ldns_rr_list *list = ldns_rr_list_new();

	for (; *records; records++) {
		ldns_rr *rr = NULL;

		assert_int_equal(ldns_rr_new_frm_str(&rr, *records, 60, NULL, NULL), LDNS_STATUS_OK);
		assert_true(ldns_rr_list_push_rr(list, rr));
	}
	return list;
}

/* Answers to the next request come between sending it and looking for them, as where the primary is on this machine. */
static bool at_once;

ssize_t send(int line, const void *octets, size_t len, int flags)
{
	ssize_t sent = sendto(line, octets, len, flags, NULL, 0);

	if (!at_once)
		return sent;
	at_once = false;
	fake.in_node = true;
	fake_request(&fake);
	reply_begin(&reply, &fake);
	fake_send(&fake, &reply);
	fake.in_node = false;
	return sent;
}

static void update(uint64_t id)
{
	static const char *const records[] = { "x.n1._warden.fleet.example. 60 IN TXT \"v=1\"", NULL };
	ldns_rr_list *add = list_of(records);

	assert_int_equal(primary_update(fake.node, id, add, NULL), PRIMARY_TAKEN);
	ldns_rr_list_deep_free(add);
	fake_request(&fake);
	assert_true(fake.is_update);
}

static void test_taken(void **state)
{
	(void)state;
	fake_whole(&fake, 1, nothing);
	update(7);
	assert_int_equal(primary_update(fake.node, 8, NULL, NULL), PRIMARY_BUSY);
	reply_begin(&reply, &fake);
	fake_send(&fake, &reply);
	fake_until(&fake, fake.told.answers);
	assert_int_equal(fake.told.id, 7);
	assert_int_equal(fake.told.rcode, 0);
	fake_request(&fake); /* the zone has changed: it is asked for at once */
	assert_false(fake.is_update);
	update(8);
	reply_begin(&reply, &fake);
	reply.wire[3] = LDNS_RCODE_REFUSED;
	fake_send(&fake, &reply);
	fake_until(&fake, fake.told.answers == 2);
	assert_int_equal(fake.told.rcode, LDNS_RCODE_REFUSED);
	assert_non_null(strstr(said, "does not take an update: REFUSED"));
}

/* What the octets are: removals before additions, by class. */
static void test_octets(void **state)
{
	static const char *const adds[] = { "a.fleet.example. 60 IN TXT \"v=1\" \"node=n1\"", NULL };
	static const char *const removes[] = { "b.fleet.example. 60 IN CNAME .", NULL };
	static const uint8_t expected[] =
		"\1b\5fleet\7example\0" "\0\5" "\0\376" "\0\0\0\0" "\0\1" "\0"
		"\1c\5fleet\7example\0" "\0\20" "\0\377" "\0\0\0\0" "\0\0"
		"\1a\5fleet\7example\0" "\0\20" "\0\1" "\0\0\0\74" "\0\14" "\3v=1\7node=n1";
	ldns_rr_list *add = list_of(adds), *remove = list_of(removes);
	ldns_rr *all = ldns_rr_new();

	(void)state;
	ldns_rr_set_owner(all, ldns_dname_new_frm_str("c.fleet.example."));
	ldns_rr_set_type(all, LDNS_RR_TYPE_TXT);
	ldns_rr_list_push_rr(remove, all);
	fake_whole(&fake, 1, nothing);
	assert_int_equal(primary_update(fake.node, 1, add, remove), PRIMARY_TAKEN);
	fake_request(&fake);
	assert_int_equal(message_count(fake.request, SECTION_AUTHORITY), 3);
	assert_int_equal(message_count(fake.request, SECTION_ANSWER), 0);
	assert_memory_equal(fake.request + MESSAGE_HEADER + 15 + 4, expected, sizeof(expected) - 1);
	ldns_rr_list_deep_free(add);
	ldns_rr_list_deep_free(remove);
}

/* As much as is promised, and more than can be. */
static void test_large(void **state)
{
	char text[600];
	const char *const records[] = { text, NULL };
	ldns_rr_list *add = ldns_rr_list_new();
	size_t octets = 0;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memcpy(text, "b.fleet.example. 60 IN TXT \"", 28);
	text[28 + 250] = text[30 + 250] = '"';
	text[29 + 250] = ' ';
	memcpy(text + 30 + 500, "\"", 2);
	for (;;) {
		ldns_rr_list *one = list_of(records);

		octets += ldns_rr_uncompressed_size(ldns_rr_list_rr(one, 0));
		if (octets > PRIMARY_UPDATE_OCTETS)
			ldns_rr_list_deep_free(one);
		else
			ldns_rr_list_push_rr_list(add, one), ldns_rr_list_free(one);
		if (octets > PRIMARY_UPDATE_OCTETS)
			break;
	}
	fake_whole(&fake, 1, nothing);
	assert_int_equal(primary_update(fake.node, 1, add, NULL), PRIMARY_TAKEN);
	fake_request(&fake);
	assert_true(fake.is_update && fake.request_len > PRIMARY_UPDATE_OCTETS - 600);
	reply_begin(&reply, &fake);
	fake_send(&fake, &reply);
	fake_until(&fake, fake.told.answers);
	assert_int_equal(primary_update(fake.node, 2, add, add), PRIMARY_TOO_LARGE);
	ldns_rr_list_deep_free(add);
}

/* The primary has closed the connection that nothing went over: that is no fault. */
static void test_idle(void **state)
{
	(void)state;
	fake_whole(&fake, 1, nothing);
	update(1);
	reply_begin(&reply, &fake);
	fake_send(&fake, &reply);
	fake_until(&fake, fake.told.answers);
	for (unsigned i = 0; i < FAKE_LINES; i++)
		if (fake.lines[i] >= 0) {
			close(fake.lines[i]);
			fake.lines[i] = -1;
		}
	update(2);
	reply_begin(&reply, &fake);
	fake_send(&fake, &reply);
	fake_until(&fake, fake.told.answers == 2);
	assert_int_equal(fake.told.rcode, 0);
	assert_string_equal(said, "");
}

/* --- signatures --------------------------------------------------------------------------------- */

/* Answers the update as <spoil> has it; the node hears <rcode>, and <sentence> is said. */
static void check_answer(void (*spoil)(void), int rcode, const char *sentence)
{
	fake_whole(&fake, 1, nothing);
	update(1);
	reply_begin(&reply, &fake);
	spoil();
	fake_until(&fake, fake.told.answers);
	assert_int_equal(fake.told.rcode, rcode);
	assert_non_null(strstr(said, sentence));
	assert_false(primary_up(fake.node));
}

static void leave_unsigned(void) { fake_send_unsigned(&fake, &reply); }
static void refuse_unsigned(void) { reply.wire[3] = LDNS_RCODE_NOTAUTH, fake_send_unsigned(&fake, &reply); }
static void sign_falsely(void) { fake.mac[0] ^= 1, fake_send(&fake, &reply); }
static void sign_as_later(void) { fake.first = false, fake_send(&fake, &reply); }
static void sign_late(void) { fake.skew = 1000, fake_send(&fake, &reply); }
static void sign_just_late(void) { fake.skew = 301, fake_send(&fake, &reply); }
static void sign_early(void) { fake.skew = -301, fake_send(&fake, &reply); }
static void sign_badtime(void)
{
	reply.wire[3] = LDNS_RCODE_NOTAUTH;
	fake.skew = 4000, fake.error = 18;
	fake_send(&fake, &reply);
}
static void sign_other_error(void) { fake.error = 16, fake_send(&fake, &reply); }
static void sign_other_id(void) { reply.wire[0] ^= 1, fake_send(&fake, &reply); }

#define SIGNATURE(name, rcode, sentence) \
	static void test_##name(void **state) \
	{ \
		(void)state; \
		check_answer(name, rcode, sentence); \
	}
SIGNATURE(leave_unsigned, PRIMARY_NO_ANSWER, "without a signature")
SIGNATURE(refuse_unsigned, PRIMARY_NO_ANSWER, "answers NOTAUTH without a signature: is it the primary of this zone?")
SIGNATURE(sign_falsely, PRIMARY_NO_ANSWER, "false signature")
SIGNATURE(sign_as_later, PRIMARY_NO_ANSWER, "false signature")
SIGNATURE(sign_late, PRIMARY_NO_ANSWER, "differ by 1000 seconds")
SIGNATURE(sign_just_late, PRIMARY_NO_ANSWER, "differ by 301 seconds")
SIGNATURE(sign_early, PRIMARY_NO_ANSWER, "differ by -301 seconds")
SIGNATURE(sign_badtime, PRIMARY_NO_ANSWER, "differ by 4000 seconds")
SIGNATURE(sign_other_error, PRIMARY_NO_ANSWER, "false signature")
SIGNATURE(sign_other_id, PRIMARY_NO_ANSWER, "malformed")

/* A key that is good for all else, and not for this: the next one goes without a wait. A key that is good for nothing
 * any more is a fault of the line.
 */
static void test_not_for_this(void **state)
{
	(void)state;
	fake_whole(&fake, 1, nothing);
	for (unsigned i = 1; i <= 3; i++) {
		uint64_t sent = fake.now;

		update(i);
		assert_true(fake.now == sent);
		reply_begin(&reply, &fake);
		fake_send_badkey(&fake, &reply);
		fake_until(&fake, fake.told.answers == i);
		assert_int_equal(fake.told.rcode, PRIMARY_NOT_OURS);
		assert_true(primary_up(fake.node));
	}
	assert_null(strstr(said, "fleet-key-file"));
	assert_non_null(strstr(said, "does not take an update: NOTAUTH"));

	fake_next(&fake);
	assert_false(fake.is_update);
	reply_begin(&reply, &fake);
	fake_send_badkey(&fake, &reply);
	fake_until(&fake, strstr(said, "fleet-key-file"));
	assert_false(primary_up(fake.node));
	update(4);
	reply_begin(&reply, &fake);
	fake_send_badkey(&fake, &reply);
	fake_until(&fake, fake.told.answers == 4);
	assert_int_equal(fake.told.rcode, PRIMARY_NO_ANSWER);
}

static void test_edge_of_time(void **state)
{
	(void)state;
	fake_whole(&fake, 1, nothing);
	update(1);
	reply_begin(&reply, &fake);
	fake.skew = 300;
	fake_send(&fake, &reply);
	fake_until(&fake, fake.told.answers);
	assert_int_equal(fake.told.rcode, 0);
	fake.skew = 0;
	fake_request(&fake);
	fake_serial(&fake, 1);
	update(2);
	reply_begin(&reply, &fake);
	fake.skew = -300;
	fake_send(&fake, &reply);
	fake_until(&fake, fake.told.answers == 2);
	assert_int_equal(fake.told.rcode, 0);
}

/* Answers the question for the serial number with a refusal. */
static void refuse_serial(void)
{
	assert_false(fake.is_update);
	reply_begin(&reply, &fake);
	reply.wire[3] = LDNS_RCODE_REFUSED;
	fake_send(&fake, &reply);
	fake_until(&fake, !primary_up(fake.node));
}

/* An update that was taken has the zone asked for, but not before the side that asks may: until then there is nothing
 * to wake up for.
 */
static void test_rest_after_fault(void **state)
{
	unsigned wakes = 0;

	(void)state;
	fake_whole(&fake, 1, nothing);
	fake_next(&fake);
	refuse_serial();
	update(1);
	reply_begin(&reply, &fake);
	fake_send(&fake, &reply);
	fake_until(&fake, fake.told.answers);
	assert_int_equal(fake.told.rcode, 0);
	for (uint64_t end = fake.now + 600; fake.now < end; wakes++) {
		uint64_t due = primary_due(fake.node, fake.now);

		fake.now = due > fake.now ? due : fake.now + 1;
		primary_work(fake.node, fake.now);
	}
	assert_in_range(wakes, 1, 3);
}

/* The next update, whatever else is asked before. */
static void await_update(void)
{
	fake_request(&fake);
	while (!fake.is_update) {
		fake_serial(&fake, 1);
		fake_request(&fake);
	}
}

/* What is away comes back: neither side waits any longer than the other. */
static void test_heals_both(void **state)
{
	(void)state;
	fake_whole(&fake, 1, nothing);
	for (unsigned i = 0; i < 3; i++) { /* the next try is in 3 seconds or more */
		assert_int_equal(primary_update(fake.node, i, NULL, NULL), PRIMARY_TAKEN);
		fake.now += 10 * SECOND;
		await_update();
		reply_begin(&reply, &fake);
		fake_send_unsigned(&fake, &reply);
		fake_until(&fake, fake.told.answers == i + 1);
	}
	assert_int_equal(primary_update(fake.node, 3, NULL, NULL), PRIMARY_TAKEN);
	fake.now += FAKE_POLL;
	fake_request(&fake);
	refuse_serial();
	fake.now += 1300;
	fake_request(&fake);
	fake_serial(&fake, 1);
	fake_request(&fake);
	assert_true(fake.is_update);
}

/* A transfer whose last message has no signature, and one with too many in a row. */
static void test_unsigned_end(void **state)
{
	(void)state;
	fake_request(&fake);
	fake_serial(&fake, 10);
	fake_request(&fake);
	reply_begin(&reply, &fake);
	reply_soa(&reply, 10);
	fake_send(&fake, &reply);
	reply_begin(&reply, &fake);
	reply_soa(&reply, 10);
	fake_send_unsigned(&fake, &reply);
	fake_until(&fake, strstr(said, "without a signature"));
	assert_int_equal(fake.told.dones + fake.told.wholes, 0);
}

static void test_unsigned_run(void **state)
{
	(void)state;
	fake_request(&fake);
	fake_serial(&fake, 10);
	fake_request(&fake);
	for (unsigned i = 0; i < 102 && !fake_is_closed(&fake); i++) {
		reply_begin(&reply, &fake);
		if (!i)
			reply_soa(&reply, 10);
		reply_name(&reply, "a");
		if (i)
			fake_send_unsigned(&fake, &reply);
		else
			fake_send(&fake, &reply);
	}
	fake_until(&fake, strstr(said, "without a signature"));
	assert_int_equal(fake.told.dones + fake.told.wholes, 0);
}

/* What nobody asked for. */
static void test_unasked(void **state)
{
	(void)state;
	fake_whole(&fake, 1, nothing);
	reply_begin(&reply, &fake);
	fake_send(&fake, &reply);
	fake_until(&fake, fake_is_closed(&fake));
	fake_next(&fake);
	fake_serial(&fake, 1);
	fake_until(&fake, primary_up(fake.node));
}

/* Nobody there: later and later, and each update is told so. */
static void test_away(void **state)
{
	uint64_t gaps[3], last;

	(void)state;
	fake_whole(&fake, 1, nothing);
	close(fake.listener);
	close(fake.line);
	fake.listener = fake.line = fake.lines[0] = -1;
	fake.now += FAKE_POLL;
	for (unsigned i = 0; i < 50 && primary_up(fake.node); i++)
		primary_work(fake.node, fake.now), usleep(1000);
	assert_false(primary_up(fake.node));
	assert_non_null(strstr(said, "cannot be reached"));
	last = fake.now;
	for (unsigned i = 0; i < 3; i++) {
		unsigned before = fake.told.answers;

		assert_int_equal(primary_update(fake.node, i, NULL, NULL), PRIMARY_TAKEN);
		for (unsigned turn = 0; turn < 10000 && fake.told.answers == before; turn++) {
			primary_work(fake.node, fake.now);
			fake.now += 10;
		}
		assert_int_equal(fake.told.answers, before + 1);
		assert_int_equal(fake.told.rcode, PRIMARY_NO_ANSWER);
		gaps[i] = fake.now - last;
		last = fake.now;
	}
	assert_in_range(gaps[1], 700, 1400);
	assert_in_range(gaps[2], 1400, 2700);
}

/* --- keys ---------------------------------------------------------------------------------------- */

#define SECRET "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

/* One of some 4000 secrets begins as a comment does. */
static void test_slashes(void **state)
{
#define SLASHES "//8AAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0="
	static const char *const texts[] = {
		"hmac-sha256:n1:" SLASHES "\n", "key n1 { algorithm hmac-sha256; secret " SLASHES "; };",
		"key \"n1\" {\n\talgorithm hmac-sha256;\n\tsecret \"" SLASHES "\";\n};\n",
		"key:\n  - id: n1\n    algorithm: hmac-sha256\n    secret: " SLASHES "\n",
	};
	struct key key;
	char error[512] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const char *path = temp_file("key", texts[i]);

		assert_int_equal(chmod(path, 0640), 0);
		assert_int_equal(key_read(&key, path, error, sizeof(error)), 0);
		assert_int_equal(key.secret_len, 32);
		assert_memory_equal(key.secret, "\377\377\0\1", 4);
	}
}

static void test_keys(void **state)
{
	static const struct {
		const char *text, *fault; /* NULL: it is good */
	} cases[] = {
		{ "# hmac-sha256:n1:" SECRET "\nkey:\n  - id: n1\n    algorithm: hmac-sha256\n    secret: " SECRET "\n", NULL },
		{ "key \"n1\" {\n\talgorithm hmac-sha256;\n\tsecret \"" SECRET "\";\n};\n", NULL },
		{ "key n1. { algorithm HMAC-SHA256.; secret " SECRET "; };", NULL },
		{ "hmac-sha512:N1:" SECRET "\n", NULL },
		{ "// a comment\nhmac-sha224:n1:" SECRET, NULL },
		{ "key n1 { // a comment\n algorithm hmac-sha256; // another\n secret \"" SECRET "\"; // the last\n};", NULL },
		{ "", "does not hold one" },
		{ "n1:" SECRET, "does not hold one" },
		{ "key \"n1\" { secret \"" SECRET "\"; };", "does not hold one" },
		{ "key \"n1\" { algorithm hmac-sha256; algorithm hmac-sha256; };", "does not hold one" },
		{ "hmac-sha256:n1:" SECRET "\nhmac-sha256:n2:" SECRET "\n", "does not hold one" },
		{ "key \"n1\" { algorithm hmac-sha256; secret \"" SECRET "\"; };\nkey \"n2\" { algorithm hmac-sha256; };",
		  "does not hold one" },
		{ "hmac-md5:n1:" SECRET, "algorithm is none of" },
		{ "hmac-sha1:n1:" SECRET, "algorithm is none of" },
		{ "hmac-sha256:n..1:" SECRET, "no domain name" },
		{ "hmac-sha256:n1:c2hvcnQ=", "not Base64" },
		{ "hmac-sha256:n1:" SECRET "=", "not Base64" },
		{ "hmac-sha256:n1:!!!!" SECRET, "not Base64" },
	};
	struct key key;
	char error[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *path = temp_file("key", cases[i].text);
		int result;

		assert_int_equal(chmod(path, 0640), 0);
		error[0] = '\0';
		result = key_read(&key, path, error, sizeof(error));
		assert_int_equal(result, cases[i].fault ? -1 : 0);
		if (cases[i].fault) {
			assert_non_null(strstr(error, cases[i].fault));
			assert_int_equal(key.secret_len, 0);
			continue;
		}
		assert_int_equal(key.secret_len, 32);
		assert_memory_equal(key.secret, "0123456789abcdef0123456789abcdef", 32);
		assert_int_equal(key.name_len, 4);
		assert_memory_equal(key.name, "\2n1", 4);
	}
	assert_int_equal(key_read(&key, temp("no-such-key"), error, sizeof(error)), -1);
	assert_int_equal(chmod(temp_file("key", "hmac-sha256:n1:" SECRET), 0644), 0);
	assert_int_equal(key_read(&key, temp("key"), error, sizeof(error)), -1);
	assert_non_null(strstr(error, "open to everybody"));
	assert_int_equal(mkfifo(temp("pipe"), 0600), 0); /* nobody writes into it: nobody waits for it */
	assert_int_equal(key_read(&key, temp("pipe"), error, sizeof(error)), -1);
	assert_non_null(strstr(error, "it is a device, a pipe or a socket, and must be a file"));
}

/* What is not read may be another key: a file that is longer than what is, or has an end for C in the middle. */
static void test_key_file_end(void **state)
{
	static char text[4096 + 2];
	struct key key;
	char error[512] = "";
	FILE *file;

	(void)state;
	memset(text, '\n', sizeof(text) - 1);
	memcpy(text, "hmac-sha256:n1:" SECRET, strlen("hmac-sha256:n1:" SECRET));
	assert_int_equal(chmod(temp_file("key", text + 1), 0600), 0); /* one less: all of it is read */
	assert_int_equal(key_read(&key, temp("key"), error, sizeof(error)), -1);
	assert_non_null(strstr(error, "algorithm is none of"));
	assert_int_equal(chmod(temp_file("key", text), 0600), 0);
	assert_int_equal(key_read(&key, temp("key"), error, sizeof(error)), -1);
	assert_non_null(strstr(error, "is longer than 4096 octets"));
	file = fopen(temp("key"), "w");
	assert_non_null(file);
	fputs("hmac-sha256:n1:" SECRET "\n", file);
	fputc('\0', file);
	fputs("hmac-sha256:n2:" SECRET "\n", file);
	fclose(file);
	assert_int_equal(key_read(&key, temp("key"), error, sizeof(error)), -1);
	assert_non_null(strstr(error, "is no text"));
	assert_int_equal(key.secret_len, 0);
}

static void test_setup(void **state)
{
	static const char *const addresses[] = { "", "localhost", "127.0.0.1@", "127.0.0.1@0", "127.0.0.1@65536",
	                                         "127.0.0.1@53x", "127.0.0.1@+53", "::1@-1", "127.0.0.1:53",
	                                         "/run/knot" };
	struct primary_setup setup = { .zone = "fleet.example", .address = "::1", .poll = 1000 };
	char error[512];
	struct primary *primary;

	(void)state;
	setup.key_file = temp_file("key", "hmac-sha256:n1:" SECRET);
	assert_int_equal(chmod(setup.key_file, 0600), 0);
	primary = primary_open(&setup, error, sizeof(error));
	assert_non_null(primary);
	primary_close(primary);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
		setup.address = addresses[i];
		assert_null(primary_open(&setup, error, sizeof(error)));
		assert_non_null(strstr(error, "fleet-primary: '"));
	}
	setup.address = "192.0.2.1@5300";
	setup.zone = "a..b";
	assert_null(primary_open(&setup, error, sizeof(error)));
	assert_non_null(strstr(error, "fleet-zone: 'a..b' is no domain name"));
}

/* It counts like any other. */
static void test_answered_at_once(void **state)
{
	(void)state;
	fake_whole(&fake, 1, nothing);
	update(7);
	reply_begin(&reply, &fake);
	fake_send(&fake, &reply);
	fake_until(&fake, fake.told.answers == 1);
	fake_request(&fake);
	fake_serial(&fake, 1);
	fake_turn(&fake);
	assert_int_equal(primary_update(fake.node, 8, NULL, NULL), PRIMARY_TAKEN);
	at_once = true;
	primary_work(fake.node, fake.now);
	assert_false(at_once);
	assert_true(fake.is_update);
	assert_int_equal(fake.told.answers, 2);
	assert_int_equal(fake.told.id, 8);
	assert_int_equal(fake.told.rcode, 0);
	assert_true(primary_up(fake.node));
}

/* An update without an answer, which nobody sends again: the primary is away for a minute, if all else is answered. */
static void test_forgotten(void **state)
{
	uint64_t asked;

	(void)state;
	fake_whole(&fake, 1, nothing);
	asked = fake.now;
	update(7);
	while (!fake.told.answers) {
		fake_next(&fake);
		fake_serial(&fake, 1);
		fake_turn(&fake);
	}
	assert_int_equal(fake.told.rcode, PRIMARY_NO_ANSWER);
	assert_false(primary_up(fake.node));
	while (!primary_up(fake.node) && fake.now < asked + HOUR) {
		fake_next(&fake);
		fake_serial(&fake, 1);
		fake_turn(&fake);
	}
	assert_in_range(fake.now - asked, MINUTE, MINUTE + 5 * FAKE_POLL);
	assert_non_null(strstr(said, "answers"));
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, open_fake, close_fake)
	const struct CMUnitTest tests[] = {
		CASE(test_taken),
		CASE(test_answered_at_once),
		CASE(test_forgotten),
		CASE(test_octets),
		CASE(test_large),
		CASE(test_idle),
		CASE(test_leave_unsigned),
		CASE(test_refuse_unsigned),
		CASE(test_sign_falsely),
		CASE(test_sign_as_later),
		CASE(test_sign_late),
		CASE(test_sign_just_late),
		CASE(test_sign_early),
		CASE(test_sign_badtime),
		CASE(test_sign_other_error),
		CASE(test_sign_other_id),
		CASE(test_not_for_this),
		CASE(test_edge_of_time),
		CASE(test_rest_after_fault),
		CASE(test_heals_both),
		CASE(test_unsigned_end),
		CASE(test_unsigned_run),
		CASE(test_unasked),
		CASE(test_away),
		cmocka_unit_test(test_slashes),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_key_file_end),
		cmocka_unit_test(test_setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
