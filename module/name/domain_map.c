/* SPDX-License-Identifier: BSD-3-Clause */
/* domain_map - hashes of the entries in an open table, 0 where it is empty, their marks beside.
 *
 * A domain on several lists has as many places, one behind the other. The entries' numbers of
 * labels are remembered, so that a look-up hashes only the tails of a name that could be entries.
 * Before the table stands a filter, a bit an entry, at most one in six of them set: all tails of a
 * name are tried there without a branch between, and for most names that is all.
 *
 * The secret of the hash is this process's own. Maps are never shared, and the names looked up
 * in them are chosen by clients.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/bulk.h"
#include "base/hash.h"
#include "name/domain_map.h"

/* At most two thirds full, and a quarter more when it would be: never less than 8/15 full. */
#define FIRST_CAPACITY 16
#define CAPACITY_MAX   (1u << 28)
#define FILTER_BITS    4 /* of the filter for each place */
#define TRIED_MAX      8 /* tails that are tried at once */

struct domain_map {
	uint64_t *hash;
	struct domain_mark *mark;
	uint64_t *filter;
	size_t capacity;
	size_t count;
	unsigned deepest;   /* most labels of an entry */
	uint64_t depths[2]; /* bit i: some entry has i labels */
	uint8_t secret[HASH_SECRET_LEN];
};

static size_t filter_words(const struct domain_map *map)
{
	return map->capacity * FILTER_BITS / 64 + 1;
}

/* Frees the arrays of <map>. */
static void release(struct domain_map *map)
{
	bulk_free(map->hash, map->capacity * sizeof(*map->hash));
	bulk_free(map->mark, map->capacity * sizeof(*map->mark));
	bulk_free(map->filter, filter_words(map) * sizeof(*map->filter));
	map->hash = map->filter = NULL;
	map->mark = NULL;
}

/* Makes the arrays of <map>. Returns 0 or -ENOMEM; then there are none. */
static int allocate(struct domain_map *map)
{
	map->hash = bulk_new(map->capacity * sizeof(*map->hash));
	map->mark = bulk_new(map->capacity * sizeof(*map->mark));
	map->filter = bulk_new(filter_words(map) * sizeof(*map->filter));
	if (map->hash && map->mark && map->filter)
		return 0;
	release(map);
	return -ENOMEM;
}

struct domain_map *domain_map_new(void)
{
	struct domain_map *map = calloc(1, sizeof(*map));

	if (!map)
		return NULL;
	map->capacity = FIRST_CAPACITY;
	/* Up to 256 octets are never cut short. */
	if (allocate(map) || getrandom(map->secret, sizeof(map->secret), 0) != sizeof(map->secret)) {
		domain_map_free(map);
		return NULL;
	}
	return map;
}

void domain_map_free(struct domain_map *map)
{
	if (!map)
		return;
	release(map);
	free(map);
}

static uint64_t tail_hash(const struct domain_map *map, const struct name *name, unsigned first)
{
	return hash_octets(map->secret, HASH_SUFFIX, name_tail(name, first), name_tail_len(name, first));
}

static bool has_depth(const struct domain_map *map, unsigned depth)
{
	return map->depths[depth / 64] >> (depth % 64) & 1;
}

/* Where a hash would be if every place were free. Any capacity will do (D. Lemire 2019). */
static size_t home(const struct domain_map *map, uint64_t hash)
{
	return (size_t)((hash >> 32) * map->capacity >> 32);
}

/* Which bit of the filter is a hash's: by other bits than its place. */
static size_t filter_bit(const struct domain_map *map, uint64_t hash)
{
	return (size_t)((hash & UINT32_MAX) * (map->capacity * FILTER_BITS) >> 32);
}

static size_t behind(const struct domain_map *map, size_t at)
{
	return at + 1 < map->capacity ? at + 1 : 0;
}

/* The first place of <hash>, or the one where it would be put. */
static size_t find(const struct domain_map *map, uint64_t hash)
{
	size_t at = home(map, hash);

	while (map->hash[at] && map->hash[at] != hash)
		at = behind(map, at);
	return at;
}

static void put(struct domain_map *map, uint64_t hash, struct domain_mark mark)
{
	size_t at = home(map, hash), bit = filter_bit(map, hash);

	while (map->hash[at])
		at = behind(map, at);
	map->hash[at] = hash;
	map->mark[at] = mark;
	map->filter[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static int grow(struct domain_map *map)
{
	struct domain_map old = *map;

	map->capacity += map->capacity / 4;
	if (map->capacity > CAPACITY_MAX || allocate(map)) {
		*map = old;
		return -ENOMEM;
	}
	for (size_t i = 0; i < old.capacity; i++)
		if (old.hash[i])
			put(map, old.hash[i], old.mark[i]);
	release(&old);
	return 0;
}

int domain_map_add(struct domain_map *map, const struct name *domain, struct domain_mark mark)
{
	uint64_t hash = tail_hash(map, domain, 0);

	for (size_t at = find(map, hash); map->hash[at]; at = behind(map, at))
		if (map->hash[at] == hash && map->mark[at].list == mark.list)
			return 0;
	if ((map->count + 1) * 3 > map->capacity * 2 && grow(map) < 0)
		return -ENOMEM;
	put(map, hash, mark);
	map->count++;
	map->depths[domain->labels / 64] |= UINT64_C(1) << (domain->labels % 64);
	if (domain->labels > map->deepest)
		map->deepest = domain->labels;
	return 1;
}

size_t domain_map_count(const struct domain_map *map)
{
	return map->count;
}

size_t domain_map_memory(const struct domain_map *map)
{
	return sizeof(*map) + map->capacity * (sizeof(*map->hash) + sizeof(*map->mark)) +
	       filter_words(map) * sizeof(*map->filter);
}

struct domain_hit domain_map_next(const struct domain_map *map, const struct name *name, unsigned first)
{
	struct domain_hit hit = { .label = -1 };
	uint64_t hash[TRIED_MAX];
	uint8_t label[TRIED_MAX];

	if (!map->count)
		return hit;
	if (name->labels > map->deepest && first < name->labels - map->deepest)
		first = name->labels - map->deepest;
	while (first <= name->labels) {
		unsigned passed = 0;

		for (; first <= name->labels && passed < TRIED_MAX; first++) {
			size_t bit;

			if (!has_depth(map, name->labels - first))
				continue;
			/* Written in any case, kept when the bit is set: nothing for a processor to guess. */
			hash[passed] = tail_hash(map, name, first);
			label[passed] = (uint8_t)first;
			__builtin_prefetch(&map->hash[home(map, hash[passed])]);
			bit = filter_bit(map, hash[passed]);
			passed += map->filter[bit / 64] >> (bit % 64) & 1;
		}
		for (unsigned i = 0; i < passed; i++) {
			hit.place = find(map, hash[i]);
			if (map->hash[hit.place]) {
				hit.label = label[i];
				return hit;
			}
		}
	}
	return hit;
}

unsigned domain_map_marks(const struct domain_map *map, const struct domain_hit *hit,
                          struct domain_mark *mark, unsigned max)
{
	unsigned count = 0;

	for (size_t at = hit->place; map->hash[at] && count < max; at = behind(map, at))
		if (map->hash[at] == map->hash[hit->place])
			mark[count++] = map->mark[at];
	return count;
}
