/* SPDX-License-Identifier: BSD-3-Clause */
/* network_map - which of some hundred networks an address belongs to: the most specific one.
 *
 * Networks nest or are disjoint, so they cut the line of all addresses into ranges, each with one network
 * that is the most specific in it, or none. These are worked out once; a look-up is a binary search for
 * the range in which an address is: no allocation, and as many steps as the number of ranges has bits.
 *
 *     ::ffff:10.0.0.0/104 -> 1, ::ffff:10.1.0.0/112 -> 2
 *     from ::  10.0.0.0  10.1.0.0  10.2.0.0  11.0.0.0
 *      none       1         2         1        none
 *
 * Read-only once made, so any number of threads may use it.
 */
#ifndef BASE_NETWORK_MAP_H
#define BASE_NETWORK_MAP_H

#include "base/network.h"

/* What is found where no network is. */
#define NETWORK_MAP_NONE UINT32_MAX

struct network_map;

/* A network, and what is found in it. */
struct network_row {
	struct network network;
	uint32_t value;
};

/* Orders rows by their networks, a wider one before those in it; for qsort(). Only the bits that count
 * may be set in their addresses. 0: the same network.
 */
int network_row_compare(const void *one, const void *two);

/* Makes a map of <count> rows in this order, no two of the same network. They are not needed behind.
 * NULL: out of memory.
 */
struct network_map *network_map_new(const struct network_row *row, size_t count);
void network_map_free(struct network_map *map);

/* The value of the most specific network that <address> is in, or NETWORK_MAP_NONE. */
uint32_t network_map_find(const struct network_map *map, const uint8_t address[16]);

/* Octets allocated for <map>, which may be NULL. */
size_t network_map_memory(const struct network_map *map);

#endif
