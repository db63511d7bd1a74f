/* SPDX-License-Identifier: BSD-3-Clause */
/* slow_upstream - a name server that answers every question, late.
 *
 *     slow_upstream ADDRESS PORT MILLISECONDS [SERVFAIL | TEXT-FILE]
 *
 * While it is silent, other clients can join a question that Unbound is resolving.
 * Every name exists and has the address 192.0.2.1, with a TTL of an hour; or, asked to,
 * it fails for every name. With a file, every name has a TXT record, too: the first line of the
 * file as it is when the question is answered, with a TTL of ten seconds. UDP only. Prints the names as they came, one a line.
 * Ends with its parent's signal, or by itself after five minutes, or as many seconds as LIFETIME in the environment says.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WAITING_MAX 4096
#define MESSAGE_MAX 512
#define HEADER_LEN 12
#define LIFETIME_SECONDS 300

struct question {
	struct sockaddr_in from;
	uint64_t due; /* milliseconds */
	size_t len;
	uint8_t message[MESSAGE_MAX];
};

/* A ring: the delay is the same for all, so the oldest is always due first. */
static struct question waiting[WAITING_MAX];
static unsigned first, count;

static int failing;
static const char *text_file; /* NULL: no TXT records */

static uint64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Length of header and question section, or 0 when <message> is not one plain question. */
static size_t question_end(const uint8_t *message, size_t len)
{
	size_t at = HEADER_LEN;

	while (at < len && message[at] != 0)
		at += (size_t)message[at] + 1;
	return at + 5 <= len ? at + 5 : 0;
}

/* Prints the name of the question, which question_end() has found whole. */
static void print_name(const uint8_t *message)
{
	for (const uint8_t *label = message + HEADER_LEN; *label; label += *label + 1)
		printf("%.*s.", *label, (const char *)label + 1);
	putchar('\n');
	fflush(stdout);
}

/* Writes the TXT record behind the question, which ends at <end>. Returns the message's length. */
static size_t add_text(uint8_t *message, size_t end)
{
	uint8_t record[] = {
		0xc0, HEADER_LEN, 0, 16, 0, 1, /* the question's name, TXT, IN */
		0, 0, 0, 10, 0, 0, 0,          /* 10 s, two lengths */
	};
	char text[128] = "";
	FILE *in = fopen(text_file, "r");
	size_t len;

	if (in && !fgets(text, sizeof text, in))
		text[0] = '\0';
	if (in)
		fclose(in);
	len = strcspn(text, "\n");
	record[11] = (uint8_t)(len + 1);
	record[12] = (uint8_t)len;
	message[7] = 1;
	memcpy(message + end, record, sizeof record);
	memcpy(message + end + sizeof record, text, len);
	return end + sizeof record + len;
}

/* Makes the answer of the question in <message>, in place. Returns its length. */
static size_t answer(uint8_t *message, size_t len)
{
	static const uint8_t record[] = {
		0xc0, HEADER_LEN, 0, 1, 0, 1, /* the question's name, A, IN */
		0, 0, 14, 16,                 /* 3600 s */
		0, 4, 192, 0, 2, 1,
	};
	size_t end = question_end(message, len);
	int address_asked;

	if (end == 0 || end + sizeof record + 128 > MESSAGE_MAX)
		return 0;
	address_asked = message[end - 4] == 0 && message[end - 3] == 1;
	message[2] = 0x84; /* response, authoritative */
	message[3] = failing ? 2 : 0;
	memset(message + 6, 0, 6); /* no records, and no OPT */
	if (text_file && message[end - 4] == 0 && message[end - 3] == 16)
		return add_text(message, end);
	if (!address_asked || failing)
		return end;
	message[7] = 1;
	memcpy(message + end, record, sizeof record);
	return end + sizeof record;
}

int main(int argc, char **argv)
{
	struct sockaddr_in here = { .sin_family = AF_INET };
	uint64_t delay, end;
	int sock;

	if (argc < 4 || argc > 5 || inet_pton(AF_INET, argv[1], &here.sin_addr) != 1) {
		fprintf(stderr, "usage: slow_upstream ADDRESS PORT MILLISECONDS [SERVFAIL | TEXT-FILE]\n");
		return 2;
	}
	here.sin_port = htons((uint16_t)atoi(argv[2]));
	delay = (uint64_t)atoi(argv[3]);
	failing = argc == 5 && strcmp(argv[4], "SERVFAIL") == 0;
	text_file = argc == 5 && !failing ? argv[4] : NULL;
	sock = socket(AF_INET, SOCK_DGRAM, 0);
	if (sock < 0 || bind(sock, (struct sockaddr *)&here, sizeof here) != 0) {
		perror("slow_upstream");
		return 1;
	}
	puts("ready");
	fflush(stdout);

	end = milliseconds() + (uint64_t)(getenv("LIFETIME") ? atoi(getenv("LIFETIME")) : LIFETIME_SECONDS) * 1000;
	for (uint64_t now = milliseconds(); now < end; now = milliseconds()) {
		struct pollfd ready = { .fd = sock, .events = POLLIN };
		struct question *q = &waiting[first];
		int patience = 1000;

		if (count > 0)
			patience = q->due > now ? (int)(q->due - now) : 0;
		if (count < WAITING_MAX && poll(&ready, 1, patience) == 1) {
			struct question *next = &waiting[(first + count) % WAITING_MAX];
			socklen_t from_len = sizeof next->from;
			ssize_t len = recvfrom(sock, next->message, sizeof next->message, 0,
			                       (struct sockaddr *)&next->from, &from_len);

			if (len > HEADER_LEN) {
				next->len = (size_t)len;
				next->due = milliseconds() + delay;
				count++;
			}
		}
		if (count > 0 && q->due <= milliseconds()) {
			size_t len = answer(q->message, q->len);

			if (len > 0)
				print_name(q->message);
			if (len > 0)
				sendto(sock, q->message, len, 0, (struct sockaddr *)&q->from,
				       sizeof q->from);
			first = (first + 1) % WAITING_MAX;
			count--;
		}
	}
	close(sock);
	return 0;
}
