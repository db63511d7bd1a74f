/* SPDX-License-Identifier: BSD-3-Clause */
/* holds - packing a hold into a slot and back. */
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "store/holds.h"

#define DATA_WORDS    (HOLD_WORDS - HOLD_EXPIRES)
#define KEY_WORDS     HOLD_HITS
#define NEVER_EVICTED 255
#define DROP_ATTEMPTS 100

static_assert(HOLD_EVIDENCE + JOURNAL_EVIDENCE <= HOLD_COMMENT, "evidence has its words");
static_assert(HOLD_COMMENT + (HOLD_COMMENT_MAX + 1) / 8 <= HOLD_WORDS, "the comment has its words");

/* HOLD_KIND, octet by octet. */
struct kind {
	uint8_t verdict, detector, confidence, reason, unused[4];
};

static_assert(sizeof(struct kind) == 8, "one word");

uint64_t hold_hash(const struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash)
{
	return hash_pair(mapping->header->secret, HASH_HOLD, client_hash, domain_hash);
}

static void pack_key(uint64_t key[KEY_WORDS], const struct hold *hold)
{
	uint8_t name[256] = { 0 };

	memset(key, 0, KEY_WORDS * sizeof(*key));
	memcpy(&key[HOLD_CLIENT], hold->client, sizeof(hold->client));
	key[HOLD_DOMAIN] = hold->domain_hash;
	name[0] = hold->name_len;
	memcpy(name + 1, hold->name, hold->name_len);
	memcpy(&key[HOLD_NAME], name, sizeof(name));
}

static void pack_data(uint64_t data[DATA_WORDS], const struct hold *hold)
{
	struct kind kind = {
		.verdict = hold->verdict,
		.detector = hold->detector,
		.confidence = hold->confidence,
		.reason = hold->reason,
	};

	memset(data, 0, DATA_WORDS * sizeof(*data));
	data[0] = hold->expires;
	data[HOLD_MADE - HOLD_EXPIRES] = hold->made;
	memcpy(&data[HOLD_KIND - HOLD_EXPIRES], &kind, sizeof(kind));
	memcpy(&data[HOLD_EVIDENCE - HOLD_EXPIRES], hold->evidence, sizeof(hold->evidence));
	memcpy(&data[HOLD_COMMENT - HOLD_EXPIRES], hold->comment, sizeof(hold->comment));
}

static void unpack(struct hold *hold, const uint64_t word[HOLD_WORDS])
{
	struct kind kind;
	uint8_t name[256];

	memset(hold, 0, sizeof(*hold));
	memcpy(hold->client, &word[HOLD_CLIENT], sizeof(hold->client));
	hold->domain_hash = word[HOLD_DOMAIN];
	memcpy(name, &word[HOLD_NAME], sizeof(name));
	hold->name_len = name[0];
	memcpy(hold->name, name + 1, name[0]);
	memcpy(&kind, &word[HOLD_KIND], sizeof(kind));
	hold->verdict = kind.verdict;
	hold->detector = kind.detector;
	hold->confidence = kind.confidence;
	hold->reason = kind.reason;
	hold->made = word[HOLD_MADE];
	hold->expires = word[HOLD_EXPIRES];
	memcpy(hold->evidence, &word[HOLD_EVIDENCE], sizeof(hold->evidence));
	hold->hits = word[HOLD_HITS];
	memcpy(hold->comment, &word[HOLD_COMMENT], sizeof(hold->comment));
	hold->comment[HOLD_COMMENT_MAX] = '\0';
}

bool hold_set(struct mapping *mapping, uint64_t client_hash, const struct hold *hold, uint64_t now)
{
	uint64_t hash = hold_hash(mapping, client_hash, hold->domain_hash);
	uint32_t second = (uint32_t)(now / SECOND);
	uint64_t key[KEY_WORDS], data[DATA_WORDS], token;
	struct place place;
	enum table_taken taken;

	pack_key(key, hold);
	taken = table_take(&mapping->holds, hash, key, second, &place);
	if (!place.slot)
		return false;
	if (taken == TABLE_NEW)
		atomic_fetch_add_explicit(&mapping->header->holds, 1, memory_order_relaxed);
	token = slot_edit(place.slot, hash, second, HOLD_EXPIRES, DATA_WORDS, data);
	if (!token)
		return false;
	pack_data(data, hold);
	if (!slot_commit(place.slot, token, HOLD_EXPIRES, DATA_WORDS, data))
		return false;
	place_weigh(&place, NEVER_EVICTED);
	place_touch(&place, second);
	return true;
}

/* Whether a hold under <hash> is in force; then counts a question that met it. */
static bool met(struct mapping *mapping, uint64_t hash, uint64_t now, struct hold_hit *hit)
{
	enum { WORDS = HOLD_COMMENT - HOLD_EXPIRES };
	struct place place = table_find(&mapping->holds, hash);
	uint64_t whose, data[WORDS];
	struct kind kind;

	if (!place.slot || !slot_read(place.slot, &whose, HOLD_EXPIRES, WORDS, data))
		return false;
	if (whose != hash || data[0] <= now)
		return false;
	memcpy(&kind, &data[HOLD_KIND - HOLD_EXPIRES], sizeof(kind));
	*hit = (struct hold_hit){
		.verdict = kind.verdict,
		.detector = kind.detector,
		.confidence = kind.confidence,
		.reason = kind.reason,
		.expires = data[0],
	};
	memcpy(hit->evidence, &data[HOLD_EVIDENCE - HOLD_EXPIRES], sizeof(hit->evidence));
	slot_add(place.slot, HOLD_HITS, 1);
	place_touch(&place, (uint32_t)(now / SECOND));
	return true;
}

bool hold_met(struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash, uint64_t now,
              struct hold_hit *hit)
{
	if (!atomic_load_explicit(&mapping->header->holds, memory_order_relaxed))
		return false;
	return met(mapping, hold_hash(mapping, client_hash, domain_hash), now, hit) ||
	       met(mapping, hold_hash(mapping, client_hash, 0), now, hit) ||
	       met(mapping, hold_hash(mapping, 0, domain_hash), now, hit);
}

static bool drop(struct mapping *mapping, uint64_t hash, uint32_t now)
{
	bool dropped = false;

	/* Somebody may be reading or making it: that is over in a microsecond. */
	for (unsigned attempt = 0; attempt < DROP_ATTEMPTS && !dropped; attempt++) {
		if (!table_find(&mapping->holds, hash).slot)
			return false;
		dropped = table_drop(&mapping->holds, hash, now);
	}
	if (!dropped)
		return false;
	atomic_fetch_sub_explicit(&mapping->header->holds, 1, memory_order_relaxed);
	return true;
}

bool hold_release(struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash, uint64_t now)
{
	return drop(mapping, hold_hash(mapping, client_hash, domain_hash), (uint32_t)(now / SECOND));
}

/* Reads whatever hold is at <place>, in force or not. */
static bool read_any(const struct place *place, uint64_t *hash, struct hold *hold)
{
	uint64_t word[HOLD_WORDS];

	if (!place->slot || !slot_read(place->slot, hash, 0, HOLD_WORDS, word) || *hash != place->hash)
		return false;
	unpack(hold, word);
	return true;
}

bool hold_find(const struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash, uint64_t now,
               struct hold *hold)
{
	struct place place = table_find(&mapping->holds, hold_hash(mapping, client_hash, domain_hash));
	uint64_t hash;

	return read_any(&place, &hash, hold) && hold->expires > now;
}

bool hold_read(const struct mapping *mapping, uint32_t index, uint64_t now, struct hold *hold)
{
	struct place place = table_at(&mapping->holds, index);
	uint64_t hash;

	return read_any(&place, &hash, hold) && hold->expires > now;
}

/* Whether hold number <index> may go. One without an end is being made this very moment,
 * unless its maker gave up; one that has just ended may be getting a new end.
 */
static bool has_ended(const struct mapping *mapping, uint32_t index, const struct hold *hold, uint64_t now)
{
	struct place place = table_at(&mapping->holds, index);
	uint64_t end = hold->expires;

	if (!end && place.slot)
		end = place_touched(&place) * SECOND + SECOND;
	return end <= now && clock_since(now, end) >= SECOND;
}

uint32_t holds_expire(struct mapping *mapping, uint64_t now)
{
	uint32_t in_force = 0;
	struct hold hold;
	uint64_t hash;

	if (!atomic_load_explicit(&mapping->header->holds, memory_order_relaxed))
		return 0;
	for (uint32_t i = 0; i < table_capacity(&mapping->holds); i++) {
		struct place place = table_at(&mapping->holds, i);

		if (!read_any(&place, &hash, &hold))
			continue;
		in_force += hold.expires > now;
		if (has_ended(mapping, i, &hold, now))
			drop(mapping, hash, (uint32_t)(now / SECOND));
	}
	return in_force;
}
