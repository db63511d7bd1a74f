/* SPDX-License-Identifier: BSD-3-Clause */
/* test_tap_stream - what wardend makes of what comes over its socket: frames, or a reason why not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "framed.h"
#include "recorded/dnstap.h"
#include "wardend/clocks.h"
#include "wardend/stream.h"

static struct framed sent, back;
static unsigned frames;
static size_t octets;

static void take(void *arg, const uint8_t *frame, size_t len)
{
	(void)arg, (void)frame;
	frames++;
	octets += len;
}

struct writer {
	int socket;
	size_t piece;  /* octets at a time */
	bool stays;    /* does not close */
};

static void *write_all(void *arg)
{
	struct writer *writer = arg;

	for (size_t at = 0; at < sent.len; at += writer->piece) {
		size_t some = sent.len - at < writer->piece ? sent.len - at : writer->piece;

		if (send(writer->socket, sent.octet + at, some, MSG_NOSIGNAL) < 0)
			break;
	}
	if (!writer->stays)
		shutdown(writer->socket, SHUT_WR);
	return NULL;
}

/* Reads what is <sent>, by a writer like <writer>; what came back is in <back>. */
static const char *read_sent(struct writer writer, bool stopped)
{
	struct stream stream = { .frame = take, .handshake_time = 200, .frame_time = 200 };
	const char *fault;
	pthread_t thread;
	uint64_t one = 1;
	int pair[2];
	ssize_t n;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	writer.socket = pair[0];
	stream.socket = pair[1];
	stream.stop = eventfd(0, EFD_CLOEXEC);
	if (stopped)
		assert_int_equal(write(stream.stop, &one, sizeof(one)), sizeof(one));
	frames = 0;
	octets = 0;
	pthread_create(&thread, NULL, write_all, &writer);
	fault = stream_read(&stream);
	shutdown(pair[1], SHUT_RDWR);
	pthread_join(thread, NULL);
	back.len = 0;
	while ((n = recv(pair[0], back.octet + back.len, 4096, 0)) > 0)
		back.len += (size_t)n;
	close(pair[0]);
	close(pair[1]);
	close(stream.stop);
	return fault;
}

static const char *read_whole(void)
{
	return read_sent((struct writer){ .piece = FRAMED_MAX }, false);
}

static void begin(const char *content)
{
	sent.len = 0;
	framed_control(&sent, FRAMED_START, content);
}

static void unidirectional(void **state)
{
	(void)state;
	begin(FRAMED_CONTENT);
	framed_data(&sent, "abc", 3);
	framed_data(&sent, "defg", 4);
	assert_null(read_whole());
	assert_int_equal(frames, 2);
	assert_int_equal(octets, 7);
	framed_control(&sent, FRAMED_STOP, NULL);
	assert_null(read_whole());
	assert_int_equal(frames, 2);
	assert_int_equal(back.len, 0);
	/* In pieces of any size. */
	for (size_t piece = 1; piece < 14; piece++) {
		assert_null(read_sent((struct writer){ .piece = piece }, false));
		assert_int_equal(frames, 2);
	}
}

static void bidirectional(void **state)
{
	struct framed expected = { .len = 0 };

	(void)state;
	sent.len = 0;
	framed_control(&sent, FRAMED_READY, FRAMED_CONTENT);
	framed_control(&sent, FRAMED_START, FRAMED_CONTENT);
	framed_data(&sent, "abc", 3);
	framed_control(&sent, FRAMED_STOP, NULL);
	framed_control(&expected, FRAMED_ACCEPT, FRAMED_CONTENT);
	framed_control(&expected, FRAMED_FINISH, NULL);
	for (size_t piece = 1; piece < 200; piece += 13) {
		assert_null(read_sent((struct writer){ .piece = piece }, false));
		assert_int_equal(frames, 1);
		assert_int_equal(back.len, expected.len);
		assert_memory_equal(back.octet, expected.octet, expected.len);
	}
}

/* Both sides of the handshake are checked, and nothing is taken for a frame before it is over. */
static void no_handshake(void **state)
{
	static const struct {
		enum framed_control first, second;
		const char *content, *other;
	} rows[] = {
		{ FRAMED_START, 0, "protobuf:something.Else", NULL },
		{ FRAMED_READY, FRAMED_START, "protobuf:something.Else", "protobuf:something.Else" },
		{ FRAMED_READY, FRAMED_START, FRAMED_CONTENT, "protobuf:something.Else" },
		{ FRAMED_READY, FRAMED_READY, FRAMED_CONTENT, FRAMED_CONTENT },
		{ FRAMED_READY, FRAMED_STOP, FRAMED_CONTENT, NULL },
		{ FRAMED_STOP, 0, NULL, NULL },
		{ FRAMED_ACCEPT, 0, FRAMED_CONTENT, NULL },
		{ FRAMED_FINISH, 0, NULL, NULL },
		{ (enum framed_control)99, 0, FRAMED_CONTENT, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *fault;

		sent.len = 0;
		framed_control(&sent, rows[i].first, rows[i].content);
		if (rows[i].second)
			framed_control(&sent, rows[i].second, rows[i].other);
		framed_data(&sent, "abc", 3);
		fault = read_whole();
		if (!fault || strcmp(fault, "it does not begin as dnstap does") != 0)
			fail_msg("row %zu: %s", i, fault ? fault : "nothing");
		assert_int_equal(frames, 0);
	}
	sent.len = 0;
	framed_put(&sent, "GET / HTTP/1.1\r\n\r\n", 18);
	assert_string_equal(read_whole(), "it does not begin as dnstap does");
	sent.len = 5;
	assert_string_equal(read_whole(), "it does not begin as dnstap does");
	sent.len = 0;
	framed_put32(&sent, 0);
	framed_put32(&sent, 0xffffffff); /* a control frame of 4 GiB */
	framed_put32(&sent, FRAMED_START);
	assert_string_equal(read_whole(), "it does not begin as dnstap does");
	/* Somebody who only looks whether there is anybody. */
	sent.len = 0;
	assert_null(read_whole());
}

static void torn(void **state)
{
	size_t whole;

	(void)state;
	begin(FRAMED_CONTENT);
	framed_data(&sent, "abc", 3);
	whole = sent.len;
	framed_data(&sent, "defg", 4);
	for (size_t len = sent.len - 1; len > whole; len--) {
		sent.len = len;
		assert_string_equal(read_whole(), "it left within a frame");
		assert_int_equal(frames, 1);
	}
	/* Control frames that nobody has defined, or that are cut, between others. */
	sent.len = whole;
	framed_put32(&sent, 0);
	framed_put32(&sent, 2);
	framed_put(&sent, "\0\0", 2);
	framed_data(&sent, "defg", 4);
	assert_non_null(read_whole());
	assert_int_equal(frames, 1);
}

static void oversized(void **state)
{
	static uint8_t zeros[DNSTAP_FRAME_MAX + 1];

	(void)state;
	for (size_t len = DNSTAP_FRAME_MAX; len <= DNSTAP_FRAME_MAX + 1; len++) {
		const char *fault;

		begin(FRAMED_CONTENT);
		framed_data(&sent, zeros, len);
		framed_data(&sent, "abc", 3);
		fault = read_sent((struct writer){ .piece = 60000 }, false);
		assert_int_equal(frames, len == DNSTAP_FRAME_MAX ? 2 : 0);
		if (len == DNSTAP_FRAME_MAX)
			assert_null(fault);
		else
			assert_string_equal(fault, "a frame is too long");
	}
	begin(FRAMED_CONTENT);
	framed_put32(&sent, 0xffffffff);
	assert_string_equal(read_whole(), "a frame is too long");
}

/* Nobody is waited for, but for who has said all that was begun. */
static void slow(void **state)
{
	struct writer stays = { .piece = FRAMED_MAX, .stays = true };
	int64_t began = clock_steady();
	size_t whole;

	(void)state;
	sent.len = 0;
	assert_string_equal(read_sent(stays, false), "it has not begun in time");
	begin(FRAMED_CONTENT);
	whole = sent.len;
	sent.len = whole - 1;
	assert_string_equal(read_sent(stays, false), "it has not begun in time");
	sent.len = 0;
	framed_control(&sent, FRAMED_READY, FRAMED_CONTENT);
	assert_string_equal(read_sent(stays, false), "it has not begun in time");
	begin(FRAMED_CONTENT);
	framed_data(&sent, "abc", 3);
	sent.len--;
	assert_string_equal(read_sent(stays, false), "a frame does not end");
	assert_in_range(clock_steady() - began, 800, 4000);
}

/* However much there is to read. */
static void stopped(void **state)
{
	int64_t began = clock_steady();

	(void)state;
	begin(FRAMED_CONTENT);
	for (unsigned i = 0; i < 10000; i++)
		framed_data(&sent, "abc", 3);
	assert_null(read_sent((struct writer){ .piece = 1000, .stays = true }, true));
	assert_int_equal(frames, 0);
	assert_in_range(clock_steady() - began, 0, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unidirectional),
		cmocka_unit_test(bidirectional),
		cmocka_unit_test(no_handshake),
		cmocka_unit_test(torn),
		cmocka_unit_test(oversized),
		cmocka_unit_test(slow),
		cmocka_unit_test(stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
