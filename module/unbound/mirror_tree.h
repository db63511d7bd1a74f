/* SPDX-License-Identifier: BSD-3-Clause */
/* mirror_tree - entries of the mirror as the override trees that local zones point to.
 *
 * Unbound reads the override tree of a zone under the lock of all zones, and at no other time. So
 * under that lock for writing a tree may get other content, at once for all zones that share it:
 *
 *     zone localhost. --+
 *     zone test.      --+--> head of a tree ---> content (nodes in one piece of memory)
 *     zone .          --+     stays              made by our thread, put in and taken out by a worker
 *
 * A head is two words, and the nodes do not point back to it: they end in RBTREE_NULL.
 *
 * Heads lie in one field, so that a look at the address of an override tree tells whether it is
 * ours, or the operator's `local-zone-override:`. A zone that has the latter gets a head of its own,
 * with those entries and ours.
 *
 * Nothing of it is in the memory of zones: that is never used again, and goes with the zone.
 */
#ifndef UNBOUND_MIRROR_TREE_H
#define UNBOUND_MIRROR_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/rbtree.h"
#include "services/localzone.h"

#include "unbound/mirror_plan.h"

struct mirror_content {
	rbnode_type *root;
	size_t count;
	struct local_zone_override nodes[]; /* sorted */
};

/* What <count> entries become, NULL without memory. For free(). */
struct mirror_content *mirror_content_make(const struct mirror_entry *entries, size_t count);

/* <content> with an operator's entries where no hold is. NULL without memory. For free(). */
struct mirror_content *mirror_content_merge(const struct mirror_content *content, rbtree_type *operators);

struct mirror_tree {
	rbtree_type head;                    /* what a zone points to */
	struct mirror_content *content;      /* what it has now */
	rbtree_type *operators;              /* the zone's, when this is for one such zone, */
	uint8_t *name;                       /* of this name; as long as it lives */
	const struct mirror_content *merged; /* what <content> then was merged from, */
	struct mirror_place *place;          /* where that was from; */
	struct mirror_tree *next;            /* the next such tree, or the next one that is free */
	uint32_t round;                      /* when its zone was last seen */
};

#define MIRROR_TREES_MAX 131072

struct mirror_field {
	struct mirror_tree *trees; /* MIRROR_TREES_MAX, of which memory is taken as they are used */
	struct mirror_tree *freed;
	uint32_t used;
};

bool mirror_field_open(struct mirror_field *field);
void mirror_field_close(struct mirror_field *field);

/* An empty tree; NULL when all are taken. */
struct mirror_tree *mirror_field_take(struct mirror_field *field);
void mirror_field_give(struct mirror_field *field, struct mirror_tree *tree);

/* The tree that <head> belongs to, NULL when it is not ours. */
struct mirror_tree *mirror_field_find(const struct mirror_field *field, rbtree_type *head);

/* Puts <content> in; NULL: nothing. Returns what was in. Under the lock of all zones. */
struct mirror_content *mirror_tree_swap(struct mirror_tree *tree, struct mirror_content *content);

#endif
