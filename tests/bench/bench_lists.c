/* SPDX-License-Identifier: BSD-3-Clause */
/* bench_lists - octets that an entry of a list takes, and nanoseconds that looking a name up takes.
 *
 * Names are asked for in an order in which no entry is near in memory to the one before. Each look-up
 * is what the engine does for a name that it has not seen yet, or that is on a list: the longest entry
 * of all lists, and its marks. The name has just been parsed, as in the engine; what parsing
 * takes is measured by itself and taken off. Entries have two to six labels, more than those of most block
 * lists; a deep name has 26 more. The best of several runs, over all names: what others on the machine
 * take does not count.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "name/domain_map.h"

#define NAMES 65536 /* looked up in a run */
#define CHUNK 256   /* of them are timed together: so few that nobody comes between now and then */
#define RUNS  20

struct wire {
	uint8_t octet[104], len;
};

enum kind { MISS, DEEP_MISS, HIT, BELOW, DEEP_HIT, KIND_COUNT };

static const char *const kind_names[KIND_COUNT] = {
	[MISS] = "miss", [DEEP_MISS] = "miss, deep name", [HIT] = "hit", [BELOW] = "hit, two labels below",
	[DEEP_HIT] = "hit, deep name",
};

static const char deep[] = "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.";

static uint64_t nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Entry <n>; the others are never entries. */
static void entry_text(char text[128], const char *before, unsigned n, bool is_entry)
{
	static const char *const formats[] = {
		"%s%s-%u.com", "%swww.%s%u.com", "%s%s-and-more-%u.net", "%scdn.eu.%s%u.org",
		"%s%s%u.site.dyn.example.org", "%sa.b.c.%s%u.co.uk",
	};

	snprintf(text, 128, formats[n % 6], before, is_entry ? "listed" : "other", n);
}

static void make(struct wire *wire, enum kind kind, unsigned n)
{
	static const char *const before[KIND_COUNT] = { "", deep, "", "a.b.", deep };
	struct name name;
	char text[128];

	entry_text(text, before[kind], n, kind >= HIT);
	if (!name_from_text(&name, text) || name.len > sizeof(wire->octet))
		abort();
	memcpy(wire->octet, name.raw, name.len);
	wire->len = name.len;
}

/* Parses the names of a chunk and, with <map>, looks them up. Returns how long that took. */
static uint64_t run(const struct domain_map *map, const struct wire wire[CHUNK], unsigned *hits)
{
	uint64_t began = nanoseconds();

	*hits = 0;
	for (unsigned i = 0; i < CHUNK; i++) {
		struct domain_mark mark;
		struct domain_hit hit = { .label = -1 };
		struct name name;

		if (!name_parse(&name, wire[i].octet, wire[i].len))
			abort();
		if (map)
			hit = domain_map_next(map, &name, 0);
		if (hit.label >= 0)
			*hits += domain_map_marks(map, &hit, &mark, 1);
	}
	return nanoseconds() - began;
}

/* The mean over all names, of the best run of each chunk. */
static double best(const struct domain_map *map, const struct wire wire[NAMES], unsigned expected)
{
	static uint64_t least[NAMES / CHUNK];
	uint64_t sum = 0;

	memset(least, 0xff, sizeof(least));
	for (unsigned i = 0; i < RUNS; i++)
		for (unsigned chunk = 0; chunk < NAMES / CHUNK; chunk++) {
			unsigned hits;
			uint64_t took = run(map, wire + (size_t)chunk * CHUNK, &hits);

			if (hits != expected)
				abort();
			least[chunk] = took < least[chunk] ? took : least[chunk];
		}
	for (unsigned chunk = 0; chunk < NAMES / CHUNK; chunk++)
		sum += least[chunk];
	return (double)sum / NAMES;
}

static void bench(unsigned entries)
{
	const struct domain_mark mark = { 0, 0 };
	struct domain_map *map = domain_map_new();
	struct wire *wire = malloc(NAMES * sizeof(*wire));
	struct name one;
	char text[128];

	if (!map || !wire)
		abort();
	for (unsigned n = 0; n < entries; n++) {
		entry_text(text, "", n, true);
		if (!name_from_text(&one, text) || domain_map_add(map, &one, mark) != 1)
			abort();
	}
	printf("%8u entries  %5.1f octets each\n", entries, (double)domain_map_memory(map) / entries);
	for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
		for (unsigned i = 0; i < NAMES; i++)
			make(&wire[i], (enum kind)kind, (unsigned)((uint64_t)i * 2654435761u % entries));
		printf("    %-24s %6.1f ns\n", kind_names[kind],
		       best(map, wire, kind >= HIT ? CHUNK : 0) - best(NULL, wire, 0));
	}
	domain_map_free(map);
	free(wire);
}

int main(void)
{
	puts("look-ups in lists");
	bench(10000);
	bench(100000);
	bench(300000);
	bench(1000000);
	return 0;
}
