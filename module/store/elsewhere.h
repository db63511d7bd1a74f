/* SPDX-License-Identifier: BSD-3-Clause */
/* elsewhere - what a pair, a client or a domain has told through other nodes of the fleet.
 *
 * A small table in the segment, keyed by the hash that the tables know the subject by (pair_hash, client_hash,
 * domain_hash). One thread writes it, after each exchange with the other nodes; a worker reads it when it charges a
 * question of a subject that is counted together. What is not heard of again fades as every sum does
 * (detect/ledger.h), so losing the other nodes loses nothing that is known, and gains nothing.
 *
 * Invariant: all zeros is a table in which nothing stands, and so is one of any other octets, but for
 * entries that answer to their digest. Reading takes no lock, and two neighbouring cache lines; a torn read
 * is noticed, and reads as nothing.
 */
#ifndef STORE_ELSEWHERE_H
#define STORE_ELSEWHERE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "store/mapping.h"

struct elsewhere {
	double bits;    /* told through other nodes, over a day */
	uint64_t names; /* distinct ones through all nodes; 0: not known */
	uint32_t nodes; /* others that have counted anything */
};

#define ELSEWHERE_KEPT (10 * MINUTE)

/* Octets that <capacity> entries take: a power of two, and at least ELSEWHERE_WAYS. */
uint64_t elsewhere_size(uint32_t capacity);

/* Writes what is known of <hash> at <now>: a sum of 0 bits takes no room. For one thread. False when there is no
 * room: what was heard of within ELSEWHERE_KEPT is not displaced.
 */
bool elsewhere_put(struct mapping *mapping, uint64_t hash, const struct elsewhere *elsewhere, uint64_t now);

/* Reads it, faded to <now>. False, and all zeros, when there is nothing. Thread-safe, never blocks; hot path. */
bool elsewhere_get(const struct mapping *mapping, uint64_t hash, uint64_t now, struct elsewhere *elsewhere);

#endif
