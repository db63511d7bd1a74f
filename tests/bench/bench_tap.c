/* SPDX-License-Identifier: BSD-3-Clause */
/* bench_tap - how many messages of dnstap a second one resolver may write before wardend falls behind.
 *
 *   bench_tap [SECONDS]     three parts: frames alone, frames with their DNS message, and all of it through the engine
 *
 * A writer fills a socket as fast as it is emptied; what is measured is the reading thread, on its own processor if
 * there are two. Half of the messages are questions, half their answers, of 256 clients for 4096 names.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/engine.h"
#include "report/tap.pb-c.h"
#include "wardend/clocks.h"
#include "wardend/stream.h"
#include "wardend/told.h"

#define CONTENT  "protobuf:dnstap.Dnstap"
#define CLIENTS  256
#define NAMES    4096
#define PAIRS    65536 /* in memory, written again and again */
#define FRAME    256   /* octets at most */

static uint8_t *stream_octets;
static size_t stream_len;
static volatile bool enough;

static void put(const void *octets, size_t len)
{
	memcpy(stream_octets + stream_len, octets, len);
	stream_len += len;
}

static void put32(size_t number)
{
	const uint8_t octets[4] = {
		(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number,
	};

	put(octets, sizeof(octets));
}

/* A message of DNS: its question, or with the answer to it. */
static size_t message(uint8_t *octets, unsigned id, unsigned name, bool answer)
{
	const uint8_t head[12] = { (uint8_t)(id >> 8), (uint8_t)id, answer ? 0x81 : 1, answer ? 0x80 : 0, 0, 1, 0, answer };
	char label[16];
	size_t at = 12, len = (size_t)snprintf(label, sizeof(label), "h%u", name);

	memcpy(octets, head, sizeof(head));
	octets[at++] = (uint8_t)len;
	memcpy(octets + at, label, len);
	at += len;
	memcpy(octets + at, "\7example\3net\0\0\1\0\1", 17);
	at += 17;
	if (answer) {
		memcpy(octets + at, "\300\14\0\1\0\1\0\0\16\20\0\4\300\0\2\1", 16);
		at += 16;
	}
	return at;
}

static void put_pair(unsigned number, uint64_t now)
{
	uint8_t octets[FRAME], packed[2 * FRAME], client[4] = { 192, 0, 2, (uint8_t)(number % CLIENTS) };

	for (int answer = 0; answer < 2; answer++) {
		Tap__Message inner = TAP__MESSAGE__INIT;
		Tap__Dnstap outer = TAP__DNSTAP__INIT;
		const ProtobufCBinaryData dns = { message(octets, number % 65536, number * 7919 % NAMES, answer), octets };
		size_t len;

		inner.type = answer ? TAP__MESSAGE__TYPE__CLIENT_RESPONSE : TAP__MESSAGE__TYPE__CLIENT_QUERY;
		inner.has_query_address = inner.has_query_port = 1;
		inner.query_address = (ProtobufCBinaryData){ sizeof(client), client };
		inner.query_port = 1024 + number % 50000;
		if (answer) {
			inner.has_response_message = inner.has_response_time_sec = 1;
			inner.response_message = dns;
			inner.response_time_sec = now / 1000;
		} else {
			inner.has_query_message = inner.has_query_time_sec = 1;
			inner.query_message = dns;
			inner.query_time_sec = now / 1000;
		}
		outer.message = &inner;
		outer.type = TAP__DNSTAP__TYPE__MESSAGE;
		len = tap__dnstap__pack(&outer, packed);
		put32(len);
		put(packed, len);
	}
}

static void *write_stream(void *arg)
{
	static const uint8_t zero[4];
	int socket = *(int *)arg;
	uint8_t start[64];
	size_t begun;

	/* START, and then what there is until it is enough. */
	begun = stream_len;
	put(zero, 4);
	put32(12 + sizeof(CONTENT) - 1);
	put32(2);
	put32(1);
	put32(sizeof(CONTENT) - 1);
	put(CONTENT, sizeof(CONTENT) - 1);
	memcpy(start, stream_octets + begun, stream_len - begun);
	send(socket, start, stream_len - begun, MSG_NOSIGNAL);
	stream_len = begun;
	while (!enough)
		for (size_t at = 0; at < stream_len && !enough;) {
			ssize_t n = send(socket, stream_octets + at, stream_len - at, MSG_NOSIGNAL);

			if (n <= 0)
				return NULL;
			at += (size_t)n;
		}
	return NULL;
}

/* Through <frame> with <arg> for <seconds>. Prints frames a second. */
static uint64_t frames;
static void (*measured)(void *arg, const uint8_t *frame, size_t len);

static void counted(void *arg, const uint8_t *frame, size_t len)
{
	frames++;
	if (measured)
		measured(arg, frame, len);
}

static void part(const char *what, void (*frame)(void *, const uint8_t *, size_t), void *arg, unsigned seconds)
{
	struct stream stream = {
		.frame = counted, .arg = arg, .handshake_time = STREAM_HANDSHAKE_TIME, .frame_time = STREAM_FRAME_TIME,
	};
	uint64_t one = 1, began, took;
	pthread_t writer, reader;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		exit(1);
	stream.socket = pair[1];
	stream.stop = eventfd(0, 0);
	measured = frame;
	frames = 0;
	enough = false;
	pthread_create(&writer, NULL, write_stream, &pair[0]);
	began = clock_nanoseconds();
	pthread_create(&reader, NULL, (void *(*)(void *))stream_read, &stream);
	sleep(seconds);
	if (write(stream.stop, &one, sizeof(one)) < 0)
		exit(1);
	pthread_join(reader, NULL);
	took = clock_nanoseconds() - began;
	enough = true;
	shutdown(pair[1], SHUT_RDWR);
	pthread_join(writer, NULL);
	close(pair[0]);
	close(pair[1]);
	close(stream.stop);
	printf("%-28s %9.0f messages a second, %5.0f ns each\n", what, (double)frames * 1e9 / (double)took,
	       (double)took / (double)(frames ? frames : 1));
}

static void observed(void *arg, const struct warden_observation *obs)
{
	(void)arg, (void)obs;
}

static void skipped(void *arg, uint64_t number, const char *reason)
{
	(void)arg, (void)number, (void)reason;
}

static void take_only(void *arg, const uint8_t *frame, size_t len)
{
	dnstap_take(arg, frame, len);
}

static void changed(void *arg)
{
	(void)arg;
}

int main(int argc, char **argv)
{
	unsigned seconds = argc > 1 ? (unsigned)atoi(argv[1]) : 3;
	const struct warden_setup setup = { .now = clock_now(), .private_memory = 1 };
	const struct sink nobody = { .observe = observed, .skip = skipped };
	static struct told told;
	static struct spared spared;
	struct dnstap dnstap;
	struct warden *warden;
	char error[512];

	stream_octets = malloc((size_t)2 * PAIRS * FRAME);
	warden = warden_open(&setup, error, sizeof(error));
	if (!stream_octets || !warden || !dnstap_open(&dnstap, &nobody) || !told_open(&told, warden, &spared, changed, NULL)) {
		fprintf(stderr, "bench_tap: %s\n", error);
		return 1;
	}
	for (unsigned i = 0; i < PAIRS; i++)
		put_pair(i, setup.now);
	part("frames", NULL, NULL, seconds);
	part("frames and DNS messages", take_only, &dnstap, seconds);
	part("through the engine", told_frame, &told, seconds);
	told_close(&told);
	dnstap_close(&dnstap);
	warden_close(warden);
	free(stream_octets);
	return 0;
}
