/* SPDX-License-Identifier: BSD-3-Clause */
/* zone - tables of matters and postings, and what each record does to them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "fleet/zone.h"

#define ROOM_LEAST 1024

/* ---- tables -------------------------------------------------------------------- */

bool zone_init(struct zone *zone, const struct name *name, const char *own_node, const uint8_t *secret)
{
	*zone = (struct zone){ .name = *name, .secret = secret, .matter_room = ROOM_LEAST, .posting_room = ROOM_LEAST };
	zone->changed_end = &zone->changed;
	zone->matters = calloc(ROOM_LEAST, sizeof(struct matter *));
	zone->postings = calloc(ROOM_LEAST, sizeof(struct posting *));
	return nodes_init(zone, own_node) && zone->matters && zone->postings;
}

static void matter_free(struct matter *matter)
{
	for (struct ballot *ballot = matter->ballots, *next; ballot; ballot = next) {
		next = ballot->next;
		free(ballot);
	}
	free(matter->own);
	free(matter);
}

void zone_free(struct zone *zone)
{
	for (uint32_t i = 0; zone->matters && i < zone->matter_room; i++)
		for (struct matter *matter = zone->matters[i], *next; matter; matter = next) {
			next = matter->next;
			matter_free(matter);
		}
	for (uint32_t i = 0; zone->postings && i < zone->posting_room; i++)
		for (struct posting *posting = zone->postings[i], *next; posting; posting = next) {
			next = posting->next;
			free(posting);
		}
	free(zone->matters);
	free(zone->postings);
	free(zone->nodes);
	free(zone->node_places);
	*zone = (struct zone){ .epoch = 0 };
}

/* Makes a table twice as large; as large as it was without memory. */
#define GROW(type, table, room) do { \
	type **more = calloc((size_t)(room) * 2, sizeof(type *)); \
	if (!more) \
		break; \
	for (uint32_t i = 0; i < (room); i++) \
		for (type *one = (table)[i], *next; one; one = next) { \
			next = one->next; \
			one->next = more[one->hash & ((room) * 2 - 1)]; \
			more[one->hash & ((room) * 2 - 1)] = one; \
		} \
	free(table); \
	(table) = more; \
	(room) *= 2; \
} while (0)

static uint64_t hash_of(const struct zone *zone, unsigned kind, const uint8_t *client, uint8_t prefix,
                        const uint8_t *name, size_t name_len)
{
	uint8_t key[2 + 16 + 256] = { (uint8_t)kind, prefix };
	size_t len = 2;

	if (client) {
		memcpy(key + len, client, 16);
		len += 16;
	}
	if (name_len)
		memcpy(key + len, name, name_len);
	return hash_octets(zone->secret, HASH_HOLD, key, len + name_len);
}

static bool is_of(const struct matter *matter, const struct vote *vote)
{
	if (matter->any_client != vote->any_client || matter->any_domain != vote->any_domain)
		return false;
	if (!vote->any_client &&
	    (matter->prefix != vote->prefix || memcmp(matter->client, vote->client, sizeof(vote->client)) != 0))
		return false;
	return vote->any_domain ||
	       (matter->name_len == vote->name_len && !memcmp(matter->name, vote->name, vote->name_len));
}

struct matter *zone_matter(struct zone *zone, const struct vote *vote, bool make)
{
	size_t name_len = vote->any_domain ? 0 : vote->name_len;
	uint64_t hash = hash_of(zone, vote->any_client | vote->any_domain << 1, vote->any_client ? NULL : vote->client,
	                        vote->any_client ? 0 : vote->prefix, vote->name, name_len);
	struct matter *matter;

	for (matter = zone->matters[hash & (zone->matter_room - 1)]; matter; matter = matter->next)
		if (matter->hash == hash && is_of(matter, vote))
			return matter;
	if (!make)
		return NULL;
	if (zone->matter_count >= zone->matter_room)
		GROW(struct matter, zone->matters, zone->matter_room);
	matter = calloc(1, sizeof(*matter) + name_len);
	if (!matter)
		return NULL;
	matter->hash = hash;
	matter->any_client = vote->any_client;
	matter->any_domain = vote->any_domain;
	if (!vote->any_client) {
		memcpy(matter->client, vote->client, sizeof(matter->client));
		matter->prefix = vote->prefix;
	}
	matter->name_len = (uint8_t)name_len;
	memcpy(matter->name, vote->name, name_len);
	matter->next = zone->matters[hash & (zone->matter_room - 1)];
	zone->matters[hash & (zone->matter_room - 1)] = matter;
	zone->matter_count++;
	return matter;
}

static bool is_posting_of(const struct posting *posting, const struct trigger *trigger)
{
	if (posting->is_client != trigger->is_client)
		return false;
	if (trigger->is_client)
		return posting->prefix == trigger->prefix && !memcmp(posting->client, trigger->client, sizeof(trigger->client));
	return posting->name_len == trigger->name_len && !memcmp(posting->name, trigger->name, trigger->name_len);
}

struct posting *zone_posting(struct zone *zone, const struct trigger *trigger, bool make)
{
	size_t name_len = trigger->is_client ? 0 : trigger->name_len;
	uint64_t hash = hash_of(zone, trigger->is_client, trigger->is_client ? trigger->client : NULL,
	                        trigger->is_client ? trigger->prefix : 0, trigger->name, name_len);
	struct posting *posting;

	for (posting = zone->postings[hash & (zone->posting_room - 1)]; posting; posting = posting->next)
		if (posting->hash == hash && is_posting_of(posting, trigger))
			return posting;
	if (!make || zone->posting_count >= VOTES_MAX)
		return NULL;
	if (zone->posting_count >= zone->posting_room)
		GROW(struct posting, zone->postings, zone->posting_room);
	posting = calloc(1, sizeof(*posting) + name_len);
	if (!posting)
		return NULL;
	posting->hash = hash;
	posting->is_client = trigger->is_client;
	posting->prefix = trigger->prefix;
	memcpy(posting->client, trigger->client, sizeof(posting->client));
	posting->name_len = (uint8_t)name_len;
	memcpy(posting->name, trigger->name, name_len);
	posting->next = zone->postings[hash & (zone->posting_room - 1)];
	zone->postings[hash & (zone->posting_room - 1)] = posting;
	zone->posting_count++;
	return posting;
}

/* ---- what has changed ---------------------------------------------------------- */

void zone_changed(struct zone *zone, struct matter *matter)
{
	if (matter->changed)
		return;
	matter->changed = true;
	matter->next_changed = NULL;
	*zone->changed_end = matter;
	zone->changed_end = &matter->next_changed;
}

void zone_posting_changed(struct zone *zone, struct posting *posting)
{
	if (posting->changed)
		return;
	posting->changed = true;
	posting->next_changed = zone->posting_changed;
	zone->posting_changed = posting;
}

struct matter *zone_next_changed(struct zone *zone)
{
	struct matter *matter = zone->changed;

	if (!matter)
		return NULL;
	zone->changed = matter->next_changed;
	if (!zone->changed)
		zone->changed_end = &zone->changed;
	matter->changed = false;
	return matter;
}

struct posting *zone_next_posting(struct zone *zone)
{
	struct posting *posting = zone->posting_changed;

	if (posting) {
		zone->posting_changed = posting->next_changed;
		posting->changed = false;
	}
	return posting;
}

/* ---- records ------------------------------------------------------------------- */

uint64_t zone_digest(const struct zone *zone, const struct vote *vote)
{
	uint8_t text[FLEET_ID_MAX + VOTE_TEXT_MAX];
	size_t len = vote_strings(vote, text + FLEET_ID_MAX);
	uint64_t digest;

	if (!len)
		return 0;
	memcpy(text, vote->id, FLEET_ID_MAX);
	digest = hash_octets(zone->secret, HASH_HOLD, text, FLEET_ID_MAX + len);
	return digest > 1 ? digest : 2;
}

static struct ballot *ballot_of(const struct matter *matter, uint16_t node)
{
	struct ballot *ballot = matter->ballots;

	while (ballot && ballot->node != node)
		ballot = ballot->next;
	return ballot;
}

struct ballot *zone_own_ballot(const struct zone *zone, const struct matter *matter)
{
	struct ballot *ballot = ballot_of(matter, 0);

	return ballot && ballot_is_there(zone, ballot) ? ballot : NULL;
}

/* What there is room for: of a node that floods the zone, no more than others could have as well. */
static bool has_room(const struct zone *zone, const struct node *node)
{
	return zone->votes < VOTES_MAX && (node->ours || node->votes < VOTES_OF_NODE_MAX) &&
	       zone->matter_count < 2 * VOTES_MAX;
}

static enum zone_added vote_add(struct zone *zone, const struct vote *vote)
{
	uint16_t number = node_of(zone, vote->node);
	struct ballot *ballot;
	struct matter *matter;
	uint64_t digest;

	if (number == NODE_NONE || !has_room(zone, &zone->nodes[number]))
		return ZONE_FULL;
	matter = zone_matter(zone, vote, true);
	if (!matter)
		return ZONE_NO_MEMORY;
	ballot = ballot_of(matter, number);
	if (ballot && ballot_is_there(zone, ballot))
		return ballot->digest == zone_digest(zone, vote) ? ZONE_IGNORED : ZONE_MALFORMED; /* one has one vote */
	if (!ballot) {
		ballot = calloc(1, sizeof(*ballot));
		if (!ballot) {
			zone_changed(zone, matter); /* it may be of no use */
			return ZONE_NO_MEMORY;
		}
		ballot->node = number;
		node_gains(zone, &zone->nodes[number]);
		ballot->next = matter->ballots;
		matter->ballots = ballot;
	}
	digest = zone_digest(zone, vote);
	ballot->overruled = ballot->overruled && ballot->digest == digest;
	ballot->digest = digest;
	ballot->made = vote->made;
	ballot->expires = vote->expires;
	ballot->verdict = vote->verdict;
	ballot->confidence = vote->confidence;
	ballot->score = vote->score;
	ballot->clients = vote->clients;
	memcpy(ballot->id, vote->id, sizeof(ballot->id));
	memcpy(ballot->detector, vote->detector, sizeof(ballot->detector));
	ballot->gone = false;
	ballot->epoch = zone->epoch;
	zone->nodes[number].votes++;
	zone->votes++;
	zone_changed(zone, matter);
	return ZONE_ADDED;
}

static void vote_remove(struct zone *zone, const struct vote *vote)
{
	struct matter *matter = zone_matter(zone, vote, false);

	for (struct ballot *ballot = matter ? matter->ballots : NULL; ballot; ballot = ballot->next)
		if (!strcmp(zone->nodes[ballot->node].name, vote->node) && ballot_is_there(zone, ballot) &&
		    ballot->digest == zone_digest(zone, vote)) {
			ballot->gone = true;
			zone->nodes[ballot->node].votes--;
			zone->votes--;
			zone_changed(zone, matter);
			return;
		}
}

/* Notes what subscribers are told, or no longer. */
static enum zone_added trigger_put(struct zone *zone, const struct trigger *trigger, bool added)
{
	struct posting *posting = zone_posting(zone, trigger, added);
	uint8_t *verdict;

	if (!posting && added)
		return zone->posting_count >= VOTES_MAX ? ZONE_FULL : ZONE_NO_MEMORY;
	if (!posting)
		return ZONE_IGNORED;
	if (posting->epoch != zone->epoch)
		posting->at = posting->below = 0;
	posting->epoch = zone->epoch;
	verdict = trigger->wild ? &posting->below : &posting->at;
	if (added && *verdict != TRIGGER_FOREIGN)
		*verdict = trigger->verdict;
	else if (!added && *verdict == trigger->verdict)
		*verdict = 0;
	zone_posting_changed(zone, posting);
	return ZONE_ADDED;
}

static bool owner_of(struct name *owner, const ldns_rr *rr)
{
	const ldns_rdf *rdf = ldns_rr_owner(rr);

	return rdf && name_parse(owner, ldns_rdf_data(rdf), ldns_rdf_size(rdf));
}

static enum zone_added record_add(struct zone *zone, const ldns_rr *rr)
{
	struct trigger trigger;
	struct name owner;
	struct vote vote;

	if (!owner_of(&owner, rr))
		return ZONE_MALFORMED;
	switch (vote_from_rr(&vote, &zone->name, &owner, rr)) {
	case VOTE_READ:
		return vote_add(zone, &vote);
	case VOTE_REFUSED:
		return ZONE_MALFORMED;
	default:
		return trigger_from_rr(&trigger, &zone->name, &owner, rr) ? trigger_put(zone, &trigger, true) : ZONE_IGNORED;
	}
}

enum zone_added zone_add(struct zone *zone, const ldns_rr *rr)
{
	enum zone_added added = record_add(zone, rr);

	zone->complete = false;
	zone->torn |= added == ZONE_NO_MEMORY;
	return added;
}

void zone_remove(struct zone *zone, const ldns_rr *rr)
{
	struct trigger trigger;
	struct name owner;
	struct vote vote;

	zone->complete = false;
	if (!owner_of(&owner, rr))
		return;
	switch (vote_from_rr(&vote, &zone->name, &owner, rr)) {
	case VOTE_READ:
		vote_remove(zone, &vote);
		return;
	case VOTE_REFUSED:
		return;
	default:
		if (trigger_from_rr(&trigger, &zone->name, &owner, rr))
			trigger_put(zone, &trigger, false);
	}
}

void zone_begin(struct zone *zone)
{
	zone->epoch++;
	zone->complete = zone->torn = false;
	zone->votes = 0;
	for (uint16_t i = 0; i < zone->node_count; i++)
		zone->nodes[i].votes = 0;
}

void zone_end(struct zone *zone, uint32_t serial)
{
	zone->serial = serial;
	zone->complete = !zone->torn;
}

/* ---- freeing ------------------------------------------------------------------- */

void zone_tidy(struct zone *zone, struct matter *matter)
{
	struct matter **link = &zone->matters[matter->hash & (zone->matter_room - 1)];

	for (struct ballot **at = &matter->ballots, *ballot; (ballot = *at);) {
		if (ballot_is_there(zone, ballot) || ballot->turn.under_way) {
			at = &ballot->next;
			continue;
		}
		if (ballot->admitted)
			zone->nodes[ballot->node].admitted--;
		node_loses(zone, &zone->nodes[ballot->node]);
		*at = ballot->next;
		free(ballot);
	}
	if (matter->ballots || matter->own || matter->posting || matter->held_until || matter->changed)
		return;
	while (*link != matter)
		link = &(*link)->next;
	*link = matter->next;
	zone->matter_count--;
	free(matter);
}

void zone_tidy_posting(struct zone *zone, struct posting *posting)
{
	struct posting **link = &zone->postings[posting->hash & (zone->posting_room - 1)];

	if (posting->matters || posting->turn.under_way || posting->changed || posting_is_there(zone, posting))
		return;
	while (*link != posting)
		link = &(*link)->next;
	*link = posting->next;
	zone->posting_count--;
	free(posting);
}
