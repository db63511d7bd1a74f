/* SPDX-License-Identifier: BSD-3-Clause */
/* domain_map - which lists a name is on: entries are domains, and stand for all names below them.
 *
 * Open addressing over hashes of wire-format tails, 12.5 octets a place with the filter before
 * them, and more than half of the places are taken: at most 24 octets an entry. Two domains that
 * share a 64-bit hash are taken for one.
 *
 * Read-only after it is filled.
 */
#ifndef NAME_DOMAIN_MAP_H
#define NAME_DOMAIN_MAP_H

#include "name/name.h"

/* What belongs to an entry: the list that it is of, and the number of the list's note about it. */
struct domain_mark {
	uint16_t list, note;
};

struct domain_map;

struct domain_map *domain_map_new(void);
void domain_map_free(struct domain_map *map);

/* Adds <domain> with <mark>. Returns 1, 0 when that list has it already (the first note stays), or
 * -ENOMEM.
 */
int domain_map_add(struct domain_map *map, const struct name *domain, struct domain_mark mark);

size_t domain_map_count(const struct domain_map *map);
size_t domain_map_memory(const struct domain_map *map);

/* An entry that a name is or is below. */
struct domain_hit {
	int label;    /* at which it begins; -1: there is none */
	size_t place; /* the map's own */
};

/* The entry that begins at the leftmost label from <first> on: from 0, the longest match. Thread-safe. */
struct domain_hit domain_map_next(const struct domain_map *map, const struct name *name, unsigned first);

/* The marks of the entry at <hit>. Fills <mark>, at most <max>; returns how many. Thread-safe. */
unsigned domain_map_marks(const struct domain_map *map, const struct domain_hit *hit,
                          struct domain_mark *mark, unsigned max);

/* Whether <name> is or is below an entry. */
static inline bool domain_map_has(const struct domain_map *map, const struct name *name)
{
	return domain_map_next(map, name, 0).label >= 0;
}

#endif
