/* SPDX-License-Identifier: BSD-3-Clause */
/* table - finding, taking and giving back slots.
 *
 * Order of a change of hands, so that a reader never meets a slot under a wrong name:
 * the slot is locked, its tag goes, it is emptied and named, unlocked, the new tag comes.
 */
#include <stdint.h>

#include "store/table.h"

#define LOCK_ATTEMPTS  2000 /* about 20 microseconds: a taker holds the set for about one */
#define WEIGHT_SECONDS 60   /* of activity that one unit of weight stands for */

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

/* Locks <set>, trying <attempts> times. The lock word is the second after the one in which it
 * was taken, so that it is never 0 and the lock of a dead holder shows its age. Returns that
 * word, or 0.
 */
static uint64_t set_lock(struct table_set *set, uint32_t now, unsigned attempts)
{
	uint64_t mine = (uint64_t)now + 1;

	for (; attempts; attempts--, slot_relax()) {
		uint64_t held = atomic_load_explicit(&set->lock, memory_order_relaxed);

		if (held && !slot_dead((uint32_t)(held - 1), now))
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

/* Seconds since the way was used. A touch from a little ahead is another thread's clock;
 * from far ahead the clock stepped back since, and the touch says nothing.
 */
static uint32_t way_idle(const struct table_set *set, unsigned way, uint32_t now)
{
	int32_t idle = (int32_t)(now - atomic_load_explicit(&set->touched[way], memory_order_relaxed));

	if (idle < -SLOT_AHEAD)
		return UINT32_MAX;
	return idle > 0 ? (uint32_t)idle : 0;
}

/* How little is lost with a way: the longer idle, the more; its weight speaks against. */
static int64_t way_staleness(const struct table_set *set, unsigned way, uint32_t now)
{
	int64_t weight = atomic_load_explicit(&set->weight[way], memory_order_relaxed);

	return (int64_t)way_idle(set, way, now) - weight * WEIGHT_SECONDS;
}

/* Whether noise may push this way out. */
static bool way_free_to_go(const struct table_set *set, unsigned way, uint32_t now)
{
	uint8_t weight = atomic_load_explicit(&set->weight[way], memory_order_relaxed);

	return weight <= TABLE_KEEP || (weight < TABLE_PINNED && way_idle(set, way, now) > TABLE_KEEP_IDLE);
}

/* A way that a newcomer could take. */
struct spot {
	uint32_t index;    /* of the set */
	int way;           /* -1: none */
	int64_t staleness; /* the higher, the less is lost; SPOT_EMPTY: nothing is */
	unsigned empty;    /* ways of the set that nobody has */
};

#define SPOT_EMPTY INT64_MAX

/* The way for <hash> to take in set <index>: an empty one, its own if that is, else the one
 * least missed, else none.
 */
static struct spot spot_in(const struct table *table, uint32_t index, uint64_t hash, uint32_t now)
{
	const struct table_set *set = &table->sets[index];
	struct spot spot = { .index = index, .way = -1, .staleness = INT64_MIN };

	for (unsigned i = 0; i < TABLE_WAYS; i++) {
		unsigned way = (table_own_way(hash) + i) % TABLE_WAYS;
		bool empty = !atomic_load_explicit(&set->tag[way], memory_order_relaxed);
		int64_t staleness = empty ? SPOT_EMPTY : way_staleness(set, way, now);

		spot.empty += empty;
		if ((empty || way_free_to_go(set, way, now)) && staleness > spot.staleness) {
			spot.way = (int)way;
			spot.staleness = staleness;
		}
	}
	return spot;
}

/* Gives the slot behind <tag> to <hash> (0: nobody): empties it and writes whose it is. False
 * when somebody edits it this very moment; then nothing has changed. A tag that went before
 * the slot is ours could come back after its key has taken another one.
 */
static bool change_hands(_Atomic uint64_t *tag, struct slot *slot, const struct table_shape *shape,
                         uint64_t hash, const uint64_t *key, uint32_t now)
{
	uint64_t token = slot_lock(slot, now);

	if (!token)
		return false;
	atomic_store_explicit(tag, 0, memory_order_relaxed);
	atomic_store_explicit(&slot->hash, hash, memory_order_release);
	for (uint32_t i = 0; i < shape->words; i++)
		atomic_store_explicit(&slot->word[i], key && i < shape->key_words ? key[i] : 0,
		                      memory_order_release);
	slot_unlock(slot, token);
	atomic_store_explicit(tag, hash, memory_order_release);
	return true;
}

/* Gives <spot> to <hash>. Its set is locked. */
static enum table_taken spot_take(struct table *table, const struct spot *spot, uint64_t hash,
                                  const uint64_t *key, uint32_t now, struct place *place)
{
	struct table_set *set = &table->sets[spot->index];
	struct slot *slot = table_slot(table, spot->index * TABLE_WAYS + (unsigned)spot->way);
	uint64_t before;

	if (spot->way < 0)
		return TABLE_FULL;
	before = atomic_load_explicit(&set->tag[spot->way], memory_order_relaxed);
	if (!change_hands(&set->tag[spot->way], slot, &table->shape, hash, key, now))
		return TABLE_BUSY;
	atomic_store_explicit(&set->weight[spot->way], 0, memory_order_relaxed);
	atomic_store_explicit(&set->touched[spot->way], now, memory_order_relaxed);
	*place = table_place(table, spot->index, (unsigned)spot->way, hash);
	return before ? TABLE_EVICTED : TABLE_NEW;
}

/* Finds room for <hash>, whose home is locked, and takes it. The other set is locked only
 * when home is more than half full, and only if that takes no waiting: two takers could wait for each other.
 * Were it filled only when home is full, 17 of 10,000 holds would find no room in a table for 16,384; so it is
 * none of them (0.3 of 12,000).
 */
static enum table_taken take_room(struct table *table, uint64_t hash, const uint64_t *key,
                                  uint32_t now, struct place *place)
{
	uint32_t home = table_home(table, hash), other = table_other(table, hash);
	struct spot spot = spot_in(table, home, hash, now);
	uint64_t lock = 0;
	enum table_taken taken;

	if (spot.empty < TABLE_WAYS / 2 && other != home)
		lock = set_lock(&table->sets[other], now, 1);
	if (lock) {
		struct spot there = spot_in(table, other, hash, now);

		if (there.staleness > spot.staleness || there.empty > spot.empty)
			spot = there;
	}
	taken = spot_take(table, &spot, hash, key, now, place);
	if (lock)
		set_unlock(&table->sets[other], lock);
	return taken;
}

enum table_taken table_take_new(struct table *table, uint64_t hash, const uint64_t *key, uint32_t now,
                                struct place *place)
{
	struct table_set *home = &table->sets[table_home(table, hash)];
	enum table_taken taken = TABLE_FOUND;
	uint64_t lock = set_lock(home, now, LOCK_ATTEMPTS);

	if (!lock)
		return TABLE_BUSY;
	*place = table_find(table, hash); /* somebody may have been faster */
	if (!place->slot)
		taken = take_room(table, hash, key, now, place);
	set_unlock(home, lock);
	return taken;
}

bool table_drop(struct table *table, uint64_t hash, uint32_t now)
{
	struct table_set *home = &table->sets[table_home(table, hash)];
	uint64_t lock = set_lock(home, now, LOCK_ATTEMPTS), other = 0;
	struct place place;
	bool dropped = false;

	if (!lock)
		return false;
	place = table_find(table, hash);
	if (place.slot && place.set != home)
		other = set_lock(place.set, now, LOCK_ATTEMPTS);
	if (place.slot && (place.set == home || other))
		dropped = change_hands(&place.set->tag[place.way], place.slot, &table->shape, 0, NULL, now);
	if (other)
		set_unlock(place.set, other);
	set_unlock(home, lock);
	return dropped;
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
	return table_place(table, set, way, hash);
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
