/* SPDX-License-Identifier: BSD-3-Clause */
/* tail_table - an open table of words: a hash, with flags for its lowest bits.
 *
 * Nearly all look-ups end at a tail that is not there, which a word of a cache line
 * tells: the load is at most three quarters, and a probe seldom leaves its line.
 *
 * The secret of the hash is this process's own: clients choose what is looked up.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/bulk.h"
#include "base/hash.h"
#include "name/tail_table.h"

#define FIRST_CAPACITY 64 /* a power of two */
#define FLAGS          UINT64_C(63)

struct tail_table {
	uint64_t *slot;  /* 0 where it is empty */
	size_t capacity; /* a power of two */
	size_t count;
	unsigned root; /* the root's flags */
	uint8_t secret[HASH_SECRET_LEN];
};

struct tail_table *tail_table_new(void)
{
	struct tail_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->root = TAIL_KNOWN;
	table->capacity = FIRST_CAPACITY;
	table->slot = bulk_new(table->capacity * sizeof(*table->slot));
	/* Up to 256 octets are never cut short. */
	if (!table->slot || getrandom(table->secret, HASH_SECRET_LEN, 0) != HASH_SECRET_LEN) {
		tail_table_free(table);
		return NULL;
	}
	return table;
}

void tail_table_free(struct tail_table *table)
{
	if (!table)
		return;
	bulk_free(table->slot, table->capacity * sizeof(*table->slot));
	free(table);
}

static uint64_t tail_hash(const struct tail_table *table, const struct name *name, unsigned first)
{
	return hash_octets(table->secret, HASH_SUFFIX, name_tail(name, first),
	                   name_tail_len(name, first));
}

/* Where <hash> is, or would be put. */
static size_t find(const uint64_t *slot, size_t capacity, uint64_t hash)
{
	/* Bits that the flags do not take the place of, so that a table can grow. */
	size_t at = (hash >> 32) & (capacity - 1);

	while (slot[at] && (slot[at] ^ hash) > FLAGS)
		at = (at + 1) & (capacity - 1);
	return at;
}

static int grow(struct tail_table *table)
{
	size_t capacity = table->capacity * 2;
	uint64_t *slot = bulk_new(capacity * sizeof(*slot));

	if (!slot)
		return -ENOMEM;
	for (size_t i = 0; i < table->capacity; i++)
		if (table->slot[i])
			slot[find(slot, capacity, table->slot[i])] = table->slot[i];
	bulk_free(table->slot, table->capacity * sizeof(*slot));
	table->slot = slot;
	table->capacity = capacity;
	return 0;
}

int tail_table_add(struct tail_table *table, const struct name *name, unsigned first,
                   unsigned flags)
{
	uint64_t hash;
	size_t at;

	flags |= TAIL_KNOWN;
	if (first == name->labels) {
		table->root |= flags;
		return 0;
	}
	hash = tail_hash(table, name, first);
	at = find(table->slot, table->capacity, hash);
	if (!table->slot[at]) {
		if ((table->count + 1) * 4 > table->capacity * 3) {
			if (grow(table) < 0)
				return -ENOMEM;
			at = find(table->slot, table->capacity, hash);
		}
		table->slot[at] = hash & ~FLAGS;
		table->count++;
	}
	table->slot[at] |= flags;
	return 0;
}

unsigned tail_table_find(const struct tail_table *table, const struct name *name, unsigned first)
{
	if (first == name->labels)
		return table->root;
	return table->slot[find(table->slot, table->capacity, tail_hash(table, name, first))] & FLAGS;
}
