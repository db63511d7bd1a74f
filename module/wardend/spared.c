/* SPDX-License-Identifier: BSD-3-Clause */
/* spared - see spared.h. */
#include "base/clock.h"
#include "base/hash.h"
#include "name/name.h"
#include "wardend/spared.h"

#define LABELS_MAX 12 /* from the root on: domains that are held have few */
#define HOUR_BITS  UINT64_C(0xffff)

/* Whether the client of <obs> is one whom no hold denies anything. */
static bool may_ask(struct warden *warden, const struct warden_observation *obs)
{
	uint8_t client[16];
	unsigned cell;
	const struct config *config = rules_enter(warden, &cell)->config;
	struct hold exemption;
	bool may = config_allows_client(config, obs->client) ||
	           engine_mode(warden, config_profile(config, obs->client)) != MODE_ENFORCE;

	memcpy(client, obs->client, sizeof(client));
	client_mask(&config->settings, client);
	rules_leave(warden, cell);
	return may || (holds_exempt(&warden->mapping) &&
	               exemption_find(&warden->mapping, client_hash(&warden->mapping, client), 0, obs->now,
	                              &exemption));
}

static void note(struct spared *spared, const uint8_t *name, size_t len, uint64_t now)
{
	uint64_t hash = hash_octets_plain(name, len);

	atomic_store_explicit(&spared->place[hash % SPARED_PLACES],
	                      (hash & ~HOUR_BITS) | (now / HOUR & HOUR_BITS), memory_order_relaxed);
}

void spared_note(struct spared *spared, struct warden *warden, const struct warden_observation *obs)
{
	struct name name;

	if (!engine_enforces(warden) || !may_ask(warden, obs) || !name_parse(&name, obs->qname, obs->qname_len))
		return;
	for (unsigned i = name.labels > LABELS_MAX ? name.labels - LABELS_MAX : 0; i < name.labels; i++)
		note(spared, name_tail(&name, i), name_tail_len(&name, i), obs->now);
}

bool spared_has(const struct spared *spared, const uint8_t *domain, size_t len, uint64_t now)
{
	uint64_t hash = hash_octets_plain(domain, len), place;

	place = atomic_load_explicit(&spared->place[hash % SPARED_PLACES], memory_order_relaxed);
	return place && !((place ^ hash) & ~HOUR_BITS) && ((now / HOUR - place) & HOUR_BITS) <= SPARED_HOURS;
}
