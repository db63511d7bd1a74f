/* SPDX-License-Identifier: BSD-3-Clause */
/* mirror_zones - the places of the mirror, in Unbound's local zones. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/worker.h"

#include "unbound/mirror_settle.h"
#include "unbound/trylock.h"

#define STEPS_LOCKED 32   /* zones or places between two releases of the lock: some 0.1 ms */
#define STEPS_BEAT   256  /* before clients have their turn */
#define STEPS_SECOND 128  /* when nothing seems to be wrong */
#define REFUSALS_MAX 64   /* of the lock, in a row, until it is left to who rings ten times a second */

/* --- batches -------------------------------------------------------------------------------- */

static void change(struct mirror_zones *zones, struct mirror_change *of)
{
	if (!of->place->tree)
		of->place->tree = mirror_field_take(&zones->field);
	if (of->place->tree)
		of->content = mirror_tree_swap(of->place->tree, of->content);
}

static void finish(struct mirror_zones *zones)
{
	struct mirror_batch *batch = zones->batch;

	for (size_t i = 0; i < batch->removed_count; i++) {
		struct mirror_place *place = batch->removed[i];

		/* No zone has it any more, nor has an own tree. */
		for (struct mirror_tree *own = zones->own; own; own = own->next)
			if (own->place == place)
				own->place = NULL;
		if (place->tree) {
			free(mirror_tree_swap(place->tree, NULL));
			mirror_field_give(&zones->field, place->tree);
		}
		place->tree = NULL;
	}
	if (!zones->index->count) {
		zones->round++; /* all zones have their own trees again */
		mirror_sweep(zones);
	}
	zones->batch = NULL;
	atomic_store(&zones->version, batch->version);
	atomic_store(&zones->done, batch);
}

/* Works on the batch. LATER also when <steps> have run out; they are then 0. */
static enum progress batch_work(struct mirror_zones *zones, struct local_zones *all, unsigned *steps)
{
	struct mirror_batch *batch = zones->batch;
	struct mirror_index *before = zones->index;

	for (; zones->stage == MIRROR_CHANGES; --*steps) {
		if (zones->item == batch->change_count) {
			zones->index = batch->index;
			batch->index = before;
			mirror_refresh(zones, all);
			zones->stage = MIRROR_ADDED;
			zones->item = 0;
			break;
		}
		if (!*steps)
			return LATER;
		change(zones, &batch->changes[zones->item++]);
	}
	while (zones->stage != MIRROR_SETTLED) {
		bool adding = zones->stage == MIRROR_ADDED, changed;
		struct mirror_place *place;
		struct wire wire;

		if (zones->item == (adding ? batch->added_count : batch->removed_count)) {
			zones->item = 0;
			zones->stage = adding ? MIRROR_REMOVED : MIRROR_SETTLED;
			continue;
		}
		if (!*steps)
			return LATER;
		place = (adding ? batch->added : batch->removed)[zones->item];
		if (!zones->walking) {
			--*steps;
			if ((adding ? mirror_keep_zone(zones, all, place, &changed)
			            : mirror_drop_zone(zones, all, place)) == LATER)
				return LATER;
			wire = mirror_wire(place);
			mirror_walk_start(&zones->walk, wire.name, wire.len);
			zones->walking = true;
		}
		if (!mirror_walk(zones, all, &zones->walk, steps))
			return LATER;
		zones->walking = false;
		zones->item++;
	}
	return DONE;
}

/* --- rounds --------------------------------------------------------------------------------- */

static void round_start(struct mirror_zones *zones, bool urgent)
{
	static const uint8_t root[1];

	zones->urgent = urgent;
	zones->round++;
	zones->round_place = 0;
	mirror_walk_start(&zones->round_walk, root, sizeof(root));
}

static enum progress round_work(struct mirror_zones *zones, struct local_zones *all, unsigned *steps)
{
	for (; zones->index && zones->round_place < zones->index->count; --*steps) {
		struct mirror_place *place = zones->index->at[zones->round_place].place;
		bool changed = false;

		if (!*steps || mirror_keep_zone(zones, all, place, &changed) == LATER)
			return LATER;
		zones->round_place++;
		zones->urgent |= changed;
	}
	if (!mirror_walk(zones, all, &zones->round_walk, steps))
		return LATER;
	mirror_sweep(zones);
	round_start(zones, false);
	return DONE;
}

/* --- the beat ------------------------------------------------------------------------------- */

/* Whether somebody else was at the zones. */
static bool is_disturbed(const struct mirror_zones *zones, struct local_zones *all)
{
	struct local_zone *zone;
	struct wire wire;

	if (zones->counted && (zones->zones != all || zones->count != all->ztree.count))
		return true;
	if (zones->batch || !zones->index || !zones->index->count)
		return false;
	wire = mirror_wire(zones->index->at[0].place);
	zone = mirror_find(all, &wire);
	return zone && !mirror_field_find(&zones->field, zone->override_tree);
}

/* When there is nothing else to do. A lock for reading is in nobody's way. */
static void glance(struct mirror_zones *zones, struct local_zones *all)
{
	if (!trylock_read(&all->lock))
		return;
	zones->urgent = is_disturbed(zones, all);
	lock_rw_unlock(&all->lock);
}

/* One hold of the lock. <allowance> is 0 then when it is of no use to go on. */
static void slice(struct mirror_zones *zones, struct local_zones *all, unsigned *allowance)
{
	unsigned steps = *allowance < STEPS_LOCKED ? *allowance : STEPS_LOCKED, given = steps;

	if (is_disturbed(zones, all))
		round_start(zones, true); /* anew, with what it has not seen */
	if (zones->batch && zones->stage != MIRROR_SETTLED)
		batch_work(zones, all, &steps);
	else if ((zones->urgent || !zones->batch) && round_work(zones, all, &steps) == DONE && !zones->urgent)
		given = steps;
	/* It is in force when it is so for zones that came meanwhile, too. */
	if (zones->batch && zones->stage == MIRROR_SETTLED && !zones->urgent)
		finish(zones);
	zones->counted = true;
	zones->zones = all;
	zones->count = all->ztree.count;
	*allowance = steps == given ? 0 : *allowance - (given - steps);
}

bool mirror_zones_work(struct mirror_zones *zones, struct worker *worker)
{
	struct local_zones *all = worker->daemon->local_zones;
	bool second = atomic_exchange(&zones->second, false);
	unsigned allowance = STEPS_BEAT;

	if (!zones->batch) {
		zones->batch = atomic_exchange(&zones->posted, NULL);
		zones->stage = MIRROR_CHANGES;
		zones->item = 0;
		zones->walking = false;
	}
	if (!all)
		return false;
	if (!zones->batch && !zones->urgent)
		glance(zones, all);
	if (!zones->batch && !zones->urgent)
		allowance = STEPS_SECOND;
	while (allowance && (zones->batch || zones->urgent || second)) {
		if (!trylock_write(&all->lock))
			return ++zones->refusals < REFUSALS_MAX;
		zones->refusals = 0;
		slice(zones, all, &allowance);
		lock_rw_unlock(&all->lock);
	}
	return zones->batch || zones->urgent;
}

bool mirror_zones_open(struct mirror_zones *zones)
{
	memset(zones, 0, sizeof(*zones));
	round_start(zones, false);
	return mirror_field_open(&zones->field);
}

void mirror_zones_close(struct mirror_zones *zones)
{
	zones->round++; /* in which none was seen */
	mirror_sweep(zones);
	mirror_field_close(&zones->field);
	free(zones->index);
}
