/* SPDX-License-Identifier: BSD-3-Clause */
/* timeline - questions over time, of all clients and of each pair, in memory of fixed size.
 *
 *     origin                                                 origin + width * TIMELINE_BUCKETS
 *       |  |  |##|  |  |# |# |##|##|##|##|##|##|##|##|##|  |  |  |
 *
 * All share one grid, so that they can be laid under each other. What lies outside makes every
 * bucket twice as wide, to the side where it lies, until it is inside.
 *
 * Pairs are kept in rows of a table, as the engine keeps its own: a pair that finds its row full
 * takes the place of the one that has not asked for longest, but of one that is wanted last.
 * Invariant: TIMELINE_PAIRS of them and no more, about 17 MB, whatever is recorded.
 */
#ifndef OUTCOME_TIMELINE_H
#define OUTCOME_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#define TIMELINE_BUCKETS 128 /* even */
#define TIMELINE_WAYS    8   /* pairs in a row */
#define TIMELINE_PAIRS   32768
#define TIMELINE_WIDTH   50  /* milliseconds of a bucket, to begin with */

struct timeline {
	uint64_t key, last;  /* the pair's hash, 0: nobody's; when it asked last */
	uint64_t questions;  /* since it is here */
	bool wanted;         /* has been found guilty of something */
	uint32_t bucket[TIMELINE_BUCKETS];
};

struct timelines {
	int64_t origin;      /* milliseconds since 1970; before that, too */
	uint64_t width;      /* milliseconds of a bucket; 0: nothing was added */
	uint64_t first, last;
	uint64_t forgotten;  /* pairs that had to go */
	struct timeline all;
	struct timeline *pair; /* TIMELINE_PAIRS */
};

/* False without memory. */
bool timelines_init(struct timelines *lines);
void timelines_free(struct timelines *lines);

/* A question of the pair with hash <key>, which is not 0, at <now>. */
void timelines_add(struct timelines *lines, uint64_t key, uint64_t now);

/* The timeline of a pair; NULL when there is none (any more). */
struct timeline *timelines_find(const struct timelines *lines, uint64_t key);

/* The bucket of <now>; one at the edge for what is outside. */
unsigned timelines_bucket(const struct timelines *lines, uint64_t now);

#endif
