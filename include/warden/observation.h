/* SPDX-License-Identifier: BSD-3-Clause */
/* observation - what a door tells the engine about one query or response.
 *
 * A door (the Unbound module, the replay tool) fills one of these and calls
 * warden_observe(). Everything in it is borrowed for the length of that call;
 * the engine copies what it keeps.
 *
 * A question is told when it arrives, an answer when it leaves. What is answered
 * on the spot (cache, local data) is both at once, in one call:
 *
 *     miss     QUESTION ......upstream...... ANSWER
 *     joined                                 QUESTION|ANSWER
 *     cache    QUESTION|ANSWER
 *     local    QUESTION|ANSWER
 *
 * Invariant: over all calls of one query, QUESTION is set exactly once, and
 * ANSWER at most once (a query that is dropped has none).
 */
#ifndef WARDEN_OBSERVATION_H
#define WARDEN_OBSERVATION_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What this call tells: bits of warden_observation.what. */
enum warden_what {
	WARDEN_QUESTION = 1,
	WARDEN_ANSWER = 2,
};

/* Where the resolver found the answer. */
enum warden_path {
	WARDEN_PATH_MISS,   /* asked upstream on behalf of this client */
	WARDEN_PATH_JOINED, /* waited for the same question of somebody else */
	WARDEN_PATH_CACHE,  /* from the cache, expired data included */
	WARDEN_PATH_LOCAL,  /* local-zone, local-data, RPZ or chaos */
	WARDEN_PATH_COUNT
};

/* How the question came. All but UDP prove that the client owns its address. */
enum warden_transport {
	WARDEN_TRANSPORT_UDP,
	WARDEN_TRANSPORT_TCP,
	WARDEN_TRANSPORT_DOT, /* RFC 7858 */
	WARDEN_TRANSPORT_DOH, /* RFC 8484 */
	WARDEN_TRANSPORT_COUNT
};

/* Bits of warden_observation.flags. */
enum warden_flag {
	WARDEN_FLAG_EDNS = 1,    /* the question had an OPT record (RFC 6891) */
	WARDEN_FLAG_OWN = 2,     /* ANSWER: made by Warden itself, so no evidence of anything */
	WARDEN_FLAG_PROXIED = 4, /* the client address was told by a PROXYv2 sender */
	WARDEN_FLAG_FOLDED = 8,  /* whatever its case here, the name goes upstream in lower case */
	WARDEN_FLAG_REFRESH = 16, /* CACHE: old, so the resolver asks upstream again because of this question */
	WARDEN_FLAG_ODD_HEADER = 32, /* QUESTION: header bits or records that have no meaning in one */
	WARDEN_FLAG_ODD_EDNS = 64,   /* QUESTION: an EDNS version, flag or option that nobody has defined */
	WARDEN_FLAG_NOBODY = 128,    /* ANSWER: for no client (a prefetch), so only its content is looked at */
	WARDEN_FLAG_OPEN = 256,      /* ANSWER: has not left yet, and leaves as REFUSED when it is not to be given */
	WARDEN_FLAG_EMPTIED = 512,   /* ANSWER: likewise, but leaves without records and with its own <rcode> */
	WARDEN_FLAG_COOKIE = 1024,   /* the question proved its address with a server cookie (RFC 7873) */
	WARDEN_FLAG_BARE = 2048,     /* ANSWER, LOCAL: an error or nothing, so it may be a mirrored hold's doing */
};

/* One record of the answer section, or the SOA of a negative answer, in wire format and without
 * compression.
 */
struct warden_record {
	const uint8_t *rdata;
	uint32_t ttl; /* seconds left */
	uint16_t type;
	uint16_t rdata_len;
};

/* One server of a zone, by what tells it from others: its name in wire format without
 * compression, or its address where the name is inside the zone, so that each zone has another
 * for the same server, or where the resolver knows only that.
 */
struct warden_server {
	const uint8_t *id;
	uint8_t id_len;
};

struct warden_observation {
	uint64_t now;          /* milliseconds since 1970; the engine knows no other clock */
	uint8_t client[16];    /* who asked: IPv6, or IPv4 mapped (::ffff:a.b.c.d) */
	uint8_t subnet[16];    /* for whom, as the question says (EDNS Client Subnet, RFC 7871), written alike */
	uint8_t subnet_prefix; /* leading bits of <subnet> that were told, of 128; 0: none. Believed of
	                        * a `forwarder:` only */
	uint16_t client_port;  /* 0 when unknown */
	uint8_t what;          /* enum warden_what, or-ed */
	uint8_t path;          /* enum warden_path */
	uint8_t transport;     /* enum warden_transport */
	uint16_t flags;        /* enum warden_flag, or-ed */
	uint16_t qtype;        /* host byte order, as are all numbers here */
	uint16_t qclass;
	uint16_t qname_len;    /* octets of <qname>, root label included */
	const uint8_t *qname;  /* wire format without compression, case as it came */

	/* The rest is read only when <what> has WARDEN_ANSWER. */
	uint8_t rcode;
	uint16_t answer_count; /* records in the answer section */
	uint32_t answer_size;  /* octets of the message, estimated where it is not known yet */
	uint32_t ttl;          /* smallest TTL of the answer section, 0 without one */
	uint32_t record_count; /* elements of <records>: may be fewer than <answer_count> */
	const struct warden_record *records;

	/* The delegation that the answer came by: the zone cut that the resolver asked the
	 * servers of, and those servers in any order. <zone> is NULL when it is not known:
	 * for cached and local answers always.
	 */
	const uint8_t *zone;   /* wire format without compression */
	uint8_t zone_len;
	uint8_t server_count;  /* elements of <servers>: may be fewer than the zone has */
	const struct warden_server *servers;
};

/* The WARDEN_FLAG_ODD_* of a question as it came: <len> octets of a DNS message, which may be
 * anything. Reads nothing else, so any thread may ask.
 */
uint8_t warden_odd_flags(const uint8_t *message, size_t len);

#ifdef __cplusplus
}
#endif
#endif
