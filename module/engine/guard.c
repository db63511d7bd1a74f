/* SPDX-License-Identifier: BSD-3-Clause */
/* guard - when detectors hold too many clients, it is they who are wrong.
 *
 * A new kind of traffic, a list gone bad, a threshold mistyped: sooner or later a detector will take a
 * whole network for tunnels. Then no client is refused anything any more (mode observe) and somebody is
 * told, until an operator has looked. What operators hold by hand is not counted,
 * nor what other nodes hold: one of these could bring it about.
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

/* Clients that detectors hold, as hashes, each as often as it is held. Returns how many. */
static uint32_t collect(const struct mapping *mapping, const struct config *config, uint64_t now,
                        uint64_t *client)
{
	uint32_t count = 0;
	struct hold hold;

	for (uint32_t i = 0; i < table_capacity(&mapping->holds); i++)
		if (hold_read(mapping, i, now, &hold) && hold.verdict && hold.detector < DETECTOR_COUNT &&
		    !hold.any_client && !is_watched(config, &hold))
			client[count++] = hash_octets_plain(hold.client, sizeof(hold.client));
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

uint32_t engine_guard(struct warden *warden, uint64_t now)
{
	struct mapping *mapping = &warden->mapping;
	uint32_t held = 0, limit;
	const struct rules *rules;
	uint64_t *client = NULL;
	unsigned cell;

	if (atomic_load_explicit(&mapping->header->holds, memory_order_relaxed)) {
		client = malloc(table_capacity(&mapping->holds) * sizeof(*client));
		if (!client)
			return 0;
	}
	rules = rules_enter(warden, &cell);
	limit = config_held_limit(rules->config, table_used(&mapping->clients));
	if (client)
		held = collect(mapping, rules->config, now, client);
	rules_leave(warden, cell);
	held = distinct(client, held);
	free(client);
	if (held <= limit)
		atomic_store(&warden->accepted, 0);
	else if (limit && held > atomic_load(&warden->accepted))
		trip(warden, held, limit);
	atomic_store(&mapping->header->held_clients, held);
	atomic_store(&mapping->header->tripped, atomic_load(&warden->tripped));
	return held;
}
