/* SPDX-License-Identifier: BSD-3-Clause */
/* ranking - a bounded heap (Williams 1964). */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "report/ranking.h"

/* Whether <a> comes before <b> in the finished list. */
static bool ranks_before(const struct ranked *a, const struct ranked *b)
{
	return a->key != b->key ? a->key > b->key : a->index < b->index;
}

static void swap(struct ranked *a, struct ranked *b)
{
	struct ranked old = *a;

	*a = *b;
	*b = old;
}

static void sift_up(struct ranking *ranking, uint32_t at)
{
	struct ranked *entry = ranking->entry;

	while (at && ranks_before(&entry[(at - 1) / 2], &entry[at])) {
		swap(&entry[(at - 1) / 2], &entry[at]);
		at = (at - 1) / 2;
	}
}

static void sift_down(struct ranking *ranking)
{
	struct ranked *entry = ranking->entry;
	uint32_t at = 0;

	for (;;) {
		uint32_t last = at;

		for (uint64_t child = 2 * (uint64_t)at + 1; child <= 2 * (uint64_t)at + 2; child++)
			if (child < ranking->count && ranks_before(&entry[last], &entry[child]))
				last = (uint32_t)child;
		if (last == at)
			return;
		swap(&entry[last], &entry[at]);
		at = last;
	}
}

int ranking_init(struct ranking *ranking, uint32_t limit)
{
	*ranking = (struct ranking){ .limit = limit };
	ranking->entry = calloc(limit ? limit : 1, sizeof(*ranking->entry));
	return ranking->entry ? 0 : -ENOMEM;
}

void ranking_free(struct ranking *ranking)
{
	free(ranking->entry);
	*ranking = (struct ranking){ 0 };
}

void ranking_offer(struct ranking *ranking, uint64_t key, uint32_t index)
{
	struct ranked newcomer = { .key = key, .index = index };

	if (ranking->count < ranking->limit) {
		ranking->entry[ranking->count] = newcomer;
		sift_up(ranking, ranking->count++);
	} else if (ranking->limit && ranks_before(&newcomer, &ranking->entry[0])) {
		ranking->entry[0] = newcomer;
		sift_down(ranking);
	}
}

static int compare(const void *a, const void *b)
{
	if (ranks_before(a, b))
		return -1;
	return ranks_before(b, a);
}

void ranking_sort(struct ranking *ranking)
{
	qsort(ranking->entry, ranking->count, sizeof(*ranking->entry), compare);
}
