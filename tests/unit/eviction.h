/* SPDX-License-Identifier: BSD-3-Clause */
/* eviction - how well a table keeps what matters, against exact state.
 *
 * Zipf traffic of more keys than there are slots goes through a table, through an exact list of the
 * least recently used of the same capacity, and through counts of everything. A question that finds
 * its key's slot is a hit; the first one for a key can be none, so memory without end has misses, too.
 */
#ifndef EVICTION_H
#define EVICTION_H

#include <stdint.h>

struct traffic {
	uint32_t capacity;   /* slots */
	uint32_t keys;
	uint32_t questions;
	uint32_t per_second; /* a touch tells seconds, so this decides what is older */
	double skew;         /* s: the n-th key is asked for n^-s times as often as the first */
};

/* Of the busiest tenth, quarter and half as many as there are slots. */
#define EVICTION_TOPS 3
extern const double eviction_top[EVICTION_TOPS];

/* Shares, 0 .. 1. */
struct kept {
	double hits;               /* of all questions */
	double top[EVICTION_TOPS]; /* of the keys that were asked for most, still there at the end */
};

struct eviction {
	struct kept table, lru, unbounded;
	double slots_used;
};

/* Replays <traffic>, the same in every run. Ends the process when there is no memory. */
void eviction_measure(const struct traffic *traffic, struct eviction *result);

/* Spreads keys as the keyed hash does (splitmix64, S. Vigna). */
uint64_t eviction_hash(uint32_t key);

#endif
