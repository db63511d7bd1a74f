/* SPDX-License-Identifier: BSD-3-Clause */
/* vote - what a node says of a client, a domain or both, as it stands in the zone that all nodes share.
 *
 *     ID.NODE._warden.ZONE.        TXT    "v=1" "node=n1" "domain=example.org" ...    a node's vote
 *     example.org.ZONE.            CNAME  .                                           what became of the votes
 *     *.example.org.ZONE.          CNAME  .
 *     32.101.2.0.192.rpz-client-ip.ZONE.  CNAME  .
 *
 * The second kind is a response policy zone (draft-vixie-dnsop-dns-rpz-00), which subscribers without a Warden act
 * upon. A vote cannot stand at the same name, for a CNAME is alone there (RFC 1034 section 3.6.2); and below a node's
 * own name it can be left to the primary who may write what (Knot: update-owner-name), so that no node votes for
 * another. To a subscriber it is local data for a name that nobody asks for: ID cannot be guessed, as it is a keyed
 * hash.
 *
 * Invariant: a record of the zone is anybody's: what is read from one is whole and in range, or refused.
 */
#ifndef FLEET_VOTE_H
#define FLEET_VOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ldns/ldns.h>

#include "engine/config.h"
#include "name/name.h"

#define FLEET_BELOW        "_warden"
#define FLEET_DETECTOR_MAX 32
#define FLEET_ID_MAX       32 /* octets of the label that a vote has of its own: hexadecimal digits, lower case */
#define FLEET_TTL          60 /* seconds, of every record that we write */
#define VOTE_TEXT_MAX      1024 /* octets of all strings of a vote, lengths included; written ones are shorter */

struct vote {
	char node[FLEET_NODE_LEN + 1];
	char id[FLEET_ID_MAX + 1];
	char detector[FLEET_DETECTOR_MAX + 1]; /* as that node calls it: ours may not know it; or "operator" */
	bool any_client, any_domain;           /* never both */
	uint8_t client[16];                    /* masked, as that node masks */
	uint8_t prefix;                        /* leading bits of <client> that count, of 128 */
	uint8_t name[256], name_len;           /* wire format, lower case */
	uint8_t verdict, confidence, score;    /* enum warden_verdict, one that denies; enum confidence; 0..100 */
	uint8_t clients;                       /* that asked the domain there, as far as they are counted; 0: not known */
	uint64_t made, expires;                /* milliseconds since 1970; whole seconds in the zone */
};

/* Whether <name> can be a domain that is voted for. None that would say something else in a response policy zone than
 * in DNS: "*" as a label is all of what is beside it there, and what ends in rpz-nsdname is about name servers.
 */
bool vote_domain_is_valid(const struct name *name);

/* Gives the vote of <vote>.node for its subject (client, domain) the id that it has under <secret>: always the same,
 * and known to nobody else. False without memory.
 */
bool vote_identify(struct vote *vote, const uint8_t *secret, size_t secret_len);

/* Writes the strings of <vote> as they stand in the record: a length octet and as many octets, one behind the other.
 * Returns how many octets, or 0 when a string would be too long, as with a very long domain.
 */
size_t vote_strings(const struct vote *vote, uint8_t strings[VOTE_TEXT_MAX]);

/* The name at which <vote> stands in <zone>, in wire format. Returns its length, 0 when it would be too long. */
size_t vote_owner(const struct vote *vote, const struct name *zone, uint8_t owner[NAME_WIRE_MAX]);

enum vote_read {
	VOTE_READ,    /* <vote> is filled in */
	VOTE_NONE,    /* the name is not where votes stand */
	VOTE_REFUSED, /* it is, but no Warden writes this */
};

/* Reads the record with these strings at <owner>. */
enum vote_read vote_read(struct vote *vote, const struct name *zone, const struct name *owner, const uint8_t *strings,
                         size_t len);

/* The same for a record of any type, and back. VOTE_NONE for what is not TXT. NULL without memory, or when it does not
 * fit.
 */
enum vote_read vote_from_rr(struct vote *vote, const struct name *zone, const struct name *owner, const ldns_rr *rr);
ldns_rr *vote_to_rr(const struct vote *vote, const struct name *zone);

/* A record at <owner> with no data at all: "everything of this type" to primary_update(). NULL without memory. */
ldns_rr *record_bare(const uint8_t *owner, size_t len, ldns_rr_type type);

#endif
