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

#include "name/name.h"
#include "store/holds.h"

#define FLEET_NODE_MAX     32 /* octets of a node's name: letters, digits, hyphens; lower case */
#define FLEET_DETECTOR_MAX 32
#define FLEET_ID_MAX       32 /* octets of the label that a vote has of its own */

struct vote {
	char node[FLEET_NODE_MAX + 1];
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

#endif
