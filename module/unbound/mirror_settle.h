/* SPDX-License-Identifier: BSD-3-Clause */
/* mirror_settle - one local zone at a time: whose it is, its tree and its parent.
 *
 * A zone of ours must not change anything for those who are not held. So it is what the zone above it
 * is; and none is made where that one answers by itself, or has data that ours would hide. It is ours as
 * long as it is of that type and has no data: an operator who gives it either has made it his.
 *
 * An operator's zone keeps its type and data. It gets a tree of ours; with one of its own
 * (`local-zone-override:`) a tree in which that one is merged; and its own back in the end.
 *
 * All of this runs under the lock of all zones, for writing.
 */
#ifndef UNBOUND_MIRROR_SETTLE_H
#define UNBOUND_MIRROR_SETTLE_H

#include "unbound/mirror_zones.h"

enum progress { DONE, LATER }; /* LATER: a lock is taken */

struct wire {
	uint8_t name[256];
	size_t len;
	int labels; /* the root's, too, as Unbound counts */
};

struct wire mirror_wire(const struct mirror_place *place);

/* The zone of that very name, or NULL. */
struct local_zone *mirror_find(struct local_zones *zones, struct wire *wire);

/* Makes the zone of <place>, or puts right what has become of it. <changed>: then what is below must
 * be settled.
 */
enum progress mirror_keep_zone(struct mirror_zones *zones, struct local_zones *all,
                               struct mirror_place *place, bool *changed);

/* Takes the zone of <place> away if it is ours; then what is below must be settled. */
enum progress mirror_drop_zone(struct mirror_zones *zones, struct local_zones *all,
                               struct mirror_place *place);

/* Starts at the zone <below>, a name of <len> octets in wire format. */
void mirror_walk_start(struct mirror_walk *walk, const uint8_t *below, size_t len);

/* Settles zones. True when there is none left; false when <steps> have run out. */
bool mirror_walk(struct mirror_zones *zones, struct local_zones *all, struct mirror_walk *walk,
                 unsigned *steps);

/* After places have got other content: merges it with operators' again. */
void mirror_refresh(struct mirror_zones *zones, struct local_zones *all);

/* Frees merged trees whose zone is gone, or has its own again: none was seen with them in this round. */
void mirror_sweep(struct mirror_zones *zones);

#endif
