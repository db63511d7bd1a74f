/* SPDX-License-Identifier: BSD-3-Clause */
/* test_replay_pcap - responses in a capture, and the delegation that they tell; odd questions; wild times.
 *
 * Each case is the authority section of the response to www.evil.example and, behind it, the
 * additional one, in wire format: names may point into the question, which begins behind the
 * header.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

#include "name/name.h"
#include "recorded/format.h"

#define QUESTION "\3Www\4Evil\7example\0" "\0\1\0\1"
#define EVIL "\xc0\x10"    /* pointers to its second and third label */
#define EXAMPLE "\xc0\x15"

#define RECORD(section, owner, type, data) \
	section, owner "\0" type "\0\1" "\0\0\0\74" "\0", (uint8_t)(sizeof(data) - 1), data, \
	sizeof(owner "\0" type "\0\1" "\0\0\0\74" "\0") - 1, sizeof(data) - 1
#define NS(owner, server) { RECORD(AUTHORITY, owner, "\2", server) }
#define SOA(owner) { RECORD(AUTHORITY, owner, "\6", "\0" "\0" "00001111222233334444") }
#define MX(owner, mail) { RECORD(AUTHORITY, owner, "\17", "\0" "\0" mail) }
#define A(owner, address) { RECORD(ADDITIONAL, owner, "\1", address) }
#define AAAA(owner, address) { RECORD(ADDITIONAL, owner, "\34", address) }
#define PREFIX "\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0"

#define LINKTYPE_RAW 101 /* in files; DLT_RAW differs between systems */
#define RECORDS_MAX 10
#define SERVERS_MAX 8
#define TEXT_MAX 1024

enum section { END, AUTHORITY, ADDITIONAL };

struct record {
	enum section section;
	const char *head;
	uint8_t announced; /* the second octet of the length of the data */
	const char *data;
	size_t head_len, data_len;
};

static const struct {
	const char *what, *zone, *servers;
	struct record records[RECORDS_MAX];
} rows[] = {
	{ "no authority section", "", "", { { 0 } } },
	{ "one server", "Evil.example", "ns1.host.example",
	  { NS(EVIL, "\3ns1\4host" EXAMPLE), A("\3ns1\4host" EXAMPLE, "\300\0\2\1") } },
	{ "two, not in order", "Evil.example", "ns1.host.example NS2.net",
	  { NS(EVIL, "\3NS2\3net\0"), NS(EVIL, "\3ns1\4host" EXAMPLE) } },
	{ "the same twice", "Evil.example", "ns1.host.example",
	  { NS(EVIL, "\3ns1\4host" EXAMPLE), NS(EVIL, "\3NS1\4HOST\7EXAMPLE\0") } },
	{ "the zone of the whole name", "www.evil.example", "a",
	  { NS("\3www\4evil\7example\0", "\1a\0") } },
	{ "the zone above", "example", "a", { NS(EXAMPLE, "\1a\0") } },
	{ "the root", ".", "192.0.2.1", { NS("\0", "\1a\0"), A("\1a\0", "\300\0\2\1") } },
	{ "inside the zone", "Evil.example", "192.0.2.1",
	  { NS(EVIL, "\3ns1" EVIL), A("\3NS1\4EVIL" EXAMPLE, "\300\0\2\1") } },
	{ "two addresses, not in order", "Evil.example", "192.0.2.1 192.0.2.2",
	  { NS(EVIL, "\3ns1" EVIL), NS(EVIL, "\3ns2" EVIL),
	    A("\3ns1" EVIL, "\300\0\2\2"), A("\3ns2" EVIL, "\300\0\2\1"),
	    A("\3ns2" EVIL, "\300\0\2\2"), AAAA("\3ns2" EVIL, PREFIX "\1") } },
	{ "IPv6 alone", "Evil.example", "ipv6-02", { NS(EVIL, EVIL), AAAA(EVIL, PREFIX "\2") } },
	{ "inside, no address", "Evil.example", "", { NS(EVIL, "\3ns1" EVIL) } },
	{ "inside and outside", "Evil.example", "NS2.net",
	  { NS(EVIL, "\3ns1" EVIL), NS(EVIL, "\3NS2\3net\0"), A("\3ns1" EVIL, "\300\0\2\1") } },
	{ "the address of no server", "Evil.example", "192.0.2.1",
	  { NS(EVIL, "\3ns1" EVIL), NS(EXAMPLE, "\1a" EVIL), MX(EVIL, "\4mail" EVIL),
	    A("\4mail" EVIL, "\300\0\2\3"), A("\1a" EVIL, "\300\0\2\2"),
	    A("\3ns1" EVIL, "\300\0\2\1") } },
	{ "a server called root", "example", ".", { NS(EXAMPLE, "\0") } },
	{ "no name server record", "", "", { SOA(EVIL) } },
	{ "behind another record", "Evil.example", "a", { SOA(EVIL), NS(EVIL, "\1a\0") } },
	{ "where a CNAME led to", "", "", { NS("\3net\0", "\1a\0") } },
	{ "a name that ends alike", "", "", { NS("\3xil\7example\0", "\1a\0") } },
	{ "a name below", "", "", { NS("\1a" EVIL, "\1a\0") } },
	{ "two zones: the first", "Evil.example", "a c",
	  { NS("\3net\0", "\1z\0"), NS(EVIL, "\1c\0"), NS(EXAMPLE, "\1b\0"), NS(EVIL, "\1a\0") } },
	{ "eight", "example", "a b c d e f g h",
	  { NS(EXAMPLE, "\1h\0"), NS(EXAMPLE, "\1g\0"), NS(EXAMPLE, "\1f\0"), NS(EXAMPLE, "\1e\0"),
	    NS(EXAMPLE, "\1d\0"), NS(EXAMPLE, "\1c\0"), NS(EXAMPLE, "\1b\0"), NS(EXAMPLE, "\1a\0") } },
	{ "nine, backwards", "example", "a b c d e f g h",
	  { NS(EXAMPLE, "\1i\0"), NS(EXAMPLE, "\1h\0"), NS(EXAMPLE, "\1g\0"), NS(EXAMPLE, "\1f\0"),
	    NS(EXAMPLE, "\1e\0"), NS(EXAMPLE, "\1d\0"), NS(EXAMPLE, "\1c\0"), NS(EXAMPLE, "\1b\0"),
	    NS(EXAMPLE, "\1a\0") } },
	{ "nine, forwards", "example", "a b c d e f g h",
	  { NS(EXAMPLE, "\1a\0"), NS(EXAMPLE, "\1b\0"), NS(EXAMPLE, "\1c\0"), NS(EXAMPLE, "\1d\0"),
	    NS(EXAMPLE, "\1e\0"), NS(EXAMPLE, "\1f\0"), NS(EXAMPLE, "\1g\0"), NS(EXAMPLE, "\1h\0"),
	    NS(EXAMPLE, "\1i\0") } },
};

struct frame {
	uint8_t octet[1024];
	size_t len;
};

static void put(struct frame *frame, const void *data, size_t len)
{
	assert_true(frame->len + len <= sizeof(frame->octet));
	memcpy(frame->octet + frame->len, data, len);
	frame->len += len;
}

static void put16(struct frame *frame, size_t number)
{
	const uint8_t octets[2] = { (uint8_t)(number >> 8), (uint8_t)number };

	put(frame, octets, 2);
}

#define ASKED    0x0100 /* header of an ordinary question, */
#define ANSWERED 0x8180 /* and of its answer */

/* IPv4, UDP, and the message: a response to port 12345, or a question from there. */
static struct frame make_frame(const struct record *records, unsigned header)
{
	struct frame message = { .len = 0 }, frame = { .len = 0 };
	size_t count = 0, authority = 0;
	bool response = header & 0x8000;

	for (; response && count < RECORDS_MAX && records[count].section != END; count++)
		authority += records[count].section == AUTHORITY;
	put(&message, "\1\2", 2);
	put16(&message, header);
	put16(&message, 1);
	put16(&message, 0);
	put16(&message, authority);
	put16(&message, count - authority);
	put(&message, QUESTION, sizeof(QUESTION) - 1);
	for (size_t i = 0; i < count; i++) {
		put(&message, records[i].head, records[i].head_len);
		put(&message, &records[i].announced, 1);
		put(&message, records[i].data, records[i].data_len);
	}

	put(&frame, "\x45\0", 2);
	put16(&frame, 28 + message.len);
	put(&frame, "\0\1\0\0\x40\x11\0\0", 8);
	put(&frame, response ? "\x7f\0\0\x35\x7f\0\0\7" : "\x7f\0\0\7\x7f\0\0\x35", 8);
	put16(&frame, response ? 53 : 12345);
	put16(&frame, response ? 12345 : 53);
	put16(&frame, 8 + message.len);
	put16(&frame, 0);
	put(&frame, message.octet, message.len);
	return frame;
}

/* What was told last. */
struct told {
	uint64_t now;
	unsigned questions, answers, skipped;
	uint8_t server_count, question_flags;
	char zone[NAME_TEXT_MAX], servers[TEXT_MAX];
};

/* An address, or a name: no name here has the length of an address. */
static void server_text(char text[NAME_TEXT_MAX], const struct warden_server *server)
{
	const uint8_t *id = server->id;

	if (server->id_len == 4)
		snprintf(text, NAME_TEXT_MAX, "%u.%u.%u.%u", id[0], id[1], id[2], id[3]);
	else if (server->id_len == 16)
		snprintf(text, NAME_TEXT_MAX, "ipv6-%02x", id[15]);
	else
		name_text(text, id, server->id_len);
}

static void observe(void *arg, const struct warden_observation *obs)
{
	struct told *told = arg;

	told->now = obs->now;
	told->questions += obs->what == WARDEN_QUESTION;
	told->answers += obs->what == WARDEN_ANSWER;
	if (obs->what & WARDEN_QUESTION)
		told->question_flags = obs->flags;
	else
		assert_int_equal(obs->flags, 0);
	told->server_count = obs->server_count;
	told->zone[0] = told->servers[0] = '\0';
	assert_true(obs->server_count <= SERVERS_MAX);
	assert_true(obs->zone ? obs->what == WARDEN_ANSWER : !obs->server_count && !obs->zone_len);
	if (obs->zone)
		name_text(told->zone, obs->zone, obs->zone_len);
	for (uint8_t i = 0; i < obs->server_count; i++) {
		size_t len = strlen(told->servers);
		char text[NAME_TEXT_MAX];

		server_text(text, &obs->servers[i]);
		assert_true(len + 1 + strlen(text) < TEXT_MAX);
		snprintf(told->servers + len, TEXT_MAX - len, "%s%s", len ? " " : "", text);
	}
}

static void leave_out(void *arg, uint64_t number, const char *reason)
{
	struct told *told = arg;

	print_message("%u: %s\n", (unsigned)number, reason);
	told->skipped++;
}

/* A capture of the question with <header>, and of the response with <records>, read. */
static struct told replay(const struct record *records, unsigned header)
{
	static const struct pcap_file_header head = {
		.magic = 0xa1b2c3d4, .version_major = 2, .version_minor = 4, .snaplen = 65535,
		.linktype = LINKTYPE_RAW,
	};
	struct told told = { 0 };
	struct sink sink = { observe, leave_out, &told };
	char error[128];
	FILE *file = tmpfile();

	assert_non_null(file);
	assert_int_equal(fwrite(&head, sizeof(head), 1, file), 1);
	for (unsigned i = 0; i < 2; i++) {
		const struct frame frame = make_frame(records, i ? ANSWERED : header);
		const uint32_t lengths[4] = { 1700000000, i, (uint32_t)frame.len, (uint32_t)frame.len };

		assert_int_equal(fwrite(lengths, sizeof(lengths), 1, file), 1);
		assert_int_equal(fwrite(frame.octet, frame.len, 1, file), 1);
	}
	rewind(file);
	assert_int_equal(replay_pcap.read(file, &sink, error, sizeof(error)), 0);
	return told;
}

static void delegations(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct told told;

		print_message("%s\n", rows[i].what);
		told = replay(rows[i].records, ASKED);
		assert_int_equal(told.questions, 1);
		assert_int_equal(told.answers, 1);
		assert_int_equal(told.skipped, 0);
		assert_string_equal(told.zone, rows[i].zone);
		assert_string_equal(told.servers, rows[i].servers);
	}
}

/* The header of an answer says RA, and does so rightly: it is not held against the question. */
static void oddities(void **state)
{
	static const struct record none[RECORDS_MAX] = { { 0 } };

	(void)state;
	assert_int_equal(replay(none, ASKED).question_flags, 0);
	assert_int_equal(replay(none, ASKED | 0x40).question_flags, WARDEN_FLAG_ODD_HEADER);
}

/* A block of pcapng: its type, its length, <len> octets in fours, its length again. */
static void put_block(FILE *file, uint32_t type, const void *body, size_t len)
{
	const uint32_t head[2] = { type, (uint32_t)len + 12 };

	assert_int_equal(fwrite(head, sizeof(head), 1, file), 1);
	assert_int_equal(fwrite(body, len, 1, file), 1);
	assert_int_equal(fwrite(&head[1], sizeof(head[1]), 1, file), 1);
}

/* The time of a packet in a pcapng whose interface counts in seconds (if_tsresol 0). */
static struct told replay_at(uint64_t seconds)
{
	static const uint32_t section[] = { 0x1a2b3c4d, 1, UINT32_MAX, UINT32_MAX }, link[] = {
		LINKTYPE_RAW, 65535, 9 | 1 << 16, 0, 0,
	};
	static const struct record none[RECORDS_MAX] = { { 0 } };
	const struct frame frame = make_frame(none, ASKED);
	const uint32_t head[] = {
		0, (uint32_t)(seconds >> 32), (uint32_t)seconds, (uint32_t)frame.len, (uint32_t)frame.len,
	};
	uint8_t packet[sizeof(head) + sizeof(frame.octet)] = { 0 };
	struct told told = { 0 };
	struct sink sink = { observe, leave_out, &told };
	char error[128];
	FILE *file = tmpfile();

	assert_non_null(file);
	memcpy(packet, head, sizeof(head));
	memcpy(packet + sizeof(head), frame.octet, frame.len);
	put_block(file, 0x0a0d0d0a, section, sizeof(section));
	put_block(file, 1, link, sizeof(link));
	put_block(file, 6, packet, sizeof(head) + (frame.len + 3) / 4 * 4);
	rewind(file);
	assert_int_equal(replay_pcap.read(file, &sink, error, sizeof(error)), 0);
	return told;
}

/* A time that milliseconds cannot hold, or that is before 1970, is nobody's. */
static void times(void **state)
{
	static const struct { uint64_t seconds; bool told; } moments[] = {
		{ 0, true }, { 1700000000, true }, { REPLAY_SECONDS_MAX, true }, { REPLAY_SECONDS_MAX + 1, false },
		{ UINT64_MAX / 1000 + 5, false }, { INT64_MAX, false }, { UINT64_MAX, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(moments) / sizeof(*moments); i++) {
		struct told told = replay_at(moments[i].seconds);

		assert_int_equal(told.questions, moments[i].told);
		assert_int_equal(told.skipped, !moments[i].told);
		assert_true(told.now == (moments[i].told ? moments[i].seconds * 1000 : 0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delegations),
		cmocka_unit_test(oddities),
		cmocka_unit_test(times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
