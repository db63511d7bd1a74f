/* SPDX-License-Identifier: BSD-3-Clause */
/* holds - packing a hold into a slot and back. */
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "store/holds.h"

#define DATA_WORDS    (HOLD_WORDS - HOLD_EXPIRES)
#define KEY_WORDS     HOLD_HITS
#define NO_VERDICT    255
#define DROP_ATTEMPTS 100

static_assert(HOLD_EVIDENCE + JOURNAL_EVIDENCE <= HOLD_COMMENT, "evidence has its words");
static_assert(HOLD_COMMENT + (HOLD_COMMENT_MAX + 1) / 8 <= HOLD_WORDS, "the comment has its words");

/* HOLD_KIND, octet by octet. */
struct kind {
	uint8_t verdict, detector, confidence, reason, strikes, deep, any_client, together;
};

static_assert(sizeof(struct kind) == 8, "one word");

/* Where the hold of a client and a domain is, 0 for any; and where their exemption is. */
static uint64_t hold_hash(const struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash)
{
	return hash_pair(mapping->header->secret, HASH_HOLD, client_hash, domain_hash);
}

static uint64_t exemption_hash(const struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash)
{
	return hash_pair(mapping->header->secret, HASH_HOLD, ~client_hash, ~domain_hash);
}

static void change(struct mapping *mapping)
{
	atomic_fetch_add_explicit(&mapping->header->hold_changes, 1, memory_order_release);
}

uint64_t holds_version(const struct mapping *mapping)
{
	return atomic_load_explicit(&mapping->header->hold_changes, memory_order_acquire);
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

static void pack_data(uint64_t data[DATA_WORDS], const struct hold *hold, bool any_client)
{
	struct kind kind = {
		.verdict = hold->verdict,
		.detector = hold->detector,
		.confidence = hold->confidence,
		.reason = hold->reason,
		.strikes = hold->strikes,
		.deep = hold->deep,
		.any_client = any_client,
		.together = hold->together,
	};

	memset(data, 0, DATA_WORDS * sizeof(*data));
	data[0] = hold->expires;
	data[HOLD_MADE - HOLD_EXPIRES] = hold->made;
	memcpy(&data[HOLD_KIND - HOLD_EXPIRES], &kind, sizeof(kind));
	memcpy(&data[HOLD_EVIDENCE - HOLD_EXPIRES], hold->evidence, sizeof(hold->evidence));
	memcpy(&data[HOLD_COMMENT - HOLD_EXPIRES], hold->comment, sizeof(hold->comment));
}

/* Of the name no more than there is: walks over all holds are many. */
static void unpack(struct hold *hold, const uint64_t word[HOLD_WORDS])
{
	struct kind kind;
	const uint8_t *name = (const uint8_t *)&word[HOLD_NAME];

	memcpy(hold->client, &word[HOLD_CLIENT], sizeof(hold->client));
	hold->domain_hash = word[HOLD_DOMAIN];
	hold->name_len = name[0];
	memcpy(hold->name, name + 1, hold->name_len);
	memcpy(&kind, &word[HOLD_KIND], sizeof(kind));
	hold->verdict = kind.verdict;
	hold->detector = kind.detector;
	hold->confidence = kind.confidence;
	hold->reason = kind.reason;
	hold->strikes = kind.strikes;
	hold->deep = kind.deep;
	hold->any_client = kind.any_client;
	hold->together = kind.together;
	hold->made = word[HOLD_MADE];
	hold->expires = word[HOLD_EXPIRES];
	memcpy(hold->evidence, &word[HOLD_EVIDENCE], sizeof(hold->evidence));
	hold->hits = word[HOLD_HITS];
	memcpy(hold->comment, &word[HOLD_COMMENT], sizeof(hold->comment));
	hold->comment[HOLD_COMMENT_MAX] = '\0';
}

bool hold_set(struct mapping *mapping, uint64_t client_hash, const struct hold *hold, uint64_t now)
{
	uint64_t hash = hold->verdict ? hold_hash(mapping, client_hash, hold->domain_hash)
	                              : exemption_hash(mapping, client_hash, hold->domain_hash);
	uint32_t second = (uint32_t)(now / SECOND);
	uint64_t key[KEY_WORDS], data[DATA_WORDS], token;
	struct place place;
	enum table_taken taken;

	pack_key(key, hold);
	/* Counted before it is there: whoever dies between the two makes others look in vain, until the next
	 * census, and not look away.
	 */
	atomic_fetch_add_explicit(&mapping->header->holds, 1, memory_order_relaxed);
	taken = table_take(&mapping->holds, hash, key, second, &place);
	if (taken != TABLE_NEW)
		atomic_fetch_sub_explicit(&mapping->header->holds, 1, memory_order_relaxed);
	if (!place.slot)
		return false;
	token = slot_edit(place.slot, hash, second, HOLD_EXPIRES, DATA_WORDS, data);
	if (!token)
		return false;
	pack_data(data, hold, !client_hash);
	place_weigh(&place, TABLE_PINNED); /* before it is in force: nobody who finds it without drops it then */
	if (!slot_commit(place.slot, token, HOLD_EXPIRES, DATA_WORDS, data))
		return false;
	place_touch(&place, second);
	change(mapping);
	/* Counted twice when it is replaced: holds_expire() counts anew. */
	if (hold->deep) {
		atomic_fetch_or_explicit(&mapping->header->deep[hold->domain_hash / 64 % DEEP_WORDS],
		                         UINT64_C(1) << (hold->domain_hash % 64), memory_order_relaxed);
		atomic_fetch_add_explicit(&mapping->header->deep_holds, 1, memory_order_relaxed);
	}
	if (!hold->verdict)
		atomic_fetch_add_explicit(&mapping->header->exemptions, 1, memory_order_relaxed);
	return true;
}

/* Whether a hold under <hash> is in force, but for one of verdict <but>; then counts a question that
 * met it.
 */
static bool met(struct mapping *mapping, uint64_t hash, uint8_t but, uint64_t now, struct hold_hit *hit)
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
	if (kind.verdict == but)
		return false;
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

static bool met_as(struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash,
                   enum hold_scope scope, uint8_t but, uint64_t now, struct hold_hit *hit)
{
	if (!met(mapping, hold_hash(mapping, client_hash, domain_hash), but, now, hit))
		return false;
	hit->scope = (uint8_t)scope;
	return true;
}

bool hold_met(struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash, uint8_t but,
              uint64_t now, struct hold_hit *hit)
{
	if (!atomic_load_explicit(&mapping->header->holds, memory_order_relaxed))
		return false;
	return met_as(mapping, client_hash, domain_hash, HELD_PAIR, but, now, hit) ||
	       met_as(mapping, client_hash, 0, HELD_CLIENT, but, now, hit) ||
	       met_as(mapping, 0, domain_hash, HELD_DOMAIN, but, now, hit);
}

bool exemption_met(struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash, uint64_t now)
{
	struct hold_hit hit;

	return holds_exempt(mapping) &&
	       (met(mapping, exemption_hash(mapping, client_hash, domain_hash), NO_VERDICT, now, &hit) ||
	        met(mapping, exemption_hash(mapping, client_hash, 0), NO_VERDICT, now, &hit) ||
	        met(mapping, exemption_hash(mapping, 0, domain_hash), NO_VERDICT, now, &hit));
}

/* Drops what is under <hash>, in force or not. */
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

/* Reads whatever hold is at <place>, in force or not: of its key only as much as the name takes, which
 * is a fifth of it as a rule. As long as the hash is the same, so is the key.
 */
static bool read_any(const struct place *place, uint64_t *hash, struct hold *hold)
{
	uint64_t word[HOLD_WORDS], again;
	unsigned len;

	if (!place->slot)
		return false;
	len = *(const uint8_t *)&(uint64_t){ slot_get(place->slot, HOLD_NAME) };
	if (!slot_read(place->slot, hash, 0, HOLD_NAME + len / 8 + 1, word) || *hash != place->hash ||
	    !slot_read(place->slot, &again, HOLD_HITS, HOLD_WORDS - HOLD_HITS, &word[HOLD_HITS]) || again != *hash ||
	    *(const uint8_t *)&word[HOLD_NAME] != len)
		return false;
	unpack(hold, word);
	return true;
}

/* What walks over all holds need of each: three words instead of HOLD_WORDS. */
struct brief {
	uint64_t expires;
	struct kind kind;
};

static bool read_brief(const struct place *place, struct brief *brief)
{
	uint64_t word[HOLD_KIND + 1 - HOLD_EXPIRES], hash;

	if (!place->slot || !slot_read(place->slot, &hash, HOLD_EXPIRES, sizeof(word) / sizeof(*word), word) ||
	    hash != place->hash)
		return false;
	brief->expires = word[0];
	memcpy(&brief->kind, &word[HOLD_KIND - HOLD_EXPIRES], sizeof(brief->kind));
	return true;
}

static bool find(const struct mapping *mapping, uint64_t hash, uint64_t now, struct hold *hold)
{
	struct place place = table_find(&mapping->holds, hash);

	return read_any(&place, &hash, hold) && hold->expires > now;
}

static bool release(struct mapping *mapping, uint64_t hash, uint64_t now)
{
	struct hold hold;
	bool in_force = find(mapping, hash, now, &hold);

	if (!drop(mapping, hash, (uint32_t)(now / SECOND)))
		return false;
	change(mapping);
	return in_force;
}

bool hold_release(struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash, uint64_t now)
{
	return release(mapping, hold_hash(mapping, client_hash, domain_hash), now);
}

bool exemption_release(struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash, uint64_t now)
{
	return release(mapping, exemption_hash(mapping, client_hash, domain_hash), now);
}

bool hold_find(const struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash, uint64_t now,
               struct hold *hold)
{
	return find(mapping, hold_hash(mapping, client_hash, domain_hash), now, hold);
}

bool exemption_find(const struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash, uint64_t now,
                    struct hold *hold)
{
	return find(mapping, exemption_hash(mapping, client_hash, domain_hash), now, hold);
}

bool hold_read(const struct mapping *mapping, uint32_t index, uint64_t now, struct hold *hold)
{
	struct place place = table_at(&mapping->holds, index);
	uint64_t hash;

	return read_any(&place, &hash, hold) && hold->expires > now;
}

uint8_t hold_strikes(const struct mapping *mapping, uint64_t client_hash, uint64_t domain_hash, uint64_t now)
{
	uint64_t hash = hold_hash(mapping, client_hash, domain_hash);
	struct place place = table_find(&mapping->holds, hash);
	struct hold hold;

	if (!read_any(&place, &hash, &hold) || !hold.expires)
		return 0;
	if (hold.expires > now)
		return hold.strikes;
	if (clock_since(now, hold.expires) >= HOLD_MEMORY)
		return 0;
	return hold.strikes < HOLD_STRIKES_MAX ? hold.strikes + 1 : HOLD_STRIKES_MAX;
}

/* For how long an ended one is worth its slot: an operator's and an exemption are no offence. */
static uint64_t memory_of(const struct brief *hold)
{
	return hold->kind.verdict && hold->kind.detector < HOLD_BY_FLEET ? HOLD_MEMORY : SECOND;
}

/* Whether the hold at <place> may go. One without an end is being made this very moment, unless its
 * maker gave up; one that has just ended may be getting a new end.
 */
static bool is_forgotten(const struct place *place, const struct brief *hold, uint64_t now)
{
	uint64_t end = hold->expires, memory = memory_of(hold);

	if (!end) {
		end = place_touched(place) * SECOND + SECOND;
		memory = SECOND;
	}
	return end <= now && clock_since(now, end) >= memory;
}

/* What there is in the table. */
struct census {
	uint32_t taken, dropped, denying, deep, exempting;
	uint64_t names[DEEP_WORDS]; /* of the deep ones: see struct segment_header */
};

/* Takes the census, and drops what may be forgotten unless <now> is 0. */
static struct census census_take(struct mapping *mapping, uint64_t now)
{
	struct census census = { .denying = 0 };
	struct brief hold;

	for (uint32_t i = 0; i < table_capacity(&mapping->holds); i++) {
		struct place place = table_at(&mapping->holds, i);
		bool in_force;

		census.taken += place.slot != NULL;
		if (place.slot && now)
			slot_revive(place.slot, (uint32_t)(now / SECOND));
		if (!read_brief(&place, &hold))
			continue;
		in_force = hold.expires > now;
		census.denying += in_force && hold.kind.verdict;
		if (in_force && hold.kind.deep) {
			uint64_t domain = slot_get(place.slot, HOLD_DOMAIN);

			census.deep++;
			census.names[domain / 64 % DEEP_WORDS] |= UINT64_C(1) << (domain % 64);
		}
		census.exempting += in_force && !hold.kind.verdict;
		if (in_force && place_weight(&place) != TABLE_PINNED)
			place_weigh(&place, TABLE_PINNED); /* made anew while it was found to have ended */
		if (in_force || !now)
			continue;
		if (hold.expires && place_weight(&place)) {
			place_weigh(&place, 0); /* a new one may take its place */
			change(mapping);
			/* Who was about to make it anew had it pinned already. */
			if (!read_brief(&place, &hold) || hold.expires > now)
				continue;
		}
		if (!is_forgotten(&place, &hold, now))
			continue;
		if (!hold.expires)
			place_weigh(&place, 0); /* whoever made it is no more */
		if (table_drop_worthless(&mapping->holds, place.hash, (uint32_t)(now / SECOND))) {
			atomic_fetch_sub_explicit(&mapping->header->holds, 1, memory_order_relaxed);
			census.dropped++;
		}
	}
	return census;
}

/* Tells the hot path what there is, unless somebody has made a hold since <version>. One that is made
 * in this very moment may be overlooked until the next census, a second later.
 */
static void census_tell(struct mapping *mapping, const struct census *census, uint64_t version)
{
	if (holds_version(mapping) != version)
		return;
	for (unsigned i = 0; i < DEEP_WORDS; i++)
		atomic_store_explicit(&mapping->header->deep[i], census->names[i], memory_order_relaxed);
	atomic_store_explicit(&mapping->header->deep_holds, census->deep, memory_order_relaxed);
	atomic_store_explicit(&mapping->header->exemptions, census->exempting, memory_order_relaxed);
}

/* Who died while he made a hold or dropped one had counted it, and it is not there. Whoever is about to
 * make one is no longer when the next census finds the same, a second later.
 */
static void put_right(struct mapping *mapping, uint64_t counted, uint64_t taken)
{
	_Atomic uint64_t *holds = &mapping->header->holds, *astray = &mapping->header->holds_astray;

	if (atomic_exchange_explicit(astray, counted - taken, memory_order_relaxed) == counted - taken && counted != taken)
		atomic_compare_exchange_strong_explicit(holds, &counted, taken, memory_order_relaxed, memory_order_relaxed);
}

uint32_t holds_expire(struct mapping *mapping, uint64_t now)
{
	uint64_t version = holds_version(mapping);
	uint64_t counted = atomic_load_explicit(&mapping->header->holds, memory_order_relaxed);
	struct census census;

	if (!counted)
		return 0;
	census = census_take(mapping, now);
	census_tell(mapping, &census, version);
	put_right(mapping, counted - census.dropped, census.taken - census.dropped);
	return census.denying;
}

void holds_recount(struct mapping *mapping)
{
	struct census census = census_take(mapping, 0);

	atomic_store_explicit(&mapping->header->holds, table_used(&mapping->holds), memory_order_relaxed);
	census_tell(mapping, &census, holds_version(mapping));
}

struct hold_counts holds_count(const struct mapping *mapping)
{
	struct hold_counts counts = { 0, 0 };
	struct brief hold;

	for (uint32_t i = 0; i < table_capacity(&mapping->holds); i++) {
		struct place place = table_at(&mapping->holds, i);

		if (!read_brief(&place, &hold) || !place_weight(&place))
			continue;
		counts.holds += hold.kind.verdict != 0;
		counts.exemptions += !hold.kind.verdict;
	}
	return counts;
}
