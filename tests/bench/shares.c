/* SPDX-License-Identifier: BSD-3-Clause */
/* shares - what each detector adds to an observation, in nanoseconds.
 *
 *     alone    an engine with that detector only, less one with none: it pays for what detectors share
 *     last     an engine with all of them, less one without it: what switching it off saves
 *
 * A share lies between the two. Both are differences of two measurements in the same round, and the median
 * over the rounds, so that what changes slowly on the machine cancels out. What is left of either sign is noise,
 * and "(noise)" shows how much: nothing at all, measured alike. bench_instructions has none.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "detect/detector.h"
#include "measure.h"

#define ROUNDS_MAX 9

static const enum kind kinds[] = { CACHE_HIT, KNOWN_NAME, NEW_NAME, ANSWER };
static const char *const keys[] = { "cache_hit", "known_name", "new_name", "answer" };

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct times {
	double ns[KINDS];
};

/* Nanoseconds of each kind with an engine of its own, so that none has seen more than the others. */
static struct times time_of(const struct bench *bench, enum rig_detectors which, unsigned id)
{
	const struct bench_size *size = bench->size;
	struct population population = {
		.clients = size->few, .pairs = 4, .domains = population_domains(size->few),
	};
	struct rig_setup setup = { .profile = "small", .detectors = which, .detector = id };
	struct rig *rig = rig_open(&setup, bench->source);
	struct times times;

	rig_warm(rig, &population, 0, 0);
	for (unsigned i = 0; i < KINDS; i++)
		times.ns[i] = measure(rig, &population, kinds[i], 1,
		                      population_looks(&population, kinds[i], size->looks / 16)).batch;
	rig_close(rig);
	return times;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double median(double *of, unsigned count)
{
	qsort(of, count, sizeof(of[0]), compare);
	return of[count / 2];
}

/* Per detector, and after these the noise: none against none, all against all. */
static double alone[DETECTOR_COUNT + 1][KINDS][ROUNDS_MAX], last[DETECTOR_COUNT + 1][KINDS][ROUNDS_MAX];
static double none[KINDS][ROUNDS_MAX], all[KINDS][ROUNDS_MAX];

/* How many detectors are. The index after them is that of the noise. */
static unsigned measured(const struct bench *bench)
{
	return bench->size->detectors < DETECTOR_COUNT ? bench->size->detectors : DETECTOR_COUNT;
}

static void measure_round(const struct bench *bench, unsigned round)
{
	struct times with_none = { 0 }, with_all = { 0 };
	unsigned noise = measured(bench);

	for (unsigned id = 0; id <= noise; id++) {
		struct times only, without;

		/* Anew every now and then: the machine changes meanwhile. */
		if (id % 8 == 0) {
			with_none = time_of(bench, RIG_NONE, 0);
			with_all = time_of(bench, RIG_ALL, 0);
		}
		only = time_of(bench, id < noise ? RIG_ONLY : RIG_NONE, id);
		without = time_of(bench, id < noise ? RIG_WITHOUT : RIG_ALL, id);
		for (unsigned i = 0; i < KINDS; i++) {
			alone[id][i][round] = only.ns[i] - with_none.ns[i];
			last[id][i][round] = with_all.ns[i] - without.ns[i];
		}
	}
	for (unsigned i = 0; i < KINDS; i++) {
		none[i][round] = with_none.ns[i];
		all[i][round] = with_all.ns[i];
	}
}

static void report(struct bench *bench, const char *name, double a[KINDS][ROUNDS_MAX],
                   double b[KINDS][ROUNDS_MAX], const char *first, const char *second)
{
	json_t *row = json_pack("{s:s}", "detector", name);

	printf("%-24s", name);
	for (unsigned i = 0; i < KINDS; i++) {
		double one = median(a[i], bench->size->rounds), other = median(b[i], bench->size->rounds);

		printf(" %8.0f %8.0f", one, other);
		json_object_set_new(row, keys[i], json_pack("{s:f, s:f}", first, one, second, other));
	}
	puts("");
	json_array_append_new(json_object_get(bench->result, "detectors"), row);
}

void bench_detectors(struct bench *bench)
{
	json_object_set_new(bench->result, "detectors", json_array());
	printf("%-24s", "detector: alone, last");
	for (unsigned i = 0; i < KINDS; i++)
		printf(" %17s", kind_names[kinds[i]]);
	puts("");
	for (unsigned round = 0; round < bench->size->rounds; round++)
		measure_round(bench, round);
	for (unsigned id = 0; id < measured(bench); id++)
		report(bench, detectors[id]->name, alone[id], last[id], "alone_ns", "last_ns");
	report(bench, "(noise)", alone[measured(bench)], last[measured(bench)], "alone_ns", "last_ns");
	report(bench, "(none, all)", none, all, "none_ns", "all_ns");
}
