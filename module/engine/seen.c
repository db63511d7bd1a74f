/* SPDX-License-Identifier: BSD-3-Clause */
/* seen - who asked what: finds or takes the slots and counts.
 *
 * Each question is counted once with its client, pair and domain, each answer once with
 * its client and pair. A slot that cannot be had is counted too, and left out.
 *
 * A look takes as long as it waits for memory: client, domain and pair lie anywhere in
 * hundreds of megabytes. So all three hashes are worked out and their slots called for before
 * the first of them is touched; a locked addition in between would wait for its own alone.
 */
#include <string.h>

#include "base/clock.h"
#include "engine/look.h"
#include "name/model.h"
#include "store/counts.h"

/* Finds the slot of <hash>, which most observations do. */
static inline bool find(const struct look *look, const struct table *table, uint64_t hash, struct place *place)
{
	if (__builtin_expect(!table_look(table, hash, place), 0))
		return false;
	place_touch(place, look->second);
	return true;
}

/* Takes a slot for <hash>, and counts what that took. */
static void take(struct look *look, struct table *table, uint64_t hash, const uint64_t *key,
                 enum counter_id evicted, struct place *place)
{
	switch (table_take_new(table, hash, key, look->second, place)) {
	case TABLE_FOUND: /* somebody was faster */
		place_touch(place, look->second);
		break;
	case TABLE_NEW:
		if (table == &look->mapping->clients)
			atomic_fetch_add_explicit(&look->mapping->header->clients, 1, memory_order_relaxed);
		break;
	case TABLE_EVICTED:
		bank_add(look->bank, evicted, 1);
		break;
	case TABLE_FULL:
		bank_add(look->bank, COUNTER_untracked, 1);
		break;
	case TABLE_BUSY:
		bank_add(look->bank, COUNTER_busy, 1);
		break;
	}
}

struct place place_take(struct look *look, struct table *table, uint64_t hash, const uint64_t *key,
                        enum counter_id evicted)
{
	struct place place;

	if (!find(look, table, hash, &place))
		take(look, table, hash, key, evicted, &place);
	return place;
}

static __attribute__((noinline)) void take_client(struct look *look)
{
	uint64_t key[2];

	memcpy(key, look->client, sizeof(key));
	take(look, &look->mapping->clients, look->client_hash, key, COUNTER_clients_evicted, &look->client_place);
}

static inline void find_client(struct look *look)
{
	struct place *place = &look->client_place;
	uint32_t touched;

	if (__builtin_expect(!table_look(&look->mapping->clients, look->client_hash, place), 0)) {
		take_client(look);
		return;
	}
	touched = place_touched(place);
	if (touched == look->second)
		return;
	look->idle = look->second > touched ? look->second - touched : 0;
	place_touch(place, look->second);
}

static void find_domain(struct look *look)
{
	struct table *domains = &look->mapping->domains;
	uint8_t shown[1 + DOMAIN_NAME_MAX] = { 0 };
	uint64_t key[6];
	size_t len;

	if (find(look, domains, look->domain_hash, &look->domain_place))
		return;
	len = name_tail_len(&look->name, look->domain_label);
	shown[0] = (uint8_t)len;
	memcpy(shown + 1, name_tail(&look->name, look->domain_label),
	       len < DOMAIN_NAME_MAX ? len : DOMAIN_NAME_MAX);
	memcpy(key, shown, sizeof(shown));
	take(look, domains, look->domain_hash, key, COUNTER_domains_evicted, &look->domain_place);
}

static __attribute__((noinline)) void take_pair(struct look *look)
{
	uint64_t key[3];

	memcpy(key, look->client, sizeof(look->client));
	key[PAIR_DOMAIN] = look->domain_hash;
	take(look, &look->mapping->pairs, look->pair_hash, key, COUNTER_pairs_evicted, &look->pair_place);
}

static inline void find_pair(struct look *look)
{
	if (!find(look, &look->mapping->pairs, look->pair_hash, &look->pair_place))
		take_pair(look);
}

/* Whether the name goes upstream with upper case letters only; mixed case is charged by itself. */
static bool is_upper(const struct look *look)
{
	const struct name *name = &look->name;

	return !(look->obs->flags & WARDEN_FLAG_FOLDED) &&
	       name->cased && !model_is_mixed(name, name->labels);
}

void identify_question(struct look *look)
{
	const struct mapping *mapping = look->mapping;
	const uint8_t *secret = mapping->header->secret;

	look->asked = hash_pair(secret, HASH_NAME, look->client_hash, look->name_hash);
	filter_prefetch(&mapping->filter[FILTER_NAMES], look->asked);
	/* All in upper case is another question than in lower case: else it would tell a bit for free. */
	look->question = hash_pair(secret, HASH_NAME, look->asked,
	                           look->obs->qtype | (uint64_t)is_upper(look) << 16);
	filter_prefetch(&mapping->filter[FILTER_RECENT], look->question);
	filter_prefetch(&mapping->filter[FILTER_AUDIENCE], look->name_hash);
}

/* An address that answers come back to, or that somebody vouches for who is trusted to. */
static bool is_proven(const struct warden_observation *obs)
{
	return obs->transport != WARDEN_TRANSPORT_UDP ||
	       obs->flags & (WARDEN_FLAG_COOKIE | WARDEN_FLAG_PROXIED);
}

/* What holds for the client, if that is something else than for everybody. */
static void go_by_profile(struct look *look)
{
	look->profile = config_profile(look->config, look->client);
	if (!look->profile)
		return;
	look->detector = look->profile->detector;
	look->plan = &look->profile->plan;
}

/* Whether all there is to it came out of the cache. The domain hears of that later: see counts.h. */
static bool is_cached(const struct look *look)
{
	return look->obs->path == WARDEN_PATH_CACHE && !look->upstream &&
	       look->obs->what == (WARDEN_QUESTION | WARDEN_ANSWER);
}

/* The memory that the hashes lead to is called for. */
void identify(struct look *look)
{
	const struct warden_observation *obs = look->obs;
	const struct mapping *mapping = look->mapping;
	struct knowledge known;
	bool named = obs->qname && name_parse(&look->name, obs->qname, obs->qname_len);

	if (named) {
		/* The same octets, but those of the question need not wait until they are copied. */
		look->name_hash = hash_octets(mapping->header->secret, HASH_NAME,
		                              look->name.cased ? look->name.wire : obs->qname, look->name.len);
		known_prefetch(look->config, look->name_hash);
	}
	look->told = client_of(look->config, obs, look->client);
	look->source = look->told ? look->client : obs->client;
	look->proven = !look->told && is_proven(obs); /* a forwarder cannot know, either */
	look->client_hash = client_hash(mapping, look->client);
	table_prefetch(&mapping->clients, look->client_hash, CLIENT_MISSES);
	if (look->config->profile_of)
		go_by_profile(look);
	if (!named) {
		look->name.len = 0;
		return;
	}
	if (obs->what & WARDEN_QUESTION && look->upstream)
		identify_question(look);
	known = known_name(look->config, mapping, &look->name, look->name_hash);
	look->domain_label = known.domain_label;
	look->allowed = known.allowed;
	look->name_signs = known.signs;
	look->domain_hash = known.domain_hash;
	look->pair_hash = pair_hash(mapping, look->client_hash, look->domain_hash);
	table_prefetch(&mapping->pairs, look->pair_hash, PAIR_AT_ONCE);
	if (!is_cached(look))
		table_prefetch(&mapping->domains, look->domain_hash, DOMAIN_QUERIES);
}

void client_seen(struct look *look)
{
	static const struct {
		enum counter_id counter;
		enum client_word word;
	} of_path[WARDEN_PATH_COUNT] = {
		[WARDEN_PATH_MISS] = { COUNTER_misses, CLIENT_MISSES },
		[WARDEN_PATH_JOINED] = { COUNTER_joined, CLIENT_JOINED },
		[WARDEN_PATH_CACHE] = { COUNTER_cachehits, CLIENT_CACHEHITS },
		[WARDEN_PATH_LOCAL] = { COUNTER_local, CLIENT_LOCAL },
	};
	const struct warden_observation *obs = look->obs;
	unsigned asked = obs->what & WARDEN_QUESTION ? 1 : 0, answered = obs->what & WARDEN_ANSWER ? 1 : 0;
	unsigned hits = obs->path == WARDEN_PATH_CACHE ? asked : 0; /* which count as answers, too */
	struct slot *slot;

	find_client(look);
	slot = look->client_place.slot;
	bank_add(look->bank, of_path[obs->path].counter, asked);
	bank_add(look->bank, COUNTER_answers, answered);
	if (!slot)
		return;
	if (asked) {
		look->nth = slot_add(slot, of_path[obs->path].word, 1) + 1;
		if (!look->proven)
			slot_put(slot, CLIENT_UNPROVEN, look->second);
	}
	if (answered != hits)
		slot_add(slot, CLIENT_ANSWERS, (uint64_t)answered - hits);
	if (answered)
		look->answers = slot_get(slot, CLIENT_ANSWERS) + slot_get(slot, CLIENT_CACHEHITS);
}

/* Notes that the client asks for the domain, and finds out how many do. A bit stands for each:
 * clients that share one are taken for one, so a domain is rare a little too long, never too
 * short. Two threads at midnight may lose a bit, which the next question sets again; a thread whose
 * clock is behind does not bring yesterday back.
 */
static void domain_clients(struct look *look)
{
	struct slot *slot = look->domain_place.slot;
	uint64_t today = look->obs->now / DAY, bit = UINT64_C(1) << (look->client_hash & 63);
	uint64_t day, clients, before;

	look->clients = 1;
	look->rare = false;
	if (!slot)
		return;
	day = slot_get(slot, DOMAIN_DAY);
	clients = slot_get(slot, DOMAIN_CLIENTS);
	if (day != today && day != today + 1) {
		atomic_store_explicit(&slot->word[DOMAIN_CLIENTS_BEFORE], day + 1 == today ? clients : 0,
		                      memory_order_relaxed);
		atomic_store_explicit(&slot->word[DOMAIN_CLIENTS], 0, memory_order_relaxed);
		atomic_store_explicit(&slot->word[DOMAIN_DAY], today, memory_order_relaxed);
		clients = 0;
	}
	if (!(clients & bit))
		atomic_fetch_or_explicit(&slot->word[DOMAIN_CLIENTS], bit, memory_order_relaxed);
	before = slot_get(slot, DOMAIN_CLIENTS_BEFORE);
	look->clients = (unsigned)__builtin_popcountll(clients | before | bit);
	look->rare = look->clients < RARE_CLIENTS && look->domain_label < look->name.labels;
}

/* Counts a question that the cache has answered with the pair alone, where that may be. */
static bool count_later(struct look *look, struct slot *slot)
{
	uint64_t at_once = slot_get(slot, PAIR_AT_ONCE), today = look->obs->now / DAY;

	look->queries = slot_get(slot, PAIR_QUERIES) + (at_once & AT_ONCE_COUNT) + 1;
	while (look->queries > EARLY_QUERIES && pair_may_owe(at_once, today))
		if (slot_exchange(slot, PAIR_AT_ONCE, &at_once, at_once + 1 + OWED_ONE))
			return true;
	return false;
}

/* Counts with the pair. Returns how many questions the domain is told of now, this one included. */
static uint64_t count_pair(struct look *look, struct slot *slot)
{
	bool question = look->obs->what & WARDEN_QUESTION, answer = look->obs->what & WARDEN_ANSWER;
	uint64_t day = look->obs->now / DAY, at_once, settled;

	slot_add(slot, !question ? PAIR_ANSWERS : answer ? PAIR_AT_ONCE : PAIR_QUERIES, 1);
	at_once = slot_get(slot, PAIR_AT_ONCE);
	do {
		settled = pair_settled(at_once, day, !look->rare);
	} while (at_once != settled && !slot_exchange(slot, PAIR_AT_ONCE, &at_once, settled));
	look->queries = slot_get(slot, PAIR_QUERIES) + (at_once & AT_ONCE_COUNT);
	look->contacted = settled & AT_ONCE_CONTACT;
	return question + pair_owes(at_once);
}

void domain_seen(struct look *look)
{
	if (look->domain_looked_up)
		return;
	look->domain_looked_up = true;
	find_domain(look);
	domain_clients(look);
}

void pair_seen(struct look *look)
{
	struct slot *slot;
	uint64_t told;

	find_pair(look);
	slot = look->pair_place.slot;
	if (slot && is_cached(look) && count_later(look, slot)) {
		look->clients = RARE_CLIENTS; /* at least: it is not rare */
		return;
	}
	domain_seen(look);
	told = slot ? count_pair(look, slot) : look->obs->what & WARDEN_QUESTION;
	if (told && look->domain_place.slot)
		slot_add(look->domain_place.slot, DOMAIN_QUERIES, told);
}

void refused_seen(struct look *look)
{
	domain_seen(look);
	bank_add(look->bank, COUNTER_refused, 1);
	if (look->client_place.slot)
		slot_add(look->client_place.slot, CLIENT_REFUSED, 1);
	if (look->pair_place.slot)
		slot_add(look->pair_place.slot, PAIR_REFUSED, 1);
	if (look->domain_place.slot)
		slot_add(look->domain_place.slot, DOMAIN_REFUSED, 1);
}
