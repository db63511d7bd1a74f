/* SPDX-License-Identifier: BSD-3-Clause */
/* soaker - a mixed load for hours, of which every answer is compared with what is expected.
 *
 *     soaker udp|tcp|plain ADDRESS PORT CONTROL-PORT PER_SECOND SECONDS
 *
 * udp: some dozen clients (127.1.0.N) that ask for what is in the cache, what is not, what does not exist, what
 * somebody else is waiting for, and send odd packets. tcp: the same without the oddest, some questions to a connection
 * (127.5.0.N). plain: a few clients with the habits of people (127.2.0.N), to whom no exemption need apply.
 *
 * What is expected is what another Unbound answers at CONTROL-PORT of the same address: asked once for each kind of
 * question, before it begins.
 *
 * A question without an answer is asked again: in TRIES tries it must come. Prints "again TIME NAME" for each of
 * these, "wrong ..." for an answer that is not as expected, "lost NAME" for one that never came; and after SECONDS,
 * or on SIGTERM:
 *
 *     sent N      questions that Unbound shows its modules, each try
 *     unseen N    packets that it does not
 *     answered N, again N, late N (a second answer to what was asked again), lost N, wrong N
 *
 * Invariant: nothing is waited for longer than PATIENCE, and each answer is for one question.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "soak_message.h"

#define CLIENTS     40
#define CLIENTS_FEW 8
#define PENDING_MAX 512
#define MESSAGE_MAX 4096
#define PATIENCE    3.0 /* seconds */
#define TRIES       6
#define TCP_TURNS   4 /* questions to a connection, at most */
#define UNANSWERED  0x8000 /* in an id: nothing comes back */

struct pending {
	struct kind *kind; /* NULL: free */
	unsigned number, tries;
	uint16_t id;
	double since;
};

static struct client {
	int sock;
	uint16_t last_id;
	struct pending pending[PENDING_MAX];
} clients[CLIENTS];

static struct sockaddr_in server = { .sin_family = AF_INET }, control;
static unsigned set, asked_new, asked_shared;
static unsigned long sent, unseen, answered, again, late, lost, wrong;
static volatile sig_atomic_t ended;

static void on_signal(int number)
{
	(void)number;
	ended = 1;
}

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Compares an answer, or its absence (<len> 0), with what is expected. */
static void judge(const struct kind *kind, unsigned number, const uint8_t *message, size_t len)
{
	struct gist seen = { .none = len == 0 }, want = expected(kind, number);
	char name[SOAK_NAME_MAX];

	answered += len > 0;
	if ((len == 0 || gist_of(&seen, message, len)) && seen.none == want.none && seen.rcode == want.rcode &&
	    seen.truncated == want.truncated && seen.records == want.records && seen.hash == want.hash)
		return;
	name_of(name, kind, number);
	wrong++;
	printf("wrong %s type %u odd %d: rcode %u tc %u records %u hash %08x, expected rcode %u tc %u records %u "
	       "hash %08x%s\n", name, kind->type, (int)kind->odd, seen.rcode, seen.truncated, seen.records, seen.hash,
	       want.rcode, want.truncated, want.records, want.hash, want.none ? " (nothing)" : "");
}

static void note_again(const struct kind *kind, unsigned number, unsigned tries)
{
	char name[SOAK_NAME_MAX];

	name_of(name, kind, number);
	if (tries < TRIES)
		printf("again %.3f %s\n", seconds(CLOCK_REALTIME), name);
	else
		printf("lost %s\n", name);
	if (tries < TRIES)
		again++;
	else
		lost++;
}

/* --- what is asked ---------------------------------------------------------------------------- */

static struct kind *some_kind(void)
{
	static unsigned total;
	unsigned at;

	if (!total)
		for (unsigned i = 0; i < kind_count; i++)
			total += kinds[i].in & set ? kinds[i].weight : 0;
	at = (unsigned)rand() % total;
	for (unsigned i = 0;; i++) {
		unsigned weight = kinds[i].in & set ? kinds[i].weight : 0;

		if (at < weight)
			return &kinds[i];
		at -= weight;
	}
}

static unsigned some_number(const struct kind *kind)
{
	if (kind->range == NEW)
		return ++asked_new;
	if (kind->range == SHARED)
		return asked_shared++ / 4;
	return kind->range == FIXED ? (unsigned)rand() % 2 : (unsigned)(rand() % kind->range + 1);
}

static int new_socket(int type, unsigned client, const struct sockaddr_in *to)
{
	struct timeval patience = { (time_t)PATIENCE, 0 };
	struct sockaddr_in from = { .sin_family = AF_INET };
	int sock = socket(AF_INET, type, 0), on = 1;

	from.sin_addr.s_addr = htonl(0x7f000001 + client + (set == IN_UDP ? 0x10000 : set == IN_TCP ? 0x50000 : 0x20000));
	if (sock < 0)
		die("socket");
	setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (bind(sock, (struct sockaddr *)&from, sizeof from))
		die("bind");
	if (connect(sock, (const struct sockaddr *)to, sizeof *to)) {
		close(sock);
		return -1;
	}
	return sock;
}

/* Asks the control once for each kind; what it does not answer within PATIENCE has no answer. */
static void learn(void)
{
	uint8_t message[MESSAGE_MAX];

	for (unsigned i = 0; i < kind_count; i++) {
		int sock = new_socket(SOCK_DGRAM, 0, &control);
		ssize_t len;

		if (sock < 0)
			die("connect");
		len = (ssize_t)question(message, &kinds[i], 1, 1);
		if (send(sock, message, (size_t)len, 0) != len)
			die("send");
		len = recv(sock, message, sizeof message, 0);
		kinds[i].expected.none = len <= 0;
		if (len > 0 && !gist_of(&kinds[i].expected, message, (size_t)len)) {
			fprintf(stderr, "soaker: the control's answer %u cannot be read\n", i);
			exit(1);
		}
		close(sock);
	}
}

/* --- UDP -------------------------------------------------------------------------------------- */

static void ask(struct client *client, struct pending *pending)
{
	uint8_t message[MESSAGE_MAX];
	size_t len = question(message, pending->kind, pending->number, pending->id);

	pending->since = seconds(CLOCK_MONOTONIC);
	pending->tries++;
	if (send(client->sock, message, len, 0) != (ssize_t)len)
		return; /* asked again, then */
	if (pending->kind->unseen)
		unseen++;
	else
		sent++;
}

static void ask_new(struct client *client)
{
	struct kind *kind = some_kind();
	uint16_t id = ++client->last_id & (uint16_t)~UNANSWERED;
	struct pending *pending = &client->pending[id % PENDING_MAX], nobody = { 0 };

	if (kind->expected.none) {
		pending = &nobody;
		id |= UNANSWERED;
	} else if (pending->kind) {
		return; /* it still waits: the next one is as good */
	}
	*pending = (struct pending){ .kind = kind, .number = some_number(kind), .id = id };
	ask(client, pending);
}

static void hear(struct client *client)
{
	uint8_t message[MESSAGE_MAX];
	ssize_t len;

	while ((len = recv(client->sock, message, sizeof message, MSG_DONTWAIT)) >= 2) {
		unsigned id = read_u16(message);
		struct pending *pending = &client->pending[id % PENDING_MAX];

		if (id & UNANSWERED) {
			wrong++;
			printf("wrong: an answer to what has none, id %u\n", id);
		} else if (!pending->kind || pending->id != id) {
			late++;
		} else {
			judge(pending->kind, pending->number, message, (size_t)len);
			pending->kind = NULL;
		}
	}
}

/* Asks again what waits too long. Returns how many wait. */
static unsigned look_after(struct client *client, double now)
{
	unsigned waiting = 0;

	for (unsigned i = 0; i < PENDING_MAX; i++) {
		struct pending *pending = &client->pending[i];

		if (!pending->kind)
			continue;
		if (now - pending->since >= PATIENCE) {
			note_again(pending->kind, pending->number, pending->tries);
			if (pending->tries < TRIES)
				ask(client, pending);
			else
				pending->kind = NULL;
		}
		waiting += pending->kind != NULL;
	}
	return waiting;
}

static void soak_udp(unsigned count, double rate, double end)
{
	double start = seconds(CLOCK_MONOTONIC), now = start, looked = start;
	struct pollfd ready[CLIENTS];
	unsigned long asked = 0;
	unsigned waiting = 1;

	for (unsigned i = 0; i < count; i++) {
		clients[i].sock = new_socket(SOCK_DGRAM, i, &server);
		ready[i] = (struct pollfd){ .fd = clients[i].sock, .events = POLLIN };
	}
	while ((now < end && !ended) || waiting) {
		poll(ready, count, 2);
		now = seconds(CLOCK_MONOTONIC);
		for (unsigned i = 0; i < count; i++)
			if (ready[i].revents)
				hear(&clients[i]);
		for (; !ended && now < end && (double)asked < (now - start) * rate; asked++)
			ask_new(&clients[(unsigned)rand() % count]);
		if (now - looked < 0.1)
			continue;
		looked = now;
		waiting = 0;
		for (unsigned i = 0; i < count; i++)
			waiting += look_after(&clients[i], now);
		fflush(stdout);
	}
	sleep(1); /* for what is late */
	for (unsigned i = 0; i < count; i++)
		hear(&clients[i]);
}

/* --- TCP -------------------------------------------------------------------------------------- */

static bool read_all(int sock, uint8_t *to, size_t len)
{
	while (len > 0) {
		ssize_t got = recv(sock, to, len, 0);

		if (got <= 0)
			return false;
		to += got;
		len -= (size_t)got;
	}
	return true;
}

/* Asks one question. False when its answer did not come: the connection is of no more use then. */
static bool ask_tcp(int sock, const struct kind *kind, unsigned number)
{
	uint8_t message[2 + 65535];
	size_t len = question(message + 2, kind, number, (uint16_t)rand());

	put_u16(message, (unsigned)len);
	if (sock < 0 || send(sock, message, len + 2, MSG_NOSIGNAL) != (ssize_t)len + 2)
		return false;
	if (kind->unseen)
		unseen++;
	else
		sent++;
	if (!read_all(sock, message, 2))
		return false;
	len = read_u16(message);
	if (!read_all(sock, message + 2, len))
		return false;
	judge(kind, number, message + 2, len);
	return true;
}

static void soak_tcp(unsigned count, double rate, double end)
{
	double start = seconds(CLOCK_MONOTONIC);
	unsigned long asked = 0;

	while (seconds(CLOCK_MONOTONIC) < end && !ended) {
		unsigned client = (unsigned)rand() % count;
		int sock = new_socket(SOCK_STREAM, client, &server);

		for (int turns = rand() % TCP_TURNS + 1; turns > 0; turns--, asked++) {
			const struct kind *kind = some_kind();
			unsigned number = some_number(kind), tries = 1;

			for (; !ask_tcp(sock, kind, number) && tries <= TRIES; tries++) {
				note_again(kind, number, tries);
				close(sock);
				usleep(300000);
				sock = new_socket(SOCK_STREAM, client, &server);
			}
		}
		close(sock);
		fflush(stdout);
		while ((double)asked > (seconds(CLOCK_MONOTONIC) - start) * rate && !ended)
			usleep(2000);
	}
}

int main(int argc, char **argv)
{
	double rate, end;

	if (argc != 7 || inet_pton(AF_INET, argv[2], &server.sin_addr) != 1) {
		fprintf(stderr, "usage: soaker udp|tcp|plain ADDRESS PORT CONTROL-PORT PER_SECOND SECONDS\n");
		return 2;
	}
	set = !strcmp(argv[1], "tcp") ? IN_TCP : !strcmp(argv[1], "plain") ? IN_PLAIN : IN_UDP;
	asked_new = set * 100000000; /* each asks for new names of its own */
	control = server;
	server.sin_port = htons((uint16_t)atoi(argv[3]));
	control.sin_port = htons((uint16_t)atoi(argv[4]));
	signal(SIGTERM, on_signal);
	signal(SIGPIPE, SIG_IGN);
	srand(set);
	learn();
	rate = atof(argv[5]);
	end = seconds(CLOCK_MONOTONIC) + atof(argv[6]);
	puts("ready");
	fflush(stdout);
	if (set == IN_TCP)
		soak_tcp(CLIENTS_FEW, rate, end);
	else
		soak_udp(set == IN_UDP ? CLIENTS : CLIENTS_FEW, rate, end);
	printf("sent %lu\nunseen %lu\nanswered %lu\nagain %lu\nlate %lu\nlost %lu\nwrong %lu\n", sent, unseen, answered,
	       again, late, lost, wrong);
	return 0;
}
