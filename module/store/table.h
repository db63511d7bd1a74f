/* SPDX-License-Identifier: BSD-3-Clause */
/* table - a set-associative table of slots in shared memory.
 *
 *     hash --> home set:  | tag 24, weight 8 | x 8 | last touch | x 8 |   one cache line
 *          \-> other set:  | tag 24, weight 8 | x 8 | last touch | x 8 |
 *                              +--> slot: | seq | hash | ...
 *
 * A key is its 64-bit keyed hash; among a million keys two share one with a chance
 * of 3 in 100 million. It lives in its home set, or, when that was full, in its other one:
 * with a single set of 8 a table that is a third full would already evict (power of two
 * choices, Azar et al. 1994). The tag in the set only says where to look, so that a look
 * costs the line of the set and the first one of the slot, which it needs anyway: whose
 * the slot is, slot->hash says. Tag 0: nobody's.
 *
 * Nothing is allocated, linked or swept: a newcomer takes an
 * empty slot or the one that is least missed: longest idle, where a weight of w / 256 of
 * some budget counts as w minutes of activity. A slot with more than TABLE_KEEP of its
 * budget is not evicted by noise: it goes only after TABLE_KEEP_IDLE without a touch. One that
 * is pinned, as a hold in force is, does not go at all. Tag and weight are one word, so that a
 * weight never lands on a newcomer, and nobody goes who was given a weight after he was chosen.
 *
 * Looking up takes no lock. Taking a slot locks the key's home, so that one key never has
 * two slots, and the set it is taken from; the lock of a holder that died is broken by age.
 * The locks lie in an array of their own: only newcomers need them.
 */
#ifndef STORE_TABLE_H
#define STORE_TABLE_H

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/slot.h"

#define TABLE_WAYS      8
#define TABLE_KEEP      64          /* weight: a quarter of a budget */
#define TABLE_KEEP_IDLE (24 * 3600) /* seconds */
#define TABLE_PINNED    255         /* weight: never evicted, however idle */

#define TABLE_LINE_WORDS 6 /* of slot.word that are in the slot's first cache line */

struct table_set {
	union { /* the same twice: for who wants one, and who compares them all */
		_Atomic uint32_t tag_weight[TABLE_WAYS]; /* of 24 and 8 bits; see table_tag() */
		_Atomic uint64_t two[TABLE_WAYS / 2];
	};
	_Atomic uint32_t touched[TABLE_WAYS];
} __attribute__((aligned(64)));

static_assert(sizeof(struct table_set) == 64, "a set is one cache line");

/* How a table's slots are made up. */
struct table_shape {
	uint32_t key_first;  /* where in slot.word the key begins */
	uint32_t key_words;
	uint32_t data_first; /* what is neither key nor behind this is counters */
	uint32_t words;      /* of slot.word */
};

/* View of a table, private to the process. */
struct table {
	struct table_set *sets;
	_Atomic uint32_t *locks; /* of the sets: 0, or the second + 1 at which it was taken */
	unsigned char *slots;
	uint32_t set_count;
	uint32_t slot_size; /* octets, a multiple of 64 */
	struct table_shape shape;
};

/* Where a key was found: a slot and its place in its set. */
struct place {
	struct slot *slot; /* NULL: nowhere */
	uint64_t hash;
	struct table_set *set;
	unsigned way;
};

enum table_taken {
	TABLE_FOUND,   /* it was there */
	TABLE_NEW,     /* it took an empty slot */
	TABLE_EVICTED, /* it took somebody's slot */
	TABLE_FULL,    /* everything in its set is worth more: no slot */
	TABLE_BUSY,    /* the set was locked for too long: no slot */
};

size_t table_size(uint32_t capacity, const struct table_shape *shape);

/* Makes <table> a view of <capacity> slots (a multiple of TABLE_WAYS) at <memory> (64-aligned). */
void table_view(struct table *table, void *memory, uint32_t capacity, const struct table_shape *shape);

static inline uint32_t table_capacity(const struct table *table)
{
	return table->set_count * TABLE_WAYS;
}

static inline struct slot *table_slot(const struct table *table, uint32_t index)
{
	return (struct slot *)(void *)(table->slots + (size_t)index * table->slot_size);
}

/* A key's first set: the lower half of its hash as a fraction of all sets, so that there may be any
 * number of them (Lemire 2019). XXH3's bits are equally good everywhere.
 */
static inline uint32_t table_home(const struct table *table, uint64_t hash)
{
	return (uint32_t)((hash & UINT32_MAX) * table->set_count >> 32);
}

/* Its second set, another one where there is another one: by the upper half, 1 .. set_count - 1
 * further on.
 */
static inline uint32_t table_other(const struct table *table, uint64_t hash)
{
	uint32_t step = 1 + (uint32_t)((hash >> 32) * (table->set_count - 1) >> 32);
	uint32_t set = table_home(table, hash) + step;

	return set < table->set_count ? set : set - table->set_count;
}

/* The way of a set that a key takes when it is empty: most are found there, so that it is
 * known where the slot lies before the set has been read. These bits hardly matter to a fraction.
 */
static inline unsigned table_own_way(uint64_t hash)
{
	return hash & (TABLE_WAYS - 1);
}

/* What tells a key from most others in its set: the upper 24 bits of its hash, but never 0.
 * None of them chooses home or own way, so among keys that share these they are as good as any.
 * They do say how far the other set is: keys with the same home and tag share that as well, but
 * not oftener than one in 2^24.
 */
static inline uint32_t table_tag(uint64_t hash)
{
	uint32_t tag = (uint32_t)(hash >> 40);

	return tag ? tag : 1;
}

static inline struct place table_place(const struct table *table, uint32_t set, unsigned way, uint64_t hash)
{
	return (struct place){
		.slot = table_slot(table, set * TABLE_WAYS + way),
		.hash = hash,
		.set = &table->sets[set],
		.way = way,
	};
}

/* Whether way number <way> of set number <set> is <hash>'s. Whoever reads the new name of a slot sees
 * it emptied for that, too: see change_hands().
 */
static inline bool table_is_at(const struct table *table, uint32_t set, unsigned way, uint64_t hash)
{
	uint32_t tag = atomic_load_explicit(&table->sets[set].tag_weight[way], memory_order_relaxed) >> 8;

	return tag == table_tag(hash) &&
	       atomic_load_explicit(&table_slot(table, set * TABLE_WAYS + way)->hash, memory_order_acquire) == hash;
}

/* Calls for the memory where <hash> is to be expected: its home, and of its slot the first line and
 * word number <word>. On a busy resolver none of it is in a near cache: who has several keys to look up
 * calls for all of them first, and waits for the slowest instead of for one after the other.
 */
static inline void table_call(const struct table *table, uint64_t hash, unsigned word)
{
	uint32_t home = table_home(table, hash);
	const struct slot *slot = table_slot(table, home * TABLE_WAYS + table_own_way(hash));

	__builtin_prefetch(&table->sets[home]);
	__builtin_prefetch(slot, 1);
	if (word >= TABLE_LINE_WORDS)
		__builtin_prefetch(&slot->word[word], 1);
}

/* Looks <hash> up where it need not be. */
bool table_find_astray(const struct table *table, uint64_t hash, struct place *place);

/* Looks <hash> up, and fills <place>: false with .slot NULL when it is not there. Never blocks. */
static inline bool table_look(const struct table *table, uint64_t hash, struct place *place)
{
	uint32_t home = table_home(table, hash);
	unsigned own = table_own_way(hash);

	if (__builtin_expect(table_is_at(table, home, own, hash), 1)) {
		*place = table_place(table, home, own, hash);
		return true;
	}
	return table_find_astray(table, hash, place);
}

/* The same for whoever wants nothing but the place. */
static inline struct place table_find(const struct table *table, uint64_t hash)
{
	struct place place;

	table_look(table, hash, &place);
	return place;
}

/* What table_take() does for a <hash> that table_find() did not find. */
enum table_taken table_take_new(struct table *table, uint64_t hash, const uint64_t *key, uint32_t now,
                                struct place *place);

/* Looks <hash> up and, if it is not there, takes a slot for it: key words from <key>,
 * counters and data zero. <now> is in seconds.
 */
static inline enum table_taken table_take(struct table *table, uint64_t hash, const uint64_t *key,
                                          uint32_t now, struct place *place)
{
	*place = table_find(table, hash);
	return place->slot ? TABLE_FOUND : table_take_new(table, hash, key, now, place);
}

/* Notes that <place> was used at <now> (seconds). */
static inline void place_touch(const struct place *place, uint32_t now)
{
	if (atomic_load_explicit(&place->set->touched[place->way], memory_order_relaxed) != now)
		atomic_store_explicit(&place->set->touched[place->way], now, memory_order_relaxed);
}

static inline uint8_t place_weight(const struct place *place)
{
	return (uint8_t)atomic_load_explicit(&place->set->tag_weight[place->way], memory_order_relaxed);
}

/* Gives <place> its weight, if it is still the key's: a newcomer must not inherit it. */
static inline void place_weigh(const struct place *place, uint8_t weight)
{
	_Atomic uint32_t *word = &place->set->tag_weight[place->way];
	uint32_t had = atomic_load_explicit(word, memory_order_relaxed);

	/* Anew only when somebody else weighs it as well: then tag and name tell whether it is ours. */
	while ((uint8_t)had != weight && had >> 8 == table_tag(place->hash) &&
	       atomic_load_explicit(&place->slot->hash, memory_order_acquire) == place->hash)
		if (atomic_compare_exchange_weak_explicit(word, &had, (had & ~UINT32_C(255)) | weight,
		                                          memory_order_relaxed, memory_order_relaxed))
			return;
}

/* Gives the slot of <hash> back. True if it was there. */
bool table_drop(struct table *table, uint64_t hash, uint32_t now);

/* The same, unless it has a weight: for who found it worthless a moment ago. */
bool table_drop_worthless(struct table *table, uint64_t hash, uint32_t now);

/* Slots in use: a walk over the sets, not for the hot path. */
uint32_t table_used(const struct table *table);

/* Place number <index> (0 <= index < capacity); .slot is NULL where it is empty. */
struct place table_at(const struct table *table, uint32_t index);

/* When the place was last touched, in seconds since 1970. */
static inline uint32_t place_touched(const struct place *place)
{
	return atomic_load_explicit(&place->set->touched[place->way], memory_order_relaxed);
}

/* After an attach with nobody else there: ends the edits and locks of the dead. */
void table_recover(struct table *table);

#endif
