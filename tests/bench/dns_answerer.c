/* SPDX-License-Identifier: BSD-3-Clause */
/* dns_answerer - a name server that takes next to no time: every name exists.
 *
 *     dns_answerer ADDRESS PORT
 *
 * A and AAAA have one record each, all else has none. Names below .net live for 0 seconds, so that a
 * resolver must ask for them each time; all others for a day. UDP only, many packets a system call: the
 * resolver that asks is to be what is measured. Prints "ready". Ends with a signal, or by
 * itself when nobody has asked for ten minutes.
 *
 * Invariant: an answer is its question with records behind it; what is no plain question gets none.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define BATCH       64
#define MESSAGE_MAX 1024
#define HEADER_LEN  12
#define PATIENCE    600 /* seconds */
#define LIFE        86400

#define TYPE_A    1
#define TYPE_AAAA 28

static uint8_t data[BATCH][MESSAGE_MAX];

/* Where the name in <message> ends and its type begins, or 0; <last> is its last label. */
static size_t name_end(const uint8_t *message, size_t len, const uint8_t **last)
{
	size_t at = HEADER_LEN;

	*last = message + at;
	while (at < len && message[at]) {
		*last = message + at;
		at += (size_t)message[at] + 1;
	}
	return at + 5 <= len ? at + 1 : 0;
}

/* Makes the answer of the question in <message>, in place. Returns its length, 0: none. */
static size_t answer(uint8_t *message, size_t len)
{
	uint8_t record[] = { 0xc0, HEADER_LEN, 0, 0, 0, 1, 0, LIFE >> 16, LIFE >> 8 & 0xff, LIFE & 0xff, 0, 0 };
	const uint8_t *last;
	size_t end = len > HEADER_LEN && !(message[2] & 0x80) ? name_end(message, len, &last) : 0;
	uint8_t type = end ? message[end + 1] : 0, size = type == TYPE_A ? 4 : 16;

	if (!end || end + 4 + sizeof(record) + size > MESSAGE_MAX)
		return 0;
	message[2] = 0x84; /* an authoritative answer */
	message[3] = 0;
	memset(message + 6, 0, 6); /* no records, and no OPT */
	end += 4;
	if (message[end - 4] || (type != TYPE_A && type != TYPE_AAAA))
		return end;
	if (last[0] == 3 && !strncasecmp((const char *)last + 1, "net", 3))
		memset(record + 6, 0, 4);
	record[3] = type;
	record[11] = size;
	message[7] = 1;
	memcpy(message + end, record, sizeof(record));
	/* 192.0.2.1, 2001:db8::1 */
	memset(message + end + sizeof(record), 0, size);
	memcpy(message + end + sizeof(record), type == TYPE_A ? "\300\0\2" : "\40\1\15\270", type == TYPE_A ? 3 : 4);
	message[end + sizeof(record) + size - 1] = 1;
	return end + sizeof(record) + size;
}

/* Waits for questions and answers them. False when none came for long. */
static int serve(int sock)
{
	static struct sockaddr_in from[BATCH];
	struct iovec iov[BATCH];
	struct mmsghdr messages[BATCH] = { 0 };
	int count, ready = 0;

	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ data[i], MESSAGE_MAX };
		messages[i].msg_hdr = (struct msghdr){ .msg_name = &from[i], .msg_namelen = sizeof(from[i]),
		                                       .msg_iov = &iov[i], .msg_iovlen = 1 };
	}
	count = recvmmsg(sock, messages, BATCH, MSG_WAITFORONE, NULL);
	for (int i = 0; i < count; i++) {
		size_t len = answer(data[i], messages[i].msg_len);

		if (!len)
			continue;
		iov[i].iov_len = len;
		messages[ready] = messages[i];
		messages[ready++].msg_hdr.msg_iov = &iov[i];
	}
	/* What the kernel does not take is lost, as on a wire. */
	for (int sent = 0; sent < ready;) {
		int n = sendmmsg(sock, messages + sent, (unsigned)(ready - sent), 0);

		sent += n > 0 ? n : 1;
	}
	return count > 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_in here = { .sin_family = AF_INET };
	struct timeval patience = { .tv_sec = PATIENCE };
	int sock, room = 8 << 20;

	if (argc != 3 || inet_pton(AF_INET, argv[1], &here.sin_addr) != 1) {
		fputs("usage: dns_answerer ADDRESS PORT\n", stderr);
		return 2;
	}
	here.sin_port = htons((uint16_t)atoi(argv[2]));
	sock = socket(AF_INET, SOCK_DGRAM, 0);
	if (sock < 0 || bind(sock, (struct sockaddr *)&here, sizeof(here))) {
		perror("dns_answerer");
		return 1;
	}
	/* The former is for root. */
	if (setsockopt(sock, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	puts("ready");
	fflush(stdout);
	while (serve(sock))
		continue;
	close(sock);
	return 0;
}
