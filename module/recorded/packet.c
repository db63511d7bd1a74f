/* SPDX-License-Identifier: BSD-3-Clause */
/* packet - from a captured frame to the payload of UDP or TCP.
 *
 * Each layer narrows a span of octets: it takes its header off the front and cuts
 * what lies behind its own length (padding) off the end. A header that is longer than
 * its span makes the frame PACKET_CUT.
 */
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <string.h>

#include "recorded/packet.h"

#define ETHERTYPE_IPV4  0x0800
#define ETHERTYPE_IPV6  0x86dd
#define ETHERTYPE_VLAN  0x8100
#define ETHERTYPE_QINQ  0x88a8
#define PPP_IPV4        0x0021
#define PPP_IPV6        0x0057

#define IPV4_HEADER     20
#define IPV6_HEADER     40
#define IPV4_FRAGMENTED 0x3fff /* more fragments, or an offset */
#define IPV6_FRAGMENTED 0xfff9
#define TCP_HEADER      20
#define UDP_HEADER      8
#define TCP_FIN         0x01
#define TCP_SYN         0x02
#define TCP_RST         0x04
#define VLAN_TAGS_MAX   4
#define EXTENSIONS_MAX  8

/* A link type: how long its header is, and where it names what follows. */
struct link {
	int type;
	uint8_t header;
	int8_t protocol; /* offset of the EtherType or PPP protocol; -1: IP follows, of either version */
};

static const struct link links[] = {
	{ DLT_EN10MB,      14, 12 },
	{ DLT_LINUX_SLL,   16, 14 },
	{ DLT_LINUX_SLL2,  20, 0 },
	{ DLT_RAW,         0,  -1 },
	{ DLT_IPV4,        0,  -1 },
	{ DLT_IPV6,        0,  -1 },
	{ DLT_NULL,        4,  -1 }, /* an address family in somebody's byte order: IP tells as well */
	{ DLT_LOOP,        4,  -1 },
	{ DLT_PPP,         4,  2 },
	{ DLT_PPP_SERIAL,  4,  2 },
	{ DLT_PPP_ETHER,   8,  6 },
	{ DLT_C_HDLC,      4,  2 },
};

struct span {
	const uint8_t *octet;
	size_t len;
};

static uint16_t read16(const uint8_t *octet)
{
	return (uint16_t)(octet[0] << 8 | octet[1]);
}

static uint32_t read32(const uint8_t *octet)
{
	return (uint32_t)read16(octet) << 16 | read16(octet + 2);
}

static bool drop(struct span *span, size_t len)
{
	if (len > span->len)
		return false;
	span->octet += len;
	span->len -= len;
	return true;
}

static const struct link *find_link(int type)
{
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		if (links[i].type == type)
			return &links[i];
	return NULL;
}

bool packet_link_known(int type)
{
	return find_link(type);
}

static void map_ipv4(uint8_t address[16], const uint8_t *ipv4)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	memcpy(address, mapped, sizeof(mapped));
	memcpy(address + sizeof(mapped), ipv4, 4);
}

static enum packet_kind read_udp(struct packet *packet, struct span span)
{
	size_t len;

	if (span.len < UDP_HEADER)
		return PACKET_CUT;
	packet->from.port = read16(span.octet);
	packet->to.port = read16(span.octet + 2);
	len = read16(span.octet + 4);
	if (len < UDP_HEADER || len > span.len)
		return PACKET_CUT;
	packet->payload = span.octet + UDP_HEADER;
	packet->payload_len = len - UDP_HEADER;
	return PACKET_UDP;
}

static enum packet_kind read_tcp(struct packet *packet, struct span span)
{
	size_t header;

	if (span.len < TCP_HEADER)
		return PACKET_CUT;
	packet->from.port = read16(span.octet);
	packet->to.port = read16(span.octet + 2);
	packet->sequence = read32(span.octet + 4);
	packet->syn = span.octet[13] & TCP_SYN;
	packet->end = span.octet[13] & (TCP_FIN | TCP_RST);
	header = (size_t)(span.octet[12] >> 4) * 4;
	if (header < TCP_HEADER || !drop(&span, header))
		return PACKET_CUT;
	packet->payload = span.octet;
	packet->payload_len = span.len;
	return PACKET_TCP;
}

/* <protocol> is the IP protocol, and <span> what follows the IP headers, <cut> if the
 * capture lacks the end of it.
 */
static enum packet_kind read_transport(struct packet *packet, uint8_t protocol, struct span span,
                                       bool cut)
{
	if (protocol != IPPROTO_UDP && protocol != IPPROTO_TCP)
		return PACKET_OTHER;
	if (cut)
		return PACKET_CUT;
	return protocol == IPPROTO_UDP ? read_udp(packet, span) : read_tcp(packet, span);
}

/* Cuts what lies behind the datagram off <span>. True when there is less than that. A
 * length of 0 means that the network card was to fill it in: all there is.
 */
static bool trim(struct span *span, size_t len)
{
	if (!len || len == span->len)
		return false;
	if (len > span->len)
		return true;
	span->len = len;
	return false;
}

static enum packet_kind read_ipv4(struct packet *packet, struct span span)
{
	const uint8_t *ip = span.octet;
	size_t header, total;
	bool cut;

	if (span.len < IPV4_HEADER)
		return PACKET_CUT;
	header = (size_t)(ip[0] & 0xf) * 4;
	total = read16(ip + 2);
	if (header < IPV4_HEADER || (total && total < header))
		return PACKET_CUT;
	map_ipv4(packet->from.address, ip + 12);
	map_ipv4(packet->to.address, ip + 16);
	cut = trim(&span, total);
	if (!drop(&span, header))
		return PACKET_CUT;
	if (read16(ip + 6) & IPV4_FRAGMENTED)
		return PACKET_FRAGMENT;
	return read_transport(packet, ip[9], span, cut);
}

static enum packet_kind read_ipv6(struct packet *packet, struct span span)
{
	const uint8_t *ip = span.octet;
	uint8_t next;
	bool cut;

	if (span.len < IPV6_HEADER)
		return PACKET_CUT;
	memcpy(packet->from.address, ip + 8, 16);
	memcpy(packet->to.address, ip + 24, 16);
	next = ip[6];
	drop(&span, IPV6_HEADER);
	cut = trim(&span, read16(ip + 4));
	for (unsigned i = 0; i < EXTENSIONS_MAX; i++) {
		const uint8_t *extension = span.octet;

		if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS &&
		    next != IPPROTO_FRAGMENT)
			return read_transport(packet, next, span, cut);
		if (span.len < 8)
			return PACKET_CUT;
		/* A fragment header on a whole datagram (RFC 6946) is one more extension. */
		if (next == IPPROTO_FRAGMENT && read16(extension + 2) & IPV6_FRAGMENTED)
			return PACKET_FRAGMENT;
		if (!drop(&span, next == IPPROTO_FRAGMENT ? 8 : (extension[1] + 1u) * 8))
			return PACKET_CUT;
		next = extension[0];
	}
	return PACKET_OTHER;
}

static enum packet_kind read_ip(struct packet *packet, struct span span)
{
	if (!span.len)
		return PACKET_CUT;
	switch (span.octet[0] >> 4) {
	case 4:
		return read_ipv4(packet, span);
	case 6:
		return read_ipv6(packet, span);
	default:
		return PACKET_OTHER;
	}
}

enum packet_kind packet_read(struct packet *packet, int link_type, const uint8_t *frame, size_t len)
{
	const struct link *link = find_link(link_type);
	struct span span = { frame, len };
	uint16_t protocol;

	*packet = (struct packet){ 0 };
	if (!link)
		return PACKET_OTHER;
	if (!drop(&span, link->header))
		return PACKET_CUT;
	if (link->protocol < 0)
		return read_ip(packet, span);
	protocol = read16(frame + link->protocol);
	for (unsigned i = 0; i < VLAN_TAGS_MAX; i++) {
		if (protocol != ETHERTYPE_VLAN && protocol != ETHERTYPE_QINQ)
			break;
		if (span.len < 4)
			return PACKET_CUT;
		protocol = read16(span.octet + 2);
		drop(&span, 4);
	}
	if (protocol != ETHERTYPE_IPV4 && protocol != ETHERTYPE_IPV6 && protocol != PPP_IPV4 &&
	    protocol != PPP_IPV6)
		return PACKET_OTHER;
	return read_ip(packet, span);
}
