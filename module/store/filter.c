/* SPDX-License-Identifier: BSD-3-Clause */
/* filter - two generations of a blocked Bloom filter.
 *
 * One hash gives all: the upper 32 bits choose the block, the lower ones, stretched by
 * an odd multiplier, FILTER_PROBES bits of the 496 that follow the stamp.
 */
#include "base/clock.h"
#include "store/filter.h"

#define STAMP_BITS  16
#define STAMP_MASK  UINT64_C(0xffff)
#define FILTER_BITS (FILTER_BLOCK_WORDS * 64 - STAMP_BITS)

uint64_t filter_size(uint32_t blocks)
{
	return 2 * (uint64_t)blocks * sizeof(struct filter_block);
}

void filter_view(struct filter *filter, struct filter_clock *clock, void *memory, uint32_t blocks,
                 uint64_t age)
{
	filter->clock = clock;
	filter->generation[0] = memory;
	filter->generation[1] = filter->generation[0] + blocks;
	filter->blocks = blocks;
	filter->age = age;
}

/* The bits of <hash> as a mask per word of its block. */
static void probes(uint64_t hash, uint64_t mask[FILTER_BLOCK_WORDS])
{
	uint64_t bits = hash * UINT64_C(0x9e3779b97f4a7c15);

	for (unsigned i = 0; i < FILTER_BLOCK_WORDS; i++)
		mask[i] = 0;
	for (unsigned i = 0; i < FILTER_PROBES; i++) {
		/* 16 fresh bits scaled to the block; after four of them the hash is stirred again. */
		uint32_t bit = STAMP_BITS + (uint32_t)((bits >> 48) * FILTER_BITS >> 16);

		mask[bit / 64] |= UINT64_C(1) << bit % 64;
		bits = i == 3 ? (hash ^ hash >> 29) * UINT64_C(0xbf58476d1ce4e5b9) : bits << 16;
	}
}

static struct filter_block *block_of(const struct filter *filter, uint64_t epoch, uint64_t hash)
{
	return &filter->generation[epoch & 1][hash >> 32 & (filter->blocks - 1)];
}

static bool block_has(const struct filter_block *block, uint64_t epoch,
                      const uint64_t mask[FILTER_BLOCK_WORDS])
{
	uint64_t missing = 0;

	if ((atomic_load_explicit(&block->word[0], memory_order_relaxed) & STAMP_MASK) != (epoch & STAMP_MASK))
		return false;
	for (unsigned i = 0; i < FILTER_BLOCK_WORDS; i++)
		missing |= mask[i] & ~atomic_load_explicit(&block->word[i], memory_order_relaxed);
	return !missing;
}

static void block_add(struct filter_block *block, uint64_t epoch, const uint64_t mask[FILTER_BLOCK_WORDS])
{
	uint64_t first = atomic_load_explicit(&block->word[0], memory_order_relaxed);

	if ((first & STAMP_MASK) != (epoch & STAMP_MASK)) {
		for (unsigned i = 1; i < FILTER_BLOCK_WORDS; i++)
			atomic_store_explicit(&block->word[i], 0, memory_order_relaxed);
		/* Losing this race means that somebody else emptied the block: just add. */
		atomic_compare_exchange_strong_explicit(&block->word[0], &first, epoch & STAMP_MASK,
		                                        memory_order_relaxed, memory_order_relaxed);
	}
	for (unsigned i = 0; i < FILTER_BLOCK_WORDS; i++)
		if (mask[i])
			atomic_fetch_or_explicit(&block->word[i], mask[i], memory_order_relaxed);
}

/* Lets the generations change places when it is time. Returns the epoch in force. */
static uint64_t epoch_at(struct filter *filter, uint64_t now, bool *rotated)
{
	struct filter_clock *clock = filter->clock;
	uint64_t epoch = atomic_load_explicit(&clock->epoch, memory_order_acquire);
	uint64_t began = atomic_load_explicit(&clock->began, memory_order_relaxed);
	uint64_t filled = atomic_load_explicit(&clock->filled, memory_order_relaxed);
	uint64_t since = clock_since(now, began);
	bool full = filled >= (uint64_t)filter->blocks * FILTER_PER_BLOCK;
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

bool filter_add(struct filter *filter, uint64_t hash, uint64_t now, bool *rotated)
{
	uint64_t epoch = epoch_at(filter, now, rotated);
	struct filter_block *current = block_of(filter, epoch, hash);
	uint64_t mask[FILTER_BLOCK_WORDS];
	bool older;

	probes(hash, mask);
	if (block_has(current, epoch, mask))
		return false;
	older = block_has(block_of(filter, epoch - 1, hash), epoch - 1, mask);
	block_add(current, epoch, mask);
	atomic_fetch_add_explicit(&filter->clock->filled, 1, memory_order_relaxed);
	return !older;
}

bool filter_has(const struct filter *filter, uint64_t hash)
{
	uint64_t epoch = atomic_load_explicit(&filter->clock->epoch, memory_order_relaxed);
	uint64_t mask[FILTER_BLOCK_WORDS];

	probes(hash, mask);
	return block_has(block_of(filter, epoch, hash), epoch, mask) ||
	       block_has(block_of(filter, epoch - 1, hash), epoch - 1, mask);
}
