/* SPDX-License-Identifier: BSD-3-Clause */
/* print - the zone for an operator: what other nodes hold, and what this one makes of it.
 *
 *     primary up, serial 12, 3 votes, 1 in force here, 0 of ours waiting, 0 triggers
 *     192.0.2.7 example.org nodes=n1,n2 verdict=refuse expires=3599 detector=information score=80 state=in-force
 *
 * Invariant: nothing in it can break a line or a terminal: names are in presentation format, all else are words.
 */
#include <inttypes.h>
#include <stdio.h>

#include "fleet/sharing.h"
#include "report/address.h"

#define NODES_SHOWN 8

static const char *const words[STANDING_COUNT] = {
	[STANDING_NEW] = "new",
	[STANDING_IN_FORCE] = "in-force",
	[STANDING_OURS] = "held-here",
	[STANDING_TOO_FEW] = "too-few-nodes",
	[STANDING_LIMITED] = "limited",
	[STANDING_NEVER] = "fleet-never",
	[STANDING_ALLOWED] = "allowed",
	[STANDING_NOT_OURS] = "not-a-domain-or-client-here",
	[STANDING_OVERRULED] = "released-by-hand",
	[STANDING_NO_ROOM] = "no-room",
};

static void print_nodes(const struct zone *zone, const struct matter *matter, FILE *out)
{
	unsigned shown = 0;

	for (const struct ballot *ballot = matter->ballots; ballot; ballot = ballot->next) {
		if (!ballot_is_there(zone, ballot))
			continue;
		if (shown == NODES_SHOWN) {
			fputs(",...", out);
			return;
		}
		fprintf(out, "%s%s", shown++ ? "," : "", zone->nodes[ballot->node].name);
	}
}

/* The vote that says most. */
static const struct ballot *strongest(const struct zone *zone, const struct matter *matter)
{
	const struct ballot *best = NULL;

	for (const struct ballot *ballot = matter->ballots; ballot; ballot = ballot->next)
		if (ballot_is_there(zone, ballot) && (!best || ballot->verdict > best->verdict))
			best = ballot;
	return best;
}

static void print_matter(const struct zone *zone, const struct matter *matter, FILE *out, uint64_t now)
{
	const struct ballot *ballot = strongest(zone, matter);
	char client[ADDRESS_TEXT_MAX] = "any", domain[NAME_TEXT_MAX] = "any";

	if (!matter->any_client)
		address_text(client, matter->client);
	if (!matter->any_domain)
		name_text(domain, matter->name, matter->name_len);
	fprintf(out, "%s %s nodes=", client, domain);
	print_nodes(zone, matter, out);
	fprintf(out, " verdict=%s expires=%" PRIu64 " detector=%s score=%u state=%s\n",
	        warden_verdict_name(ballot->verdict), ballot->expires > now ? (ballot->expires - now + SECOND - 1) / SECOND : 0,
	        ballot->detector, ballot->score, words[matter->standing < STANDING_COUNT ? matter->standing : 0]);
}

static uint32_t triggers_there(const struct zone *zone)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < zone->posting_room; i++)
		for (const struct posting *posting = zone->postings[i]; posting; posting = posting->next)
			count += posting_is_there(zone, posting) && posting->at;
	return count;
}

void sharing_print(const struct sharing *sharing, FILE *out, bool primary_is_up, uint64_t now, uint64_t most)
{
	const struct zone *zone = &sharing->zone;
	uint64_t shown = 0;

	fprintf(out, "primary %s, serial %" PRIu32 "%s, %" PRIu32 " votes, %" PRIu32 " in force here, %" PRIu32
	        " of ours waiting, %" PRIu32 " triggers\n", primary_is_up ? "up" : "away", zone->serial,
	        zone->complete ? "" : " (not transferred yet)", zone->votes, sharing->taken, sharing->waiting,
	        triggers_there(zone));
	for (uint32_t i = 0; i < zone->matter_room; i++)
		for (const struct matter *matter = zone->matters[i]; matter; matter = matter->next) {
			if (!strongest(zone, matter))
				continue;
			if (shown++ == most) {
				fputs("... more of them: fleet N prints N\n", out);
				return;
			}
			print_matter(zone, matter, out, now);
		}
}
