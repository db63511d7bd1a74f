/* SPDX-License-Identifier: BSD-3-Clause */
/* bench_engine - what one warden_observe() takes: by kind, detector, and how much there is.
 *
 *     bench_engine [--quick] [--part NAME] [--source FOLDER] [--json FILE] [--set KEY=VALUE]...
 *
 * Prints tables, and writes the same numbers as JSON. What it cannot know, the version and the date, is told
 * by --set and put there as it is. --part measures only observations, growth or detectors. With --quick
 * everything is tiny: whether it runs, not how fast.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bench.h"
#include "ticks.h"

#define SCHEMA 1

static const struct bench_size full_size = {
	.profile = "large",
	.profile_of_few = "normal",
	.clients = { 1000, 100000, 1000000 },
	.pairs = { 32, 16, 2 },
	.looks = 200000,
	.rounds = 3,
	.detectors = UINT_MAX,
	.few = 1000,
	.growing_clients = { 1000, 4000, 16000, 64000, 256000, 1000000 },
	.growing_pairs = { 1, 3, 10, 30, 100 }, /* for ten times <few> clients */
	.holds = { 64, 256, 1000, 4000, 10000 },
	.entries = { 1000, 10000, 100000, 1000000 },
};

static const struct bench_size quick_size = {
	.profile = "small",
	.profile_of_few = "small",
	.clients = { 10, 30, 100 },
	.pairs = { 4, 3, 2 },
	.looks = 500,
	.rounds = 1,
	.detectors = 3,
	.few = 20,
	.growing_clients = { 10, 20 },
	.growing_pairs = { 1, 2 },
	.holds = { 4, 8 },
	.entries = { 10, 20 },
};

/* "model name" of the first processor, or the machine's architecture. */
static json_t *processor(void)
{
	FILE *in = fopen("/proc/cpuinfo", "r");
	struct utsname system;
	char line[256];

	while (in && fgets(line, sizeof(line), in)) {
		char *value = strstr(line, ": ");

		if (strncmp(line, "model name", 10) || !value)
			continue;
		value[strcspn(value, "\n")] = '\0';
		fclose(in);
		return json_string(value + 2);
	}
	if (in)
		fclose(in);
	return json_string(uname(&system) ? "unknown" : system.machine);
}

static void describe(json_t *result)
{
	json_object_set_new(result, "schema", json_integer(SCHEMA));
	json_object_set_new(result, "version", json_string(WARDEN_VERSION));
	json_object_set_new(result, "processor", processor());
	json_object_set_new(result, "processors", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
	json_object_set_new(result, "compiler", json_string(__VERSION__));
	json_object_set_new(result, "clock", json_string(ticks_are_tsc ? "tsc" : "clock_gettime"));
	json_object_set_new(result, "clock_overhead_ns", json_real((double)ticks_overhead() / ticks_per_nanosecond()));
	printf("clock: %s, %.2f ticks a nanosecond; a reading takes %.1f ns, which are subtracted\n\n",
	       ticks_are_tsc ? "time stamp counter" : "clock_gettime", ticks_per_nanosecond(),
	       (double)ticks_overhead() / ticks_per_nanosecond());
}

static void observations_and_budget(struct bench *bench)
{
	bench_observations(bench);
	puts("");
	bench_budget(bench);
}

static const struct part {
	const char *name;
	void (*measure)(struct bench *bench);
} parts[] = {
	{ "observations", observations_and_budget }, { "growth", bench_growth }, { "detectors", bench_detectors },
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

static void measure_part(struct bench *bench, const struct part *part)
{
	part->measure(bench);
	puts("");
}

static bool is_part(const char *name)
{
	for (size_t i = 0; i < PARTS; i++)
		if (!strcmp(parts[i].name, name))
			return true;
	return false;
}

static int usage(void)
{
	fputs("usage: bench_engine [--quick] [--part observations|growth|detectors] [--source FOLDER] [--json FILE]\n"
	      "                    [--set KEY=VALUE]...\n", stderr);
	return 2;
}

static void set(json_t *result, const char *pair)
{
	const char *equals = strchr(pair, '=');
	char key[32];

	if (!equals || (size_t)(equals - pair) >= sizeof(key))
		exit(usage());
	snprintf(key, sizeof(key), "%.*s", (int)(equals - pair), pair);
	json_object_set_new(result, key, json_string(equals + 1));
}

int main(int argc, char **argv)
{
	struct bench bench = { .result = json_object(), .source = ".", .size = &full_size };
	json_t *settings = json_object();
	const char *file = NULL, *part = NULL;
	uint64_t began;

	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (!strcmp(argv[i], "--quick")) {
			bench.size = &quick_size;
			continue;
		}
		if (!value)
			return usage();
		if (!strcmp(argv[i], "--source"))
			bench.source = value;
		else if (!strcmp(argv[i], "--part") && is_part(value))
			part = value;
		else if (!strcmp(argv[i], "--json"))
			file = value;
		else if (!strcmp(argv[i], "--set"))
			set(settings, value);
		else
			return usage();
		i++;
	}
	ticks_begin();
	began = ticks_system();
	describe(bench.result);
	json_object_update(bench.result, settings);
	json_decref(settings);
	for (size_t i = 0; i < PARTS; i++)
		if (!part || !strcmp(part, parts[i].name))
			measure_part(&bench, &parts[i]);
	json_object_set_new(bench.result, "seconds", json_integer((json_int_t)((ticks_system() - began) / 1000000000)));
	if (file && json_dump_file(bench.result, file, JSON_INDENT(1) | JSON_REAL_PRECISION(4))) {
		fprintf(stderr, "bench_engine: %s cannot be written\n", file);
		return 1;
	}
	json_decref(bench.result);
	return 0;
}
