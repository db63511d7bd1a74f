/* SPDX-License-Identifier: BSD-3-Clause */
/* tally - how often each of many keys came.
 *
 * Exact, and as large as it must be: a tool may allocate, where the engine forgets the
 * least missed. Keys are hashes already, so their low bits choose the place (open
 * addressing, at most half full).
 */
#ifndef OUTCOME_TALLY_H
#define OUTCOME_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tally_cell {
	uint64_t key, count; /* key 0: empty */
};

/* All zeros is an empty one. */
struct tally {
	struct tally_cell *cell;
	size_t capacity; /* 0, or a power of two */
	size_t used;     /* different keys */
};

/* Counts <key>, which is not 0, <n> times more. False without memory. */
bool tally_add(struct tally *tally, uint64_t key, uint64_t n);

/* How often <key> was counted. */
uint64_t tally_get(const struct tally *tally, uint64_t key);

void tally_free(struct tally *tally);

#endif
