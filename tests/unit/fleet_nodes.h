/* SPDX-License-Identifier: BSD-3-Clause */
/* fleet_nodes - some nodes with an engine each, and a primary that is a list of records and a log of what changed. */
#ifndef FLEET_NODES_H
#define FLEET_NODES_H

#include "fleet/sharing.h"

#define ZONE_NAME "fleet.example"

struct member {
	struct warden *warden;
	struct sharing sharing;
	size_t heard;  /* of the primary's log; 0: it has no copy yet */
	bool away;     /* the primary, for this one */
	char node[FLEET_NODE_LEN + 1];
};

/* What the primary says to an update; NULL: takes all. */
extern int (*primary_says)(const ldns_rr_list *add, const ldns_rr_list *remove);

/* Updates that it was sent. */
extern unsigned primary_updates;

/* Empties the primary's zone; before each test. */
int primary_reset(void **state);
int primary_end(void **state);

/* A node with <config>, and its end. */
void member_join(struct member *member, const char *node, const char *config);
void member_leave(struct member *member);

/* The same node after a restart: its holds are still there, its memory of the zone is not. */
void member_restart(struct member *member);

/* All that can be done at <now>: what has changed is heard, looked at, and told; <rounds> times. */
void member_work(struct member *member, uint64_t now);
void members_work(struct member *member, unsigned count, uint64_t now);

/* Holds by hand for an hour, or by a detector with <confidence>; NULL: any. */
void member_holds(struct member *member, const char *client, const char *domain, uint64_t now);
void member_detects(struct member *member, const char *client, const char *domain, uint8_t confidence, uint64_t now,
                    uint64_t expires);
void member_releases(struct member *member, const char *client, const char *domain, uint64_t now);

/* Who made the hold in force: a detector, HOLD_BY_OPERATOR, HOLD_BY_FLEET; -1: there is none. */
int held_by(struct member *member, const char *client, const char *domain, uint64_t now);
bool held_as(struct member *member, const char *client, const char *domain, uint64_t now, struct hold *hold);

/* Votes in the zone by <node>, NULL: by anybody; and records of any type at a name below the zone. */
unsigned votes_of(const char *node);
unsigned records_at(const char *name, ldns_rr_type type);

/* A record of the zone, in presentation format, with ZONE_NAME behind its owner, put there by who may. */
void primary_add(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The record of a vote for <domain>, which the caller frees. */
ldns_rr *vote_record(const char *node, const char *domain, uint64_t made, uint64_t expires);

/* A vote as a node that we do not trust would write it: any number of them. It comes in a transfer of its own. */
void member_hears_vote(struct member *member, const char *node, const char *domain, uint64_t made, uint64_t expires);

#endif
