/* SPDX-License-Identifier: BSD-3-Clause */
/* guard - when detectors hold too many clients, it is they who are wrong.
 *
 * A new kind of traffic, a list gone bad, a threshold mistyped: sooner or later a detector will take a
 * whole network for tunnels. Then no client is refused anything any more (mode observe) and somebody is
 * told, until an operator has looked. What operators hold by hand is not counted,
 * nor what other nodes hold: one of these could bring it about.
 *
 * Nor what is held only because of sums that other nodes have told (hold.together): who can write to these could
 * have everybody held, and so nobody. When they are what makes the clients too many, or have as many domains held for
 * everybody, it is the sums that are wrong: they are not believed any more, what is held for them is released, and what
 * is found here goes on being refused.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

static int order(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

/* Whether clients like the one of <hold> are only watched, whatever the mode of everybody. */
static bool is_watched(const struct config *config, const struct hold *hold)
{
	const struct client_profile *profile = config_profile(config, hold->client);

	return profile && profile->mode == MODE_OBSERVE;
}

/* Clients that detectors hold, as hashes, each as often as it is held: for what they did here, or if <together> for
 * what was told elsewhere, too. Returns how many.
 */
static uint32_t collect(const struct mapping *mapping, const struct config *config, uint64_t now, bool together,
                        uint64_t *client)
{
	uint32_t count = 0;
	struct hold hold;

	for (uint32_t i = 0; i < table_capacity(&mapping->holds); i++)
		if (hold_read(mapping, i, now, &hold) && hold.verdict && hold.detector < DETECTOR_COUNT &&
		    (together || !hold.together) && !hold.any_client && !is_watched(config, &hold))
			client[count++] = hash_octets_plain(hold.client, sizeof(hold.client));
	return count;
}

/* Domains that are denied to everybody, and only for what was told elsewhere: each is one hold. */
static uint32_t domains_together(const struct mapping *mapping, uint64_t now)
{
	uint32_t count = 0;
	struct hold hold;

	for (uint32_t i = 0; i < table_capacity(&mapping->holds); i++)
		count += hold_read(mapping, i, now, &hold) && hold.verdict && hold.any_client && hold.together;
	return count;
}

static uint32_t distinct(uint64_t *client, uint32_t count)
{
	uint32_t found = 0;

	if (count)
		qsort(client, count, sizeof(*client), order);
	for (uint32_t i = 0; i < count; i++)
		found += !i || client[i] != client[i - 1];
	return found;
}

static void trip(struct warden *warden, uint32_t held, uint32_t limit)
{
	if (!engine_enforces(warden) || atomic_exchange(&warden->stopped, true))
		return;
	atomic_store(&warden->mode, MODE_OBSERVE);
	atomic_store(&warden->tripped, true);
	atomic_fetch_add(&warden->mode_changes, 1);
	sentence_say(warden->log, 1, "detectors hold %" PRIu32 " clients, more than max-held-clients allows (%" PRIu32
	             "): mode is observe now and nothing is refused. See list_holds; then set_mode enforce, or "
	             "release some or raise the limit, and reload", held, limit);
}

/* Ends all holds that were made with what was told elsewhere. One made by a worker that has read it just
 * before is found the next time.
 */
static void release_together(struct mapping *mapping, uint64_t now)
{
	struct hold hold;

	for (uint32_t i = 0; i < table_capacity(&mapping->holds); i++)
		if (hold_read(mapping, i, now, &hold) && hold.together)
			hold_release(mapping, hold.any_client ? 0 : client_hash(mapping, hold.client), hold.domain_hash, now);
}

static void disbelieve(struct warden *warden, uint32_t held, const char *what, uint32_t limit)
{
	if (!engine_enforces(warden) || atomic_exchange(&warden->alone, true))
		return;
	sentence_say(warden->log, 1, "with what other nodes were told, detectors hold %" PRIu32 " %s, more than "
	             "max-held-clients allows (%" PRIu32 "): fleet-redis is not believed until set_mode or reload, and what "
	             "was held for it is released. Somebody may be writing to it; what is found here is refused as before",
	             held, what, limit);
}

/* How many clients are held, and domains together, and how many there may be of each; <client> has room for all holds,
 * or is NULL: there are none.
 */
struct guarded {
	uint32_t here, together, domains, limit;
};

static struct guarded count(struct warden *warden, uint64_t *client, uint64_t now)
{
	const struct mapping *mapping = &warden->mapping;
	struct guarded guarded = { 0 };
	const struct rules *rules;
	unsigned cell;

	rules = rules_enter(warden, &cell);
	guarded.limit = config_held_limit(rules->config, table_used(&mapping->clients));
	if (client) {
		guarded.here = distinct(client, collect(mapping, rules->config, now, false, client));
		guarded.together = distinct(client, collect(mapping, rules->config, now, true, client));
		guarded.domains = domains_together(mapping, now);
	}
	gauge_set(mapping->header, GAUGE_redis_believed, rules->config->together_from > 0 && !atomic_load(&warden->alone));
	rules_leave(warden, cell);
	return guarded;
}

uint32_t engine_guard(struct warden *warden, uint64_t now)
{
	struct mapping *mapping = &warden->mapping;
	uint32_t accepted = atomic_load(&warden->accepted), held;
	struct guarded guarded;
	uint64_t *client = NULL;

	if (atomic_load_explicit(&mapping->header->holds, memory_order_relaxed)) {
		client = malloc(table_capacity(&mapping->holds) * sizeof(*client));
		if (!client)
			return 0;
	}
	guarded = count(warden, client, now);
	if (guarded.limit && guarded.together > guarded.here && guarded.together > guarded.limit &&
	    guarded.together > accepted)
		disbelieve(warden, guarded.together, "clients", guarded.limit);
	else if (guarded.limit && guarded.domains > guarded.limit)
		disbelieve(warden, guarded.domains, "domains", guarded.limit);
	if (client && atomic_load(&warden->alone)) {
		release_together(mapping, now);
		guarded = count(warden, client, now);
	}
	free(client);
	held = guarded.together;
	if (held <= guarded.limit)
		atomic_store(&warden->accepted, 0);
	if (guarded.limit && guarded.here > guarded.limit && guarded.here > accepted)
		trip(warden, guarded.here, guarded.limit);
	atomic_store(&mapping->header->held_clients, held);
	atomic_store(&mapping->header->tripped, atomic_load(&warden->tripped));
	return held;
}
