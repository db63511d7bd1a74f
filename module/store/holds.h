/* SPDX-License-Identifier: BSD-3-Clause */
/* holds - verdicts that last: for a client and a domain, a domain, or a client.
 *
 * A table of slots like the others, keyed by (client, domain) with zeros for "any".
 * A hold has the domain's whole name, who made it, why, and when it ends. It is in
 * force until then. One that a detector made is remembered for a day after that, so that
 * a repeated offence is known for one; others are dropped by the maintenance thread at once.
 *
 * A hold of verdict 0 (WARDEN_PASS) is an exemption from the others, in a place of its own:
 * the same client and domain may have both.
 */
#ifndef STORE_HOLDS_H
#define STORE_HOLDS_H

#include <stdbool.h>
#include <stdint.h>

#include "store/journal.h"
#include "store/mapping.h"

#define HOLD_COMMENT_MAX 87
#define HOLD_MEMORY (UINT64_C(24) * 3600 * 1000) /* milliseconds for which an ended one is known */
#define HOLD_STRIKES_MAX 31
#define HOLD_BY_OPERATOR 255 /* hold.detector: made by hand, */
#define HOLD_BY_FLEET    254 /* or taken over from other nodes: never shared again, or it would not end */

/* A hold as everyone but holds.c sees it. */
struct hold {
	uint8_t client[16];   /* masked; ::1 of a /64 is all zeros, and a client like any other */
	bool any_client;      /* it names none; only read: hold_set() goes by the hash that it is given */
	uint64_t domain_hash; /* 0: any */
	uint8_t name[256];    /* wire format; not written behind name_len */
	uint8_t name_len;     /* 0: any domain */
	uint8_t verdict;      /* enum warden_verdict */
	uint8_t detector;     /* index, HOLD_BY_OPERATOR or HOLD_BY_FLEET */
	uint8_t confidence;
	uint8_t reason;       /* index into the detector's */
	uint8_t strikes;      /* how many times before it was made soon after its end */
	bool deep;            /* <name> is not what questions are sorted by (a registrable domain), so it is
	                       * to be looked for at every label of a name */
	bool together;        /* a detector is so sure only with what was told through other nodes: not this node's
	                       * word to others, and released when these are no longer believed */
	uint64_t made, expires; /* milliseconds since 1970 */
	uint64_t evidence[JOURNAL_EVIDENCE];
	uint64_t hits;        /* questions that met it */
	char comment[HOLD_COMMENT_MAX + 1];
};

/* For whom a hold is. */
enum hold_scope { HELD_PAIR, HELD_DOMAIN, HELD_CLIENT };

/* Makes or replaces a hold. False when the table had no room. Thread-safe. */
bool hold_set(struct mapping *mapping, uint64_t client_hash, const struct hold *hold, uint64_t now);

/* hold.strikes of a hold that is to be made: one more than before when the last one for this client
 * and domain has ended within HOLD_MEMORY, and 0 when there was none. Thread-safe.
 */
uint8_t hold_strikes(const struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash,
                     uint64_t now);

/* What a question that meets a hold needs to know of it. */
struct hold_hit {
	uint8_t verdict, detector, confidence, reason;
	uint8_t scope; /* enum hold_scope */
	uint64_t expires;
	uint64_t evidence[JOURNAL_EVIDENCE];
};

/* The hold in force at <now> for this client and domain: the pair's, the client's or the
 * domain's, in this order; those of verdict <but> are passed over (0: none is). True with <hit> when
 * there is one; it is counted as met. Hot path: one load when nobody is held, else a cache line for
 * each of the three.
 */
bool hold_met(struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash, uint8_t but,
              uint64_t now, struct hold_hit *hit);

/* Whether an exemption is in force at <now> for this client and domain, either of them or both; it is
 * counted as met. Hot path, likewise.
 */
bool exemption_met(struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash, uint64_t now);

/* Whether there may be holds or exemptions of names that are to be looked for at every label; and any
 * exemptions at all. Hot path: a load.
 */
static inline bool holds_are_deep(const struct mapping *mapping)
{
	return atomic_load_explicit(&mapping->header->deep_holds, memory_order_relaxed);
}

/* Of these, whether there may be one of the name with hash <domain>. Hot path, likewise: a name has several
 * labels, and three places to look at for each.
 */
static inline bool holds_may_be_of(const struct mapping *mapping, uint64_t domain)
{
	return atomic_load_explicit(&mapping->header->deep[domain / 64 % DEEP_WORDS], memory_order_relaxed) >>
	       (domain % 64) & 1;
}

static inline bool holds_exempt(const struct mapping *mapping)
{
	return atomic_load_explicit(&mapping->header->exemptions, memory_order_relaxed);
}

/* Whether there is anything in the table at all. */
static inline bool holds_any(const struct mapping *mapping)
{
	return atomic_load_explicit(&mapping->header->holds, memory_order_relaxed);
}

/* Ends the hold of this client and domain, or the exemption, and forgets it. False when there was none
 * in force.
 */
bool hold_release(struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash, uint64_t now);
bool exemption_release(struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash, uint64_t now);

/* Reads the hold of exactly this client and domain (0: any), or the exemption. False where there is none
 * in force at <now>. Unlike hold_met() it counts nothing.
 */
bool hold_find(const struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash, uint64_t now,
               struct hold *hold);
bool exemption_find(const struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash, uint64_t now,
                    struct hold *hold);

/* Reads hold number <index> (0 <= index < capacity of mapping->holds), exemptions included. False
 * where there is none in force at <now>.
 */
bool hold_read(const struct mapping *mapping, uint32_t index, uint64_t now, struct hold *hold);

/* A number that grows with every hold that is made, replaced, released or found to have ended. */
uint64_t holds_version(const struct mapping *mapping);

/* Drops holds that nobody needs to know any more. Returns how many are in force, exemptions excluded. */
uint32_t holds_expire(struct mapping *mapping, uint64_t now);

/* How many holds and exemptions there are that have not been found to have ended. For reports. */
struct hold_counts {
	uint32_t holds, exemptions;
};
struct hold_counts holds_count(const struct mapping *mapping);

/* Counts again what the header says of the holds: after an attach. */
void holds_recount(struct mapping *mapping);

#endif
