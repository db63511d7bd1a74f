/* SPDX-License-Identifier: BSD-3-Clause */
/* post - which triggers are in the zone, for subscribers that have no Warden.
 *
 *     votes for                     trigger
 *     a domain                      the domain
 *     a client and a domain         the domain, by domain-of-pair:
 *     a client                      the client, by fleet-clients:
 *
 * All who publish write the same (domain-of-pair and fleet-clients are theirs in common), so it does not matter who does, nor how many. Who publishes also takes away what has
 * no votes enough any more, whoever wrote it, and what is a pair's whose votes say that others ask for its domain, too;
 * but not what only its own lists or its own clients object to, or two nodes with different ones would undo each other's
 * work for ever: that it does not add. What stands at a name and is not a trigger of ours stays.
 */
#include <string.h>

#include "engine/domain_of_pair.h"
#include "fleet/sharing.h"

#define POSTED_IS_THERE (30 * SECOND) /* after that what the primary has taken should be in the zone */

static bool is_pair(const struct matter *matter)
{
	return !matter->any_client && !matter->any_domain;
}

static void leave(struct zone *zone, struct matter *matter)
{
	struct posting *posting = matter->posting;

	posting->asks[is_pair(matter)][matter->asks] -= matter->asks != 0;
	posting->agreed -= matter->agreed;
	posting->never -= matter->never;
	posting->common -= matter->common;
	posting->matters--;
	matter->posting = NULL;
	zone_posting_changed(zone, posting);
}

static void join(struct zone *zone, struct matter *matter, struct posting *posting)
{
	posting->asks[is_pair(matter)][matter->asks] += matter->asks != 0;
	posting->agreed += matter->agreed;
	posting->never += matter->never;
	posting->common += matter->common;
	posting->matters++;
	matter->posting = posting;
	zone_posting_changed(zone, posting);
}

/* Whether the options make a trigger of what <matter> is about. */
static bool is_posted(const struct settings *settings, const struct matter *matter, unsigned clients)
{
	if (matter->any_domain)
		return settings->fleet_clients;
	return matter->any_client || pair_denies_domain(settings, clients);
}

void post(struct sharing *sharing, const struct config *config, struct matter *matter, bool agreed, bool never,
          uint8_t verdict, unsigned clients)
{
	const struct settings *settings = &config->settings;
	struct zone *zone = &sharing->zone;
	struct trigger trigger = { .is_client = matter->any_domain, .prefix = matter->prefix };
	struct posting *posting = matter->posting;
	uint8_t asks = is_posted(settings, matter, clients) ? verdict : 0;
	bool common = is_pair(matter) && settings->domain_of_pair == DOMAIN_OF_PAIR_RARE && clients >= RARE_CLIENTS;

	if (!settings->fleet_publish || !agreed) {
		if (posting)
			leave(zone, matter);
		return;
	}
	if (posting && matter->asks == asks && matter->agreed == agreed && matter->never == never &&
	    matter->common == common)
		return;
	if (posting)
		leave(zone, matter);
	if (trigger.is_client) {
		memcpy(trigger.client, matter->client, sizeof(trigger.client));
	} else {
		trigger.prefix = 0;
		trigger.name_len = matter->name_len;
		memcpy(trigger.name, matter->name, matter->name_len);
	}
	posting = zone_posting(zone, &trigger, true);
	if (!posting)
		return; /* tried again with the next look */
	matter->asks = asks;
	matter->agreed = agreed;
	matter->never = never;
	matter->common = common;
	join(zone, matter, posting);
}

/* The strongest verdict that is asked for, by pairs or by others. */
static uint8_t asked_for(const struct posting *posting, bool pairs)
{
	for (uint8_t verdict = WARDEN_VERDICT_COUNT; verdict-- > 1;)
		if (posting->asks[pairs][verdict])
			return verdict;
	return 0;
}

/* What is to become of a domain for pairs' sake. It is not added where the own clients ask for it. */
static uint8_t asked_for_pairs(const struct sharing *sharing, const struct config *config,
                               const struct posting *posting, bool is_there, uint64_t now)
{
	const struct mapping *mapping = &sharing->warden->mapping;
	uint8_t verdict = posting->common ? 0 : asked_for(posting, true);

	if (!verdict || is_there || config->settings.domain_of_pair != DOMAIN_OF_PAIR_RARE)
		return verdict;
	return domain_clients(mapping, domain_hash(mapping, posting->name, posting->name_len), now) < RARE_CLIENTS ? verdict : 0;
}

bool post_is_due(const struct sharing *sharing, const struct config *config, const struct posting *posting,
                 uint64_t now, uint8_t *verdict)
{
	bool here = posting_is_there(&sharing->zone, posting);
	uint8_t at = here ? posting->at : 0, below = here ? posting->below : 0;
	uint8_t asked, asked_by_pairs;
	struct trigger trigger = { .is_client = posting->is_client, .name_len = posting->name_len };

	if (at == TRIGGER_FOREIGN || below == TRIGGER_FOREIGN || !config->settings.fleet_publish)
		return false;
	memcpy(trigger.name, posting->name, posting->name_len);
	asked = asked_for(posting, false);
	asked_by_pairs = asked_for_pairs(sharing, config, posting, at || below, now);
	if (asked_by_pairs > asked)
		asked = asked_by_pairs;
	*verdict = asked && !posting->never ? trigger_verdict(asked) : 0;
	if (!*verdict && !posting->never && !posting->common && posting->agreed)
		return false; /* somebody else's business */
	if (*verdict && !permit_posting(config, &trigger))
		return false;
	if (posting->sent_at && clock_since(now, posting->sent_at) < POSTED_IS_THERE)
		return posting->sent != *verdict;
	return at != *verdict || (!posting->is_client && below != *verdict);
}
