/* SPDX-License-Identifier: BSD-3-Clause */
/* table - finding, taking and giving back slots.
 *
 * Order of a change of hands, so that a reader never meets a slot under a wrong name:
 *
 *     the slot is locked       nobody else edits it; whoever is at it keeps it
 *     its tag goes             unless it got another weight since it was chosen
 *     its name goes
 *     it is emptied, the new key is written
 *     the new name comes       with release: who reads it sees all of the above
 *     it is unlocked, and touched
 *     the new tag comes        with weight 0
 *
 * A reader goes by tag and name. The old tag may be the new one as well: a reader that read it
 * before it went finds the old name, none, or the new one of a slot that is ready. Cut short
 * anywhere, the slot is whole and the old key's, or has no tag.
 */
#include <stdint.h>

#include "store/table.h"

#define LOCK_ATTEMPTS  2000 /* about 20 microseconds: a taker holds the set for about one */
#define WEIGHT_SECONDS 60   /* of activity that one unit of weight stands for */

/* Octets of the locks, such that the slots behind them begin on a cache line. */
static size_t locks_size(uint32_t sets)
{
	return (sets * sizeof(uint32_t) + 63) / 64 * 64;
}

static size_t slot_size(const struct table_shape *shape)
{
	return sizeof(struct slot) + shape->words * sizeof(uint64_t);
}

size_t table_size(uint32_t capacity, const struct table_shape *shape)
{
	uint32_t sets = capacity / TABLE_WAYS;

	return sets * sizeof(struct table_set) + locks_size(sets) + capacity * slot_size(shape);
}

void table_view(struct table *table, void *memory, uint32_t capacity, const struct table_shape *shape)
{
	uint32_t sets = capacity / TABLE_WAYS;

	table->sets = memory;
	table->locks = (_Atomic uint32_t *)(void *)(table->sets + sets);
	table->slots = (unsigned char *)table->locks + locks_size(sets);
	table->set_count = sets;
	table->slot_size = (uint32_t)slot_size(shape);
	table->shape = *shape;
}

/* Locks a set, trying <attempts> times. The lock word is the second after the one in which it
 * was taken, so that it is not 0 and the lock of a dead holder shows its age. Returns that
 * word, or 0.
 */
static uint32_t set_lock(_Atomic uint32_t *lock, uint32_t now, unsigned attempts)
{
	uint32_t mine = now + 1;

	for (; attempts; attempts--, slot_relax()) {
		uint32_t held = atomic_load_explicit(lock, memory_order_relaxed);

		if (held && !slot_dead(held - 1, now))
			continue;
		if (atomic_compare_exchange_weak_explicit(lock, &held, mine, memory_order_acquire,
		                                          memory_order_relaxed))
			return mine;
	}
	return 0;
}

static void set_unlock(_Atomic uint32_t *lock, uint32_t mine)
{
	/* Not ours any more when somebody took us for dead: then leave it to them. */
	atomic_compare_exchange_strong_explicit(lock, &mine, 0, memory_order_release,
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
static int64_t way_staleness(uint32_t idle, uint8_t weight)
{
	return (int64_t)idle - (int64_t)weight * WEIGHT_SECONDS;
}

/* Whether noise may push it out. */
static bool way_free_to_go(uint32_t idle, uint8_t weight)
{
	return weight <= TABLE_KEEP || (weight < TABLE_PINNED && idle > TABLE_KEEP_IDLE);
}

/* A way that a newcomer could take. */
struct spot {
	uint32_t index;    /* of the set */
	int way;           /* -1: none */
	uint32_t word;     /* its tag and weight when it was chosen */
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
		uint32_t word = atomic_load_explicit(&set->tag_weight[way], memory_order_relaxed);
		uint32_t idle = way_idle(set, way, now);
		int64_t staleness = word ? way_staleness(idle, (uint8_t)word) : SPOT_EMPTY;

		spot.empty += !word;
		if ((!word || way_free_to_go(idle, (uint8_t)word)) && staleness > spot.staleness) {
			spot.way = (int)way;
			spot.word = word;
			spot.staleness = staleness;
		}
	}
	return spot;
}

/* Makes the slot of <spot> that of <hash> (0: nobody), all but its tag. False when somebody edits it
 * this very moment, or gave it another weight since it was chosen; then nothing has changed. A tag
 * that went before the slot is ours could come back after its key has taken another one. False as
 * well when we slept so long that somebody took us for dead: then the slot is theirs.
 */
static bool change_hands(struct table *table, const struct spot *spot, uint64_t hash, const uint64_t *key,
                         uint32_t now)
{
	_Atomic uint32_t *tag_weight = &table->sets[spot->index].tag_weight[spot->way];
	struct slot *slot = table_slot(table, spot->index * TABLE_WAYS + (unsigned)spot->way);
	const struct table_shape *shape = &table->shape;
	uint64_t token = slot_lock(slot, now);
	uint32_t had = spot->word;

	if (!token)
		return false;
	if (!atomic_compare_exchange_strong_explicit(tag_weight, &had, 0, memory_order_relaxed,
	                                             memory_order_relaxed)) {
		slot_unlock(slot, token);
		return false;
	}
	atomic_store_explicit(&slot->hash, 0, memory_order_release);
	for (uint32_t i = 0; i < shape->words; i++)
		atomic_store_explicit(&slot->word[i],
		                      key && i - shape->key_first < shape->key_words ? key[i - shape->key_first] : 0,
		                      memory_order_release);
	atomic_store_explicit(&slot->hash, hash, memory_order_release);
	return slot_unlock(slot, token);
}

/* Gives <spot> to <hash>. Its set is locked. */
static enum table_taken spot_take(struct table *table, const struct spot *spot, uint64_t hash,
                                  const uint64_t *key, uint32_t now, struct place *place)
{
	struct table_set *set = &table->sets[spot->index];

	if (spot->way < 0)
		return TABLE_FULL;
	if (!change_hands(table, spot, hash, key, now))
		return TABLE_BUSY;
	atomic_store_explicit(&set->touched[spot->way], now, memory_order_relaxed);
	atomic_store_explicit(&set->tag_weight[spot->way], table_tag(hash) << 8, memory_order_release);
	*place = table_place(table, spot->index, (unsigned)spot->way, hash);
	return spot->word ? TABLE_EVICTED : TABLE_NEW;
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
	uint32_t lock = 0;
	enum table_taken taken;

	if (spot.empty < TABLE_WAYS / 2 && other != home)
		lock = set_lock(&table->locks[other], now, 1);
	if (lock) {
		struct spot there = spot_in(table, other, hash, now);

		if (there.staleness > spot.staleness || there.empty > spot.empty)
			spot = there;
	}
	taken = spot_take(table, &spot, hash, key, now, place);
	if (lock)
		set_unlock(&table->locks[other], lock);
	return taken;
}

/* Whether a way of <set> has <tag>, without a branch between: of what is not there, as most holds are,
 * hardly a tag matches.
 */
static inline bool set_has(const struct table_set *set, uint32_t tag)
{
	typedef uint32_t four __attribute__((vector_size(16)));
	typedef uint64_t two __attribute__((vector_size(16)));
	two found = { 0, 0 };

	for (unsigned i = 0; i < TABLE_WAYS / 2; i += 2) {
		two words = { atomic_load_explicit(&set->two[i], memory_order_relaxed),
		              atomic_load_explicit(&set->two[i + 1], memory_order_relaxed) };

		found |= (two)(((four)words >> 8) == tag);
	}
	return found[0] | found[1];
}

/* Looks for <hash> in set number <set>. */
static inline bool find_in(const struct table *table, uint32_t set, uint64_t hash, struct place *place)
{
	if (!set_has(&table->sets[set], table_tag(hash)))
		return false;
	for (unsigned way = 0; way < TABLE_WAYS; way++)
		if (table_is_at(table, set, way, hash)) {
			*place = table_place(table, set, way, hash);
			return true;
		}
	return false;
}

bool table_find_astray(const struct table *table, uint64_t hash, struct place *place)
{
	if (find_in(table, table_home(table, hash), hash, place) ||
	    find_in(table, table_other(table, hash), hash, place))
		return true;
	*place = (struct place){ .slot = NULL };
	return false;
}

enum table_taken table_take_new(struct table *table, uint64_t hash, const uint64_t *key, uint32_t now,
                                struct place *place)
{
	_Atomic uint32_t *home = &table->locks[table_home(table, hash)];
	enum table_taken taken = TABLE_FOUND;
	uint32_t lock = set_lock(home, now, LOCK_ATTEMPTS);

	if (!lock)
		return TABLE_BUSY;
	*place = table_find(table, hash); /* somebody may have been faster */
	if (!place->slot)
		taken = take_room(table, hash, key, now, place);
	set_unlock(home, lock);
	return taken;
}

static bool drop(struct table *table, uint64_t hash, uint8_t heaviest, uint32_t now)
{
	uint32_t home = table_home(table, hash), other = 0;
	uint32_t lock = set_lock(&table->locks[home], now, LOCK_ATTEMPTS);
	struct spot spot = { .way = -1 };
	struct place place;
	bool dropped = false;

	if (!lock)
		return false;
	place = table_find(table, hash);
	if (place.slot) {
		spot.index = (uint32_t)(place.set - table->sets);
		spot.way = (int)place.way;
	}
	if (place.slot && spot.index != home)
		other = set_lock(&table->locks[spot.index], now, LOCK_ATTEMPTS);
	if (place.slot && (spot.index == home || other)) {
		spot.word = atomic_load_explicit(&place.set->tag_weight[place.way], memory_order_relaxed);
		/* It may have changed hands while its set was not ours yet. */
		dropped = atomic_load_explicit(&place.slot->hash, memory_order_acquire) == hash &&
		          (uint8_t)spot.word <= heaviest && change_hands(table, &spot, 0, NULL, now);
	}
	if (other)
		set_unlock(&table->locks[spot.index], other);
	set_unlock(&table->locks[home], lock);
	return dropped;
}

bool table_drop(struct table *table, uint64_t hash, uint32_t now)
{
	return drop(table, hash, UINT8_MAX, now);
}

bool table_drop_worthless(struct table *table, uint64_t hash, uint32_t now)
{
	return drop(table, hash, 0, now);
}

uint32_t table_used(const struct table *table)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < table->set_count; i++)
		for (unsigned way = 0; way < TABLE_WAYS; way++)
			used += atomic_load_explicit(&table->sets[i].tag_weight[way], memory_order_relaxed) != 0;
	return used;
}

/* Whose the slot with tag and weight <word> is; 0: nobody's. */
static uint64_t owner(const struct slot *slot, uint32_t word)
{
	uint64_t hash = word ? atomic_load_explicit(&slot->hash, memory_order_acquire) : 0;

	return hash && table_tag(hash) == word >> 8 ? hash : 0;
}

struct place table_at(const struct table *table, uint32_t index)
{
	uint32_t set = index / TABLE_WAYS;
	unsigned way = index % TABLE_WAYS;
	uint64_t hash = 0;

	if (set < table->set_count)
		hash = owner(table_slot(table, index),
		             atomic_load_explicit(&table->sets[set].tag_weight[way], memory_order_relaxed));
	return hash ? table_place(table, set, way, hash) : (struct place){ .slot = NULL };
}

void table_recover(struct table *table)
{
	for (uint32_t i = 0; i < table->set_count; i++) {
		atomic_store_explicit(&table->locks[i], 0, memory_order_relaxed);
		for (unsigned way = 0; way < TABLE_WAYS; way++) {
			struct slot *slot = table_slot(table, i * TABLE_WAYS + way);
			uint64_t seq = atomic_load_explicit(&slot->seq, memory_order_relaxed);
			uint32_t word = atomic_load_explicit(&table->sets[i].tag_weight[way], memory_order_relaxed);

			/* Cut short in the middle of an edit: each word is old or new, and
			 * detectors cope with any mixture. In a snapshot, a slot that changed
			 * hands after its set was copied does not answer to its tag, so the next
			 * newcomer gets it.
			 */
			if (seq & 1)
				atomic_store_explicit(&slot->seq, seq + 1, memory_order_relaxed);
			if (word && !owner(slot, word))
				atomic_store_explicit(&table->sets[i].tag_weight[way], 0, memory_order_relaxed);
		}
	}
}
