/* SPDX-License-Identifier: BSD-3-Clause */
/* domain_set - hashes of the members in an open table, 0 where it is empty.
 *
 * The members' numbers of labels are remembered, so that a look-up hashes only the
 * tails of a name that could be members: for most lists one or two.
 *
 * The secret of the hash is this process's own. Sets are never shared, and the names
 * looked up in them are chosen by clients.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/hash.h"
#include "name/domain_set.h"

#define FIRST_CAPACITY 16 /* a power of two */

struct domain_set {
	uint64_t *hash;
	size_t capacity; /* a power of two; at least twice <count> */
	size_t count;
	uint64_t depths[2]; /* bit i: some member has i labels */
	uint8_t secret[HASH_SECRET_LEN];
};

struct domain_set *domain_set_new(void)
{
	struct domain_set *set = calloc(1, sizeof(*set));

	if (!set)
		return NULL;
	set->capacity = FIRST_CAPACITY;
	set->hash = calloc(set->capacity, sizeof(*set->hash));
	/* Up to 256 octets are never cut short. */
	if (!set->hash || getrandom(set->secret, sizeof(set->secret), 0) != sizeof(set->secret)) {
		domain_set_free(set);
		return NULL;
	}
	return set;
}

void domain_set_free(struct domain_set *set)
{
	if (!set)
		return;
	free(set->hash);
	free(set);
}

static uint64_t tail_hash(const struct domain_set *set, const struct name *name, unsigned first)
{
	size_t len = name_tail_len(name, first);

	return hash_octets(set->secret, HASH_SUFFIX, name_tail(name, first), len);
}

/* Where <hash> is, or would be put. */
static size_t find(const uint64_t *table, size_t capacity, uint64_t hash)
{
	size_t at = hash & (capacity - 1);

	while (table[at] && table[at] != hash)
		at = (at + 1) & (capacity - 1);
	return at;
}

static int grow(struct domain_set *set)
{
	size_t capacity = set->capacity * 2;
	uint64_t *table = calloc(capacity, sizeof(*table));

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < set->capacity; i++)
		if (set->hash[i])
			table[find(table, capacity, set->hash[i])] = set->hash[i];
	free(set->hash);
	set->hash = table;
	set->capacity = capacity;
	return 0;
}

int domain_set_add(struct domain_set *set, const struct name *domain)
{
	uint64_t hash = tail_hash(set, domain, 0);
	size_t at = find(set->hash, set->capacity, hash);

	if (set->hash[at])
		return 0;
	if ((set->count + 1) * 2 > set->capacity) {
		if (grow(set) < 0)
			return -ENOMEM;
		at = find(set->hash, set->capacity, hash);
	}
	set->hash[at] = hash;
	set->count++;
	set->depths[domain->labels / 64] |= UINT64_C(1) << (domain->labels % 64);
	return 0;
}

size_t domain_set_count(const struct domain_set *set)
{
	return set->count;
}

size_t domain_set_memory(const struct domain_set *set)
{
	return sizeof(*set) + set->capacity * sizeof(*set->hash);
}

int domain_set_match(const struct domain_set *set, const struct name *name)
{
	if (!set->count)
		return -1;
	for (unsigned first = 0; first <= name->labels; first++) {
		unsigned depth = name->labels - first;

		if (!(set->depths[depth / 64] >> (depth % 64) & 1))
			continue;
		if (set->hash[find(set->hash, set->capacity, tail_hash(set, name, first))])
			return (int)first;
	}
	return -1;
}
