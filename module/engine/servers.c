/* SPDX-License-Identifier: BSD-3-Clause */
/* servers - which name servers a domain is behind.
 *
 * Whoever spreads a tunnel over many domains has them all served by the same few machines. Only
 * a resolver knows those. An answer tells (the set of them, in any order, makes one hash); the
 * domain's slot remembers; and the next question to the domain is charged to them as well.
 *
 * Invariant: servers that no domain's owner chose are nobody's: those of the root, of a registry
 * and of a forwarder stand for everything below them.
 */
#include <string.h>

#include "engine/look.h"

/* Whether what <obs> calls the zone of the answer is below a registry, and above the name. */
static bool is_owned(const struct look *look, const struct warden_observation *obs)
{
	struct name zone;
	unsigned above;

	if (!obs->zone || obs->zone_len < 2 || !name_parse(&zone, obs->zone, obs->zone_len) ||
	    zone.labels > look->name.labels)
		return false;
	above = look->name.labels - zone.labels;
	if (zone.len != name_tail_len(&look->name, above) ||
	    memcmp(zone.wire, name_tail(&look->name, above), zone.len) != 0)
		return false; /* an alias led elsewhere */
	/* At or below the domain; but a name that is a public suffix is its own domain. */
	if (above < look->domain_label || (above == look->domain_label && above))
		return true;
	return !suffix_is_registry(look->config->suffixes, &zone);
}

/* The same hash for the same servers, whatever the order and the case. */
static uint64_t hash_servers(const struct look *look, const struct warden_observation *obs)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < obs->server_count; i++) {
		bool is_name = obs->servers[i].id_len > 4; /* or IPv6, where it is the same to all */
		uint8_t id[NAME_WIRE_MAX];

		if (!obs->servers[i].id)
			continue;
		for (unsigned j = 0; j < obs->servers[i].id_len; j++) {
			uint8_t octet = obs->servers[i].id[j];

			id[j] = is_name && octet >= 'A' && octet <= 'Z' ? octet | 0x20 : octet;
		}
		sum += hash_octets(look->mapping->header->secret, HASH_ANSWER, id, obs->servers[i].id_len);
	}
	return sum;
}

void delegation_seen(struct look *look)
{
	_Atomic uint64_t *known;
	uint64_t key[3];

	look->servers = 0;
	look->delegation_place.slot = NULL;
	if (!look->domain_place.slot || !look->rare)
		return;
	known = &look->domain_place.slot->word[DOMAIN_DELEGATION];
	look->servers = atomic_load_explicit(known, memory_order_relaxed);
	if ((look->obs->what & WARDEN_ANSWER) && look->obs->server_count && is_owned(look, look->obs)) {
		uint64_t servers = hash_servers(look, look->obs);

		if (servers != look->servers)
			atomic_store_explicit(known, servers, memory_order_relaxed);
		look->servers = servers;
	}
	if (!look->servers)
		return;
	look->delegation_hash = delegation_hash(look->mapping, look->client_hash, look->servers);
	memcpy(key, look->client, sizeof(look->client));
	key[DELEGATION_SERVERS] = look->servers;
	look->delegation_place = place_take(look, &look->mapping->delegations, look->delegation_hash, key,
	                                    COUNTER_delegations_evicted);
}
