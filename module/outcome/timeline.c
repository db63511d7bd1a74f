/* SPDX-License-Identifier: BSD-3-Clause */
/* timeline - one grid of buckets that grows in width, never in number. */
#include <stdlib.h>
#include <string.h>

#include "outcome/timeline.h"

#define HALF     (TIMELINE_BUCKETS / 2)
#define TIME_MAX ((uint64_t)1 << 60) /* so that no sum overflows: beyond any calendar */

bool timelines_init(struct timelines *lines)
{
	*lines = (struct timelines){ .pair = calloc(TIMELINE_PAIRS, sizeof(*lines->pair)) };
	return lines->pair;
}

void timelines_free(struct timelines *lines)
{
	free(lines->pair);
	lines->pair = NULL;
}

/* Adds neighbours up, into the half that begins at <to>. */
static void fold(struct timeline *line, unsigned to)
{
	uint32_t folded[TIMELINE_BUCKETS] = { 0 };

	for (unsigned i = 0; i < HALF; i++) {
		uint32_t sum = line->bucket[2 * i] + line->bucket[2 * i + 1];

		folded[to + i] = sum < line->bucket[2 * i] ? UINT32_MAX : sum;
	}
	memcpy(line->bucket, folded, sizeof(folded));
}

/* Makes buckets twice as wide: what there is comes to lie in the left half, or in the right one
 * so that there is room before it.
 */
static void widen(struct timelines *lines, bool before)
{
	unsigned to = before ? HALF : 0;

	if (before)
		lines->origin -= (int64_t)lines->width * TIMELINE_BUCKETS;
	lines->width *= 2;
	fold(&lines->all, to);
	for (unsigned i = 0; i < TIMELINE_PAIRS; i++)
		if (lines->pair[i].key)
			fold(&lines->pair[i], to);
}

/* Sees to it that <now> is inside. */
static void reach(struct timelines *lines, uint64_t now)
{
	int64_t at = (int64_t)now;

	if (!lines->width) {
		lines->origin = at;
		lines->width = TIMELINE_WIDTH;
		lines->first = lines->last = now;
	}
	if (now < lines->first)
		lines->first = now;
	if (now > lines->last)
		lines->last = now;
	while (at < lines->origin)
		widen(lines, true);
	while ((uint64_t)(at - lines->origin) / lines->width >= TIMELINE_BUCKETS)
		widen(lines, false);
}

unsigned timelines_bucket(const struct timelines *lines, uint64_t now)
{
	uint64_t since;

	if (!lines->width || now >= TIME_MAX || (int64_t)now < lines->origin)
		return now >= TIME_MAX ? TIMELINE_BUCKETS - 1 : 0;
	since = (uint64_t)((int64_t)now - lines->origin) / lines->width;
	return since < TIMELINE_BUCKETS ? (unsigned)since : TIMELINE_BUCKETS - 1;
}

static struct timeline *row_of(const struct timelines *lines, uint64_t key)
{
	return lines->pair + key % (TIMELINE_PAIRS / TIMELINE_WAYS) * TIMELINE_WAYS;
}

struct timeline *timelines_find(const struct timelines *lines, uint64_t key)
{
	struct timeline *row = row_of(lines, key);

	for (unsigned i = 0; key && i < TIMELINE_WAYS; i++)
		if (row[i].key == key)
			return &row[i];
	return NULL;
}

/* Whether <a> is to go rather than <b>. */
static bool goes_first(const struct timeline *a, const struct timeline *b)
{
	if (!a->key || !b->key)
		return b->key;
	return a->wanted != b->wanted ? b->wanted : a->last < b->last;
}

/* A place for <key>, which has none. */
static struct timeline *place(struct timelines *lines, uint64_t key)
{
	struct timeline *row = row_of(lines, key), *worst = row;

	for (unsigned i = 1; i < TIMELINE_WAYS; i++)
		if (goes_first(&row[i], worst))
			worst = &row[i];
	lines->forgotten += worst->key != 0;
	*worst = (struct timeline){ .key = key };
	return worst;
}

static void count(struct timeline *line, unsigned bucket, uint64_t now)
{
	line->questions++;
	line->last = now;
	line->bucket[bucket] += line->bucket[bucket] < UINT32_MAX;
}

void timelines_add(struct timelines *lines, uint64_t key, uint64_t now)
{
	struct timeline *line;
	unsigned bucket;

	if (now > TIME_MAX)
		now = TIME_MAX;
	reach(lines, now);
	bucket = timelines_bucket(lines, now);
	count(&lines->all, bucket, now);
	line = timelines_find(lines, key);
	count(line ? line : place(lines, key), bucket, now);
}
