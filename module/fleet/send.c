/* SPDX-License-Identifier: BSD-3-Clause */
/* send - what is sent to the primary: as many changes in one message as fit, and what becomes of it.
 *
 * An update is done as a whole or not at all, so one change that the primary does not like keeps back all others in
 * it. After a refusal half as many are sent, and so on until one is refused alone: that one waits, longer each time,
 * and the others go on. While there is no answer at all, everything waits together.
 *
 * Votes that others have left are removed when there is nothing else to do, and only tried four times a day where that is
 * refused: a publisher's key need not be good for it, and mostly is not.
 */
#include <stdio.h>
#include <string.h>

#include "primary/primary.h"
#include "fleet/sharing.h"

#define RETRY_MOST     (10 * SECOND) /* between two tries while the primary is away */
#define BLAMED_MOST    (10 * MINUTE) /* between two tries of what is refused */
#define STALE_AFTER    MINUTE        /* an expired vote of somebody else's is removed */

static_assert(BLAMED_MOST >= MINUTE, "no turn is further ahead");

#define STALE_REFUSED  (6 * HOUR)    /* until the removal of such votes is tried again */

/* The update that is being made. */
struct making {
	struct sharing *sharing;
	ldns_rr_list *add, *remove;
	uint64_t now;
	bool full;
};

/* Gives <rr> to <list>. False without memory, or without <rr>. */
static bool push(struct making *making, ldns_rr_list *list, ldns_rr *rr)
{
	struct update *update = &making->sharing->update;
	size_t octets = rr ? ldns_rr_uncompressed_size(rr) : 0;

	if (!rr || !ldns_rr_list_push_rr(list, rr)) {
		ldns_rr_free(rr);
		return false;
	}
	update->octets += octets;
	return true;
}

/* A removal of all of a type at the name of <vote>. */
static bool push_removal(struct making *making, const char *id, const char *node)
{
	uint8_t owner[NAME_WIRE_MAX];
	struct vote vote;

	snprintf(vote.id, sizeof(vote.id), "%s", id);
	snprintf(vote.node, sizeof(vote.node), "%s", node);
	return push(making, making->remove,
	            record_bare(owner, vote_owner(&vote, &making->sharing->zone.name, owner), LDNS_RR_TYPE_TXT));
}

static struct change *change_add(struct making *making, struct turn *turn)
{
	struct update *update = &making->sharing->update;
	struct pace *pace = &making->sharing->pace[update->kind];
	struct change *change = &update->change[update->count++];

	memset(change, 0, sizeof(*change));
	turn->under_way = true;
	making->full = update->count >= pace->size || update->octets >= UPDATE_OCTETS_MAX;
	return change;
}

/* What cannot even be written waits as if it had been refused. */
static void blame(struct turn *turn, uint64_t now, uint64_t most)
{
	uint64_t wait = SECOND << (turn->failures < 10 ? turn->failures : 10);

	turn->failures += turn->failures < UINT8_MAX;
	turn->after = now + (wait < most ? wait : most);
}

static bool turn_has_come(const struct turn *turn, uint64_t now)
{
	return clock_reached(turn->after, now, BLAMED_MOST);
}

/* Restores <making> to where it was, after half of a change did not come about. */
static void undo(struct making *making, size_t added, size_t removed)
{
	while (ldns_rr_list_rr_count(making->add) > added)
		ldns_rr_free(ldns_rr_list_pop_rr(making->add));
	while (ldns_rr_list_rr_count(making->remove) > removed)
		ldns_rr_free(ldns_rr_list_pop_rr(making->remove));
}

static void add_own(struct making *making, struct own *own)
{
	struct sharing *sharing = making->sharing;
	const struct ballot *ballot = zone_own_ballot(&sharing->zone, own->matter);
	const char *node = sharing->zone.nodes[0].name;
	size_t added = ldns_rr_list_rr_count(making->add), removed = ldns_rr_list_rr_count(making->remove);
	bool wanted = own_is_wanted(sharing, own) && own->digest && own->vote.expires > making->now, good = true;
	struct change *change;

	if (ballot && strcmp(ballot->id, own->vote.id) != 0)
		good = push_removal(making, ballot->id, node);
	if (own->vote.id[0])
		good = good && push_removal(making, own->vote.id, node);
	if (wanted)
		good = good && push(making, making->add, vote_to_rr(&own->vote, &sharing->zone.name));
	if (!good) {
		undo(making, added, removed);
		blame(&own->turn, making->now, BLAMED_MOST);
		return;
	}
	change = change_add(making, &own->turn);
	change->own = own;
	change->digest = wanted ? own->digest : 1;
}

static void add_posting(struct making *making, struct posting *posting, uint8_t verdict)
{
	const struct name *zone = &making->sharing->zone.name;
	size_t added = ldns_rr_list_rr_count(making->add), removed = ldns_rr_list_rr_count(making->remove);
	struct trigger trigger = { .is_client = posting->is_client, .prefix = posting->prefix, .verdict = verdict };
	struct change *change;
	uint8_t owner[NAME_WIRE_MAX];
	bool good = true;

	memcpy(trigger.client, posting->client, sizeof(trigger.client));
	trigger.name_len = posting->name_len;
	memcpy(trigger.name, posting->name, posting->name_len);
	for (unsigned wild = 0; wild < (posting->is_client ? 1u : 2u) && good; wild++) {
		trigger.wild = wild;
		good = push(making, making->remove, record_bare(owner, trigger_owner(&trigger, zone, owner), LDNS_RR_TYPE_CNAME)) &&
		       (!verdict || push(making, making->add, trigger_to_rr(&trigger, zone)));
	}
	if (!good) {
		if (!posting->turn.failures)
			sharing_count(making->sharing, COUNTER_fleet_lost); /* a name that is too long in this zone */
		undo(making, added, removed);
		blame(&posting->turn, making->now, BLAMED_MOST);
		return;
	}
	change = change_add(making, &posting->turn);
	change->posting = posting;
	change->verdict = verdict;
}

static void add_owns(struct making *making)
{
	struct sharing *sharing = making->sharing;

	sharing->waiting = 0;
	for (struct own *own = sharing->own; own; own = own->next) {
		if ((own->walk == sharing->walk && !own->allowed) || !own_is_due(sharing, own, making->now))
			continue;
		sharing->waiting++;
		if (!making->full && turn_has_come(&own->turn, making->now))
			add_own(making, own);
	}
}

/* The vote that the record of <ballot> is: it has one text only, so this is that record. */
static void vote_of(const struct zone *zone, const struct stale *stale, struct vote *vote)
{
	const struct matter *matter = stale->matter;
	const struct ballot *ballot = stale->ballot;

	*vote = (struct vote){
		.any_client = matter->any_client,
		.any_domain = matter->any_domain,
		.prefix = matter->prefix,
		.name_len = matter->name_len,
		.verdict = ballot->verdict,
		.confidence = ballot->confidence,
		.score = ballot->score,
		.clients = ballot->clients,
		.made = ballot->made,
		.expires = ballot->expires,
	};
	memcpy(vote->client, matter->client, sizeof(vote->client));
	memcpy(vote->name, matter->name, matter->name_len);
	memcpy(vote->id, ballot->id, sizeof(vote->id));
	memcpy(vote->detector, ballot->detector, sizeof(vote->detector));
	memcpy(vote->node, zone->nodes[ballot->node].name, sizeof(vote->node));
}

/* Votes that nobody has removed since they ended, of nodes that are no more. Such a node may be back, and a vote renewed:
 * since it was found to be stale, which is looked at again, or since the last transfer, which only the primary knows. So
 * the record that ended is removed, and not what stands at its name.
 */
static void add_stale(struct making *making)
{
	struct sharing *sharing = making->sharing;

	for (; sharing->stale_count && !making->full; sharing->stale_count--) {
		const struct stale *stale = &sharing->stale[sharing->stale_count - 1];
		struct ballot *ballot = stale->ballot;
		struct vote vote;

		ballot->turn.under_way = false;
		if (!ballot_is_there(&sharing->zone, ballot) || !ballot_is_stale(ballot, making->now))
			continue;
		vote_of(&sharing->zone, stale, &vote);
		if (push(making, making->remove, vote_to_rr(&vote, &sharing->zone.name)))
			change_add(making, &ballot->turn)->ballot = ballot;
	}
}

static void add_postings(struct making *making, const struct config *config)
{
	struct posting *posting;
	uint8_t verdict;

	while (!making->full && (posting = zone_next_posting(&making->sharing->zone))) {
		if (post_is_due(making->sharing, config, posting, making->now, &verdict) && !posting->turn.under_way) {
			if (turn_has_come(&posting->turn, making->now))
				add_posting(making, posting, verdict);
		} else {
			zone_tidy_posting(&making->sharing->zone, posting);
		}
	}
}

bool ballot_is_stale(const struct ballot *ballot, uint64_t now)
{
	return !ballot->turn.under_way && turn_has_come(&ballot->turn, now) && ballot->expires <= now &&
	       now - ballot->expires >= STALE_AFTER;
}

bool sharing_update(struct sharing *sharing, uint64_t now, ldns_rr_list **add, ldns_rr_list **remove)
{
	struct update *update = &sharing->update;
	unsigned cell;

	if (update->since || !sharing->zone.complete)
		return false;
	*add = ldns_rr_list_new();
	*remove = ldns_rr_list_new();
	for (unsigned kind = 0; *add && *remove && kind < UPDATE_KINDS && !update->count; kind++) {
		struct making making = { .sharing = sharing, .add = *add, .remove = *remove, .now = now };

		if (!clock_reached(sharing->pace[kind].after, now, kind == UPDATE_STALE ? STALE_REFUSED : RETRY_MOST))
			continue;
		/* Triggers of matters that were not looked at yet would seem to be nobody's. */
		if (kind == UPDATE_ZONE && (!sharing->sweeps || sharing->zone.changed))
			continue;
		update->kind = (enum update_kind)kind;
		update->octets = 0;
		if (kind == UPDATE_VOTES) {
			add_owns(&making);
		} else if (kind == UPDATE_STALE) {
			add_stale(&making);
		} else {
			add_postings(&making, rules_enter(sharing->warden, &cell)->config);
			rules_leave(sharing->warden, cell);
		}
	}
	if (update->count) {
		update->since = now;
		return true;
	}
	ldns_rr_list_deep_free(*add);
	ldns_rr_list_deep_free(*remove);
	return false;
}

/* ---- answers ------------------------------------------------------------------- */

static struct turn *turn_of(const struct change *change)
{
	return change->own ? &change->own->turn : change->posting ? &change->posting->turn : &change->ballot->turn;
}

static void taken(struct sharing *sharing, const struct change *change, uint64_t now)
{
	struct turn *turn = turn_of(change);

	turn->failures = 0;
	turn->after = 0;
	if (change->own) {
		change->own->sent = change->digest;
		change->own->sent_at = now;
		zone_changed(&sharing->zone, change->own->matter); /* what the zone has, can be posted */
	} else if (change->posting) {
		change->posting->sent = change->verdict;
		change->posting->sent_at = now;
	} else {
		turn->after = now + MINUTE;
	}
}

void sharing_answered(struct sharing *sharing, int rcode, uint64_t now)
{
	struct update *update = &sharing->update;
	struct pace *pace = &sharing->pace[update->kind];
	bool away = rcode == PRIMARY_NO_ANSWER;
	bool fails = rcode == LDNS_RCODE_SERVFAIL; /* mostly of itself, such as with a full disk, and over when that is */

	for (unsigned i = 0; i < update->count; i++) {
		turn_of(&update->change[i])->under_way = false;
		if (!rcode)
			taken(sharing, &update->change[i], now);
		if (update->change[i].posting)
			zone_posting_changed(&sharing->zone, update->change[i].posting);
	}
	/* That this node may not remove what others have left is usual, and nothing to look into. */
	if (!rcode || away || fails || update->kind != UPDATE_STALE)
		sharing_count(sharing, rcode ? COUNTER_fleet_failed : COUNTER_fleet_sent);
	if (!rcode) {
		pace->size = pace->size * 2 < UPDATE_CHANGES_MAX ? pace->size * 2 : UPDATE_CHANGES_MAX;
		pace->failures = 0;
		pace->after = 0;
	} else if (away) {
		uint64_t wait = SECOND << (pace->failures < 4 ? pace->failures : 4);

		pace->failures += pace->failures < UINT8_MAX;
		pace->after = now + (wait < RETRY_MOST ? wait : RETRY_MOST);
	} else if (update->kind == UPDATE_STALE) {
		pace->after = now + (fails ? MINUTE : STALE_REFUSED);
	} else if (update->count > 1) {
		pace->size = update->count / 2;
	} else {
		if (update->count)
			blame(turn_of(&update->change[0]), now, fails ? MINUTE : BLAMED_MOST);
		pace->after = now + SECOND;
	}
	update->since = 0;
	update->count = 0;
}

void sharing_answers_again(struct sharing *sharing)
{
	for (unsigned kind = 0; kind < UPDATE_KINDS; kind++)
		if (sharing->pace[kind].failures) {
			sharing->pace[kind].failures = 0;
			sharing->pace[kind].after = 0;
		}
}
