/* SPDX-License-Identifier: BSD-3-Clause */
/* own - this node's votes: what it holds itself, as far as that is for others.
 *
 * A hold is told when it is acted upon, sure enough, found here and not with or by others, and for a domain and clients that other
 * nodes can know by the same name. The list of own votes is bounded by the table of holds; what waits for the primary
 * waits there, so that a primary that is away for long costs no more than one that is not.
 *
 * Invariant: a vote leaves the list when neither the zone has it nor the holds, so nothing is forgotten half-way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/domain_of_pair.h"
#include "fleet/sharing.h"
#include "report/suspicion.h"

#define SENT_IS_THERE (30 * SECOND) /* after that what the primary has taken should be in the zone */
#define EXPIRES_MAX   (UINT32_MAX * SECOND)

#define OWN_MAX 131072 /* votes, with those to be removed: twice as many as there can be holds */

/* How much speaks for it, of 100. */
static uint8_t score_of(const struct sharing *sharing, const struct config *config, const struct hold *hold,
                        uint64_t now)
{
	const struct mapping *mapping = &sharing->warden->mapping;
	uint64_t words[NOTES_WORDS], hash;
	struct place place = { .slot = NULL };
	unsigned risk = 0;

	if (hold->detector >= DETECTOR_COUNT)
		return 100;
	if (!hold->any_client && hold->name_len)
		place = table_find(&mapping->pairs, pair_hash(mapping, client_hash(mapping, hold->client), hold->domain_hash));
	if (place.slot && slot_read(place.slot, &hash, PAIR_DATA, NOTES_WORDS, words) && hash == place.hash)
		risk = suspicion_of(config, hold->client, words, now).risk;
	return (uint8_t)(risk ? risk : config_detector(config, hold->detector)->score);
}

static bool is_shared(const struct sharing *sharing, const struct config *config, const struct hold *hold)
{
	const struct client_profile *profile = hold->any_client ? NULL : config_profile(config, hold->client);

	/* What comes of a sum that all nodes have is no word of this one: two who go by it would make a quorum of it. */
	if (!hold->verdict || hold->detector == HOLD_BY_FLEET || hold->together || (hold->any_client && !hold->name_len))
		return false;
	if (hold->detector != HOLD_BY_OPERATOR && hold->confidence < config->settings.fleet_confidence + CONFIDENCE_LOW)
		return false;
	return engine_mode(sharing->warden, profile) == MODE_ENFORCE;
}

static void describe(const struct sharing *sharing, const struct config *config, const struct hold *hold, uint64_t now,
                     struct vote *vote)
{
	const struct settings *settings = &config->settings;

	*vote = (struct vote){ .any_client = hold->any_client, .any_domain = !hold->name_len };
	memcpy(vote->node, sharing->zone.nodes[0].name, sizeof(vote->node));
	memcpy(vote->client, hold->client, sizeof(vote->client));
	if (!hold->any_client)
		vote->prefix = (uint8_t)permit_prefix(settings, hold->client);
	vote->name_len = hold->name_len;
	memcpy(vote->name, hold->name, hold->name_len);
	vote->verdict = hold->verdict < WARDEN_VERDICT_COUNT && warden_verdict_denies(hold->verdict) ? hold->verdict :
	                                                                                               WARDEN_REFUSE;
	vote->confidence = hold->confidence >= CONFIDENCE_LOW && hold->confidence <= CONFIDENCE_HIGH ? hold->confidence :
	                                                                                               CONFIDENCE_HIGH;
	snprintf(vote->detector, sizeof(vote->detector), "%s",
	         hold->detector < DETECTOR_COUNT ? detectors[hold->detector]->name : "operator");
	vote->clients = (uint8_t)domain_clients(&sharing->warden->mapping, hold->domain_hash, now);
	vote->score = score_of(sharing, config, hold, now);
	vote->made = hold->made / SECOND * SECOND;
	vote->expires = hold->expires < EXPIRES_MAX ? (hold->expires + SECOND - 1) / SECOND * SECOND : EXPIRES_MAX;
}

/* The own vote of <matter>, made where there was none. */
static struct own *own_make(struct sharing *sharing, struct matter *matter)
{
	struct own *own = matter->own;

	if (own || sharing->own_count >= OWN_MAX)
		return own;
	own = calloc(1, sizeof(*own));
	if (!own)
		return NULL;
	own->matter = matter;
	matter->own = own;
	*sharing->own_end = own;
	sharing->own_end = &own->next;
	sharing->own_count++;
	return own;
}

void own_adopt(struct sharing *sharing, struct matter *matter)
{
	if (!matter->own && zone_own_ballot(&sharing->zone, matter))
		own_make(sharing, matter); /* nobody wants it: it has no walk, no digest and no id */
}

/* What others make of it: not known, rare, or not. */
static unsigned rarity(uint8_t clients)
{
	return clients < RARE_CLIENTS ? clients != 0 : 2;
}

/* Whether both say the same to others, but for what changes all the time. */
static bool is_same(const struct vote *a, const struct vote *b)
{
	return a->verdict == b->verdict && a->expires == b->expires && a->made == b->made &&
	       a->confidence == b->confidence && !strcmp(a->detector, b->detector) &&
	       rarity(a->clients) == rarity(b->clients);
}

static void want(struct sharing *sharing, const struct config *config, const struct hold *hold, uint64_t now)
{
	struct matter *matter;
	const struct ballot *ballot;
	struct vote vote;
	struct own *own;
	enum standing standing;

	describe(sharing, config, hold, now, &vote);
	matter = vote.made < vote.expires ? zone_matter(&sharing->zone, &vote, true) : NULL;
	if (!matter)
		return;
	standing = permit(sharing, config, matter, now);
	own = standing == STANDING_NEW ? own_make(sharing, matter) : NULL;
	if (!own) {
		if (standing == STANDING_NEW)
			sharing_count(sharing, COUNTER_fleet_lost);
		zone_changed(&sharing->zone, matter); /* it may be of no use */
		return;
	}
	own->walk = sharing->walk;
	/* A domain that others have asked for stays one, as long as this is held: they only count for some days. */
	if (own->digest && own->vote.made == vote.made && own->vote.clients > vote.clients)
		vote.clients = own->vote.clients;
	if (is_same(&own->vote, &vote)) /* one without a digest, too: it cannot be told, which was counted */
		return;
	own->vote = vote;
	own->digest = vote_identify(&own->vote, sharing->secret, sharing->secret_len) ? zone_digest(&sharing->zone, &own->vote)
	                                                                             : 0;
	own->turn = (struct turn){ .under_way = own->turn.under_way };
	ballot = zone_own_ballot(&sharing->zone, matter);
	/* What stands there since before a restart says how it was then: as good, and nobody need hear of it again. */
	if (ballot && ballot->made == vote.made && ballot->expires == vote.expires && ballot->verdict == vote.verdict &&
	    rarity(ballot->clients) >= rarity(vote.clients) && !strcmp(ballot->id, own->vote.id)) {
		own->digest = ballot->digest;
		own->vote.clients = ballot->clients;
		own->allowed = true;
	}
	if (!own->digest)
		sharing_count(sharing, COUNTER_fleet_lost); /* a domain that is too long for a string */
	zone_changed(&sharing->zone, matter);
}

void own_walk(struct sharing *sharing, const struct config *config, uint64_t now)
{
	const struct mapping *mapping = &sharing->warden->mapping;
	struct hold hold;

	sharing->walk++;
	sharing->throttled = false;
	for (uint32_t i = 0; holds_any(mapping) && i < table_capacity(&mapping->holds); i++)
		if (hold_read(mapping, i, now, &hold) && is_shared(sharing, config, &hold))
			want(sharing, config, &hold, now);
	for (struct own *own = sharing->own; own; own = own->next) {
		if (own->walk != sharing->walk)
			zone_changed(&sharing->zone, own->matter);
		else if (!own->allowed && own->digest)
			own->allowed = bucket_take(&sharing->sender, config->settings.fleet_rate, now);
		sharing->throttled |= own->walk == sharing->walk && own->digest && !own->allowed;
	}
}

/* What the zone has, or will have once the primary has told us what it has taken. 1: no vote of ours. */
static uint64_t stands(const struct sharing *sharing, const struct own *own, uint64_t now)
{
	const struct ballot *ballot = zone_own_ballot(&sharing->zone, own->matter);

	if (own->sent && clock_since(now, own->sent_at) < SENT_IS_THERE)
		return own->sent;
	return ballot ? ballot->digest : 1;
}

bool own_is_due(const struct sharing *sharing, const struct own *own, uint64_t now)
{
	uint64_t wanted = own_is_wanted(sharing, own) && own->digest && own->vote.expires > now ? own->digest : 1;

	return wanted != stands(sharing, own, now);
}

/* Lets go of those that are neither wanted nor in the zone. */
void own_tidy(struct sharing *sharing, uint64_t now)
{
	for (struct own **link = &sharing->own, *own; (own = *link);) {
		if (own->walk == sharing->walk || own->turn.under_way || own_is_due(sharing, own, now) ||
		    zone_own_ballot(&sharing->zone, own->matter)) {
			link = &own->next;
			continue;
		}
		*link = own->next;
		own->matter->own = NULL;
		zone_changed(&sharing->zone, own->matter);
		free(own);
		sharing->own_count--;
	}
	sharing->own_end = &sharing->own;
	while (*sharing->own_end)
		sharing->own_end = &(*sharing->own_end)->next;
}
