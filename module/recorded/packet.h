/* SPDX-License-Identifier: BSD-3-Clause */
/* packet - from a captured frame to the payload of UDP or TCP.
 *
 *     link header | IPv4 or IPv6, extension headers | UDP or TCP | payload
 *
 * Invariant: nothing behind <len> captured octets is ever looked at, whatever the
 * length fields in them say.
 */
#ifndef RECORDED_PACKET_H
#define RECORDED_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum packet_kind {
	PACKET_UDP,
	PACKET_TCP,
	PACKET_OTHER,    /* no IP, or neither UDP nor TCP: nothing to us */
	PACKET_FRAGMENT, /* part of a fragmented IP datagram */
	PACKET_CUT,      /* the capture does not have all of it, or its lengths disagree */
};

/* One end of a conversation. */
struct endpoint {
	uint8_t address[16]; /* IPv6, or IPv4 mapped */
	uint16_t port;
};

struct packet {
	struct endpoint from, to; /* known for PACKET_UDP and PACKET_TCP */
	const uint8_t *payload;   /* points into the frame */
	size_t payload_len;
	uint32_t sequence;        /* TCP: of the first octet of <payload> */
	bool syn, end;            /* TCP: a connection begins; FIN or RST */
};

/* Whether frames of libpcap's link type <type> can be read. */
bool packet_link_known(int type);

/* Reads the <len> octets of <frame>. <packet> is valid for PACKET_UDP and PACKET_TCP. */
enum packet_kind packet_read(struct packet *packet, int link_type, const uint8_t *frame,
                             size_t len);

#endif
