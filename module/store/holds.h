/* SPDX-License-Identifier: BSD-3-Clause */
/* holds - verdicts that last: for a client and a domain, a domain, or a client.
 *
 * A table of slots like the others, keyed by (client, domain) with zeros for "any".
 * A hold has the domain's whole name, who made it, why, and when it ends. It is in
 * force until then; an ended one is dropped by the maintenance thread.
 */
#ifndef STORE_HOLDS_H
#define STORE_HOLDS_H

#include <stdbool.h>
#include <stdint.h>

#include "store/journal.h"
#include "store/mapping.h"

#define HOLD_COMMENT_MAX 87
#define HOLD_BY_OPERATOR 255 /* hold.detector: made by hand */

/* A hold of verdict WARDEN_PASS is an exemption from the others (engine_allow()), in a place of its own:
 * the same client and domain may have both.
 */

/* A hold as everyone but holds.c sees it. */
struct hold {
	uint8_t client[16];   /* masked; zeros: any */
	uint64_t domain_hash; /* 0: any */
	uint8_t name[256];    /* wire format; unused when any */
	uint8_t name_len;     /* 0: any domain */
	uint8_t verdict;      /* enum warden_verdict */
	uint8_t detector;     /* index, or HOLD_BY_OPERATOR */
	uint8_t confidence;
	uint8_t reason;       /* index into the detector's */
	uint64_t made, expires; /* milliseconds since 1970 */
	uint64_t evidence[JOURNAL_EVIDENCE];
	uint64_t hits;        /* questions that met it */
	char comment[HOLD_COMMENT_MAX + 1];
};

/* The three hashes under which a question may be held; 0 for "any". */
uint64_t hold_hash(const struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash);

/* Makes or replaces a hold. False when the table had no room. Thread-safe. */
bool hold_set(struct mapping *mapping, uint64_t client_hash, const struct hold *hold, uint64_t now);

/* What a question that meets a hold needs to know of it. */
struct hold_hit {
	uint8_t verdict, detector, confidence, reason;
	uint64_t expires;
	uint64_t evidence[JOURNAL_EVIDENCE];
};

/* The hold in force at <now> for this client and domain: the pair's, the client's or the
 * domain's, in this order. True with <hit> when there is one; it is counted as met. Hot
 * path: one load when nobody is held, else a cache line for each of the three.
 */
bool hold_met(struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash, uint64_t now,
              struct hold_hit *hit);

/* Ends the hold of this client and domain. False when there was none. */
bool hold_release(struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash, uint64_t now);

/* Reads the hold of exactly this client and domain (0: any). False where there is none in force at
 * <now>. Unlike hold_met() it counts nothing.
 */
bool hold_find(const struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash, uint64_t now,
               struct hold *hold);

/* Reads hold number <index> (0 <= index < capacity of mapping->holds). False where there is
 * none in force at <now>.
 */
bool hold_read(const struct mapping *mapping, uint32_t index, uint64_t now, struct hold *hold);

/* Drops holds that ended before <now>. Returns how many are in force. */
uint32_t holds_expire(struct mapping *mapping, uint64_t now);

#endif
