/* SPDX-License-Identifier: BSD-3-Clause */
/* mirror_settle - one local zone at a time: whose it is, its tree and its parent. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "util/data/dname.h"

#include "unbound/mirror_settle.h"
#include "unbound/trylock.h"

struct wire mirror_wire(const struct mirror_place *place)
{
	struct wire wire;

	wire.len = mirror_key_wire(place->key, place->key_len, wire.name, &wire.labels);
	return wire;
}

struct local_zone *mirror_find(struct local_zones *zones, struct wire *wire)
{
	return local_zones_find(zones, wire->name, wire->len, wire->labels, LDNS_RR_CLASS_IN);
}

/* The zone that is closest above a name. By exact look-ups only: parents may be wrong. */
static struct local_zone *find_above(struct local_zones *zones, uint8_t *name, size_t len, int labels)
{
	struct local_zone *zone = NULL;

	while (!zone && labels > 1) {
		dname_remove_label(&name, &len);
		zone = local_zones_find(zones, name, len, --labels, LDNS_RR_CLASS_IN);
	}
	return zone;
}

/* The closest place at <name> or above that has a tree. */
static struct mirror_place *place_of(const struct mirror_index *index, const uint8_t *name)
{
	struct mirror_key key;
	size_t low = 0, high = index ? index->count : 0, at;

	mirror_key(&key, name);
	while (low < high) {
		struct mirror_place *place = index->at[at = (low + high) / 2].place;

		if (mirror_key_compare(place->key, place->key_len, key.octets, key.len) <= 0)
			low = at + 1;
		else
			high = at;
	}
	for (at = low - 1; low && at != SIZE_MAX; at = index->at[at].parent) {
		struct mirror_place *place = index->at[at].place;

		if (place->tree && place->key_len <= key.len && !memcmp(place->key, key.octets, place->key_len))
			return place;
	}
	return NULL;
}

/* --- trees of zones that have operators' entries ------------------------------------------- */

static void merge(struct mirror_tree *own)
{
	const struct mirror_content *from = own->place->tree->content;
	struct mirror_content *merged = from ? mirror_content_merge(from, own->operators) : NULL;

	/* Without memory the operator's alone would do for the client, but not for us: try again. */
	own->merged = merged ? from : NULL;
	if (merged)
		free(mirror_tree_swap(own, merged));
}

void mirror_refresh(struct mirror_zones *zones, struct local_zones *all)
{
	for (struct mirror_tree *own = zones->own; own; own = own->next) {
		struct local_zone *zone;
		size_t len;
		int labels = dname_count_size_labels(own->name, &len);

		if (!own->place || own->merged == own->place->tree->content)
			continue;
		zone = local_zones_find(all, own->name, len, labels, LDNS_RR_CLASS_IN);
		/* With a zone that is gone the operator's entries are, too. */
		if (zone && zone->override_tree == &own->head)
			merge(own);
		else
			own->place = NULL;
	}
}

static void own_free(struct mirror_zones *zones, struct mirror_tree *own)
{
	free(mirror_tree_swap(own, NULL));
	free(own->name);
	mirror_field_give(&zones->field, own);
}

/* A tree for <zone>, which has the entries <operators>; NULL without room. */
static struct mirror_tree *own_new(struct mirror_zones *zones, const struct local_zone *zone,
                                   rbtree_type *operators)
{
	struct mirror_tree *own = mirror_field_take(&zones->field);

	if (!own)
		return NULL;
	own->name = malloc(zone->namelen);
	if (!own->name) {
		mirror_field_give(&zones->field, own);
		return NULL;
	}
	memcpy(own->name, zone->name, zone->namelen);
	own->operators = operators;
	own->next = zones->own;
	return zones->own = own;
}

/* The head for <zone>, which has the entries <operators>, and now has <have>. */
static rbtree_type *own_head(struct mirror_zones *zones, const struct local_zone *zone,
                             struct mirror_tree *have, rbtree_type *operators,
                             struct mirror_place *place)
{
	struct mirror_tree *own = have ? have : own_new(zones, zone, operators);

	if (!own)
		return operators;
	own->round = zones->round;
	if (own->place != place || own->merged != place->tree->content) {
		own->place = place;
		merge(own);
	}
	return own->merged ? &own->head : operators;
}

void mirror_sweep(struct mirror_zones *zones)
{
	for (struct mirror_tree **at = &zones->own; *at;) {
		struct mirror_tree *own = *at;

		if (own->round == zones->round) {
			at = &own->next;
			continue;
		}
		*at = own->next;
		own_free(zones, own);
	}
}

/* --- zones ---------------------------------------------------------------------------------- */

/* Gives <zone> its parent and the tree of the closest place. Both are read under the lock of all zones. */
static void settle(struct mirror_zones *zones, struct local_zones *all, struct local_zone *zone)
{
	struct mirror_tree *have = mirror_field_find(&zones->field, zone->override_tree);
	struct mirror_place *place = place_of(zones->index, zone->name);
	rbtree_type *operators = have ? have->operators : zone->override_tree;

	zone->parent = find_above(all, zone->name, zone->namelen, zone->namelabs);
	if (!place)
		zone->override_tree = operators;
	else if (operators)
		zone->override_tree = own_head(zones, zone, have, operators, place);
	else
		zone->override_tree = &place->tree->head;
}

void mirror_walk_start(struct mirror_walk *walk, const uint8_t *below, size_t len)
{
	memcpy(walk->below, below, len);
	walk->started = false;
}

static struct local_zone *walk_next(struct local_zones *all, const struct mirror_walk *walk)
{
	uint8_t name[256];
	size_t len;
	int exact = 0, labels;
	struct local_zone *zone;

	memcpy(name, walk->started ? walk->last : walk->below, sizeof(name));
	labels = dname_count_size_labels(name, &len);
	zone = local_zones_find_le(all, name, len, labels, LDNS_RR_CLASS_IN, &exact);
	if (exact && !walk->started)
		return zone;
	return (struct local_zone *)(zone ? rbtree_next(&zone->node) : rbtree_first(&all->ztree));
}

bool mirror_walk(struct mirror_zones *zones, struct local_zones *all, struct mirror_walk *walk,
                 unsigned *steps)
{
	struct local_zone *zone = walk_next(all, walk);

	for (;; zone = (struct local_zone *)rbtree_next(&zone->node)) {
		if (&zone->node == RBTREE_NULL || zone->dclass != LDNS_RR_CLASS_IN ||
		    !dname_subdomain_c(zone->name, walk->below))
			return true;
		if (!*steps)
			return false;
		--*steps;
		settle(zones, all, zone);
		memcpy(walk->last, zone->name, zone->namelen);
		walk->started = true;
	}
}

/* Whether <above> has data that a zone of name <wire> would hide. */
static bool would_hide(struct local_zone *above, struct wire *wire)
{
	struct local_data key = { .name = wire->name, .namelen = wire->len, .namelabs = wire->labels };
	rbnode_type *at = NULL;

	key.node.key = &key;
	if (rbtree_find_less_equal(&above->data, &key.node, &at))
		return true;
	/* Names below come right behind. */
	at = at ? rbtree_next(at) : rbtree_first(&above->data);
	return at != RBTREE_NULL && dname_subdomain_c(((struct local_data *)at)->name, wire->name);
}

/* Which type a zone of name <wire> must have to change nothing; local_zone_unset: there must be none. */
static enum progress type_there(struct local_zones *all, struct wire *wire, enum localzone_type *type)
{
	struct local_zone *above = find_above(all, wire->name, wire->len, wire->labels);

	*type = local_zone_transparent;
	if (!above)
		return DONE;
	if (!trylock_read(&above->lock))
		return LATER;
	*type = above->type;
	/* Zones with tags are not there for clients without. */
	if ((*type != local_zone_transparent && *type != local_zone_typetransparent &&
	     *type != local_zone_always_transparent) || above->taglist || would_hide(above, wire))
		*type = local_zone_unset;
	lock_rw_unlock(&above->lock);
	return DONE;
}

/* Whether the zone of <place> is still as we made it. */
static enum progress is_ours(struct mirror_zones *zones, struct mirror_place *place,
                             struct local_zone *zone, bool *ours)
{
	*ours = false;
	if (!place->made)
		return DONE;
	if (!trylock_read(&zone->lock))
		return LATER;
	/* Ours had a tree of ours from the start. Data in it is what an operator gave it since. */
	*ours = mirror_field_find(&zones->field, zone->override_tree) &&
	        zone->type == place->made_type && !zone->data.count;
	lock_rw_unlock(&zone->lock);
	place->made = *ours;
	return DONE;
}

/* Adds a zone. Unbound's own function would give all zones below their parents at once, under the lock,
 * and there may be a million below the root. So it makes the zone somewhere else; ours are given by and by.
 */
static struct local_zone *add_zone(struct local_zones *all, const struct wire *wire, enum localzone_type type)
{
	struct local_zones *elsewhere = local_zones_create();
	struct local_zone *zone = NULL;
	uint8_t *name = malloc(wire->len);

	if (elsewhere && name) {
		memcpy(name, wire->name, wire->len);
		zone = local_zones_add_zone(elsewhere, name, wire->len, wire->labels, LDNS_RR_CLASS_IN, type);
		name = NULL; /* freed or taken */
	}
	if (zone) {
		(void)rbtree_delete(&elsewhere->ztree, zone->node.key);
		(void)rbtree_insert(&all->ztree, &zone->node);
	}
	free(name);
	local_zones_delete(elsewhere);
	return zone;
}

enum progress mirror_keep_zone(struct mirror_zones *zones, struct local_zones *all,
                               struct mirror_place *place, bool *changed)
{
	struct wire wire = mirror_wire(place);
	struct local_zone *zone = mirror_find(all, &wire);
	enum localzone_type type;
	bool ours = false;

	*changed = false;
	if (zone && (is_ours(zones, place, zone, &ours) == LATER))
		return LATER;
	if (zone && !ours)
		return DONE; /* an operator's: it stays what it is */
	if (type_there(all, &wire, &type) == LATER)
		return LATER;
	if (zone && type == place->made_type)
		return DONE;
	place->made = false;
	*changed = true;
	if (zone)
		local_zones_del_zone(all, zone);
	if (type == local_zone_unset) {
		*changed = zone != NULL;
		return DONE;
	}
	zone = add_zone(all, &wire, type);
	if (!zone)
		return DONE; /* the next round tries again */
	place->made = true;
	place->made_type = type;
	settle(zones, all, zone);
	return DONE;
}

enum progress mirror_drop_zone(struct mirror_zones *zones, struct local_zones *all,
                               struct mirror_place *place)
{
	struct wire wire = mirror_wire(place);
	struct local_zone *zone = mirror_find(all, &wire);
	bool ours = false;

	if (zone && is_ours(zones, place, zone, &ours) == LATER)
		return LATER;
	if (ours)
		local_zones_del_zone(all, zone);
	return DONE;
}
