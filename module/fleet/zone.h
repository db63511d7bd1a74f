/* SPDX-License-Identifier: BSD-3-Clause */
/* zone - this node's copy of the zone that all share, sorted by what it is about.
 *
 *     node <--- ballot ---> matter ---> posting
 *     n2        its vote    192.0.2.7 + example.org    example.org: a trigger that is in the zone or should be
 *
 * A matter is a client, a domain or both, and all votes for it hang there: one of each node. What this node votes
 * itself, and what it has made of the others' votes, hangs there as well, so that all there is to know is in one place.
 * Several matters can have the same posting: what several clients are denied may be a domain that nobody is to ask.
 *
 * Records are anybody's, so memory is bounded: VOTES_MAX in all, VOTES_OF_NODE_MAX of one node, NODES_MAX nodes; what
 * is beyond is told to who adds it, and forgotten. Ten nodes would have to flood the zone before there is none for
 * another. The primary's side has the same bounds in octets, for a transfer is kept before it is told: of
 * TRANSFER_OCTETS_MAX no node has more than an eleventh. Both are reached at about the same time, as a vote has some
 * 290 octets there: so 20,000 of a node, and eleven times as many.
 *
 * Invariant: a matter that has changed is in the queue of those to look at. Nothing is freed between zone_begin() and
 * the look at it: a transfer that replaces all keeps what is known of votes that are in it again. From the first record
 * of a transfer to zone_end() the copy is not complete, and nobody may conclude anything from it.
 */
#ifndef FLEET_ZONE_H
#define FLEET_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <warden/warden.h>

#include "fleet/bucket.h"
#include "fleet/trigger.h"
#include "fleet/vote.h"
#include "primary/transfer.h"

#define VOTES_OF_NODE_MAX    20000
#define VOTES_OF_NODE_OCTETS (TRANSFER_OCTETS_MAX / 11)
#define VOTES_MAX            (11 * VOTES_OF_NODE_MAX)
#define NODES_MAX            SHARE_WRITERS_MAX
#define NODE_NONE            UINT16_MAX

struct node {
	char name[FLEET_NODE_LEN + 1];
	bool ours;
	uint32_t votes;       /* in the zone */
	uint32_t ballots;     /* that name it, in the zone or not; without any its place may become another's */
	uint32_t admitted;    /* of these, how many have a part in what is in force here */
	struct bucket bucket; /* of new ones that may be admitted */
	uint16_t next_free;   /* of places that have been somebody's */
};

/* When something that the primary has refused is tried again. */
struct turn {
	uint64_t after;    /* milliseconds since 1970 */
	uint8_t failures;  /* in a row */
	bool under_way;    /* in the update that is not answered yet: it must stay where it is */
};

/* A vote of a node, as it stands in the zone. */
struct ballot {
	struct ballot *next;  /* for the same matter */
	uint64_t digest;      /* of the record */
	uint64_t made, expires;
	struct turn turn;     /* of its removal */
	uint32_t epoch;       /* of the copy that it is in, if not <gone> */
	uint16_t node;
	uint8_t verdict, confidence, score, clients;
	bool gone;
	bool admitted;        /* within its node's limits */
	bool overruled;       /* an operator has released what it says */
	char id[FLEET_ID_MAX + 1];
	char detector[FLEET_DETECTOR_MAX + 1];
};

/* This node's own vote for a matter. */
struct own {
	struct own *next;     /* of all, in the order in which they came up */
	struct matter *matter;
	struct vote vote;
	uint64_t digest;      /* of the record that it is, */
	uint64_t sent;        /* and of the one that the primary has taken last: 0 none, 1 it is removed */
	uint64_t sent_at;
	uint64_t walk;        /* in which it was last wanted */
	struct turn turn;
	bool allowed;         /* fleet-rate has let it pass */
};

/* Why a matter is in force here as other nodes' verdict, or why not. */
enum standing {
	STANDING_NEW,        /* not looked at yet */
	STANDING_IN_FORCE,
	STANDING_OURS,       /* this node holds the same itself */
	STANDING_TOO_FEW,    /* nodes */
	STANDING_LIMITED,
	STANDING_NEVER,      /* fleet-never */
	STANDING_ALLOWED,    /* an allow list, never-hold, a forwarder's, or exempted by hand */
	STANDING_NOT_OURS,   /* not a registrable domain here, or a prefix of other length than clients' have here */
	STANDING_OVERRULED,  /* an operator has released it */
	STANDING_NO_ROOM,
	STANDING_COUNT
};

struct matter {
	struct matter *next, *next_changed;
	uint64_t hash;
	struct ballot *ballots;
	struct own *own;
	struct posting *posting;
	uint64_t held_until;  /* of the hold that we have made of the votes; 0: none */
	uint64_t held_digest; /* of what it says */
	uint8_t standing;     /* enum standing */
	uint8_t told;         /* bits: what of its votes has been counted already */
	uint8_t asks;         /* verdict that it asks its posting for; 0: none */
	bool agreed, never, common; /* what it says to its posting besides */
	bool overruled;       /* by an operator, as long as all votes that count are */
	bool changed;
	bool held_together;   /* with sums of other nodes, by this node */
	bool any_client, any_domain;
	uint8_t client[16], prefix, name_len;
	uint8_t name[];       /* wire format */
};

/* A client or a domain that subscribers deny, or should. */
struct posting {
	struct posting *next, *next_changed;
	uint64_t hash;
	uint32_t epoch;       /* of the copy that <at> and <below> are in */
	uint32_t matters, agreed, never; /* that have it; with nodes enough; that fleet-never names */
	uint32_t common;      /* whose votes say that the domain is not rare */
	uint32_t asks[2][WARDEN_VERDICT_COUNT]; /* for each verdict; and of these, pairs */
	struct turn turn;
	uint64_t sent_at;
	uint8_t sent;         /* verdict that the primary has taken; 0: removed, or nothing yet */
	uint8_t at, below;    /* verdicts that are in the zone; a client has no <below> */
	bool changed;
	bool is_client;
	uint8_t client[16], prefix, name_len;
	uint8_t name[];
};

struct zone {
	struct name name;
	struct node *nodes;
	uint16_t node_count;         /* places that are or have been somebody's */
	uint16_t node_free;          /* the first of those that are nobody's now */
	uint16_t node_idle;          /* how many have no ballot */
	uint16_t *node_places;       /* by hash; NODE_NONE: nobody */
	struct matter **matters;   /* by hash */
	struct posting **postings;
	uint32_t matter_room, posting_room, matter_count, posting_count; /* the rooms are powers of two */
	struct matter *changed, **changed_end;
	struct posting *posting_changed;
	uint32_t votes;              /* in the zone, as far as there is room */
	uint32_t epoch;
	uint32_t serial;
	bool complete;               /* it is one that the primary has had: no transfer is being told, nor was one cut short */
	bool torn;                   /* memory was short for a record: nothing but a whole transfer mends it */
	const uint8_t *secret;       /* of hashes, HASH_SECRET_LEN octets: names are anybody's */
};

/* False without memory; zone_free() is due either way. <secret> is only borrowed, as long as <zone> is there. */
bool zone_init(struct zone *zone, const struct name *name, const char *own_node, const uint8_t *secret);
void zone_free(struct zone *zone);

/* nodes.c: ours. False without memory; what is there zone_free() frees. */
bool nodes_init(struct zone *zone, const char *own_node);

/* The node called <name>; NODE_NONE when there are too many. */
uint16_t node_of(struct zone *zone, const char *name);

/* Counts the ballots that name <node>. */
void node_gains(struct zone *zone, struct node *node);
void node_loses(struct zone *zone, struct node *node);

/* What became of a record. */
enum zone_added { ZONE_ADDED, ZONE_IGNORED, ZONE_MALFORMED, ZONE_FULL, ZONE_NO_MEMORY };

void zone_begin(struct zone *zone);                               /* all that it has is void, */
enum zone_added zone_add(struct zone *zone, const ldns_rr *rr);   /* then some records come, */
void zone_remove(struct zone *zone, const ldns_rr *rr);           /* or go, */
void zone_end(struct zone *zone, uint32_t serial);                /* until it is as the primary has it */

static inline bool ballot_is_there(const struct zone *zone, const struct ballot *ballot)
{
	return !ballot->gone && ballot->epoch == zone->epoch;
}

static inline bool posting_is_there(const struct zone *zone, const struct posting *posting)
{
	return posting->epoch == zone->epoch && (posting->at || posting->below);
}

/* This node's vote in the zone; NULL: none. */
struct ballot *zone_own_ballot(const struct zone *zone, const struct matter *matter);

/* The matter of <vote>, made where there was none; NULL without memory, or without <make>. */
struct matter *zone_matter(struct zone *zone, const struct vote *vote, bool make);

/* The posting of <trigger>, likewise. */
struct posting *zone_posting(struct zone *zone, const struct trigger *trigger, bool make);

/* Has it looked at. */
void zone_changed(struct zone *zone, struct matter *matter);
void zone_posting_changed(struct zone *zone, struct posting *posting);

/* The next one that has changed; NULL: none. It may change again from now on. */
struct matter *zone_next_changed(struct zone *zone);
struct posting *zone_next_posting(struct zone *zone);

/* Frees what nobody needs of it: votes that are gone, and the matter itself with the last of all. */
void zone_tidy(struct zone *zone, struct matter *matter);
void zone_tidy_posting(struct zone *zone, struct posting *posting);

/* Digest of the record that <vote> is; never 0 or 1. 0 when it is too long for one. */
uint64_t zone_digest(const struct zone *zone, const struct vote *vote);

#endif
