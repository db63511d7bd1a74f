/* SPDX-License-Identifier: BSD-3-Clause */
/* mirrored - what a door is told of the holds, so that it can keep them where it answers by itself.
 *
 * The engine goes by: allowed, exempted, then held. So who is allowed by the configuration is left out
 * here, and what is allowed below a held domain, or to a held client, is told as an exemption. A hold
 * for which there would be too many to tell is left out, and one of a forwarder, who asks for others as well:
 * their questions are denied when the door asks.
 *
 * Where client profiles have modes of their own, a hold of a domain is told network by network, or with an
 * exemption for the networks that are only observed. Networks in these with yet another mode are left to
 * the engine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

/* The telling of all holds. */
struct telling {
	const struct warden *warden;
	const struct config *config;
	void (*each)(void *arg, const struct warden_hold *hold);
	void *arg;
	uint64_t *domain;     /* hashes of held domains, in order */
	uint32_t domains, room;
	bool clients;         /* a client is held as a whole */
};

static unsigned prefix_of(const struct settings *settings, const uint8_t client[16])
{
	return network_is_v4(client) ? NETWORK_V4_BITS + (unsigned)settings->client_prefix_v4
	                             : (unsigned)settings->client_prefix_v6;
}

/* Whether some name below <domain> is allowed, as far as that is known. */
static bool has_allowed_below(const struct allowed *allowed, const struct name *domain)
{
	return domain->labels < 2 ? domain_map_count(allowed->map)
	                          : domain_map_next(allowed->above, domain, 0).label == 0;
}

/* Whether questions come from the address of <client> that are other clients', too: a forwarder's. */
static bool is_forwarders(const struct config *config, const uint8_t client[16])
{
	for (size_t i = 0; i < config->forwarder.count; i++) {
		uint8_t address[16];

		memcpy(address, config->forwarder.item[i].address, sizeof(address));
		client_mask(&config->settings, address);
		if (!memcmp(address, client, sizeof(address)))
			return true;
	}
	return config_is_forwarder(config, client);
}

/* Whether <hold> is to be told; then <name> is its domain. */
static bool is_told(const struct telling *telling, const struct hold *hold, struct name *name)
{
	const struct allowed *allowed = &telling->config->allowed;
	bool all_told = allowed_are_told(allowed);

	/* A resolver that answers nothing ends the connection of who comes over a stream. */
	if (hold->verdict == WARDEN_DROP && !telling->warden->mirror.drops)
		return false;
	if (!hold->any_client && is_forwarders(telling->config, hold->client))
		return false;
	if (!hold->name_len)
		return all_told && !config_allows_client(telling->config, hold->client);
	if (!name_parse(name, hold->name, hold->name_len) || domain_map_has(allowed->map, name))
		return false;
	if (!hold->any_client && config_allows_client(telling->config, hold->client))
		return false;
	return all_told || !has_allowed_below(allowed, name);
}

static bool is_enforced(const struct telling *telling, const struct client_profile *profile)
{
	return engine_mode(telling->warden, profile) == MODE_ENFORCE;
}

/* Whether <hold> is acted upon, as far as that depends on a client. */
static bool is_acted_upon(const struct telling *telling, const struct hold *hold)
{
	return hold->any_client || is_enforced(telling, config_profile(telling->config, hold->client));
}

/* Tells <told> of each network of the profiles that are enforced, or of those that are not. */
static void tell_profiles(const struct telling *telling, struct warden_hold told, bool enforced)
{
	for (size_t i = 0; i < telling->config->profile_count; i++) {
		const struct client_profile *profile = &telling->config->profile[i];

		for (size_t j = 0; j < profile->clients.count && is_enforced(telling, profile) == enforced; j++) {
			memcpy(told.client, profile->clients.item[j].address, sizeof(told.client));
			told.prefix = profile->clients.item[j].bits;
			telling->each(telling->arg, &told);
		}
	}
}

static void tell_hold(struct telling *telling, const struct hold *hold)
{
	struct name name;
	struct warden_hold told = { .verdict = (enum warden_verdict)hold->verdict };

	/* The segment may hold anything; the engine takes what it does not know for a refusal. */
	if (hold->any_client && !hold->name_len)
		return;
	if (hold->verdict && (hold->verdict >= WARDEN_VERDICT_COUNT || !warden_verdict_denies(told.verdict)))
		told.verdict = WARDEN_REFUSE;
	if (hold->verdict && (!is_acted_upon(telling, hold) || !is_told(telling, hold, &name)))
		return;
	memcpy(told.client, hold->client, sizeof(told.client));
	told.prefix = hold->any_client ? 0 : prefix_of(&telling->config->settings, hold->client);
	if (hold->name_len) {
		told.domain = hold->name;
		told.domain_len = hold->name_len;
	}
	if (hold->verdict && hold->any_client && !is_enforced(telling, NULL))
		tell_profiles(telling, told, true);
	else
		telling->each(telling->arg, &told);
	if (!hold->verdict)
		return;
	telling->clients |= !hold->name_len;
	if (hold->name_len && telling->domains < telling->room)
		telling->domain[telling->domains++] = hash_octets_plain(hold->name, hold->name_len);
}

static int order(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

static bool is_below_held(const struct telling *telling, const struct name *name)
{
	for (unsigned label = 1; label < name->labels; label++) {
		uint64_t hash = hash_octets_plain(name_tail(name, label), name_tail_len(name, label));

		if (bsearch(&hash, telling->domain, telling->domains, sizeof(hash), order))
			return true;
	}
	return false;
}

/* The allowed names that a hold would deny. */
static void tell_allowed(const struct telling *telling)
{
	const struct allowed *allowed = &telling->config->allowed;
	struct name name;

	qsort(telling->domain, telling->domains, sizeof(*telling->domain), order);
	for (size_t at = 0; allowed_next(allowed, &at, &name);)
		if (telling->clients || is_below_held(telling, &name)) {
			const struct warden_hold told = {
				.domain = name.wire, .domain_len = name.len, .verdict = WARDEN_PASS,
			};

			telling->each(telling->arg, &told);
		}
}

static void tell_passed(const struct telling *telling, const struct networks *networks)
{
	for (size_t i = 0; i < networks->count; i++) {
		struct warden_hold told = { .prefix = networks->item[i].bits, .verdict = WARDEN_PASS };

		memcpy(told.client, networks->item[i].address, sizeof(told.client));
		telling->each(telling->arg, &told);
	}
}

/* The clients who are allowed what is held for everybody, and forwarders: those for whom they ask may be. */
static void tell_networks(const struct telling *telling)
{
	tell_passed(telling, &telling->config->allow_client);
	tell_passed(telling, &telling->config->forwarder);
}

static void tell(struct telling *telling, const struct mapping *mapping, uint64_t now)
{
	uint32_t before;
	struct hold hold;
	bool any = false;

	for (uint32_t i = 0; i < table_capacity(&mapping->holds); i++) {
		before = telling->domains;
		if (hold_read(mapping, i, now, &hold))
			tell_hold(telling, &hold);
		any |= telling->domains > before || telling->clients;
	}
	if (!any)
		return;
	tell_networks(telling);
	/* Within the networks of those that are enforced, too. */
	tell_profiles(telling, (struct warden_hold){ .verdict = WARDEN_PASS }, false);
	tell_allowed(telling);
}

void warden_holds(struct warden *warden, uint64_t now,
                  void (*each)(void *arg, const struct warden_hold *hold), void *arg)
{
	const struct mapping *mapping = &warden->mapping;
	struct telling telling = { .warden = warden, .each = each, .arg = arg, .room = table_capacity(&mapping->holds) };
	unsigned cell;

	if (!engine_enforces(warden) || !atomic_load(&mapping->header->holds))
		return;
	telling.domain = malloc(telling.room * sizeof(*telling.domain));
	if (!telling.domain)
		return; /* the door keeps nothing then, and asks */
	telling.config = rules_enter(warden, &cell)->config;
	tell(&telling, mapping, now);
	rules_leave(warden, cell);
	free(telling.domain);
}

uint64_t warden_holds_version(const struct warden *warden)
{
	return holds_version(&warden->mapping) + atomic_load(&warden->mode_changes);
}

void warden_stats_view(struct warden *warden, char *name, size_t len)
{
	unsigned cell;
	const struct rules *rules = rules_enter(warden, &cell);

	snprintf(name, len, "%s", rules->config->settings.stats_view);
	rules_leave(warden, cell);
}
