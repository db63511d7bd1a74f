/* SPDX-License-Identifier: BSD-3-Clause */
/* stream - asks several questions over one TCP connection, and says whether it is still open then.
 *
 *     stream ADDRESS PORT CLIENT NAME...
 *
 * All are sent at once, type A, with EDNS. Prints "NAME RCODE RECORDS" as they are answered, in the
 * order of their names, "NAME nothing" for one that is not answered within five seconds, and in the
 * end "open", or "closed" when the server has ended the connection.
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

#define NAMES_MAX 64
#define MESSAGE_MAX 65537
#define HEADER_LEN 12
#define PATIENCE_SECONDS 5

static struct answer {
	int came;
	unsigned rcode, records;
} answers[NAMES_MAX];

static void add_u16(uint8_t *message, size_t *len, unsigned number)
{
	message[(*len)++] = (uint8_t)(number >> 8);
	message[(*len)++] = (uint8_t)number;
}

static unsigned read_u16(const uint8_t *message)
{
	return (unsigned)message[0] << 8 | message[1];
}

/* Writes the question for <name>, its length in front. Returns how many octets. */
static size_t write_question(uint8_t *message, unsigned id, const char *name)
{
	size_t len = 2;

	add_u16(message, &len, id);
	add_u16(message, &len, 0x0100); /* RD */
	add_u16(message, &len, 1);
	add_u16(message, &len, 0);
	add_u16(message, &len, 0);
	add_u16(message, &len, 1);
	while (*name) {
		size_t label = strcspn(name, ".");

		message[len++] = (uint8_t)label;
		memcpy(message + len, name, label);
		len += label;
		name += label + (name[label] == '.');
	}
	message[len++] = 0;
	add_u16(message, &len, 1); /* A IN */
	add_u16(message, &len, 1);
	memcpy(message + len, "\0\0\51\4\320\0\0\0\0\0\0", 11); /* OPT, 1232 octets */
	len += 11;
	message[0] = (uint8_t)((len - 2) >> 8);
	message[1] = (uint8_t)(len - 2);
	return len;
}

static int connected(const char *address, const char *port, const char *client)
{
	struct sockaddr_in here = { .sin_family = AF_INET }, there = { .sin_family = AF_INET };
	int sock = socket(AF_INET, SOCK_STREAM, 0);

	there.sin_port = htons((uint16_t)atoi(port));
	if (sock < 0 || inet_pton(AF_INET, address, &there.sin_addr) != 1 ||
	    inet_pton(AF_INET, client, &here.sin_addr) != 1 ||
	    bind(sock, (struct sockaddr *)&here, sizeof here) != 0 ||
	    connect(sock, (struct sockaddr *)&there, sizeof there) != 0) {
		perror("stream");
		exit(1);
	}
	return sock;
}

/* Takes the whole messages out of <buffer>. Returns how many octets are left at its beginning. */
static size_t take_answers(uint8_t *buffer, size_t len, unsigned count, unsigned *left)
{
	size_t at = 0;

	while (len - at >= 2 + HEADER_LEN && len - at >= 2 + (size_t)read_u16(buffer + at)) {
		const uint8_t *message = buffer + at + 2;
		unsigned id = read_u16(message);

		if (id < count && !answers[id].came) {
			answers[id] = (struct answer){ 1, message[3] & 15u, read_u16(message + 6) };
			(*left)--;
		}
		at += 2 + (size_t)read_u16(buffer + at);
	}
	memmove(buffer, buffer + at, len - at);
	return len - at;
}

int main(int argc, char **argv)
{
	static uint8_t buffer[2 * MESSAGE_MAX];
	unsigned count = (unsigned)argc - 4, left = count;
	time_t end = time(NULL) + PATIENCE_SECONDS;
	size_t len = 0;
	int sock, open = 1;

	if (argc < 5 || count > NAMES_MAX) {
		fprintf(stderr, "usage: stream ADDRESS PORT CLIENT NAME...\n");
		return 2;
	}
	sock = connected(argv[1], argv[2], argv[3]);
	for (unsigned i = 0; i < count; i++)
		len += write_question(buffer + len, i, argv[4 + i]);
	if (write(sock, buffer, len) != (ssize_t)len)
		return 1;
	len = 0;
	/* Once more when all have come: an end that follows at once is seen, too. */
	for (int last = 0; open && !last && time(NULL) < end;) {
		struct pollfd ready = { .fd = sock, .events = POLLIN };
		ssize_t more;

		last = !left;
		if (poll(&ready, 1, last ? 200 : 1000) != 1)
			continue;
		more = read(sock, buffer + len, sizeof buffer - len);
		open = more > 0;
		if (open)
			len = take_answers(buffer, len + (size_t)more, count, &left);
	}
	for (unsigned i = 0; i < count; i++)
		if (answers[i].came)
			printf("%s %u %u\n", argv[4 + i], answers[i].rcode, answers[i].records);
		else
			printf("%s nothing\n", argv[4 + i]);
	puts(open ? "open" : "closed");
	close(sock);
	return 0;
}
