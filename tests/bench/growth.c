/* SPDX-License-Identifier: BSD-3-Clause */
/* growth - what an observation costs by how much there is: clients, pairs, holds, entries of lists.
 *
 * No cost may grow with the number itself: all are looked up by hash. What does grow is how far from the
 * processor the memory lies that they are looked up in. So each series has a slope: the exponent e of
 * cost ~ number^e, by least squares on the logarithms. A linear scan has 1; from one cache to memory beyond the
 * last, over a thousandfold number, some 0.1. FLAT is what could be noise.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "measure.h"

#define FLAT 0.02 /* at a thousandfold number: 15 per cent */

struct point {
	double number, ns;
};

/* A series while it is measured. */
struct series {
	const char *of;
	enum kind kind;
	const char *what; /* instead of the kind's name, if not NULL */
	struct point point[BENCH_STEPS_MAX];
	unsigned count;
	double held; /* of the looks of each point, summed */
};

static void add(struct series *series, struct rig *rig, const struct population *population, double number,
                uint64_t looks)
{
	struct measured m;

	looks = population_looks(population, series->kind, looks);
	m = measure(rig, population, series->kind, 1, looks);
	series->point[series->count++] = (struct point){ number, m.batch };
	series->held += (double)m.counts.held / (double)m.looks;
}

/* Least squares on the logarithms. Where there is none of something, it is left out. */
static double exponent(const struct series *series)
{
	double n = 0, x = 0, y = 0, xx = 0, xy = 0;

	for (unsigned i = 0; i < series->count; i++) {
		double number = series->point[i].number, ns = series->point[i].ns;

		if (number < 1 || ns <= 0)
			continue;
		n++;
		x += log(number);
		y += log(ns);
		xx += log(number) * log(number);
		xy += log(number) * log(ns);
	}
	return n < 2 ? 0 : (n * xy - x * y) / (n * xx - x * x);
}

static void report(struct bench *bench, const struct series *series)
{
	const char *what = series->what ? series->what : kind_names[series->kind];
	double slope = exponent(series);
	bool flat = slope < FLAT; /* less is no growth, either */
	json_t *points = json_array();

	printf("%-13s %-20s", series->of, what);
	for (unsigned i = 0; i < series->count; i++) {
		const struct point *point = &series->point[i];

		printf(" %8.0f:%5.0f", point->number, point->ns);
		json_array_append_new(points, json_pack("[f, f]", point->number, point->ns));
	}
	printf("  exponent %.3f, %s\n", slope, flat ? "flat" : "not flat");
	fflush(stdout);
	json_array_append_new(json_object_get(bench->result, "growth"),
	                      json_pack("{s:s, s:s, s:o, s:f, s:f, s:b}", "of", series->of, "kind", what, "points",
	                                points, "exponent", slope, "percent_per_doubling",
	                                100 * (exp2(slope) - 1), "flat", flat));
}

/* Clients or pairs of each, one step after the other in the same tables. */
static void grow_population(struct bench *bench, bool by_clients)
{
	const uint32_t *step = by_clients ? bench->size->growing_clients : bench->size->growing_pairs;
	struct rig_setup setup = { .profile = bench->size->profile };
	struct population population = { .domains = 100000 }, before = { 0 };
	struct rig *rig = rig_open(&setup, bench->source);
	const char *of = by_clients ? "clients" : "pairs";
	struct series hit = { of, CACHE_HIT }, miss = { of, KNOWN_NAME };

	for (unsigned i = 0; i < BENCH_STEPS_MAX && step[i]; i++, before = population) {
		uint32_t clients = by_clients ? step[i] : 10 * bench->size->few;
		uint32_t pairs = by_clients ? 2 : step[i];
		double number = by_clients ? clients : (double)clients * pairs;

		population.clients = clients;
		population.pairs = pairs;
		rig_warm(rig, &population, before.clients, before.pairs);
		add(&hit, rig, &population, number, bench->size->looks);
		add(&miss, rig, &population, number, bench->size->looks);
	}
	report(bench, &hit);
	report(bench, &miss);
	rig_close(rig);
}

/* ---- holds ------------------------------------------------------------------------ */

/* What others pay for holds, and what a held one costs. */
static void grow_holds(struct bench *bench)
{
	const struct bench_size *size = bench->size;
	struct rig_setup setup = { .profile = size->profile_of_few, .enforce = true };
	struct population free = { .clients = size->few, .pairs = 4, .domains = population_domains(size->few) };
	struct population held = rig_held;
	struct rig *rig = rig_open(&setup, bench->source);
	struct series hit = { "holds", CACHE_HIT }, miss = { "holds", KNOWN_NAME };
	struct series refused = { "holds", KNOWN_NAME, "miss, held client" };

	rig_warm(rig, &free, 0, 0);
	add(&hit, rig, &free, 0, size->looks);
	add(&miss, rig, &free, 0, size->looks);
	for (unsigned i = 0; i < BENCH_STEPS_MAX && size->holds[i]; i++) {
		struct population before = held;

		held.clients = size->holds[i];
		rig_hold(rig, before.clients, held.clients);
		rig_warm(rig, &held, before.clients, before.clients ? 1 : 0);
		add(&hit, rig, &free, held.clients, size->looks);
		add(&miss, rig, &free, held.clients, size->looks);
		add(&refused, rig, &held, held.clients, size->looks);
	}
	report(bench, &hit);
	report(bench, &miss);
	if (refused.held < refused.count) {
		fputs("bench: some of those who are held were not\n", stderr);
		exit(1);
	}
	report(bench, &refused);
	rig_close(rig);
}

/* ---- lists ------------------------------------------------------------------------ */

/* What names that are on no list pay for a list. */
static void grow_lists(struct bench *bench)
{
	const struct bench_size *size = bench->size;
	struct population population = { .clients = size->few, .pairs = 4, .domains = population_domains(size->few) };
	struct series hit = { "list entries", CACHE_HIT }, miss = { "list entries", KNOWN_NAME };
	struct series new = { "list entries", NEW_DOMAIN };

	for (unsigned i = 0; i < BENCH_STEPS_MAX && size->entries[i]; i++) {
		struct rig_setup setup = { .profile = size->profile_of_few };
		struct rig *rig = rig_open_listed(&setup, bench->source, size->entries[i]);

		rig_warm(rig, &population, 0, 0);
		add(&hit, rig, &population, size->entries[i], size->looks);
		add(&miss, rig, &population, size->entries[i], size->looks);
		add(&new, rig, &population, size->entries[i], size->looks);
		rig_close(rig);
	}
	report(bench, &hit);
	report(bench, &miss);
	report(bench, &new);
}

void bench_growth(struct bench *bench)
{
	json_object_set_new(bench->result, "growth", json_array());
	puts("growth, one thread: number:nanoseconds");
	grow_population(bench, true);
	grow_population(bench, false);
	grow_holds(bench);
	grow_lists(bench);
}
