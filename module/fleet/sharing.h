/* SPDX-License-Identifier: BSD-3-Clause */
/* sharing - what this node tells the others that it holds, and what it makes of what they tell.
 *
 *     table of holds --own.c--> own votes --send.c--> the primary --primary.c--> zone.c: all votes
 *           ^                                  ^                                       |
 *           |                                  +---- post.c: triggers for those <------+
 *           +---------- take.c: holds of other nodes' making <--- who has no Warden ---+
 *
 * Everything follows from two states, the table of holds and the copy of the zone; there is no list of things to do
 * that could be lost or grow. What the zone lacks is sent, again and again if need be, until it is there; so a restart,
 * a primary that was away and an update that was refused are nothing special.
 *
 * Invariants: a hold that came from other nodes is never told to any, or it would not end. Nothing waits or reads a clock,
 * and what there is of the zone is looked at a slice at a time; only the table of holds is walked in one go, when it has
 * changed.
 *
 * For one thread, but for sharing_print(): see fleet.c.
 */
#ifndef FLEET_SHARING_H
#define FLEET_SHARING_H

#include <stdio.h>

#include "engine/engine.h"
#include "fleet/zone.h"

#define UPDATE_CHANGES_MAX 50    /* in one update */
#define UPDATE_OCTETS_MAX  50000

/* Who is served by an update: of each kind it has its own, so that who may not publish can still vote, and who may not
 * remove what others have left, can still publish. In the order of their turns.
 */
enum update_kind { UPDATE_VOTES, UPDATE_ZONE, UPDATE_STALE, UPDATE_KINDS };

/* The pace of updates of a kind: after a refusal they become smaller until it is known who is to blame. */
struct pace {
	unsigned size;   /* changes in the next one */
	uint64_t after;  /* not before */
	uint8_t failures;
};

/* What is in the update that is under way: one of these each. */
struct change {
	struct own *own;
	struct posting *posting;
	struct ballot *ballot;
	uint64_t digest; /* of the vote that is sent; 1: it is removed */
	uint8_t verdict; /* that is posted; 0: it is removed */
};

struct update {
	enum update_kind kind;
	unsigned count;
	struct change change[UPDATE_CHANGES_MAX];
	uint64_t since; /* 0: none is under way */
	size_t octets;
};

/* A vote of another node that has ended long ago. Its turn is under way, so both stay where they are. */
struct stale {
	struct matter *matter;
	struct ballot *ballot;
};

struct sharing {
	struct warden *warden;
	const uint8_t *secret; /* of the node's key, for ids */
	size_t secret_len;
	struct zone zone;

	struct own *own, **own_end;
	uint32_t own_count;
	uint64_t walk;          /* how often the holds were walked; that one is for: */
	uint64_t walk_version, walk_at, generation;
	struct bucket sender;
	bool throttled;         /* fleet-rate has not let all of them pass yet */

	uint32_t sweep;         /* bucket of matters to look at next, */
	uint32_t sweep_posting; /* and of postings */
	uint64_t swept_at;      /* when the last sweep of all began */
	bool sweeping;
	uint32_t sweeps;        /* since the copy was complete */
	uint32_t taken;         /* holds of other nodes' making */
	uint32_t malformed, malformed_told; /* records of the transfer at hand, and of any, that are no vote */

	struct stale stale[UPDATE_CHANGES_MAX]; /* votes of others that are to be removed */
	unsigned stale_count;
	struct update update;
	struct pace pace[UPDATE_KINDS];
	uint32_t waiting;       /* changes that are not in the zone yet, of the last count */
};

/* False without memory; sharing_close() is due either way. <secret> is borrowed. */
bool sharing_open(struct sharing *sharing, struct warden *warden, const struct name *zone, const char *node,
                  const uint8_t *secret, size_t secret_len);
void sharing_close(struct sharing *sharing);

/* Of primary.h. */
void sharing_whole(struct sharing *sharing);
void sharing_record(struct sharing *sharing, bool added, const ldns_rr *rr);
void sharing_done(struct sharing *sharing, uint32_t serial);

/* Whether the copy lacks something that only a whole transfer brings: memory was short. */
static inline bool sharing_wants_whole(const struct sharing *sharing)
{
	return sharing->zone.torn;
}

/* A slice of work. Returns whether there is more to do at once. */
bool sharing_work(struct sharing *sharing, uint64_t now);

/* The next update: what to add and what to remove, which the caller frees. False when there is nothing to send. Until
 * sharing_answered() there is no other.
 */
bool sharing_update(struct sharing *sharing, uint64_t now, ldns_rr_list **add, ldns_rr_list **remove);

/* What became of it: a response code, or below 0: no answer. */
void sharing_answered(struct sharing *sharing, int rcode, uint64_t now);

/* The primary answers again after it was away: nothing has to wait any longer. */
void sharing_answers_again(struct sharing *sharing);

/* Prints what there is to know in a line, then one for each client, domain or both that there are votes for, <most> at
 * most.
 */
void sharing_print(const struct sharing *sharing, FILE *out, bool primary_is_up, uint64_t now, uint64_t most);

/* ---- between the files of it ---------------------------------------------------- */

/* permit.c: whether other nodes may deny <matter> here: STANDING_NEW when nothing speaks against it. */
enum standing permit(const struct sharing *sharing, const struct config *config, const struct matter *matter,
                     uint64_t now);

/* Likewise whether subscribers may be told of a domain or a client. */
bool permit_posting(const struct config *config, const struct trigger *trigger);

/* How many bits of the address of <client> count here, of 128. */
unsigned permit_prefix(const struct settings *settings, const uint8_t client[16]);

/* own.c: brings this node's votes in line with its holds, and says whether one waits to be sent: then what it is. */
void own_walk(struct sharing *sharing, const struct config *config, uint64_t now);
bool own_is_due(const struct sharing *sharing, const struct own *own, uint64_t now);
static inline bool own_is_wanted(const struct sharing *sharing, const struct own *own)
{
	return own->walk == sharing->walk && own->allowed;
}
void own_tidy(struct sharing *sharing, uint64_t now);

/* Takes charge of a vote of ours in the zone that nobody here knows of: since before a restart. */
void own_adopt(struct sharing *sharing, struct matter *matter);

/* Whether the vote of another node has ended so long ago that it may be removed for it. */
bool ballot_is_stale(const struct ballot *ballot, uint64_t now);

/* take.c: what is to become of the votes for <matter>. */
void take(struct sharing *sharing, const struct config *config, struct matter *matter, uint64_t now);
void take_orphans(struct sharing *sharing, const struct config *config, uint64_t now);

/* post.c: what <matter> means to subscribers, where <agreed> says that nodes enough hold it and <never>
 * that nobody is to be denied it; and what is to be in the zone for a posting: false when it is right as it is, or not
 * ours to change.
 */
void post(struct sharing *sharing, const struct config *config, struct matter *matter, bool agreed, bool never,
          uint8_t verdict, unsigned clients);
bool post_is_due(const struct sharing *sharing, const struct config *config, const struct posting *posting,
                 uint64_t now, uint8_t *verdict);

/* tally.c: what the nodes agree on. */
struct tally {
	unsigned nodes;        /* that vote, unexpired, ours not counted */
	bool agreed;           /* enough of them are within their limits, or would be with ours */
	bool limited;          /* they would, but for their limits */
	uint8_t verdict, confidence, score, clients;
	uint64_t expires;      /* when there are no longer enough */
	uint64_t digest;       /* of all that vote; never 0 */
};
struct tally tally_of(const struct sharing *sharing, const struct matter *matter, const struct settings *settings,
                      bool with_ours, bool only_admitted, uint64_t now);

static inline void sharing_count(struct sharing *sharing, enum counter_id counter)
{
	bank_add(bank_mine(&sharing->warden->mapping.counters), counter, 1);
}

#endif
