/* SPDX-License-Identifier: BSD-3-Clause */
/* mirror_zones - the places of the mirror, in Unbound's local zones.
 *
 * Runs in a worker's thread, at the beat. Each place gets a zone of its name, unless there is one;
 * and every zone, whose ever it is, gets the override tree of the closest place.
 *
 * Out of reach: names where no zone can be made (mirror_settle.h) that have none, zones with tags that a
 * client does not have, questions for DS at a zone's own name (Unbound looks in the zone above), classes
 * other than IN, and clients with a view of local zones without `view-first: yes`: zones of views have
 * no override trees. What is cached or local there is refused by the reply callbacks.
 *
 * Zones come and go without us: unbound-control adds and removes, fast_reload exchanges all. No pointer
 * to one is kept from one lock to the next. At each beat their number is compared, and once a second some
 * of them are looked at; what is not as it should be starts a round over all. 1.17.1 gives zones that
 * are added at run time wrong parents (its issues 868 and 1076); each zone that we come by gets the
 * right one.
 *
 * Invariant: all is done under the lock of all zones, in slices of bounded length; that lock is never
 * waited for.
 */
#ifndef UNBOUND_MIRROR_ZONES_H
#define UNBOUND_MIRROR_ZONES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/localzone.h"

#include "unbound/mirror_tree.h"

struct worker;

/* A name that has something to say, from the batch that adds it to the one that removes it. */
struct mirror_place {
	/* The thread's that plans: what the zones are to have. */
	struct mirror_entry *entries;
	size_t count;

	/* The worker's. */
	struct mirror_tree *tree;      /* NULL: not yet, or no room */
	bool made;                     /* the zone is ours, */
	enum localzone_type made_type; /* as long as it is of this type and has no data */

	/* Never changes. */
	uint8_t key_len;
	uint8_t key[];
};

/* All places, sorted by key. */
struct mirror_index {
	size_t count;
	struct {
		struct mirror_place *place;
		size_t parent; /* the closest above, in <at>; SIZE_MAX without */
	} at[];
};

/* What is to be done, handed to the worker, and handed back with what is to be freed. */
struct mirror_batch {
	uint64_t version;
	struct mirror_index *index;            /* of all places; handed back: the one before */
	struct mirror_change {
		struct mirror_place *place;
		struct mirror_content *content;    /* handed back: what was there before */
		struct mirror_entry *entries;      /* not for the worker */
		size_t count;
	} *changes;                            /* those added, too */
	struct mirror_place **added, **removed;
	size_t change_count, added_count, removed_count;
};

struct mirror_walk {
	uint8_t below[256]; /* the zones at this name and below it, */
	uint8_t last[256];  /* behind this one, */
	bool started;       /* or from the first */
};

struct mirror_zones {
	/* Between the thread that plans and the worker. */
	_Atomic(struct mirror_batch *) posted, done;
	_Atomic bool second;       /* has passed: look whether all is as it should be */
	_Atomic uint64_t version;  /* of the last batch that is in force */

	/* The worker's. */
	struct mirror_field field;
	struct mirror_index *index;
	struct mirror_batch *batch;
	enum { MIRROR_CHANGES, MIRROR_ADDED, MIRROR_REMOVED, MIRROR_SETTLED } stage;
	size_t item;               /* of the stage */
	bool walking;              /* below that item */
	struct mirror_walk walk;

	bool counted;              /* the zones were, */
	size_t count;              /* then this many */
	const struct local_zones *zones; /* never followed */

	unsigned refusals;         /* of the lock, in a row */
	bool urgent;               /* the round is not to wait for seconds to pass */
	uint32_t round;
	size_t round_place;        /* first all places, */
	struct mirror_walk round_walk; /* then all zones */
	struct mirror_tree *own;   /* trees of zones that have operators' entries */
};

bool mirror_zones_open(struct mirror_zones *zones);

/* When the workers are gone. Places and batches are their planner's. */
void mirror_zones_close(struct mirror_zones *zones);

/* Works for a bounded time. Returns whether to come again at once. */
bool mirror_zones_work(struct mirror_zones *zones, struct worker *worker);

#endif
