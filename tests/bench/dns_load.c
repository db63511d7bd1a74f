/* SPDX-License-Identifier: BSD-3-Clause */
/* dns_load - asks a resolver as thousands of clients, and tells what that cost the resolver.
 *
 *     dns_load SERVER PORT WINDOW CLIENTS FILE COUNT SEED [PID...]
 *
 * Asks COUNT questions, WINDOW of them at once: so the resolver is always busy and its queues never
 * overflow. Each comes from one of CLIENTS addresses of 127.64.0.0/10, drawn at random; the answers come
 * back to one socket, which is bound to no address. FILE says what is asked:
 *
 *   cached    names below .com, by popularity (Zipf). They are in the cache after `names`. 15 of 16 are one
 *             of those few that this client is used to, the others can be any.
 *   missing   names below .net, which the name server (dns_answerer.c) gives no time to live: three of
 *             four are what this client is used to; and each fourth was never asked by anybody, half of
 *             them in a domain that this client is used to, half in any.
 *   mixed     nine of ten cached, one missing
 *   names     every name below .com in both types: NAMES x 2 questions fill the cache
 *   habits    every client asks all that it is used to: CLIENTS x 12 questions, after which each of them is
 *             an old acquaintance
 *
 * Prints one line: "asked N answered N lost N noerror N seconds S cpu S": seconds until the last
 * answer; cpu is the time on a processor, in user and in system mode, that all threads of the processes PID
 * took meanwhile.
 *
 * Invariant: what is asked depends on the arguments alone. Ends: an answer is waited for five seconds.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WINDOW_MAX   4096
#define CLIENTS_MAX  (1U << 22)
#define PIDS_MAX     8
#define BATCH        32
#define MESSAGE_MAX  512
#define HEADER_LEN   12
#define PATIENCE     5.0 /* seconds */

#define WORDS        64
#define HOSTS        5
#define SITES        (WORDS * WORDS)
#define NAMES        (HOSTS * SITES)
#define DRAWS        65536 /* names by popularity, to draw from */
#define HABITS       8     /* questions that a client is used to, below .com, */
#define MISSES       4     /* and below .net */
#define NEW_CLIENT   16    /* every how many cached questions one is none of these */

enum file { CACHED, MISSING, MIXED, NAMES_ALL, HABITS_ALL, FILES };

/* A name below .com or .net, and its type. */
struct topic {
	uint32_t name;
	bool missing, is_new, is_ipv6;
};

static const char *const words[WORDS] = {
	"apple", "bank", "bike", "bird", "blue", "book", "box", "bright", "camp", "city", "cloud", "coffee",
	"craft", "daily", "data", "deal", "earth", "farm", "fast", "film", "first", "food", "forest", "garden",
	"gold", "green", "home", "hotel", "house", "island", "jet", "kids", "lake", "light", "mail", "market",
	"media", "metro", "moon", "music", "news", "north", "ocean", "open", "paper", "park", "photo", "pixel",
	"press", "prime", "red", "river", "road", "shop", "silver", "sky", "smart", "snow", "sport", "star",
	"stone", "sun", "travel", "world",
};
static const char *const hosts[HOSTS] = { "www", "mail", "api", "static", "img" };

/* One question that is under way. Its place in the array and <turn> make its ID. */
struct pending {
	double since; /* 0: none is */
	uint16_t turn;
	size_t len;   /* of the question */
	uint8_t message[MESSAGE_MAX];
};

/* What the command line asks for. */
struct load {
	struct sockaddr_in to;
	unsigned window, clients;
	enum file file;
	unsigned long count;
};

static struct pending pending[WINDOW_MAX];
static unsigned next_place;
static uint32_t draws[DRAWS];
static uint64_t state;
static unsigned long answered, noerror, lost;
static double last_answer;

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators". */
static uint64_t random64(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1d;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* Seconds on a processor, of all threads, those that have ended as well. */
static double cpu_of(const pid_t *pids, unsigned count)
{
	double sum = 0;

	for (unsigned i = 0; i < count; i++) {
		struct timespec used;
		clockid_t clock;

		if (clock_getcpuclockid(pids[i], &clock) || clock_gettime(clock, &used))
			fail("dns_load: a process to be watched");
		sum += (double)used.tv_sec + (double)used.tv_nsec / 1e9;
	}
	return sum;
}

/* Zipf with exponent 1: the name of rank r comes 1/r times as often as the first. */
static void popularity(void)
{
	double all = 0, sum = 0;
	unsigned at = 0;

	for (unsigned rank = 1; rank <= NAMES; rank++)
		all += 1.0 / rank;
	for (unsigned rank = 1; rank <= NAMES; rank++) {
		sum += 1.0 / rank;
		/* A multiplier prime to NAMES: neighbours in rank are of different sites. */
		while (at < DRAWS && (at + 0.5) / DRAWS < sum / all)
			draws[at++] = (uint32_t)((uint64_t)rank * 7919 % NAMES);
	}
}

/* What <client> is used to ask, the <number>th of it. */
static struct topic habit(uint32_t client, uint32_t number, bool missing)
{
	uint64_t mixed = ((uint64_t)client * (HABITS + MISSES) + (missing ? HABITS : 0) + number) *
	                 0x9e3779b97f4a7c15;

	mixed ^= mixed >> 29;
	mixed *= 0xbf58476d1ce4e5b9;
	mixed ^= mixed >> 32;
	return (struct topic){
		.name = missing ? (uint32_t)(mixed % NAMES) : draws[mixed % DRAWS],
		.missing = missing,
		.is_ipv6 = mixed >> 62 == 0, /* one of four */
	};
}

/* What <client> asks as the <number>th question of all. */
static struct topic choose(enum file file, unsigned long number, uint32_t client)
{
	uint64_t draw = random64();
	struct topic topic;

	if (file == NAMES_ALL)
		return (struct topic){ .name = (uint32_t)(number / 2 % NAMES), .is_ipv6 = number % 2 };
	if (file == HABITS_ALL) {
		number %= HABITS + MISSES;
		return number < HABITS ? habit(client, (uint32_t)number, false) :
		                         habit(client, (uint32_t)number - HABITS, true);
	}
	if (file == CACHED || (file == MIXED && draw % 10 != 0)) {
		topic = habit(client, draw / 16 % HABITS, false);
		if (draw >> 32 < UINT32_MAX / NEW_CLIENT)
			topic.name = draws[draw % DRAWS];
		return topic;
	}
	topic = habit(client, draw / 16 % MISSES, true);
	topic.is_new = draw >> 62 == 0;
	if (draw >> 61 == 0)
		topic.name = (uint32_t)(draw / 1024 % NAMES);
	return topic;
}

static uint8_t *label(uint8_t *at, const char *text)
{
	size_t len = strlen(text);

	*at++ = (uint8_t)len;
	memcpy(at, text, len);
	return at + len;
}

static uint8_t *name(uint8_t *at, uint32_t number, const char *top, bool is_new)
{
	uint32_t site = number / HOSTS;
	char text[64];

	if (is_new)
		snprintf(text, sizeof(text), "%s%u", hosts[number % HOSTS], (unsigned)(random64() >> 36));
	else
		snprintf(text, sizeof(text), "%s", hosts[number % HOSTS]);
	at = label(at, text);
	snprintf(text, sizeof(text), "%s%s", words[site / WORDS], words[site % WORDS]);
	at = label(at, text);
	at = label(at, top);
	*at++ = 0;
	return at;
}

/* Writes the question that <client> asks. */
static void ask(struct pending *q, const struct topic *topic, uint32_t client)
{
	uint8_t *at = q->message + HEADER_LEN;

	memset(q->message, 0, HEADER_LEN);
	q->message[2] = 1; /* RD */
	q->message[5] = 1; /* one question */
	at = name(at, topic->name, topic->missing ? "net" : "com", topic->is_new);
	*at++ = 0;
	*at++ = topic->is_ipv6 ? 28 : 1; /* AAAA, A */
	*at++ = 0;
	*at++ = 1;
	if (client % 2) { /* of these each second one has EDNS */
		static const uint8_t opt[11] = { 0, 0, 41, 1232 >> 8, 1232 & 0xff };

		q->message[11] = 1;
		memcpy(at, opt, sizeof(opt));
		at += sizeof(opt);
	}
	q->len = (size_t)(at - q->message);
}

/* An answer has come: whether it is that of a question under way, header and question as they were. */
static bool is_answer(const uint8_t *message, size_t len, unsigned window)
{
	unsigned id = (unsigned)message[0] << 8 | message[1];
	struct pending *q = &pending[id % window];
	size_t end = q->len - (q->message[11] ? 11 : 0);

	if (!q->since || q->message[0] != message[0] || q->message[1] != message[1] || len < end ||
	    !(message[2] & 0x80) || memcmp(message + HEADER_LEN, q->message + HEADER_LEN, end - HEADER_LEN) != 0)
		return false;
	q->since = 0;
	answered++;
	noerror += !(message[3] & 0xf);
	return true;
}

/* Takes what has come. Returns how many questions that has answered. */
static unsigned receive(int sock, unsigned window)
{
	static uint8_t data[BATCH][2048];
	struct iovec iov[BATCH];
	struct mmsghdr messages[BATCH] = { 0 };
	unsigned good = 0;
	int count;

	for (unsigned i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ data[i], sizeof(data[i]) };
		messages[i].msg_hdr.msg_iov = &iov[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	count = recvmmsg(sock, messages, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < count; i++)
		if (messages[i].msg_len > HEADER_LEN)
			good += is_answer(data[i], messages[i].msg_len, window);
	return good;
}

/* Sends <count> questions, each from the address of its client. */
static void send_all(int sock, const struct load *load, struct pending **questions,
                     const uint32_t *clients, unsigned count)
{
	union {
		char data[CMSG_SPACE(sizeof(struct in_pktinfo))];
		struct cmsghdr aligned;
	} control[BATCH];
	struct iovec iov[BATCH];
	struct mmsghdr messages[BATCH] = { 0 };
	struct sockaddr_in to = load->to;
	unsigned sent = 0;

	memset(control, 0, sizeof(control));
	for (unsigned i = 0; i < count; i++) {
		struct msghdr *header = &messages[i].msg_hdr;
		struct in_pktinfo from = { .ipi_spec_dst.s_addr = htonl(0x7f400000 | clients[i]) };
		struct cmsghdr *cmsg;

		iov[i] = (struct iovec){ questions[i]->message, questions[i]->len };
		header->msg_name = &to;
		header->msg_namelen = sizeof(to);
		header->msg_iov = &iov[i];
		header->msg_iovlen = 1;
		header->msg_control = control[i].data;
		header->msg_controllen = sizeof(control[i].data);
		cmsg = CMSG_FIRSTHDR(header);
		cmsg->cmsg_level = IPPROTO_IP;
		cmsg->cmsg_type = IP_PKTINFO;
		cmsg->cmsg_len = CMSG_LEN(sizeof(from));
		memcpy(CMSG_DATA(cmsg), &from, sizeof(from));
	}
	while (sent < count) {
		int n = sendmmsg(sock, messages + sent, count - sent, 0);

		if (n < 0)
			fail("dns_load: sendmmsg");
		sent += (unsigned)n;
	}
}

/* Bound to a port and to no address: whoever of 127.0.0.0/8 is answered, it comes here. */
static int open_socket(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int sock = socket(AF_INET, SOCK_DGRAM, 0), room = 8 << 20;

	if (sock < 0 || bind(sock, (struct sockaddr *)&any, sizeof(any)))
		fail("dns_load: socket");
	/* The former is for root. */
	if (setsockopt(sock, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	return sock;
}

/* Gives up questions that nobody answers. */
static unsigned give_up(unsigned window, double now)
{
	unsigned count = 0;

	for (unsigned i = 0; i < window; i++)
		if (pending[i].since && now - pending[i].since > PATIENCE) {
			pending[i].since = 0;
			count++;
		}
	lost += count;
	return count;
}

/* Asks as many questions as the window has room for, behind <asked> others. Returns how many. */
static unsigned fill_window(int sock, const struct load *load, unsigned long asked, double now)
{
	struct pending *questions[BATCH];
	uint32_t clients[BATCH];
	unsigned count = 0;

	for (unsigned i = 0; i < load->window && count < BATCH && asked + count < load->count; i++) {
		/* Where the last one was found, so that the search is short. */
		unsigned place = next_place = (next_place + 1) % load->window;
		struct pending *q = &pending[place];
		unsigned long number = asked + count;
		struct topic topic;
		unsigned id;

		if (q->since)
			continue;
		clients[count] = 1 + (uint32_t)(load->file == HABITS_ALL ? number / (HABITS + MISSES) % load->clients :
		                                                           random64() % load->clients);
		topic = choose(load->file, number, clients[count]);
		ask(q, &topic, clients[count]);
		id = place + load->window * (q->turn++ % (65536 / load->window));
		q->message[0] = (uint8_t)(id >> 8);
		q->message[1] = (uint8_t)id;
		q->since = now;
		questions[count++] = q;
	}
	send_all(sock, load, questions, clients, count);
	return count;
}

static void run(int sock, const struct load *load)
{
	unsigned long asked = 0;
	unsigned under_way = 0;

	while (asked < load->count || under_way) {
		struct pollfd ready = { .fd = sock, .events = POLLIN };
		double now = seconds();
		unsigned came;

		if (asked < load->count && under_way < load->window) {
			came = fill_window(sock, load, asked, now);
			asked += came;
			under_way += came;
		}
		came = receive(sock, load->window);
		under_way -= came;
		if (came)
			last_answer = now;
		if (!came && (asked == load->count || under_way == load->window)) {
			poll(&ready, 1, 100);
			under_way -= give_up(load->window, seconds());
		}
	}
}

int main(int argc, char **argv)
{
	static const char *const files[FILES] = { "cached", "missing", "mixed", "names", "habits" };
	struct load load = { .to.sin_family = AF_INET };
	pid_t pids[PIDS_MAX];
	unsigned pid_count = 0;
	double began, cpu;
	int sock;

	if (argc < 8 || argc - 8 > PIDS_MAX || inet_pton(AF_INET, argv[1], &load.to.sin_addr) != 1) {
		fputs("usage: dns_load SERVER PORT WINDOW CLIENTS FILE COUNT SEED [PID...]\n", stderr);
		return 2;
	}
	load.to.sin_port = htons((uint16_t)atoi(argv[2]));
	load.window = (unsigned)atoi(argv[3]);
	load.clients = (unsigned)atoi(argv[4]);
	load.count = (unsigned long)atol(argv[6]);
	for (load.file = CACHED; load.file < FILES && strcmp(argv[5], files[load.file]) != 0; load.file++)
		continue;
	if (!load.window || load.window > WINDOW_MAX || !load.clients || load.clients > CLIENTS_MAX ||
	    load.file == FILES) {
		fputs("dns_load: no such window, number of clients or file\n", stderr);
		return 2;
	}
	state = (uint64_t)atol(argv[7]) * 0x9e3779b97f4a7c15 + 1;
	for (int i = 8; i < argc; i++)
		pids[pid_count++] = (pid_t)atoi(argv[i]);
	popularity();
	sock = open_socket();
	began = seconds();
	cpu = cpu_of(pids, pid_count);
	run(sock, &load);
	cpu = cpu_of(pids, pid_count) - cpu;
	printf("asked %lu answered %lu lost %lu noerror %lu seconds %.6f cpu %.6f\n", load.count, answered, lost,
	       noerror, last_answer - began, cpu);
	close(sock);
	return 0;
}
