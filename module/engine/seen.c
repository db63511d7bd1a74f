/* SPDX-License-Identifier: BSD-3-Clause */
/* seen - who asked what: finds or takes the slots and counts.
 *
 * Each question is counted once with its client, pair and domain, each answer once with
 * its client and pair. A slot that cannot be had is counted too, and left out.
 */
#include <string.h>

#include "base/clock.h"
#include "engine/look.h"

struct place place_take(struct look *look, struct table *table, uint64_t hash, const uint64_t *key,
                        enum counter_id evicted)
{
	struct place place;

	switch (table_take(table, hash, key, look->second, &place)) {
	case TABLE_FOUND:
		place_touch(&place, look->second);
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
	return place;
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
	uint64_t key[2];
	struct slot *slot;

	memcpy(look->client, obs->client, sizeof(look->client));
	client_mask(&look->config->settings, look->client);
	look->client_hash = client_hash(look->mapping, look->client);
	memcpy(key, look->client, sizeof(key));
	look->client_place = place_take(look, &look->mapping->clients, look->client_hash, key,
	                                COUNTER_clients_evicted);
	slot = look->client_place.slot;
	if (obs->what & WARDEN_QUESTION) {
		bank_add(look->bank, of_path[obs->path].counter, 1);
		if (slot)
			slot_add(slot, of_path[obs->path].word, 1);
	}
	if (obs->what & WARDEN_ANSWER) {
		bank_add(look->bank, COUNTER_answers, 1);
		if (slot)
			slot_add(slot, CLIENT_ANSWERS, 1);
	}
}

bool name_seen(struct look *look)
{
	struct knowledge known;

	if (!look->obs->qname || !name_parse(&look->name, look->obs->qname, look->obs->qname_len)) {
		bank_add(look->bank, COUNTER_malformed, 1);
		return false;
	}
	look->name_hash = hash_octets(look->mapping->header->secret, HASH_NAME, look->name.wire,
	                              look->name.len);
	known = known_name(look->config, &look->name, look->name_hash);
	look->domain_label = known.domain_label;
	look->allowed = known.allowed;
	return true;
}

/* Notes that the client asks for the domain, and finds out how many do. A bit stands for each:
 * clients that share one are taken for one, so a domain is rare a little too long, never too
 * short. Two threads at midnight may lose a bit, which the next question sets again.
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
	if (day != today) {
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

void pair_seen(struct look *look)
{
	const uint8_t *domain = name_tail(&look->name, look->domain_label);
	size_t len = name_tail_len(&look->name, look->domain_label);
	uint8_t shown[1 + DOMAIN_NAME_MAX] = { 0 };
	uint64_t pair_key[3], domain_key[6];

	look->domain_hash = domain_hash(look->mapping, domain, len);
	look->pair_hash = pair_hash(look->mapping, look->client_hash, look->domain_hash);
	memcpy(pair_key, look->client, sizeof(look->client));
	pair_key[PAIR_DOMAIN] = look->domain_hash;
	shown[0] = (uint8_t)len;
	memcpy(shown + 1, domain, len < DOMAIN_NAME_MAX ? len : DOMAIN_NAME_MAX);
	memcpy(domain_key, shown, sizeof(shown));

	look->domain_place = place_take(look, &look->mapping->domains, look->domain_hash, domain_key,
	                                COUNTER_domains_evicted);
	domain_clients(look);
	look->pair_place = place_take(look, &look->mapping->pairs, look->pair_hash, pair_key,
	                              COUNTER_pairs_evicted);
	if (look->obs->what & WARDEN_QUESTION) {
		if (look->domain_place.slot)
			slot_add(look->domain_place.slot, DOMAIN_QUERIES, 1);
		if (look->pair_place.slot)
			look->queries = slot_add(look->pair_place.slot, PAIR_QUERIES, 1) + 1;
	} else if (look->pair_place.slot) {
		look->queries = slot_get(look->pair_place.slot, PAIR_QUERIES);
	}
	if ((look->obs->what & WARDEN_ANSWER) && look->pair_place.slot)
		slot_add(look->pair_place.slot, PAIR_ANSWERS, 1);
}

void refused_seen(struct look *look)
{
	bank_add(look->bank, COUNTER_refused, 1);
	if (look->client_place.slot)
		slot_add(look->client_place.slot, CLIENT_REFUSED, 1);
	if (look->pair_place.slot)
		slot_add(look->pair_place.slot, PAIR_REFUSED, 1);
	if (look->domain_place.slot)
		slot_add(look->domain_place.slot, DOMAIN_REFUSED, 1);
}
