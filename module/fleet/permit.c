/* SPDX-License-Identifier: BSD-3-Clause */
/* permit - what other nodes can deny nobody here, whatever they agree on.
 *
 * A domain must be what this node itself would sort questions by: one label below a public suffix of its own list. So
 * nobody can have it hold a TLD, a suffix or the root, nor a name below a domain; nor what would be another trigger in the
 * zone than for itself. A client must be exactly as many
 * addresses as clients are here. And what the operator allows in any way stays allowed, also where the vote is about
 * more than that: a vote for example.org says nothing here when fleet-never names www.example.org.
 */
#include <string.h>

#include "fleet/sharing.h"

unsigned permit_prefix(const struct settings *settings, const uint8_t client[16])
{
	return network_is_v4(client) ? NETWORK_V4_BITS + (unsigned)settings->client_prefix_v4 :
	                               (unsigned)settings->client_prefix_v6;
}

/* Whether any of <networks> and the client's addresses have one in common. */
static bool overlap(const struct networks *networks, const uint8_t client[16], unsigned prefix)
{
	const struct network whole = { .bits = (uint8_t)prefix };
	struct network addresses = whole;

	memcpy(addresses.address, client, sizeof(addresses.address));
	for (size_t i = 0; i < networks->count; i++)
		if (network_has(&networks->item[i], client) || network_has(&addresses, networks->item[i].address))
			return true;
	return false;
}

/* Whether <name> is or is below a domain of <set>, or has one below it. */
static bool touches(const struct allowed *set, const struct name *name)
{
	return domain_map_has(set->map, name) || domain_map_next(set->above, name, 0).label == 0;
}

static bool is_registrable(const struct config *config, const struct name *name)
{
	return vote_domain_is_valid(name) && suffix_domain(config->suffixes, name) == 0 && !suffix_is_public(config->suffixes, name);
}

static bool is_exempted(const struct sharing *sharing, const struct matter *matter, const struct name *name,
                        uint64_t now)
{
	const struct mapping *mapping = &sharing->warden->mapping;
	uint64_t client = matter->any_client ? 0 : client_hash(mapping, matter->client);
	struct hold hold;

	if (!holds_exempt(mapping))
		return false;
	if (client && exemption_find(mapping, client, 0, now, &hold))
		return true;
	for (unsigned label = 0; !matter->any_domain && label < name->labels; label++) {
		uint64_t domain = domain_hash(mapping, name_tail(name, label), name_tail_len(name, label));

		if (exemption_find(mapping, 0, domain, now, &hold) ||
		    (client && exemption_find(mapping, client, domain, now, &hold)))
			return true;
	}
	return false;
}

enum standing permit(const struct sharing *sharing, const struct config *config, const struct matter *matter,
                     uint64_t now)
{
	struct name name = { .labels = 0 };

	if (!matter->any_domain &&
	    (!name_parse(&name, matter->name, matter->name_len) || !is_registrable(config, &name)))
		return STANDING_NOT_OURS;
	if (!matter->any_client && matter->prefix != permit_prefix(&config->settings, matter->client))
		return STANDING_NOT_OURS;
	if (!matter->any_domain && touches(&config->fleet_never, &name))
		return STANDING_NEVER;
	if (!matter->any_client && overlap(&config->fleet_never_client, matter->client, matter->prefix))
		return STANDING_NEVER;
	if (!matter->any_domain && domain_map_has(config->allowed.map, &name))
		return STANDING_ALLOWED;
	if (!matter->any_client && (overlap(&config->allow_client, matter->client, matter->prefix) ||
	                             overlap(&config->never_hold, matter->client, matter->prefix) ||
	                             overlap(&config->forwarder, matter->client, matter->prefix)))
		return STANDING_ALLOWED;
	return is_exempted(sharing, matter, &name, now) ? STANDING_ALLOWED : STANDING_NEW;
}

/* Who acts upon a trigger knows none of our lists: so what is allowed below a domain keeps it out of the zone, and a
 * client's trigger takes from it what everybody is allowed: that cannot be helped, and is why fleet-clients: is no.
 */
bool permit_posting(const struct config *config, const struct trigger *trigger)
{
	struct name name;

	return trigger->is_client || (name_parse(&name, trigger->name, trigger->name_len) && vote_domain_is_valid(&name) &&
	                              !touches(&config->allowed, &name));
}
