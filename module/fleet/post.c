/* SPDX-License-Identifier: BSD-3-Clause */
/* post - which triggers are in the zone, for subscribers that have no Warden.
 *
 *     votes for                     trigger
 *     a domain                      the domain
 *     a client and a domain         the domain, by domain-of-pair:
 *     a client                      the client, by fleet-clients:
 *
 * All who publish write the same, so it does not matter who does, nor how many. Who publishes also takes away what has
 * no votes enough any more, whoever wrote it; but not what only its own lists object to, or two nodes with different
 * lists would undo each other's work for ever. What stands at a name and is not a trigger of ours stays.
 */
#include <string.h>

#include "engine/domain_of_pair.h"
#include "fleet/sharing.h"

#define POSTED_IS_THERE (30 * SECOND) /* after that what the primary has taken should be in the zone */

static void leave(struct zone *zone, struct matter *matter)
{
	struct posting *posting = matter->posting;

	posting->asks[matter->asks] -= matter->asks != 0;
	posting->agreed -= matter->agreed;
	posting->never -= matter->never;
	posting->matters--;
	matter->posting = NULL;
	zone_posting_changed(zone, posting);
}

static void join(struct zone *zone, struct matter *matter, struct posting *posting)
{
	posting->asks[matter->asks] += matter->asks != 0;
	posting->agreed += matter->agreed;
	posting->never += matter->never;
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

	if (!settings->fleet_publish || !agreed) {
		if (posting)
			leave(zone, matter);
		return;
	}
	if (posting && matter->asks == asks && matter->agreed == agreed && matter->never == never)
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
	join(zone, matter, posting);
}

static uint8_t asked_for(const struct posting *posting)
{
	for (uint8_t verdict = WARDEN_VERDICT_COUNT; verdict-- > 1;)
		if (posting->asks[verdict])
			return trigger_verdict(verdict);
	return 0;
}

bool post_is_due(const struct sharing *sharing, const struct config *config, const struct posting *posting,
                 uint64_t now, uint8_t *verdict)
{
	bool here = posting_is_there(&sharing->zone, posting);
	uint8_t at = here ? posting->at : 0, below = here ? posting->below : 0;
	struct trigger trigger = { .is_client = posting->is_client, .name_len = posting->name_len };

	if (at == TRIGGER_FOREIGN || below == TRIGGER_FOREIGN || !config->settings.fleet_publish)
		return false;
	memcpy(trigger.name, posting->name, posting->name_len);
	*verdict = posting->never ? 0 : asked_for(posting);
	if (!*verdict && !posting->never && posting->agreed)
		return false; /* somebody else's business */
	if (*verdict && !permit_posting(config, &trigger))
		return false;
	if (posting->sent_at && clock_since(now, posting->sent_at) < POSTED_IS_THERE)
		return posting->sent != *verdict;
	return at != *verdict || (!posting->is_client && below != *verdict);
}
