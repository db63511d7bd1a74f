/* SPDX-License-Identifier: BSD-3-Clause */
/* filter - two generations of a blocked Bloom filter.
 *
 * One hash gives all: the upper 32 bits choose the block, the lower ones, stretched by
 * an odd multiplier for each, one bit in every word of it (the split blocks of J. Apple 2022).
 */
#include "base/clock.h"
#include "store/filter.h"

#define STAMP_BITS  16
#define STAMP_MASK  UINT64_C(0xffff)

uint64_t filter_size(uint32_t blocks)
{
	return 2 * (uint64_t)blocks * sizeof(struct filter_block);
}

void filter_view(struct filter *filter, struct filter_clock *clock, void *memory, uint32_t blocks,
                 uint64_t age, bool keeps)
{
	filter->clock = clock;
	filter->generation[0] = memory;
	filter->generation[1] = filter->generation[0] + blocks;
	filter->blocks = blocks;
	filter->age = age;
	filter->keeps = keeps;
}

/* Whether the current generation has taken its fill <times> over. */
static bool has_taken(const struct filter *filter, unsigned times)
{
	return atomic_load_explicit(&filter->clock->filled, memory_order_relaxed) >=
	       (uint64_t)filter->blocks * FILTER_PER_BLOCK * times;
}

bool filter_is_full(const struct filter *filter)
{
	return has_taken(filter, 1);
}

/* Which bit of <hash> is in word <i> of its block; word 0 has the stamp below. */
static const uint32_t odd[FILTER_BLOCK_WORDS] = {
	0x47b6137bu, 0x44974d91u, 0x8824ad5bu, 0xa2b7289du, 0x705495c7u, 0x2df1424bu, 0x9efc4947u, 0x5c6bfb31u
};

static inline unsigned first_bit_of(uint64_t hash)
{
	return STAMP_BITS + (((uint32_t)hash * odd[0] >> 16) * (64 - STAMP_BITS) >> 16);
}

static inline unsigned bit_of(uint64_t hash, unsigned i)
{
	return (uint32_t)hash * odd[i] >> 26;
}

static struct filter_block *block_of(const struct filter *filter, uint64_t epoch, uint64_t hash)
{
	return &filter->generation[epoch & 1][hash >> 32 & (filter->blocks - 1)];
}

static inline bool is_current(uint64_t first_word, uint64_t epoch)
{
	return (first_word & STAMP_MASK) == (epoch & STAMP_MASK);
}

/* Half of the words tell what is there from nearly all that is not, so there is one jump to guess, and it
 * goes wrong no oftener than that of whoever asks.
 */
static inline bool block_has(const struct filter_block *block, uint64_t epoch, uint64_t hash)
{
	uint64_t first = atomic_load_explicit(&block->word[0], memory_order_relaxed);
	uint64_t have = first >> first_bit_of(hash) & is_current(first, epoch);

#define LOOK(i) have &= atomic_load_explicit(&block->word[i], memory_order_relaxed) >> bit_of(hash, i)
	LOOK(1); LOOK(2); LOOK(3);
	if (!have)
		return false;
	LOOK(4); LOOK(5); LOOK(6); LOOK(7);
#undef LOOK
	return have;
}

static void block_add(struct filter_block *block, uint64_t epoch, uint64_t hash)
{
	uint64_t first = atomic_load_explicit(&block->word[0], memory_order_relaxed);
	uint64_t kept = is_current(first, epoch) ? UINT64_MAX : 0; /* or the block counts as empty */

#define ADD(i) \
	atomic_store_explicit(&block->word[i], \
	                      (atomic_load_explicit(&block->word[i], memory_order_relaxed) & kept) | \
	                      UINT64_C(1) << bit_of(hash, i), memory_order_relaxed)
	ADD(7); ADD(6); ADD(5); ADD(4); ADD(3); ADD(2); ADD(1);
#undef ADD
	/* The stamp last: until then the block is empty, not full of another epoch. */
	atomic_store_explicit(&block->word[0], (first & kept) | (epoch & STAMP_MASK) | UINT64_C(1) << first_bit_of(hash),
	                      memory_order_relaxed);
}

/* Lets the generations change places when it is time. Returns the epoch in force. */
static uint64_t epoch_at(struct filter *filter, uint64_t now, bool *rotated)
{
	struct filter_clock *clock = filter->clock;
	uint64_t epoch = atomic_load_explicit(&clock->epoch, memory_order_acquire);
	uint64_t began = atomic_load_explicit(&clock->began, memory_order_relaxed);
	uint64_t since = clock_since(now, began);
	bool full = !filter->keeps && filter_is_full(filter);
	uint64_t next;

	*rotated = false;
	if (began && since < filter->age && !full)
		return epoch;

	/* Whoever moves <began> does the rest. */
	if (!atomic_compare_exchange_strong_explicit(&clock->began, &began, now,
	                                             memory_order_relaxed, memory_order_relaxed))
		return epoch;
	/* A clock that stepped back far only sets the time anew; nothing is forgotten for it. */
	if (began && since == CLOCK_LONG_AGO && !full)
		return epoch;
	/* After two ages of silence the younger generation has nothing to say either. */
	next = epoch + (began && since != CLOCK_LONG_AGO && since >= 2 * filter->age ? 2 : 1);
	atomic_store_explicit(&clock->filled, 0, memory_order_relaxed);
	/* Who still saw the old fill may get here as well, but no epoch is left twice. */
	if (!atomic_compare_exchange_strong_explicit(&clock->epoch, &epoch, next,
	                                             memory_order_release, memory_order_acquire))
		return epoch;
	*rotated = began != 0;
	return next;
}

bool filter_has_young(const struct filter *filter, uint64_t hash, uint64_t now)
{
	uint64_t epoch = atomic_load_explicit(&filter->clock->epoch, memory_order_acquire);
	uint64_t began = atomic_load_explicit(&filter->clock->began, memory_order_relaxed);

	return clock_since(now, began) < filter->age && (filter->keeps || !filter_is_full(filter)) &&
	       block_has(block_of(filter, epoch, hash), epoch, hash);
}

bool filter_add(struct filter *filter, uint64_t hash, uint64_t now, bool *rotated)
{
	uint64_t epoch = epoch_at(filter, now, rotated);
	struct filter_block *current = block_of(filter, epoch, hash);
	bool older;

	if (block_has(current, epoch, hash))
		return false;
	older = block_has(block_of(filter, epoch - 1, hash), epoch - 1, hash);
	/* More would soon be everything: then nothing is new any more, and nothing kept is lost. But
	 * what was known is kept beyond the fill, or whoever fills it makes others forget.
	 */
	if (filter->keeps && has_taken(filter, older ? 2 : 1))
		return false;
	block_add(current, epoch, hash);
	atomic_fetch_add_explicit(&filter->clock->filled, 1, memory_order_relaxed);
	return !older;
}

bool filter_has(const struct filter *filter, uint64_t hash)
{
	uint64_t epoch = atomic_load_explicit(&filter->clock->epoch, memory_order_relaxed);

	return block_has(block_of(filter, epoch, hash), epoch, hash) ||
	       block_has(block_of(filter, epoch - 1, hash), epoch - 1, hash);
}
