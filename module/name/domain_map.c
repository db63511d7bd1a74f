/* SPDX-License-Identifier: BSD-3-Clause */
/* domain_map - hashes of the entries in an open table, 0 where it is empty, their marks beside.
 *
 * A domain on several lists has as many places, one behind the other. The entries' numbers of
 * labels are remembered, so that a look-up hashes only the tails of a name that could be entries,
 * and calls for the memory of all of them before it waits for the first.
 *
 * The secret of the hash is this process's own. Maps are never shared, and the names looked up
 * in them are chosen by clients.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/hash.h"
#include "name/domain_map.h"

/* At most two thirds full, and a quarter more when it would be: never less than 8/15 full. */
#define FIRST_CAPACITY 16
#define CAPACITY_MAX   (1u << 28)
#define CALLED_MAX     8 /* tails whose memory is called for at once */

struct domain_map {
	uint64_t *hash;
	struct domain_mark *mark;
	size_t capacity;
	size_t count;
	unsigned deepest;   /* most labels of an entry */
	uint64_t depths[2]; /* bit i: some entry has i labels */
	uint8_t secret[HASH_SECRET_LEN];
};

/* Makes the arrays of <map>. Returns 0 or -ENOMEM; then there are none. */
static int allocate(struct domain_map *map)
{
	map->hash = calloc(map->capacity, sizeof(*map->hash));
	map->mark = malloc(map->capacity * sizeof(*map->mark));
	if (map->hash && map->mark)
		return 0;
	free(map->hash);
	free(map->mark);
	map->hash = NULL;
	map->mark = NULL;
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
	free(map->hash);
	free(map->mark);
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
	size_t at = home(map, hash);

	while (map->hash[at])
		at = behind(map, at);
	map->hash[at] = hash;
	map->mark[at] = mark;
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
	free(old.hash);
	free(old.mark);
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
	return sizeof(*map) + map->capacity * (sizeof(*map->hash) + sizeof(*map->mark));
}

int domain_map_next(const struct domain_map *map, const struct name *name, unsigned first)
{
	uint64_t hash[CALLED_MAX];
	uint8_t label[CALLED_MAX];

	if (!map->count)
		return -1;
	if (name->labels > map->deepest && first < name->labels - map->deepest)
		first = name->labels - map->deepest;
	while (first <= name->labels) {
		unsigned called = 0;

		for (; first <= name->labels && called < CALLED_MAX; first++) {
			if (!has_depth(map, name->labels - first))
				continue;
			hash[called] = tail_hash(map, name, first);
			__builtin_prefetch(&map->hash[home(map, hash[called])]);
			label[called++] = (uint8_t)first;
		}
		for (unsigned i = 0; i < called; i++)
			if (map->hash[find(map, hash[i])])
				return label[i];
	}
	return -1;
}

unsigned domain_map_marks(const struct domain_map *map, const struct name *name, unsigned first,
                          struct domain_mark *mark, unsigned max)
{
	uint64_t hash = tail_hash(map, name, first);
	unsigned count = 0;

	for (size_t at = find(map, hash); map->hash[at] && count < max; at = behind(map, at))
		if (map->hash[at] == hash)
			mark[count++] = map->mark[at];
	return count;
}
