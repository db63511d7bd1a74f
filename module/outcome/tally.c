/* SPDX-License-Identifier: BSD-3-Clause */
/* tally - how often each of many keys came. */
#include <stdlib.h>

#include "outcome/tally.h"

#define FIRST_CAPACITY 1024

/* The cell of <key>, or the empty one where it would go. There always is one. */
static struct tally_cell *find(const struct tally *tally, uint64_t key)
{
	size_t mask = tally->capacity - 1;
	size_t at = (size_t)key & mask;

	while (tally->cell[at].key && tally->cell[at].key != key)
		at = (at + 1) & mask;
	return &tally->cell[at];
}

static bool grow(struct tally *tally)
{
	struct tally larger = { .capacity = tally->capacity ? 2 * tally->capacity : FIRST_CAPACITY,
	                        .used = tally->used };

	larger.cell = calloc(larger.capacity, sizeof(*larger.cell));
	if (!larger.cell)
		return false;
	for (size_t i = 0; i < tally->capacity; i++)
		if (tally->cell[i].key)
			*find(&larger, tally->cell[i].key) = tally->cell[i];
	free(tally->cell);
	*tally = larger;
	return true;
}

bool tally_add(struct tally *tally, uint64_t key, uint64_t n)
{
	struct tally_cell *cell;

	if (tally->used >= tally->capacity / 2 && !grow(tally))
		return false;
	cell = find(tally, key);
	tally->used += !cell->key;
	cell->key = key;
	cell->count += n;
	return true;
}

uint64_t tally_get(const struct tally *tally, uint64_t key)
{
	return tally->capacity ? find(tally, key)->count : 0;
}

void tally_free(struct tally *tally)
{
	free(tally->cell);
	*tally = (struct tally){ 0 };
}
