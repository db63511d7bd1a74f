/* SPDX-License-Identifier: BSD-3-Clause */
/* nodes - who votes: a number for each name, of NODES_MAX.
 *
 * Names are anybody's who may write to the zone, so they run out one day. Only then are those forgotten that no ballot
 * names: a node keeps its place, and with it what it has spent of its rate, for as long as there is room.
 *
 * Invariant: a number that a ballot has stays that node's; ours is 0 for ever.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "fleet/zone.h"

#define NODE_PLACES (2 * NODES_MAX) /* so one is always empty */

static uint64_t hash_of_node(const struct zone *zone, const char *name)
{
	return hash_octets(zone->secret, HASH_HOLD, name, strlen(name));
}

/* Has node number <number> found by its name from now on. */
static void node_place(struct zone *zone, uint16_t number)
{
	uint64_t place = hash_of_node(zone, zone->nodes[number].name);

	while (zone->node_places[place % NODE_PLACES] != NODE_NONE)
		place++;
	zone->node_places[place % NODE_PLACES] = number;
}

bool nodes_init(struct zone *zone, const char *own_node)
{
	zone->nodes = calloc(NODES_MAX, sizeof(*zone->nodes));
	zone->node_places = malloc(NODE_PLACES * sizeof(*zone->node_places));
	if (!zone->nodes || !zone->node_places)
		return false;
	memset(zone->node_places, 0xff, NODE_PLACES * sizeof(*zone->node_places));
	snprintf(zone->nodes[0].name, sizeof(zone->nodes[0].name), "%s", own_node);
	zone->nodes[0].ours = true;
	zone->node_count = 1;
	zone->node_free = NODE_NONE;
	node_place(zone, 0);
	return true;
}

/* Forgets all nodes that have no ballot. */
static void nodes_tidy(struct zone *zone)
{
	memset(zone->node_places, 0xff, NODE_PLACES * sizeof(*zone->node_places));
	zone->node_free = NODE_NONE;
	zone->node_idle = 0;
	for (uint16_t i = 0; i < zone->node_count; i++) {
		if (!i || zone->nodes[i].ballots) {
			node_place(zone, i);
			continue;
		}
		zone->nodes[i] = (struct node){ .next_free = zone->node_free };
		zone->node_free = i;
	}
}

/* A place for another node; NODE_NONE when there are too many. */
static uint16_t node_room(struct zone *zone)
{
	uint16_t number = zone->node_free;

	if (zone->node_count < NODES_MAX)
		return zone->node_count++;
	if (number == NODE_NONE && zone->node_idle) {
		nodes_tidy(zone);
		number = zone->node_free;
	}
	if (number != NODE_NONE)
		zone->node_free = zone->nodes[number].next_free;
	return number;
}

uint16_t node_of(struct zone *zone, const char *name)
{
	uint16_t number;

	for (uint64_t place = hash_of_node(zone, name);; place++) {
		number = zone->node_places[place % NODE_PLACES];
		if (number == NODE_NONE)
			break;
		if (!strcmp(zone->nodes[number].name, name))
			return number;
	}
	number = node_room(zone);
	if (number == NODE_NONE)
		return NODE_NONE;
	snprintf(zone->nodes[number].name, sizeof(zone->nodes[number].name), "%s", name);
	node_place(zone, number);
	zone->node_idle++;
	return number;
}

void node_gains(struct zone *zone, struct node *node)
{
	zone->node_idle -= !node->ours && !node->ballots;
	node->ballots++;
}

void node_loses(struct zone *zone, struct node *node)
{
	node->ballots--;
	zone->node_idle += !node->ours && !node->ballots;
}
