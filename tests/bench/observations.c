/* SPDX-License-Identifier: BSD-3-Clause */
/* observations - nanoseconds of each kind of observation, and the budget that they have.
 *
 *     empty   nobody has asked anything: each look is somebody's first, and takes empty slots
 *     warm    everybody of the population has asked for all of its domains, and more than once
 *     full    the same, and strangers have every slot that is left: what is new takes one of theirs
 *
 * Invariant: in warm and full tables whatever a row takes for known has its slot. A look that finds none
 * leaves out most of the work, and would be cheap for the wrong reason: so each row tells how many had none.
 */
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "measure.h"

#define APART UINT32_C(0x01000000) /* who asks in the rows of empty tables is somebody else in each */

static const unsigned thread_counts[] = { 1, 2, 4 };

#define THREAD_COUNTS (sizeof(thread_counts) / sizeof(thread_counts[0]))

static void row(struct bench *bench, struct rig *rig, const struct population *population, enum kind kind,
                const char *tables, unsigned threads)
{
	uint64_t looks = population_looks(population, kind, bench->size->looks);
	struct measured m = measure(rig, population, kind, threads, looks);
	double untracked = 100.0 * (double)m.counts.untracked / (double)m.looks;
	double evicted = 100.0 * (double)m.counts.evicted / (double)m.looks;

	printf("%-20s %-6s %8u %7u %7.0f %7.0f %7.0f %7.0f %7.0f %7.2f %7.2f %7.2f\n", kind_names[kind], tables,
	       population->clients, threads, m.median, m.p99, m.batch, m.cpu, m.wall, untracked, evicted,
	       100.0 * (double)m.counts.opinions / (double)m.looks);
	fflush(stdout);
	json_array_append_new(
		json_object_get(bench->result, "observations"),
		json_pack("{s:s, s:s, s:i, s:i, s:i, s:I, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:I, s:I}",
	                  "kind", kind_names[kind], "tables", tables, "clients", (int)population->clients,
	                  "pairs", (int)population->pairs, "threads", (int)threads, "looks", (json_int_t)m.looks,
	                  "median_ns", m.median, "p99_ns", m.p99, "batch_ns", m.batch, "cpu_ns", m.cpu,
	                  "wall_ns", m.wall,
	                  "untracked", (json_int_t)m.counts.untracked, "busy", (json_int_t)m.counts.busy,
	                  "evicted", (json_int_t)m.counts.evicted, "opinions", (json_int_t)m.counts.opinions));
}

/* What is new to everybody is new whatever it is: so one kind of miss says it all. Not in the tables that are
 * warmed afterwards: these shall have room for what is new there.
 */
static void rows_of_empty(struct bench *bench, const struct rig_setup *setup, const struct population *population)
{
	struct rig *rig = rig_open(setup, bench->source);
	struct population others = *population;

	for (unsigned i = 0; i < THREAD_COUNTS; i++) {
		others.first += APART;
		row(bench, rig, &others, CACHE_HIT, "empty", thread_counts[i]);
		others.first += APART;
		row(bench, rig, &others, KNOWN_NAME, "empty", thread_counts[i]);
	}
	json_object_set_new(bench->result, "memory", json_string(rig->shared ? "shared" : "private"));
	rig_close(rig);
}

static void rows_of_known(struct bench *bench, struct rig *rig, const struct population *population,
                          const char *tables)
{
	for (int kind = 0; kind < KIND_COUNT; kind++)
		for (unsigned i = 0; i < THREAD_COUNTS; i++)
			row(bench, rig, population, (enum kind)kind, tables, thread_counts[i]);
}

void bench_observations(struct bench *bench)
{
	const struct bench_size *size = bench->size;
	struct rig_setup setup = { .profile = size->profile };

	json_object_set_new(bench->result, "observations", json_array());
	printf("%-20s %-6s %8s %7s %7s %7s %7s %7s %7s %7s %7s %7s\n", "observation", "tables", "clients", "threads",
	       "median", "p99", "batch", "CPU", "wall", "lost %", "evict %", "said %");
	for (unsigned i = 0; i < 3; i++) {
		struct population population = {
			.clients = size->clients[i],
			.pairs = size->pairs[i],
			.domains = population_domains(size->clients[i]),
		};
		struct rig *rig;

		rows_of_empty(bench, &setup, &population);
		rig = rig_open(&setup, bench->source);
		rig_warm(rig, &population, 0, 0);
		rows_of_known(bench, rig, &population, "warm");
		rig_fill(rig);
		rig_warm(rig, &population, 0, 0);
		rows_of_known(bench, rig, &population, "full");
		rig_close(rig);
	}
}

/* ---- budget ----------------------------------------------------------------------- */

static const struct budget {
	enum kind kind;
	const char *what, *key;
	double nanoseconds;
} budgets[] = {
	{ CACHE_HIT, "cache hit, median", "median_ns", 100 },
	{ CACHE_HIT, "cache hit, p99", "p99_ns", 200 },
	{ ORDINARY, "miss, all detectors on, median", "median_ns", 500 },
	{ ANSWER, "its answer, median", "median_ns", 500 },
};

static void line(struct bench *bench, const struct budget *budget, json_t *observation)
{
	double measured = json_number_value(json_object_get(observation, budget->key));
	const char *tables = json_string_value(json_object_get(observation, "tables"));
	int clients = (int)json_integer_value(json_object_get(observation, "clients"));
	bool met = measured <= budget->nanoseconds;

	printf("%-32s %8.0f %-6s %9d %9.0f  %s\n", budget->what, budget->nanoseconds, tables, clients, measured,
	       met ? "yes" : "no");
	json_array_append_new(json_object_get(bench->result, "budget"),
	                      json_pack("{s:s, s:f, s:s, s:i, s:f, s:b}", "what", budget->what, "budget_ns",
	                                budget->nanoseconds, "tables", tables, "clients", clients, "measured_ns",
	                                measured, "met", met));
}

void bench_budget(struct bench *bench)
{
	json_t *observation;
	size_t index;

	json_object_set_new(bench->result, "budget", json_array());
	printf("%-32s %8s %-6s %9s %9s  %s\n", "budget, one thread", "ns", "tables", "clients", "measured", "met");
	for (size_t i = 0; i < sizeof(budgets) / sizeof(budgets[0]); i++)
		json_array_foreach(json_object_get(bench->result, "observations"), index, observation) {
			const char *tables = json_string_value(json_object_get(observation, "tables"));

			if (json_integer_value(json_object_get(observation, "threads")) == 1 && strcmp(tables, "empty") != 0 &&
			    !strcmp(json_string_value(json_object_get(observation, "kind")), kind_names[budgets[i].kind]))
				line(bench, &budgets[i], observation);
		}
}
