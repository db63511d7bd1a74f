/* SPDX-License-Identifier: BSD-3-Clause */
/* take - what other nodes hold is held here, too, as long as enough of them do.
 *
 * Each node may have fleet-limit verdicts in force here and fleet-rate new ones a minute: a vote that is within both is
 * admitted, and stays so while it is of use. Only votes that could make a difference are: so a node that is alone with
 * its verdicts spends nothing. A hold that is there already, since before a restart, needs nobody's leave again.
 *
 * Who releases by hand what others hold, or what this node holds as others do, means it: until a vote comes that is new
 * or renewed it is not held again, whichever of those there are may end meanwhile. That is known until a restart.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fleet/sharing.h"

#define TOLD_SPARED  1 /* bits of matter.told */
#define TOLD_LIMITED 2

static uint64_t client_of_matter(const struct sharing *sharing, const struct matter *matter)
{
	return matter->any_client ? 0 : client_hash(&sharing->warden->mapping, matter->client);
}

static uint64_t domain_of_matter(const struct sharing *sharing, const struct matter *matter)
{
	return matter->any_domain ? 0 : domain_hash(&sharing->warden->mapping, matter->name, matter->name_len);
}

/* Counts once what of a matter is told of once. */
static void tell(struct sharing *sharing, struct matter *matter, unsigned what, enum counter_id counter)
{
	if (!(matter->told & what))
		sharing_count(sharing, counter);
	matter->told |= (uint8_t)what;
}

/* Takes back what the votes for <matter> were admitted for. */
static void dismiss(struct sharing *sharing, struct matter *matter)
{
	for (struct ballot *ballot = matter->ballots; ballot; ballot = ballot->next) {
		if (ballot->admitted)
			sharing->zone.nodes[ballot->node].admitted--;
		ballot->admitted = false;
	}
}

/* Admits the votes that their nodes' limits let pass; all of them where they were in force before. */
static void admit(struct sharing *sharing, const struct settings *settings, struct matter *matter, bool were,
                  uint64_t now)
{
	for (struct ballot *ballot = matter->ballots; ballot; ballot = ballot->next) {
		struct node *node = &sharing->zone.nodes[ballot->node];
		bool live = ballot_is_there(&sharing->zone, ballot) && !node->ours && ballot->expires > now;

		if (live == ballot->admitted || node->ours)
			continue;
		if (live && (node->admitted >= settings->fleet_limit ||
		             !(were || bucket_take(&node->bucket, settings->fleet_rate, now))))
			continue;
		ballot->admitted = live;
		node->admitted += live ? 1 : UINT32_MAX;
	}
}

/* "n1,n2 information score 80": who says so. */
static void comment_on(const struct sharing *sharing, const struct matter *matter, const struct tally *tally,
                       struct hold *hold)
{
	const struct ballot *first = NULL;
	size_t used = 0, room = sizeof(hold->comment) - FLEET_DETECTOR_MAX - sizeof(" score 100 ,...");

	for (const struct ballot *ballot = matter->ballots; ballot; ballot = ballot->next) {
		const char *name = sharing->zone.nodes[ballot->node].name;

		if (!ballot->admitted)
			continue;
		if (!first || ballot->confidence > first->confidence)
			first = ballot;
		if (used + 1 + strlen(name) > room) {
			used += (size_t)snprintf(hold->comment + used, sizeof(hold->comment) - used, ",...");
			break;
		}
		used += (size_t)snprintf(hold->comment + used, sizeof(hold->comment) - used, "%s%s", used ? "," : "", name);
	}
	snprintf(hold->comment + used, sizeof(hold->comment) - used, " %s score %u", first ? first->detector : "",
	         tally->score);
}

/* Holds <matter> as the nodes agree. False when the table has no room for it: half of it is for others. */
static bool hold_it(struct sharing *sharing, struct matter *matter, const struct tally *tally, bool is_new,
                    uint64_t now)
{
	struct mapping *mapping = &sharing->warden->mapping;
	struct hold hold = {
		.verdict = tally->verdict,
		.detector = HOLD_BY_FLEET,
		.confidence = tally->confidence,
		.domain_hash = domain_of_matter(sharing, matter),
		.name_len = matter->name_len,
		.made = now,
		.expires = tally->expires,
	};

	if (is_new && atomic_load(&mapping->header->holds) >= table_capacity(&mapping->holds) / 2)
		return false;
	memcpy(hold.client, matter->client, sizeof(hold.client));
	memcpy(hold.name, matter->name, matter->name_len);
	comment_on(sharing, matter, tally, &hold);
	return hold_set(mapping, client_of_matter(sharing, matter), &hold, now);
}

/* An operator has released it in spite of the votes that there are, */
static void overrule(struct matter *matter)
{
	matter->overruled = true;
	for (struct ballot *ballot = matter->ballots; ballot; ballot = ballot->next)
		ballot->overruled = true;
}

/* and there is another one since. */
static bool has_new_vote(const struct sharing *sharing, const struct matter *matter, uint64_t now)
{
	for (const struct ballot *ballot = matter->ballots; ballot; ballot = ballot->next)
		if (ballot->node && !ballot->overruled && ballot_is_there(&sharing->zone, ballot) && ballot->expires > now)
			return true;
	return false;
}

/* What its state is, with what is held there now in <hold>. */
static enum standing judge(struct sharing *sharing, const struct config *config, struct matter *matter,
                           const struct hold *hold, bool found, struct tally *tally, uint64_t now)
{
	const struct settings *settings = &config->settings;
	bool ours = found && hold->detector != HOLD_BY_FLEET;
	enum standing standing = permit(sharing, config, matter, now);
	struct tally all = tally_of(sharing, matter, settings, false, false, now);
	struct tally with_ours = tally_of(sharing, matter, settings, true, false, now);

	/* What the guard has ended is no word of an operator's. */
	if (!found && matter->held_until > now && !(matter->held_together && atomic_load(&sharing->warden->alone)))
		overrule(matter);
	else if (matter->overruled && has_new_vote(sharing, matter, now))
		matter->overruled = false;
	if (standing == STANDING_NEW && matter->overruled)
		standing = STANDING_OVERRULED;
	if (standing != STANDING_NEW || !with_ours.agreed) {
		dismiss(sharing, matter);
		if (standing != STANDING_NEW && standing != STANDING_OVERRULED && all.nodes)
			tell(sharing, matter, TOLD_SPARED, COUNTER_fleet_spared);
		return ours ? STANDING_OURS : standing != STANDING_NEW ? standing : STANDING_TOO_FEW;
	}
	admit(sharing, settings, matter, found && !ours, now);
	if (ours)
		return STANDING_OURS;
	*tally = tally_of(sharing, matter, settings, false, true, now);
	if (tally->agreed)
		return STANDING_IN_FORCE;
	if (!all.agreed)
		return STANDING_TOO_FEW;
	tell(sharing, matter, TOLD_LIMITED, COUNTER_fleet_limited);
	return STANDING_LIMITED;
}

/* Whether what is held says something else than the nodes do now. */
static uint64_t digest_of(const struct tally *tally)
{
	return tally->digest * 31 + tally->expires * 8 + tally->verdict + tally->confidence * UINT64_C(1000003);
}

static void settle(struct sharing *sharing, const struct config *config, struct matter *matter, uint64_t now)
{
	struct mapping *mapping = &sharing->warden->mapping;
	uint64_t client = client_of_matter(sharing, matter), domain = domain_of_matter(sharing, matter);
	struct hold hold;
	bool found = hold_find(mapping, client, domain, now, &hold);
	struct tally tally = { .nodes = 0 };
	enum standing standing = judge(sharing, config, matter, &hold, found, &tally, now), before = matter->standing;

	if (standing == STANDING_IN_FORCE) {
		if (!found || matter->held_digest != digest_of(&tally)) {
			if (!hold_it(sharing, matter, &tally, !found, now)) {
				standing = STANDING_NO_ROOM;
				tell(sharing, matter, TOLD_LIMITED, COUNTER_fleet_limited);
				dismiss(sharing, matter);
			} else if (!found) {
				sharing_count(sharing, COUNTER_fleet_taken);
			}
		}
		matter->held_digest = digest_of(&tally);
		matter->held_together = false;
		matter->held_until = standing == STANDING_IN_FORCE ? tally.expires : 0;
	} else {
		if (found && hold.detector == HOLD_BY_FLEET)
			hold_release(mapping, client, domain, now);
		matter->held_until = standing == STANDING_OURS ? hold.expires : 0;
		matter->held_together = standing == STANDING_OURS && hold.together;
		matter->held_digest = 0;
	}
	sharing->taken += (standing == STANDING_IN_FORCE) - (before == STANDING_IN_FORCE);
	matter->standing = (uint8_t)standing;
}

void take(struct sharing *sharing, const struct config *config, struct matter *matter, uint64_t now)
{
	const struct settings *settings = &config->settings;
	enum standing permitted;
	struct tally all, within;
	bool agreed;

	if (!matter->ballots && !matter->own && !matter->held_until && !matter->posting)
		return;
	settle(sharing, config, matter, now);
	all = tally_of(sharing, matter, settings, true, false, now);
	within = tally_of(sharing, matter, settings, true, true, now);
	permitted = permit(sharing, config, matter, now);
	agreed = within.agreed && permitted == STANDING_NEW && !matter->overruled;
	post(sharing, config, matter, all.agreed, permitted == STANDING_NEVER, agreed ? within.verdict : 0, within.clients);
}

/* Holds of other nodes' making for which there is no vote any more, since before a restart. */
void take_orphans(struct sharing *sharing, const struct config *config, uint64_t now)
{
	struct mapping *mapping = &sharing->warden->mapping;
	struct hold hold;

	for (uint32_t i = 0; holds_any(mapping) && i < table_capacity(&mapping->holds); i++) {
		struct vote vote = { .prefix = 0 };
		struct matter *matter;

		if (!hold_read(mapping, i, now, &hold) || hold.detector != HOLD_BY_FLEET)
			continue;
		vote.any_client = hold.any_client;
		vote.any_domain = !hold.name_len;
		memcpy(vote.client, hold.client, sizeof(vote.client));
		vote.name_len = hold.name_len;
		memcpy(vote.name, hold.name, hold.name_len);
		vote.prefix = hold.any_client ? 0 : (uint8_t)permit_prefix(&config->settings, hold.client);
		matter = zone_matter(&sharing->zone, &vote, false);
		if (!matter || matter->standing != STANDING_IN_FORCE)
			hold_release(mapping, hold.any_client ? 0 : client_hash(mapping, hold.client), hold.domain_hash, now);
	}
}
