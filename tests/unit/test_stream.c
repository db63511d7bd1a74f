/* SPDX-License-Identifier: BSD-3-Clause */
/* test_stream - segments in, messages out, one letter a case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "recorded/stream.h"

#define START UINT32_C(0xfffffffd) /* so that sequence numbers wrap in every case */

struct segment {
	const char *data;
	size_t len;
	uint32_t offset; /* from START */
	bool syn, end;
};

#define DATA(text, offset) { text, sizeof(text) - 1, offset, false, false }
#define SYN { "", 0, UINT32_MAX, true, false }
#define FIN(offset) { "", 0, offset, false, true }

static char heard[64];

static void hear(void *arg, const struct packet *packet, const uint8_t *message, size_t len)
{
	(void)arg, (void)packet;
	assert_true(strlen(heard) + len + 2 < sizeof(heard));
	if (len)
		strncat(heard, (const char *)message, len);
	strcat(heard, "|");
}

static const struct {
	const char *what, *heard;
	unsigned faults;
	struct segment segment[6];
} rows[] = {
	{ "one", "ab|", 0, { SYN, DATA("\0\2ab", 0) } },
	{ "two in one", "ab|c|", 0, { SYN, DATA("\0\2ab\0\1c", 0) } },
	{ "in pieces", "abc|", 0, { SYN, DATA("\0", 0), DATA("\3a", 1), DATA("b", 3), DATA("c", 4) } },
	{ "sent again", "ab|cd|", 0, { SYN, DATA("\0\2ab", 0), DATA("\0\2ab", 0), DATA("\0\2cd", 4) } },
	{ "sent again with more", "ab|cd|", 0, { SYN, DATA("\0\2ab", 0), DATA("ab\0\2cd", 2) } },
	{ "missing", "ab|", 1, { SYN, DATA("\0\2ab", 0), DATA("\0\2ef", 8), DATA("\0\2gh", 12) } },
	{ "anew after missing", "ef|", 1, { SYN, DATA("\0\2ab", 4), SYN, DATA("\0\2ef", 0) } },
	{ "joined in the middle", "ab|cd|", 0, { DATA("\0\2ab", 7), DATA("\0\2cd", 11) } },
	{ "an acknowledgement ahead", "ab|", 0, { SYN, { "", 0, 900, false, false }, DATA("\0\2ab", 0) } },
	{ "an empty message", "|a|", 0, { SYN, DATA("\0\0\0\1a", 0) } },
	{ "ended within", "cd|", 0, { SYN, DATA("\0\5ab", 0), FIN(4), SYN, DATA("\0\2cd", 0) } },
};

static unsigned play(struct streams *streams, const struct segment *segment, uint16_t port)
{
	unsigned faults = 0;

	for (unsigned i = 0; i < 6 && segment[i].data; i++) {
		struct packet packet = {
			.from = { .address = { 1 }, .port = port }, .to = { .address = { 2 }, .port = 53 },
			.payload = (const uint8_t *)segment[i].data, .payload_len = segment[i].len,
			.sequence = START + segment[i].offset, .syn = segment[i].syn, .end = segment[i].end,
		};

		faults += streams_add(streams, &packet, hear, NULL) != NULL;
	}
	return faults;
}

static void messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct streams *streams = streams_new();

		print_message("%s\n", rows[i].what);
		assert_non_null(streams);
		heard[0] = '\0';
		assert_int_equal(play(streams, rows[i].segment, 1000), rows[i].faults);
		assert_string_equal(heard, rows[i].heard);
		streams_free(streams);
	}
}

/* Flows do not mix, and many more than there is room for end nothing but each other. */
static void many_flows(void **state)
{
	static const struct segment begin[6] = { SYN, DATA("\0\2a", 0) };
	static const struct segment finish[6] = { DATA("b", 3) };
	struct streams *streams = streams_new();

	(void)state;
	assert_non_null(streams);
	heard[0] = '\0';
	play(streams, begin, 1);
	play(streams, begin, 2);
	play(streams, finish, 2);
	play(streams, finish, 1);
	assert_string_equal(heard, "ab|ab|");
	for (unsigned port = 1; port < 3 * STREAM_FLOWS; port++)
		play(streams, begin, (uint16_t)port);
	assert_string_equal(heard, "ab|ab|");
	streams_free(streams);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages),
		cmocka_unit_test(many_flows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
