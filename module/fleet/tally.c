/* SPDX-License-Identifier: BSD-3-Clause */
/* tally - what nodes enough agree on.
 *
 *     nodes     verdict   expires       fleet-min-nodes: 2
 *     n1        refuse    12:00         the strongest verdict that two share:        nodata
 *     n2        nodata    13:00         the time at which fewer than two are left:   12:30
 *     n3        tcp       12:30
 *
 * So one node more can neither make it harsher than enough others would have it, nor longer. A node's vote is worth
 * nothing before it is made, give or take what clocks differ by, and after it has been held for fleet-hold-max: whatever
 * it says of its end. Ours is worth nothing from when we no longer hold it, even while it still stands in the zone.
 */
#include <stdlib.h>
#include <string.h>

#include "fleet/sharing.h"

#define CLOCKS_DIFFER (5 * MINUTE)

/* When a vote that was made at <made> is no longer worth anything here; 0: it is not yet. */
static uint64_t end_of(uint64_t made, uint64_t expires, const struct settings *settings, uint64_t now)
{
	if (made > now + CLOCKS_DIFFER)
		return 0;
	return expires - made < settings->fleet_hold_max ? expires : made + settings->fleet_hold_max;
}

/* Keeps the <most> largest of what it is given, largest first. */
struct top {
	uint64_t *number;
	unsigned count, most;
};

static void top_offer(struct top *top, uint64_t number)
{
	unsigned at = top->count < top->most ? top->count++ : top->most;

	if (at == top->most) {
		if (top->number[--at] >= number)
			return;
	}
	for (; at && top->number[at - 1] < number; at--)
		top->number[at] = top->number[at - 1];
	top->number[at] = number;
}

struct tally tally_of(const struct sharing *sharing, const struct matter *matter, const struct settings *settings,
                      bool with_ours, bool only_admitted, uint64_t now)
{
	unsigned enough = (unsigned)settings->fleet_min_nodes;
	uint64_t verdicts[1000], confidences[1000], ends[1000];
	struct top verdict = { verdicts, 0, enough }, confidence = { confidences, 0, enough }, end = { ends, 0, enough };
	const struct own *own = with_ours ? matter->own : NULL;
	struct tally tally = { .digest = 1 };

	for (const struct ballot *ballot = matter->ballots; ballot; ballot = ballot->next) {
		uint64_t until = end_of(ballot->made, ballot->expires, settings, now);

		if (!ballot_is_there(&sharing->zone, ballot) || !ballot->node || until <= now)
			continue;
		tally.nodes++;
		tally.digest += ballot->digest * 2; /* in whatever order; odd, so never 0 */
		if (ballot->clients > tally.clients)
			tally.clients = ballot->clients;
		if (only_admitted && !ballot->admitted)
			continue;
		top_offer(&verdict, ballot->verdict);
		top_offer(&confidence, ballot->confidence);
		top_offer(&end, until);
		if (ballot->score > tally.score)
			tally.score = ballot->score;
	}
	if (own && own_is_wanted(sharing, own) && own->vote.expires > now) {
		top_offer(&verdict, own->vote.verdict);
		top_offer(&confidence, own->vote.confidence);
		top_offer(&end, own->vote.expires);
		if (own->vote.clients > tally.clients)
			tally.clients = own->vote.clients;
	}
	tally.agreed = end.count == enough;
	if (tally.agreed) {
		tally.verdict = (uint8_t)verdicts[enough - 1];
		tally.confidence = (uint8_t)confidences[enough - 1];
		tally.expires = ends[enough - 1];
	}
	return tally;
}
