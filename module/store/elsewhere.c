/* SPDX-License-Identifier: BSD-3-Clause */
/* elsewhere - the table: sets of four entries, two neighbouring cache lines each.
 *
 * An entry is four words, and the last of them a digest of the others. So it needs no lock and no
 * sequence: what a reader, or a snapshot, or a writer that was killed has got half of does not
 * answer to its digest.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "store/elsewhere.h"

#define BITS_MAX   1e12 /* as that of a sum: detect/ledger.c */
#define NODES_MAX  UINT16_MAX
#define NODES_BITS 16
#define SHORT      (20 * SECOND) /* of a day: here 1 - x is e^-x to seven digits */

/* An entry as it is read and written: the three words that tell something. */
struct entry {
	uint64_t hash;  /* whose; 0: nobody's */
	uint64_t sums;  /* bits, as a float, and in the lower half names */
	uint64_t heard; /* when, in milliseconds since 1970, and in the lowest 16 bits nodes */
};

static_assert(sizeof(struct elsewhere_entry) == 32, "shared layout changed: raise SEGMENT_LAYOUT");

uint64_t elsewhere_size(uint32_t capacity)
{
	return (uint64_t)capacity * sizeof(struct elsewhere_entry);
}

static struct elsewhere_entry *set_of(const struct mapping *mapping, uint64_t hash)
{
	uint32_t sets = mapping->elsewhere_capacity / ELSEWHERE_WAYS; /* a power of two */

	return &mapping->elsewhere[(hash & (sets - 1)) * ELSEWHERE_WAYS];
}

static uint64_t digest(const struct entry *entry)
{
	return hash_octets_plain(entry, sizeof(*entry));
}

/* False when there is nothing, or nothing whole. */
static bool entry_read(const struct elsewhere_entry *from, struct entry *entry)
{
	entry->hash = atomic_load_explicit(&from->hash, memory_order_relaxed);
	entry->sums = atomic_load_explicit(&from->sums, memory_order_relaxed);
	entry->heard = atomic_load_explicit(&from->heard, memory_order_relaxed);
	return entry->hash && atomic_load_explicit(&from->digest, memory_order_relaxed) == digest(entry);
}

static void entry_write(struct elsewhere_entry *to, const struct entry *entry)
{
	atomic_store_explicit(&to->hash, entry->hash, memory_order_relaxed);
	atomic_store_explicit(&to->sums, entry->sums, memory_order_relaxed);
	atomic_store_explicit(&to->heard, entry->heard, memory_order_relaxed);
	atomic_store_explicit(&to->digest, digest(entry), memory_order_relaxed);
}

static uint64_t heard_at(const struct entry *entry)
{
	return entry->heard >> NODES_BITS;
}

static struct entry pack(uint64_t hash, const struct elsewhere *elsewhere, uint64_t now)
{
	float bits = (float)(elsewhere->bits < BITS_MAX ? elsewhere->bits : BITS_MAX);
	uint64_t names = elsewhere->names < UINT32_MAX ? elsewhere->names : UINT32_MAX;
	uint64_t nodes = elsewhere->nodes < NODES_MAX ? elsewhere->nodes : NODES_MAX;
	uint32_t word;

	memcpy(&word, &bits, sizeof(word));
	return (struct entry){ hash, (uint64_t)word << 32 | names, now << NODES_BITS | nodes };
}

/* The place for <hash> in its set: its own, one that is free, or that of who was not heard of for longest. */
static struct elsewhere_entry *place_for(struct mapping *mapping, uint64_t hash, uint64_t now)
{
	struct elsewhere_entry *set = set_of(mapping, hash), *chosen = NULL;
	uint64_t longest = 0;
	struct entry entry;

	for (unsigned i = 0; i < ELSEWHERE_WAYS; i++) {
		uint64_t since = CLOCK_LONG_AGO;

		if (entry_read(&set[i], &entry)) {
			if (entry.hash == hash)
				return &set[i];
			since = clock_since(now, heard_at(&entry));
			if (since < ELSEWHERE_KEPT)
				continue;
		}
		if (since > longest) {
			longest = since;
			chosen = &set[i];
		}
	}
	return chosen;
}

bool elsewhere_put(struct mapping *mapping, uint64_t hash, const struct elsewhere *elsewhere, uint64_t now)
{
	struct elsewhere_entry *place = place_for(mapping, hash, now);
	struct entry entry;

	if (!(elsewhere->bits > 0)) {
		/* Nothing is told elsewhere, as of most: that needs no place. */
		if (place && entry_read(place, &entry) && entry.hash == hash)
			entry_write(place, &(struct entry){ 0 });
		return true;
	}
	if (!place)
		return false;
	entry = pack(hash, elsewhere, now);
	entry_write(place, &entry);
	return true;
}

/* What of <bits> is left after <since>, as of every sum over a day. */
static double fade(double bits, uint64_t since)
{
	double x = (double)since / (double)DAY;

	return bits * (since < SHORT ? 1 - x : exp(-x));
}

bool elsewhere_get(const struct mapping *mapping, uint64_t hash, uint64_t now, struct elsewhere *elsewhere)
{
	const struct elsewhere_entry *set = set_of(mapping, hash);
	struct entry entry;
	uint64_t since;
	uint32_t word;
	float bits;

	*elsewhere = (struct elsewhere){ 0 };
	for (unsigned i = 0; i < ELSEWHERE_WAYS; i++) {
		if (atomic_load_explicit(&set[i].hash, memory_order_relaxed) != hash || !entry_read(&set[i], &entry) ||
		    entry.hash != hash)
			continue;
		since = clock_since(now, heard_at(&entry));
		word = (uint32_t)(entry.sums >> 32);
		memcpy(&bits, &word, sizeof(bits));
		if (since == CLOCK_LONG_AGO || !(bits > 0 && bits <= (float)BITS_MAX))
			return false;
		elsewhere->bits = fade((double)bits, since);
		if (elsewhere->bits < 1) {
			elsewhere->bits = 0;
			return false;
		}
		elsewhere->names = (uint32_t)entry.sums;
		elsewhere->nodes = (uint32_t)(entry.heard & NODES_MAX);
		return true;
	}
	return false;
}
