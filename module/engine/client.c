/* SPDX-License-Identifier: BSD-3-Clause */
/* client - one canonical key for each who: nothing else masks or hashes addresses and
 * domains. And the holds that an operator makes and ends by hand.
 */
#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "engine/look.h"

#define ABSOLVE_ATTEMPTS 100 /* an edit is over in a microsecond */

/* The upper <bits> of 64. */
static uint64_t upper(unsigned bits)
{
	return bits >= 64 ? UINT64_MAX : ~(UINT64_MAX >> bits);
}

void client_mask(const struct settings *settings, uint8_t client[16])
{
	bool v4 = network_is_v4(client);
	unsigned bits = v4 ? 96 + (unsigned)settings->client_prefix_v4 : (unsigned)settings->client_prefix_v6;
	uint64_t half[2];

	memcpy(half, client, sizeof(half));
	half[0] &= htobe64(upper(bits));
	half[1] &= htobe64(upper(bits > 64 ? bits - 64 : 0));
	memcpy(client, half, sizeof(half));
}

/* Whether <obs> says for whom it is, and some of that. */
static bool tells_subnet(const struct warden_observation *obs)
{
	return obs->subnet_prefix > (network_is_v4(obs->subnet) ? NETWORK_V4_BITS : 0);
}

bool client_of(const struct config *config, const struct warden_observation *obs, uint8_t client[16])
{
	bool told = obs->subnet_prefix && tells_subnet(obs) && config_is_forwarder(config, obs->client);

	memcpy(client, told ? obs->subnet : obs->client, 16);
	client_mask(&config->settings, client);
	if (told)
		network_mask(client, obs->subnet_prefix);
	return told;
}

uint64_t client_hash(const struct mapping *mapping, const uint8_t client[16])
{
	uint64_t half[2];

	memcpy(half, client, sizeof(half));
	return hash_pair(mapping->header->secret, HASH_CLIENT, half[0], half[1]);
}

uint64_t domain_hash(const struct mapping *mapping, const uint8_t *wire, size_t len)
{
	return hash_octets(mapping->header->secret, HASH_DOMAIN, wire, len);
}

uint64_t pair_hash(const struct mapping *mapping, uint64_t client, uint64_t domain)
{
	return hash_pair(mapping->header->secret, HASH_PAIR, client, domain);
}

uint64_t delegation_hash(const struct mapping *mapping, uint64_t client, uint64_t servers)
{
	return hash_pair(mapping->header->secret, HASH_ANSWER, client, servers);
}

/* Whether <domain> is what holds are made of; if not, says what would be. */
static bool is_registrable(const struct suffixes *suffixes, const struct name *domain, char *error,
                           size_t error_len)
{
	unsigned label = suffix_domain(suffixes, domain);
	char wanted[NAME_TEXT_MAX], given[NAME_TEXT_MAX];

	name_text(given, domain->wire, domain->len);
	if (label == domain->labels) {
		snprintf(error, error_len, "'%s' ends in no public suffix, so there is no domain to hold "
		         "(local-domain: makes one)", given);
		return false;
	}
	if (suffix_is_public(suffixes, domain)) {
		snprintf(error, error_len, "'%s' is a public suffix: name a domain below it", given);
		return false;
	}
	if (!label)
		return true;
	snprintf(error, error_len, "a hold is for a registrable domain, so for '%s' instead of '%s'",
	         name_text(wanted, name_tail(domain, label), name_tail_len(domain, label)), given);
	return false;
}

bool engine_hold(struct warden *warden, const uint8_t client[16], const struct name *domain,
                 uint64_t now, uint64_t expires, const char *comment, char *error, size_t error_len)
{
	struct hold hold = {
		.verdict = WARDEN_REFUSE,
		.detector = HOLD_BY_OPERATOR,
		.confidence = CONFIDENCE_HIGH,
		.made = now,
		.expires = expires,
	};
	uint64_t client_key = 0;
	unsigned cell;
	const struct rules *rules = rules_enter(warden, &cell);
	bool registrable = !domain || is_registrable(rules->config->suffixes, domain, error, error_len);

	if (client) {
		memcpy(hold.client, client, sizeof(hold.client));
		client_mask(&rules->config->settings, hold.client);
		client_key = client_hash(&warden->mapping, hold.client);
	}
	rules_leave(warden, cell);
	if (!registrable)
		return false;
	if (!client && !domain) {
		snprintf(error, error_len, "'hold any any' would refuse everybody everything: name a client or a domain");
		return false;
	}
	if (domain) {
		hold.domain_hash = domain_hash(&warden->mapping, domain->wire, domain->len);
		hold.name_len = domain->len;
		memcpy(hold.name, domain->wire, domain->len);
	}
	snprintf(hold.comment, sizeof(hold.comment), "%s", comment ? comment : "");
	if (hold_set(&warden->mapping, client_key, &hold, now))
		return true;
	snprintf(error, error_len, "no room for another hold");
	return false;
}

/* Clears what the detectors have gathered against a pair: released, it starts anew. */
static void absolve(struct mapping *mapping, uint64_t hash, uint64_t now)
{
	struct place place = table_find(&mapping->pairs, hash);
	uint64_t data[PAIR_DATA_WORDS], token = 0;
	struct notes *notes = (struct notes *)(void *)data;
	uint64_t first_seen;

	for (unsigned attempt = 0; place.slot && !token && attempt < ABSOLVE_ATTEMPTS; attempt++)
		token = slot_edit(place.slot, hash, (uint32_t)(now / SECOND), PAIR_DATA, PAIR_DATA_WORDS, data);
	if (!token)
		return;
	first_seen = notes->first_seen;
	memset(data, 0, sizeof(data));
	notes->first_seen = first_seen;
	slot_commit(place.slot, token, PAIR_DATA, PAIR_DATA_WORDS, data);
	place_weigh(&place, 0);
}

bool engine_release(struct warden *warden, const uint8_t client[16], const struct name *domain,
                    uint64_t now)
{
	uint64_t client_key = 0, domain_key = 0;

	if (client) {
		uint8_t masked[16];
		unsigned cell;
		const struct rules *rules = rules_enter(warden, &cell);

		memcpy(masked, client, sizeof(masked));
		client_mask(&rules->config->settings, masked);
		client_key = client_hash(&warden->mapping, masked);
		rules_leave(warden, cell);
	}
	if (domain)
		domain_key = domain_hash(&warden->mapping, domain->wire, domain->len);
	if (client && domain)
		absolve(&warden->mapping, pair_hash(&warden->mapping, client_key, domain_key), now);
	return hold_release(&warden->mapping, client_key, domain_key, now);
}
