/* SPDX-License-Identifier: BSD-3-Clause */
/* network_map - cuts the line of addresses into ranges.
 *
 * One walk over the networks in order, with a stack of those that are open: a network begins a range, and
 * another begins behind its end, which belongs to the one around it.
 */
#include "base/network_map.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 130 /* one network inside another, of 0 to 128 bits, and none around them */

/* An address as a number. */
struct point {
	uint64_t high, low;
};

/* From <first> to the next range. */
struct range {
	struct point first;
	uint32_t value;
};

struct network_map {
	size_t count;         /* at least 1, and the first begins at :: */
	struct range range[];
};

/* A network that the walk is inside of. */
struct open {
	struct point last;
	uint32_t value;
};

static struct point point_of(const uint8_t address[16])
{
	uint64_t half[2];

	memcpy(half, address, sizeof(half));
	return (struct point){ be64toh(half[0]), be64toh(half[1]) };
}

static bool is_before(struct point one, struct point two)
{
	return one.high < two.high || (one.high == two.high && one.low < two.low);
}

/* The last address of <network>, whose first one <first> is. */
static struct point last_of(const struct network *network, struct point first)
{
	unsigned bits = network->bits;

	if (bits < 64)
		return (struct point){ first.high | UINT64_MAX >> bits, UINT64_MAX };
	return (struct point){ first.high, bits < 128 ? first.low | UINT64_MAX >> (bits - 64) : first.low };
}

/* Begins a range at <first>. One that would have begun there before is none. */
static void begin(struct network_map *map, struct point first, uint32_t value)
{
	struct range *last = &map->range[map->count - 1];

	if (is_before(last->first, first))
		last = &map->range[map->count++];
	*last = (struct range){ first, value };
}

/* Ends the network on top of the stack: behind it that below goes on. */
static void end(struct network_map *map, const struct open *top)
{
	struct point next = { top->last.high + (top->last.low == UINT64_MAX), top->last.low + 1 };

	if (next.high || next.low) /* else there is nothing behind */
		begin(map, next, top[-1].value);
}

int network_row_compare(const void *one, const void *two)
{
	const struct network_row *a = one, *b = two;
	int order = memcmp(a->network.address, b->network.address, sizeof(a->network.address));

	return order ? order : a->network.bits - b->network.bits;
}

static void cut(struct network_map *map, const struct network_row *row, size_t count)
{
	struct open stack[DEPTH_MAX] = { { { UINT64_MAX, UINT64_MAX }, NETWORK_MAP_NONE } };
	struct open *top = stack;

	map->range[0] = (struct range){ { 0, 0 }, NETWORK_MAP_NONE };
	map->count = 1;
	for (size_t i = 0; i < count; i++) {
		struct point first = point_of(row[i].network.address);

		for (; top > stack && is_before(top->last, first); top--)
			end(map, top);
		*++top = (struct open){ last_of(&row[i].network, first), row[i].value };
		begin(map, first, row[i].value);
	}
	for (; top > stack; top--)
		end(map, top);
}

/* Copies <row> to <all> with the network of all IPv4 addresses, which no IPv6 network reaches into, at its
 * place. Returns how many there are then.
 */
static size_t with_v4(struct network_row *all, const struct network_row *row, size_t count)
{
	struct network_row v4 = { { { 0 }, NETWORK_V4_BITS }, NETWORK_MAP_NONE };
	size_t before = 0;

	v4.network.address[10] = v4.network.address[11] = 0xff;
	while (before < count && network_row_compare(&row[before], &v4) < 0)
		before++;
	if (before < count && !network_row_compare(&row[before], &v4)) {
		memcpy(all, row, count * sizeof(*row));
		return count;
	}
	if (before)
		memcpy(all, row, before * sizeof(*row));
	all[before] = v4;
	if (before < count)
		memcpy(all + before + 1, row + before, (count - before) * sizeof(*row));
	return count + 1;
}

struct network_map *network_map_new(const struct network_row *row, size_t count)
{
	/* Each network begins at most two ranges. */
	struct network_map *map = malloc(sizeof(*map) + (2 * (count + 1) + 1) * sizeof(map->range[0]));
	struct network_row *all = malloc((count + 1) * sizeof(*all));

	if (map && all) {
		cut(map, all, with_v4(all, row, count));
	} else {
		free(map);
		map = NULL;
	}
	free(all);
	return map;
}

void network_map_free(struct network_map *map)
{
	free(map);
}

uint32_t network_map_find(const struct network_map *map, const uint8_t address[16])
{
	const struct range *range = map->range;
	struct point point = point_of(address);

	/* The last range that does not begin behind <point> is among the <count> from <range>. */
	for (size_t count = map->count; count > 1;) {
		size_t half = count / 2;

		if (!is_before(point, range[half].first)) {
			range += half;
			count -= half;
		} else {
			count = half;
		}
	}
	return range->value;
}

size_t network_map_memory(const struct network_map *map)
{
	return map ? sizeof(*map) + map->count * sizeof(map->range[0]) : 0;
}
