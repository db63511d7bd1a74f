/* SPDX-License-Identifier: BSD-3-Clause */
/* top_rates - how fast numbers grow: a look at all of them, and one an interval later.
 *
 *     rates_begin(&rates, now);
 *     for each entry: rates_note(&rates, index, hash, count);
 *     ... rates_of(&rates, index, hash) is how many a second, between the last two looks
 *
 * An entry is known by its place in a table and a part of its hash, in 12 octets: a table has millions.
 * What takes somebody's place between two looks has grown from nothing, and so has a number that went back: it
 * was reset.
 *
 * Invariant: no rate is told before there were two looks.
 */
#ifndef TOP_TOP_RATES_H
#define TOP_TOP_RATES_H

#include <stdbool.h>
#include <stdint.h>

struct seen {
	uint32_t tag;   /* of the hash; 0: nobody was here */
	uint32_t count; /* the lower half: what grows by 2^32 in an interval is not DNS */
	uint32_t grown; /* between the last two looks */
};

struct rates {
	struct seen *seen; /* NULL: not begun, or no memory for it, and then there are no rates */
	uint32_t capacity;
	uint64_t looked;   /* when, last; 0: never */
	uint64_t elapsed;  /* milliseconds between the last two looks; 0: there were not two */
};

/* Forgets everything, and makes room for <capacity> entries. */
void rates_reset(struct rates *rates, uint32_t capacity);
void rates_free(struct rates *rates);

/* A look begins at <now>. */
void rates_begin(struct rates *rates, uint64_t now);

/* The entry with <hash> at <index> stands at <count>. */
void rates_note(struct rates *rates, uint32_t index, uint64_t hash, uint64_t count);

/* Its growth a second. False where that is not known. */
bool rates_of(const struct rates *rates, uint32_t index, uint64_t hash, double *rate);

/* By how much something grew from <before> to <after>; one that went back has begun anew. */
static inline uint64_t growth(uint64_t before, uint64_t after)
{
	return after >= before ? after - before : after;
}

/* <grown> in <elapsed> milliseconds as a number a second; 0 for no time at all. */
static inline double per_second(uint64_t grown, uint64_t elapsed)
{
	return elapsed ? (double)grown * 1000.0 / (double)elapsed : 0;
}

#endif
