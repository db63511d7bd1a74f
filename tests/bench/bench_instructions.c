/* SPDX-License-Identifier: BSD-3-Clause */
/* bench_instructions - looks of each kind, for who counts instructions from outside: tests/bench/instructions.
 *
 *     bench_instructions SOURCE [--quick]
 *
 * An engine for each set of detectors, and for each number of what costs could grow with. Its tables are
 * warmed first, uncounted; then valgrind's callgrind counts some looks of a kind, and is told to dump, under a
 * label that says what they were:
 *
 *     detectors NAME alone|last KIND
 *     growth clients|holds|entries NUMBER KIND
 *
 * Run by itself, without valgrind, it does the same and nothing is counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#define CALLGRIND_ZERO_STATS
#define CALLGRIND_DUMP_STATS_AT(label) ((void)(label))
#define COUNTS_NOTHING
#endif

#include "detect/detector.h"
#include "rig.h"

#define CLIENTS 1000
#define PAIRS   4

static const char *source;
static unsigned counted = 2000;          /* looks */
static const char *roomy = "normal";     /* the profile for what does not fit into small tables */

static const struct {
	enum kind kind;
	const char *key;
} kinds[] = {
	{ CACHE_HIT, "cache_hit" }, { KNOWN_NAME, "known_name" }, { NEW_NAME, "new_name" }, { ANSWER, "answer" },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* <kind> by <population>, counted under "<label> KEY". Questions are made before. */
static void count(struct rig *rig, const struct population *population, enum kind kind, const char *key,
                  const char *label)
{
	struct stream stream = { .population = *population, .random = 1 + rig->serial, .serial = rig->serial };
	struct question *question = calloc(counted, sizeof(*question));
	char what[128];

	if (!question)
		exit(1);
	for (unsigned i = 0; i < counted; i++)
		question_make(&question[i], kind, &stream,
		              (uint64_t)((double)rig->now + i * rig_step(population->clients)) / 1000);
	rig->serial += counted;
	rig->now += (uint64_t)(counted * rig_step(population->clients));
	snprintf(what, sizeof(what), "%s %s", label, key);
	CALLGRIND_START_INSTRUMENTATION;
	CALLGRIND_ZERO_STATS;
	for (unsigned i = 0; i < counted; i++)
		warden_observe(rig->warden, &question[i].obs);
	CALLGRIND_DUMP_STATS_AT(what);
	CALLGRIND_STOP_INSTRUMENTATION;
	free(question);
}

static void count_kinds(struct rig *rig, const struct population *population, const char *label)
{
	for (unsigned i = 0; i < KINDS; i++)
		count(rig, population, kinds[i].kind, kinds[i].key, label);
}

static void with_detectors(enum rig_detectors which, unsigned id, const char *name, const char *how)
{
	struct population population = { .clients = CLIENTS, .pairs = PAIRS, .domains = population_domains(CLIENTS) };
	struct rig_setup setup = { .profile = "small", .detectors = which, .detector = id };
	struct rig *rig = rig_open(&setup, source);
	char label[96];

	rig_warm(rig, &population, 0, 0);
	snprintf(label, sizeof(label), "detectors %s %s", name, how);
	count_kinds(rig, &population, label);
	rig_close(rig);
}

static void with_clients(uint32_t clients)
{
	struct population population = { .clients = clients, .pairs = PAIRS, .domains = population_domains(clients) };
	struct rig *rig = rig_open(&(struct rig_setup){ .profile = roomy }, source);
	char label[64];

	rig_warm(rig, &population, 0, 0);
	snprintf(label, sizeof(label), "growth clients %u", clients);
	count_kinds(rig, &population, label);
	rig_close(rig);
}

static void with_holds(uint32_t holds)
{
	struct population population = { .clients = CLIENTS, .pairs = PAIRS, .domains = population_domains(CLIENTS) };
	struct rig *rig = rig_open(&(struct rig_setup){ .profile = roomy, .enforce = true }, source);
	char label[64];

	rig_warm(rig, &population, 0, 0);
	rig_hold(rig, 0, holds);
	snprintf(label, sizeof(label), "growth holds %u", holds);
	count_kinds(rig, &population, label);
	rig_close(rig);
}

static void with_entries(uint32_t entries)
{
	struct population population = { .clients = CLIENTS, .pairs = PAIRS, .domains = population_domains(CLIENTS) };
	struct rig *rig = rig_open_listed(&(struct rig_setup){ .profile = "small" }, source, entries);
	char label[64];

	rig_warm(rig, &population, 0, 0);
	snprintf(label, sizeof(label), "growth entries %u", entries);
	count_kinds(rig, &population, label);
	rig_close(rig);
}

int main(int argc, char **argv)
{
	bool quick = argc == 3 && !strcmp(argv[2], "--quick");

	if (argc != 2 && !quick) {
		fputs("usage: bench_instructions SOURCE [--quick]\n", stderr);
		return 2;
	}
#ifdef COUNTS_NOTHING
	fputs("bench_instructions: built without valgrind/callgrind.h, so nothing can be counted: install "
	      "valgrind, and make clean\n", stderr);
	if (!quick)
		return 1;
#endif
	source = argv[1];
	if (quick) {
		counted = 10;
		roomy = "small";
	}
	with_detectors(RIG_NONE, 0, "(none)", "alone");
	with_detectors(RIG_ALL, 0, "(all)", "last");
	for (unsigned id = 0; id < (quick ? 1 : DETECTOR_COUNT); id++) {
		with_detectors(RIG_ONLY, id, detectors[id]->name, "alone");
		with_detectors(RIG_WITHOUT, id, detectors[id]->name, "last");
	}
	for (uint32_t number = 1000; number <= (quick ? 1000 : 50000); number *= 7)
		with_clients(number);
	with_holds(0);
	for (uint32_t number = 10; number <= (quick ? 10 : 10000); number *= 10)
		with_holds(number);
	for (uint32_t number = 1000; number <= (quick ? 1000 : 100000); number *= 10)
		with_entries(number);
	return 0;
}
