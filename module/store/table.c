/* SPDX-License-Identifier: BSD-3-Clause */
/* table - finding, taking and giving back slots.
 *
 * Order of a change of hands, so that a reader never meets a slot under a wrong name:
 * the tag goes, the slot is locked, emptied and named, unlocked, the tag comes.
 */
#include <stdint.h>

#include "store/table.h"

#define LOCK_ATTEMPTS   2000 /* about 20 microseconds: a taker holds the set for about one */
#define LOCK_DEAD_AFTER 2    /* seconds */
#define WEIGHT_SECONDS  60   /* of activity that one unit of weight stands for */

size_t table_size(uint32_t capacity, const struct table_shape *shape)
{
	size_t slot = sizeof(struct slot) + shape->words * sizeof(uint64_t);

	return capacity / TABLE_WAYS * sizeof(struct table_set) + capacity * slot;
}

void table_view(struct table *table, void *memory, uint32_t capacity, const struct table_shape *shape)
{
	uint32_t sets = capacity / TABLE_WAYS;

	table->sets = memory;
	table->slots = (unsigned char *)memory + sets * sizeof(struct table_set);
	table->set_mask = sets - 1;
	table->slot_size = (uint32_t)(sizeof(struct slot) + shape->words * sizeof(uint64_t));
	table->shape = *shape;
}

/* The low bits choose the set; XXH3's bits are equally good everywhere. */
static struct table_set *set_of(const struct table *table, uint64_t hash, uint32_t *index)
{
	*index = (uint32_t)hash & table->set_mask;
	return &table->sets[*index];
}

static struct place place_of(const struct table *table, uint32_t index, unsigned way, uint64_t hash)
{
	return (struct place){
		.slot = table_slot(table, index * TABLE_WAYS + way),
		.hash = hash,
		.set = &table->sets[index],
		.way = way,
	};
}

void table_prefetch(const struct table *table, uint64_t hash)
{
	uint32_t index;
	struct table_set *set = set_of(table, hash, &index);

	__builtin_prefetch(set);
	__builtin_prefetch(&set->lock);
}

static int way_of(const struct table_set *set, uint64_t hash)
{
	for (int way = 0; way < TABLE_WAYS; way++)
		if (atomic_load_explicit(&set->tag[way], memory_order_acquire) == hash)
			return way;
	return -1;
}

struct place table_find(const struct table *table, uint64_t hash)
{
	uint32_t index;
	int way = way_of(set_of(table, hash, &index), hash);

	if (way < 0)
		return (struct place){ .slot = NULL };
	return place_of(table, index, (unsigned)way, hash);
}

/* Locks <set>. The lock word is the second after the one in which it was taken, so that it
 * is never 0 and the lock of a dead holder shows its age. Returns that word, or 0.
 */
static uint64_t set_lock(struct table_set *set, uint32_t now)
{
	uint64_t mine = (uint64_t)now + 1;

	for (unsigned attempt = 0; attempt < LOCK_ATTEMPTS; attempt++, slot_relax()) {
		uint64_t held = atomic_load_explicit(&set->lock, memory_order_relaxed);
		uint64_t age = mine > held ? mine - held : held - mine;

		if (held && age <= LOCK_DEAD_AFTER)
			continue;
		if (atomic_compare_exchange_weak_explicit(&set->lock, &held, mine, memory_order_acquire,
		                                          memory_order_relaxed))
			return mine;
	}
	return 0;
}

static void set_unlock(struct table_set *set, uint64_t mine)
{
	/* Not ours any more when somebody took us for dead: then leave it to them. */
	atomic_compare_exchange_strong_explicit(&set->lock, &mine, 0, memory_order_release,
	                                        memory_order_relaxed);
}

/* How much is lost with a way: the second until which it deserves its place. */
static uint64_t way_worth(const struct table_set *set, unsigned way)
{
	uint64_t touched = atomic_load_explicit(&set->touched[way], memory_order_relaxed);
	uint64_t weight = atomic_load_explicit(&set->weight[way], memory_order_relaxed);

	return touched + weight * WEIGHT_SECONDS;
}

/* Whether noise may push this way out. A touch in the future is another clock's: no claim. */
static bool way_free_to_go(const struct table_set *set, unsigned way, uint32_t now)
{
	uint32_t touched = atomic_load_explicit(&set->touched[way], memory_order_relaxed);

	return atomic_load_explicit(&set->weight[way], memory_order_relaxed) <= TABLE_KEEP ||
	       now - touched > TABLE_KEEP_IDLE;
}

/* The way to take: an empty one, else the one least missed, else -1. */
static int way_to_take(const struct table_set *set, uint32_t now)
{
	uint64_t least = UINT64_MAX;
	int choice = -1;

	for (unsigned way = 0; way < TABLE_WAYS; way++) {
		if (!atomic_load_explicit(&set->tag[way], memory_order_relaxed))
			return (int)way;
		if (way_free_to_go(set, way, now) && way_worth(set, way) < least) {
			least = way_worth(set, way);
			choice = (int)way;
		}
	}
	return choice;
}

/* Empties the slot and writes whose it is from now on. False when an edit would not end. */
static bool slot_rename(struct slot *slot, const struct table_shape *shape, uint64_t hash,
                        const uint64_t *key, uint32_t now)
{
	uint64_t token = slot_lock(slot, now);

	if (!token)
		return false;
	atomic_store_explicit(&slot->hash, hash, memory_order_release);
	for (uint32_t i = 0; i < shape->words; i++)
		atomic_store_explicit(&slot->word[i], key && i < shape->key_words ? key[i] : 0,
		                      memory_order_release);
	slot_unlock(slot, token);
	return true;
}

enum table_taken table_take(struct table *table, uint64_t hash, const uint64_t *key, uint32_t now,
                            struct place *place)
{
	uint32_t index;
	struct table_set *set = set_of(table, hash, &index);
	int way = way_of(set, hash);
	enum table_taken taken = TABLE_FOUND;
	uint64_t lock;

	if (way >= 0) {
		*place = place_of(table, index, (unsigned)way, hash);
		return TABLE_FOUND;
	}
	*place = (struct place){ .slot = NULL };
	lock = set_lock(set, now);
	if (!lock)
		return TABLE_BUSY;

	way = way_of(set, hash); /* somebody may have been faster */
	if (way < 0) {
		way = way_to_take(set, now);
		if (way < 0) {
			set_unlock(set, lock);
			return TABLE_FULL;
		}
		taken = atomic_load_explicit(&set->tag[way], memory_order_relaxed) ? TABLE_EVICTED
		                                                                   : TABLE_NEW;
		atomic_store_explicit(&set->tag[way], 0, memory_order_relaxed);
		if (!slot_rename(table_slot(table, index * TABLE_WAYS + (unsigned)way), &table->shape, hash,
		                 key, now)) {
			set_unlock(set, lock);
			return TABLE_BUSY;
		}
		atomic_store_explicit(&set->weight[way], 0, memory_order_relaxed);
		atomic_store_explicit(&set->touched[way], now, memory_order_relaxed);
		atomic_store_explicit(&set->tag[way], hash, memory_order_release);
	}
	set_unlock(set, lock);
	*place = place_of(table, index, (unsigned)way, hash);
	return taken;
}

bool table_drop(struct table *table, uint64_t hash, uint32_t now)
{
	uint32_t index;
	struct table_set *set = set_of(table, hash, &index);
	uint64_t lock = set_lock(set, now);
	int way;

	if (!lock)
		return false;
	way = way_of(set, hash);
	if (way >= 0) {
		atomic_store_explicit(&set->tag[way], 0, memory_order_relaxed);
		slot_rename(table_slot(table, index * TABLE_WAYS + (unsigned)way), &table->shape, 0, NULL, now);
	}
	set_unlock(set, lock);
	return way >= 0;
}

uint32_t table_used(const struct table *table)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i <= table->set_mask; i++)
		for (unsigned way = 0; way < TABLE_WAYS; way++)
			used += atomic_load_explicit(&table->sets[i].tag[way], memory_order_relaxed) != 0;
	return used;
}

struct place table_at(const struct table *table, uint32_t index)
{
	uint32_t set = index / TABLE_WAYS & table->set_mask;
	unsigned way = index % TABLE_WAYS;
	uint64_t hash = atomic_load_explicit(&table->sets[set].tag[way], memory_order_acquire);

	if (!hash)
		return (struct place){ .slot = NULL };
	return place_of(table, set, way, hash);
}

void table_recover(struct table *table)
{
	for (uint32_t i = 0; i <= table->set_mask; i++) {
		atomic_store_explicit(&table->sets[i].lock, 0, memory_order_relaxed);
		for (unsigned way = 0; way < TABLE_WAYS; way++) {
			struct slot *slot = table_slot(table, i * TABLE_WAYS + way);
			uint64_t seq = atomic_load_explicit(&slot->seq, memory_order_relaxed);
			uint64_t tag = atomic_load_explicit(&table->sets[i].tag[way], memory_order_relaxed);

			/* Cut short in the middle of an edit: each word is old or new, and
			 * detectors cope with any mixture. Cut short in a change of hands: the
			 * slot answers to no tag, so the next newcomer gets it.
			 */
			if (seq & 1)
				atomic_store_explicit(&slot->seq, seq + 1, memory_order_relaxed);
			if (tag && tag != atomic_load_explicit(&slot->hash, memory_order_relaxed))
				atomic_store_explicit(&table->sets[i].tag[way], 0, memory_order_relaxed);
		}
	}
}
