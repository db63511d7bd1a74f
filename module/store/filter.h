/* SPDX-License-Identifier: BSD-3-Clause */
/* filter - has this been seen before? Of a client and a name, for instance.
 *
 * A blocked Bloom filter (Putze, Sanders, Singler 2007) in two generations. A hash is
 * looked up in both and added to the current one. After its age (a day for names), or when the
 * current one has taken its fill, the older is forgotten and the generations change places,
 * so what is seen once is remembered for one to two ages.
 *
 *     block  | stamp:16 bits:48 | bits:64 | ... 8 words, one cache line
 *
 * A block carries the number of the epoch that it was last written in; one with
 * another number counts as empty. So forgetting a generation is one addition and
 * nothing is ever swept.
 *
 * Allowed race: two threads that write to the same block at once may lose what one
 * of them added; it is then new once more. To add is to store, not to lock the bus eight times.
 */
#ifndef STORE_FILTER_H
#define STORE_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "store/layout.h"

#define FILTER_BLOCK_WORDS 8
#define FILTER_PER_BLOCK   24 /* fill at which the generations change: 496 / 24 = 21 bits each */

struct filter_block {
	_Alignas(64) _Atomic uint64_t word[FILTER_BLOCK_WORDS];
};

struct filter {
	struct filter_clock *clock;
	struct filter_block *generation[2];
	uint32_t blocks; /* per generation: a power of two */
	uint64_t age;    /* of a generation, in milliseconds */
	bool keeps;      /* its age, however full: what is new and has no room is not taken in */
};

/* Octets of both generations. */
uint64_t filter_size(uint32_t blocks);

/* New things a second that a filter with this <age> takes all day. With more of them its
 * generations change earlier, and what is seen once is not remembered for an age: it is new once
 * more, and charged as such. So a filter that is too small errs towards too much.
 */
static inline double filter_full_rate(uint32_t blocks, uint64_t age)
{
	return (double)blocks * FILTER_PER_BLOCK * 1000.0 / (double)age;
}

void filter_view(struct filter *filter, struct filter_clock *clock, void *memory, uint32_t blocks,
                 uint64_t age, bool keeps);

/* Adds <hash> at <now> (milliseconds). True when neither generation had it. <rotated>
 * is set when this call made the generations change places. A filter that keeps its age and is
 * full says that it has everything, and takes in only what the older generation had.
 */
bool filter_add(struct filter *filter, uint64_t hash, uint64_t now, bool *rotated);

/* Whether the current generation has <hash>, and nothing is about to change places: then filter_add() would
 * say that it is there and change nothing.
 */
bool filter_has_young(const struct filter *filter, uint64_t hash, uint64_t now);

/* Whether the current generation has taken its fill. */
bool filter_is_full(const struct filter *filter);

/* Calls for the memory that <hash> leads to. */
static inline void filter_call(const struct filter *filter, uint64_t hash)
{
	uint32_t block = hash >> 32 & (filter->blocks - 1);

	__builtin_prefetch(&filter->generation[0][block]);
	__builtin_prefetch(&filter->generation[1][block]);
}

/* Whether <hash> is there, without adding it. */
bool filter_has(const struct filter *filter, uint64_t hash);

#endif
