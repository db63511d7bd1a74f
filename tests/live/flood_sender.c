/* SPDX-License-Identifier: BSD-3-Clause */
/* flood_sender - questions of a tunnel in other people's names: UDP packets with forged sources.
 *
 *     flood_sender SERVER PORT COUNT PER_SECOND SOURCE[/PREFIX]
 *
 * SERVER and SOURCE are IPv4 or IPv6, both of one kind. Each packet comes from an address of SOURCE/PREFIX,
 * drawn at random; without a prefix all come from SOURCE. What is asked looks as much like a tunnel as a
 * question can: packets of iodine and long hexadecimal names, of type NULL and TXT, below
 * t.example.org; and each fourth is below a domain of its own, so that every table that is kept by client,
 * domain or both meets only what is new to it.
 *
 * Raw sockets, so it is for root, in a network namespace that nothing leaves. Answers are not waited for:
 * they go to whoever has the address. What is drawn at random is the same in every run with the same arguments.
 *
 * Invariant: ends after COUNT packets, or after a minute. Prints "sent N".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PACKET_MAX 512
#define LIFETIME   60 /* seconds */

#define TYPE_NULL 10
#define TYPE_TXT  16

struct address {
	int family;
	size_t len; /* 4 or 16 */
	uint8_t octet[16];
};

static uint64_t state = 0x9e3779b97f4a7c15;

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

static int address_read(struct address *address, const char *text)
{
	address->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	address->len = address->family == AF_INET6 ? 16 : 4;
	return inet_pton(address->family, text, address->octet) == 1;
}

/* An address of <network>, whose first <prefix> bits stay. */
static void address_draw(struct address *address, const struct address *network, unsigned prefix)
{
	*address = *network;
	for (unsigned bit = prefix; bit < network->len * 8; bit++)
		if (random64() >> 63)
			address->octet[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
}

/* Appends a label of <prefix> and <len> characters drawn from <alphabet>. Returns its end. */
static uint8_t *label(uint8_t *at, const char *prefix, const char *alphabet, size_t len)
{
	size_t prefix_len = strlen(prefix), letters = strlen(alphabet);

	*at++ = (uint8_t)(prefix_len + len);
	memcpy(at, prefix, prefix_len);
	at += prefix_len;
	while (len--)
		*at++ = (uint8_t)alphabet[random64() % letters];
	return at;
}

static uint8_t *name(uint8_t *at, unsigned number)
{
	static const char hex[] = "0123456789abcdef", base32[] = "abcdefghijklmnopqrstuvwxyz012345";

	if (number % 4 == 3) {
		at = label(at, "", hex, 60);
		at = label(at, "d", hex, 12);
		at = label(at, "com", "", 0);
	} else {
		/* A ping of iodine, a login of iodine, and what any encoder makes. */
		if (number % 4 == 0)
			at = label(at, "p", base32, 6);
		else if (number % 4 == 1)
			at = label(at, "l", base32, 31);
		else
			at = label(label(at, "", hex, 62), "", hex, 62);
		at = label(at, "t", "", 0);
		at = label(at, "example", "", 0);
		at = label(at, "org", "", 0);
	}
	*at++ = 0;
	return at;
}

/* Returns the octets of a question in <message>. */
static size_t question(uint8_t *message, unsigned number)
{
	uint64_t id = random64();
	uint8_t *at = message;

	memset(message, 0, 12);
	memcpy(message, &id, 2);
	message[2] = 1; /* RD */
	message[5] = 1; /* one question */
	at = name(message + 12, number);
	*at++ = 0;
	*at++ = number % 2 ? TYPE_TXT : TYPE_NULL;
	*at++ = 0;
	*at++ = 1;
	return (size_t)(at - message);
}

static uint32_t sum_of(const uint8_t *data, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? data[i] : (uint32_t)data[i] << 8;
	return sum;
}

/* RFC 768 and, with the pseudo header of IPv6, RFC 8200, 8.1: both add up to the same. */
static uint16_t checksum(const struct address *from, const struct address *to, const uint8_t *udp,
                         size_t len)
{
	uint32_t sum = IPPROTO_UDP + (uint32_t)len;

	sum = sum_of(from->octet, from->len, sum);
	sum = sum_of(to->octet, to->len, sum);
	sum = sum_of(udp, len, sum);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff ? 0xffff : htons((uint16_t)~sum);
}

/* Makes the whole packet, IP header included. Returns its octets. */
static size_t packet(uint8_t *data, const struct address *from, const struct address *to,
                     uint16_t port, unsigned number)
{
	size_t header = to->family == AF_INET6 ? sizeof(struct ip6_hdr) : sizeof(struct iphdr);
	uint8_t *udp_at = data + header;
	struct udphdr udp = { .uh_sport = htons((uint16_t)(1024 + random64() % 60000)),
	                      .uh_dport = htons(port) };
	size_t len = sizeof(udp) + question(udp_at + sizeof(udp), number);

	udp.uh_ulen = htons((uint16_t)len);
	memcpy(udp_at, &udp, sizeof(udp));
	udp.uh_sum = checksum(from, to, udp_at, len);
	memcpy(udp_at, &udp, sizeof(udp));
	if (to->family == AF_INET6) {
		struct ip6_hdr ip = { .ip6_flow = htonl(6U << 28), .ip6_plen = htons((uint16_t)len),
		                      .ip6_nxt = IPPROTO_UDP, .ip6_hlim = 64 };

		memcpy(&ip.ip6_src, from->octet, from->len);
		memcpy(&ip.ip6_dst, to->octet, to->len);
		memcpy(data, &ip, sizeof(ip));
	} else {
		/* The kernel fills in the length and the checksum. */
		struct iphdr ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP };

		memcpy(&ip.saddr, from->octet, from->len);
		memcpy(&ip.daddr, to->octet, to->len);
		memcpy(data, &ip, sizeof(ip));
	}
	return header + len;
}

/* Opens a raw socket to <to>, that takes packets with their IP header. */
static int raw_socket(const struct address *to)
{
	int sock = socket(to->family, SOCK_RAW, IPPROTO_RAW);
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	memcpy(&v4.sin_addr, to->octet, sizeof(v4.sin_addr));
	memcpy(&v6.sin6_addr, to->octet, to->len);
	if (sock >= 0 && connect(sock, to->family == AF_INET6 ? (struct sockaddr *)&v6 :
	                                                        (struct sockaddr *)&v4,
	                         to->family == AF_INET6 ? sizeof(v6) : sizeof(v4)) == 0)
		return sock;
	perror("flood_sender");
	exit(1);
}

/* Sleeps until packet <number> is due at <per_second>. */
static void pace(double began, unsigned number, double per_second)
{
	double early = began + number / per_second - seconds();

	if (early > 0.001)
		usleep((useconds_t)(early * 1e6));
}

int main(int argc, char **argv)
{
	char *slash = argc == 6 ? strchr(argv[5], '/') : NULL;
	struct address to, network, from;
	unsigned count, sent = 0, prefix;
	double per_second, began;
	int sock;

	if (slash)
		*slash = '\0';
	if (argc != 6 || !address_read(&to, argv[1]) || !address_read(&network, argv[5]) ||
	    to.family != network.family) {
		fputs("usage: flood_sender SERVER PORT COUNT PER_SECOND SOURCE[/PREFIX]\n", stderr);
		return 2;
	}
	count = (unsigned)atoi(argv[3]);
	state ^= count; /* another flood for another count */
	per_second = atof(argv[4]);
	prefix = slash ? (unsigned)atoi(slash + 1) : (unsigned)network.len * 8;
	sock = raw_socket(&to);
	began = seconds();
	for (unsigned i = 0; i < count && seconds() - began < LIFETIME; i++) {
		uint8_t data[PACKET_MAX];
		size_t len;

		pace(began, i, per_second);
		address_draw(&from, &network, prefix);
		len = packet(data, &from, &to, (uint16_t)atoi(argv[2]), i);
		if (send(sock, data, len, 0) == (ssize_t)len)
			sent++;
		else if (errno != ENOBUFS) {
			perror("flood_sender: send");
			return 1;
		}
	}
	printf("sent %u\n", sent);
	close(sock);
	return 0;
}
