/* SPDX-License-Identifier: BSD-3-Clause */
/* eviction - see eviction.h. */
#include "eviction.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/table.h"

#define BEGAN 1000000u /* seconds */

const double eviction_top[EVICTION_TOPS] = { 0.1, 0.25, 0.5 };

/* A key and what is known about it exactly. */
struct key {
	uint32_t count;
	uint32_t newer, older; /* its neighbours in the list, where it is in it */
	bool listed;
};

/* All keys, and behind them one that stands for both ends of the list. */
struct exact {
	struct key *key;
	uint32_t keys, listed;
};

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

/* A stream of numbers, the same in every run (xorshift, G. Marsaglia 2003). */
static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

uint64_t eviction_hash(uint32_t key)
{
	uint64_t hash = (key + 1) * UINT64_C(0x9e3779b97f4a7c15);

	hash = (hash ^ hash >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	hash = (hash ^ hash >> 27) * UINT64_C(0x94d049bb133111eb);
	return hash ^ hash >> 31;
}

/* Sums of n^-s, up to 1. */
static double *zipf_new(uint32_t keys, double skew)
{
	double *sum = must(malloc(keys * sizeof(*sum))), total = 0;

	for (uint32_t i = 0; i < keys; i++)
		sum[i] = total += pow(i + 1, -skew);
	for (uint32_t i = 0; i < keys; i++)
		sum[i] /= total;
	return sum;
}

static uint32_t zipf_next(const double *sum, uint32_t keys, uint64_t *random)
{
	double wanted = (double)(random_next(random) >> 11) * 0x1p-53;
	uint32_t low = 0, high = keys - 1;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (sum[middle] <= wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- exact state --------------------------------------------------------------- */

static void unlink_key(struct exact *exact, uint32_t which)
{
	struct key *key = &exact->key[which];

	exact->key[key->newer].older = key->older;
	exact->key[key->older].newer = key->newer;
	key->listed = false;
	exact->listed--;
}

/* Puts it where the newest is. */
static void link_key(struct exact *exact, uint32_t which)
{
	uint32_t end = exact->keys, before = exact->key[end].older;

	exact->key[which].newer = end;
	exact->key[which].older = before;
	exact->key[before].newer = which;
	exact->key[end].older = which;
	exact->key[which].listed = true;
	exact->listed++;
}

/* Whether the list has it; it has it now. */
static bool list_hit(struct exact *exact, uint32_t which, uint32_t capacity)
{
	bool hit = exact->key[which].listed;

	if (hit)
		unlink_key(exact, which);
	else if (exact->listed == capacity)
		unlink_key(exact, exact->key[exact->keys].newer);
	link_key(exact, which);
	return hit;
}

/* ---- the table ----------------------------------------------------------------- */

static const struct table_shape shape = { .key_words = 1, .data_first = 2, .words = 6 };

static bool table_hit(struct table *table, uint32_t which, uint32_t now)
{
	uint64_t key[1] = { which };
	struct place place;
	enum table_taken taken = table_take(table, eviction_hash(which), key, now, &place);

	if (taken == TABLE_FOUND)
		place_touch(&place, now);
	return taken == TABLE_FOUND;
}

/* ---- results ------------------------------------------------------------------- */

static int by_count(const void *a, const void *b)
{
	const struct key *const *one = a, *const *other = b;

	return ((*one)->count < (*other)->count) - ((*one)->count > (*other)->count);
}

static void judge(const struct traffic *traffic, const struct exact *exact, const struct table *table,
                  struct eviction *result)
{
	const struct key **order = must(malloc(traffic->keys * sizeof(*order)));

	for (uint32_t i = 0; i < traffic->keys; i++)
		order[i] = &exact->key[i];
	qsort(order, traffic->keys, sizeof(*order), by_count);
	for (unsigned top = 0; top < EVICTION_TOPS; top++) {
		uint32_t many = (uint32_t)(traffic->capacity * eviction_top[top]), there = 0, listed = 0;

		for (uint32_t i = 0; i < many; i++) {
			there += table_find(table, eviction_hash((uint32_t)(order[i] - exact->key))).slot != NULL;
			listed += order[i]->listed;
		}
		result->table.top[top] = (double)there / many;
		result->lru.top[top] = (double)listed / many;
		result->unbounded.top[top] = 1;
	}
	result->slots_used = (double)table_used(table) / traffic->capacity;
	free(order);
}

void eviction_measure(const struct traffic *traffic, struct eviction *result)
{
	size_t size = table_size(traffic->capacity, &shape);
	void *memory = must(aligned_alloc(64, size));
	double *sum = zipf_new(traffic->keys, traffic->skew), questions = traffic->questions;
	struct exact exact = { .keys = traffic->keys };
	uint32_t in_table = 0, in_list = 0, known = 0;
	uint64_t random = UINT64_C(88172645463325252);
	struct table table;

	exact.key = must(calloc(traffic->keys + 1, sizeof(*exact.key)));
	exact.key[exact.keys].newer = exact.key[exact.keys].older = exact.keys;
	memset(memory, 0, size);
	table_view(&table, memory, traffic->capacity, &shape);
	for (uint32_t i = 0; i < traffic->questions; i++) {
		uint32_t which = zipf_next(sum, traffic->keys, &random);

		in_table += table_hit(&table, which, BEGAN + i / traffic->per_second);
		in_list += list_hit(&exact, which, traffic->capacity);
		known += exact.key[which].count++ != 0;
	}
	*result = (struct eviction){
		.table.hits = in_table / questions,
		.lru.hits = in_list / questions,
		.unbounded.hits = known / questions,
	};
	judge(traffic, &exact, &table, result);
	free(exact.key);
	free(sum);
	free(memory);
}
