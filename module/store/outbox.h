/* SPDX-License-Identifier: BSD-3-Clause */
/* outbox - charges that other nodes should know of, on their way to the thread that tells them.
 *
 * A ring in the segment, as the journal is (store/ring.h has what both have in common), so that forked workers reach
 * the one thread. What the workers put in is raw: names and addresses, which the thread hashes with the fleet's own
 * key before they leave.
 *
 * Producers never wait: a full ring loses the parcel, and who put it counts it.
 * Invariant: what comes out of outbox_get() may have wrong numbers in it, if a producer slept for
 * too long over it or another hand wrote to the segment; never an offset or a length outside the name.
 */
#ifndef STORE_OUTBOX_H
#define STORE_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "store/mapping.h"

#define PARCEL_BITS_MAX 1e12f /* no sum is larger */

/* What one question has told. A subject that has just told enough to be counted together (fleet-count-from:) comes
 * with all that stands in its ledger, later with what came since.
 */
struct parcel {
	uint64_t now;         /* milliseconds since 1970 */
	uint64_t pair, client_key, domain; /* hashes by which the tables know these: where elsewhere_put() puts answers */
	float pair_bits;      /* told by the client to the domain; 0: not counted together */
	float client_bits;    /* by the client to rare domains, likewise */
	float domain_bits;    /* to the domain by all clients, likewise */
	uint8_t client[16];   /* masked */
	uint8_t domain_at;    /* where in <qname> the domain begins, in octets */
	uint8_t is_new;       /* the name is new to the client: it counts as a distinct one */
	uint8_t qname_len;
	uint8_t qname[255];   /* wire format, lower case */
};

/* Hands <parcel> over. False when the ring was full. Thread-safe, never blocks; hot path. */
bool outbox_put(struct mapping *mapping, const struct parcel *parcel);

/* Takes the oldest parcel. False when there is none. One consumer at a time. <now> is in milliseconds,
 * for patience with a producer that has died; <skipped> counts what was given up, or was none.
 */
bool outbox_get(struct mapping *mapping, struct parcel *parcel, uint64_t now, uint64_t *skipped);

#endif
