/* SPDX-License-Identifier: BSD-3-Clause */
/* test_replay_dnstap - frames of dnstap in, observations out; and files that are none, or not whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "recorded.h"
#include "report/tap.pb-c.h"

#define CONTENT "protobuf:dnstap.Dnstap"
#define QUERY "\1\2\1\0\0\1\0\0\0\0\0\0\3www\7example\0\0\1\0\1"
#define RESPONSE "\1\2\201\200\0\1\0\1\0\0\0\0\3www\7example\0\0\1\0\1\300\14\0\1\0\1\0\0\0\74\0\4\300\0\2\1"
#define ASKED "1700000000.250 Q 192.0.2.7:5353 www.example A/1 miss udp\n"
#define ANSWERED "192.0.2.7:5353 www.example A/1 miss udp | 0 1 records 45 octets ttl 60 A=c0000201\n"
#define TYPE_AT 26 /* of the question, its low octet */
#define FRAME_MAX (256 * 1024)

struct file {
	uint8_t octet[2 * FRAME_MAX];
	size_t len;
};

static struct file file;

static void put(const void *octets, size_t len)
{
	assert_true(file.len + len <= sizeof(file.octet));
	memcpy(file.octet + file.len, octets, len);
	file.len += len;
}

static void put32(size_t number)
{
	const uint8_t octets[4] = {
		(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number,
	};

	put(octets, 4);
}

static void put_start(const char *content)
{
	put32(0);
	put32(12 + strlen(content));
	put32(2);
	put32(1);
	put32(strlen(content));
	put(content, strlen(content));
}

static void put_stop(void)
{
	put32(0);
	put32(4);
	put32(3);
}

/* What a frame has; all zeros is the usual. */
struct change {
	Tap__Message__Type type;
	Tap__SocketProtocol protocol;
	size_t address_len, message_len;
	uint32_t port;
	uint8_t qtype;
	bool response, no_time, no_address, no_message, no_inner, six;
};

static void put_frame(struct change change)
{
	static uint8_t six[16] = { 0x20, 1, 0xd, 0xb8, [15] = 7 }, four[4] = { 192, 0, 2, 7 };
	Tap__Message inner = TAP__MESSAGE__INIT;
	Tap__Dnstap outer = TAP__DNSTAP__INIT;
	uint8_t packed[1024], query[] = QUERY, response[] = RESPONSE;
	size_t len;

	query[TYPE_AT] = response[TYPE_AT] = change.qtype ? change.qtype : 1;
	inner.type = change.type ? change.type
		: change.response ? TAP__MESSAGE__TYPE__CLIENT_RESPONSE : TAP__MESSAGE__TYPE__CLIENT_QUERY;
	inner.has_socket_protocol = change.protocol != 0;
	inner.socket_protocol = change.protocol;
	inner.has_query_address = !change.no_address;
	inner.query_address.data = change.six ? six : four;
	inner.query_address.len = change.address_len ? change.address_len : change.six ? 16 : 4;
	inner.has_query_port = 1;
	inner.query_port = change.port ? change.port : 5353;
	inner.has_query_time_sec = !change.response && !change.no_time;
	inner.query_time_sec = 1700000000;
	inner.has_query_time_nsec = inner.has_query_time_sec;
	inner.query_time_nsec = 250999999;
	inner.has_response_time_sec = change.response && !change.no_time;
	inner.response_time_sec = 1700000001;
	inner.has_query_message = !change.response && !change.no_message;
	inner.query_message.data = query;
	inner.query_message.len = change.message_len ? change.message_len : sizeof(QUERY) - 1;
	inner.has_response_message = change.response && !change.no_message;
	inner.response_message.data = response;
	inner.response_message.len = change.message_len ? change.message_len : sizeof(RESPONSE) - 1;
	outer.message = change.no_inner ? NULL : &inner;
	outer.type = TAP__DNSTAP__TYPE__MESSAGE;
	len = tap__dnstap__pack(&outer, packed);
	put32(len);
	put(packed, len);
}

static const struct recorded *read_file(void)
{
	return recorded_octets(&replay_dnstap, file.octet, file.len);
}

static void frames(void **state)
{
	static const struct {
		struct change first, second;
		bool both;
		const char *told;
	} rows[] = {
		{ .told = ASKED },
		{ { 0 }, { .response = true }, true, ASKED "1700000001.000 A " ANSWERED },
		{ { .response = true }, { 0 }, false, "1700000001.000 QA " ANSWERED },
		{ { .response = true }, { .response = true }, true,
		  "1700000001.000 QA " ANSWERED "skip 2: the answer was given before\n" },
		{ { .six = true, .protocol = TAP__SOCKET_PROTOCOL__TCP }, { 0 }, false,
		  "1700000000.250 Q 2001:db8::7:5353 www.example A/1 miss tcp\n" },
		{ { .protocol = TAP__SOCKET_PROTOCOL__DOT, .port = 65535 }, { 0 }, false,
		  "1700000000.250 Q 192.0.2.7:65535 www.example A/1 miss dot\n" },
		{ { .protocol = TAP__SOCKET_PROTOCOL__DOH }, { .protocol = TAP__SOCKET_PROTOCOL__DOQ }, true,
		  "1700000000.250 Q 192.0.2.7:5353 www.example A/1 miss doh\n"
		  "1700000000.250 Q 192.0.2.7:5353 www.example A/1 miss dot\n" },
		{ { .protocol = TAP__SOCKET_PROTOCOL__DNSCRYPT_UDP }, { .protocol = TAP__SOCKET_PROTOCOL__DNSCRYPT_TCP }, true,
		  ASKED "1700000000.250 Q 192.0.2.7:5353 www.example A/1 miss tcp\n" },
		{ { .protocol = (Tap__SocketProtocol)99 }, { 0 }, false, ASKED },
		{ { .type = TAP__MESSAGE__TYPE__RESOLVER_QUERY }, { .type = TAP__MESSAGE__TYPE__AUTH_QUERY }, true, "" },
		{ { .type = (Tap__Message__Type)99 }, { 0 }, false, "" },
		{ { .no_inner = true }, { 0 }, true, "skip 1: not a dnstap message\n" ASKED },
		{ { .no_message = true }, { 0 }, false, "skip 1: no DNS message in it\n" },
		{ { .no_time = true }, { 0 }, false, "skip 1: no time in it\n" },
		{ { .no_address = true }, { 0 }, false, "skip 1: the client is not an address\n" },
		{ { .address_len = 3 }, { 0 }, false, "skip 1: the client is not an address\n" },
		{ { .port = 65536 }, { 0 }, false, "skip 1: the client's port is none\n" },
		{ { .message_len = 11 }, { 0 }, false, "skip 1: not a DNS message\n" },
		{ { .response = true, .message_len = sizeof(RESPONSE) - 2 }, { 0 }, false, "skip 1: not a DNS message\n" },
		{ { .type = TAP__MESSAGE__TYPE__CLIENT_QUERY, .response = true }, { 0 }, false,
		  "skip 1: no DNS message in it\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct recorded *recorded;

		file.len = 0;
		put_start(CONTENT);
		put_frame(rows[i].first);
		if (rows[i].both)
			put_frame(rows[i].second);
		put_stop();
		recorded = read_file();
		assert_string_equal(recorded->text, rows[i].told);
		assert_int_equal(recorded->status, 0);
	}
}

/* Over HTTPS all have the same ID and port, and who wants answers unseen sees to it: each type has its own. */
static void types_under_one_id(void **state)
{
	static const struct change frame[] = {
		{ 0 }, { .qtype = 16 }, { .response = true }, { .qtype = 16, .response = true },
		{ .qtype = 16, .response = true },
	};

	(void)state;
	file.len = 0;
	put_start(CONTENT);
	for (size_t i = 0; i < sizeof(frame) / sizeof(*frame); i++)
		put_frame(frame[i]);
	put_stop();
	assert_string_equal(read_file()->text, ASKED "1700000000.250 Q 192.0.2.7:5353 www.example TXT/1 miss udp\n"
	                    "1700000001.000 A " ANSWERED
	                    "1700000001.000 A 192.0.2.7:5353 www.example TXT/1 miss udp | 0 1 records 45 octets ttl 60 "
	                    "A=c0000201\nskip 5: the answer was given before\n");
}

/* Messages between others are told of in one sentence, and only where there are some. */
static void others(void **state)
{
	(void)state;
	for (unsigned count = 0; count < 3; count++) {
		const struct recorded *recorded;
		char begins[32];

		file.len = 0;
		put_start(CONTENT);
		put_frame((struct change){ 0 });
		for (unsigned i = 0; i < count; i++)
			put_frame((struct change){ .type = i ? TAP__MESSAGE__TYPE__RESOLVER_QUERY
			                                     : TAP__MESSAGE__TYPE__FORWARDER_RESPONSE });
		put_stop();
		recorded = read_file();
		snprintf(begins, sizeof(begins), "%u messages of other types ", count);
		assert_int_equal(recorded->status, 0);
		assert_string_equal(recorded->text, ASKED);
		assert_int_equal(strncmp(recorded->error, begins, strlen(begins)) == 0, count > 0);
		assert_int_equal(*recorded->error != '\0', count > 0);
	}
}

/* A file without its end is one; half a frame, one that is too long, or no dnstap at all are faults. */
static void files(void **state)
{
	(void)state;
	file.len = 0;
	assert_int_equal(read_file()->status, 0);
	put_start(CONTENT);
	put_frame((struct change){ 0 });
	assert_int_equal(read_file()->status, 0);
	assert_string_equal(read_file()->text, ASKED);

	file.len--;
	assert_int_equal(read_file()->status, -1);
	assert_string_equal(read_file()->error, "is damaged or cut off after frame 0");
	file.len++;
	put("\0\0", 2);
	assert_string_equal(read_file()->text, ASKED);
	assert_string_equal(read_file()->error, "is damaged or cut off after frame 1");
	file.len -= 2;

	put_stop(); /* and one behind the other */
	put_start(CONTENT);
	put_frame((struct change){ 0 });
	put_stop();
	assert_int_equal(read_file()->status, 0);
	assert_string_equal(read_file()->text, ASKED ASKED);
	put("more", 4);
	assert_string_equal(read_file()->error, "has no dnstap messages behind frame 2");

	file.len = 0;
	put_start("protobuf:something.Else");
	assert_string_equal(read_file()->error, "has no dnstap messages behind frame 0");
	file.len = 0;
	put("1700000000\t192.0.2.7\ta\tA\n", 26);
	assert_int_equal(read_file()->status, -1);
}

static void longest_frame(void **state)
{
	static const uint8_t zeros[FRAME_MAX + 1];

	(void)state;
	for (size_t len = FRAME_MAX; len <= FRAME_MAX + 1; len++) {
		file.len = 0;
		put_start(CONTENT);
		put32(len);
		put(zeros, len);
		put_frame((struct change){ 0 });
		put_stop();
		assert_int_equal(read_file()->status, len == FRAME_MAX ? 0 : -1);
		assert_string_equal(read_file()->text, len == FRAME_MAX ? "skip 1: not a dnstap message\n" ASKED : "");
		assert_string_equal(read_file()->error,
		                    len == FRAME_MAX ? "" : "has a frame behind frame 0 that is too long");
	}
}

static void recognised(void **state)
{
	(void)state;
	file.len = 0;
	put_start(CONTENT);
	assert_true(replay_dnstap.recognise(file.octet, 16));
	assert_true(replay_dnstap.recognise(file.octet, 12));
	assert_false(replay_dnstap.recognise(file.octet, 11));
	assert_false(replay_dnstap.recognise(file.octet + 1, 15));
	assert_false(replay_dnstap.recognise((const uint8_t *)"1700000000.25\t19", 16));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames),
		cmocka_unit_test(types_under_one_id),
		cmocka_unit_test(others),
		cmocka_unit_test(files),
		cmocka_unit_test(longest_frame),
		cmocka_unit_test(recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
