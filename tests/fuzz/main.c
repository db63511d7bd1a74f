/* SPDX-License-Identifier: BSD-3-Clause */
/* main - plays a corpus through a fuzz target, for `make check` and without a fuzzer.
 *
 *     fuzz_config              every file of tests/fuzz/corpus/config: whole, and then cut short and damaged
 *     fuzz_config FOLDER...    the same of these folders
 *
 * A target that dislikes an input aborts. Damage is for as long as a test may take: the same on every machine,
 * but more of it on a fast one. libFuzzer, which brings a main() of its own, is started by scripts/fuzz.
 */
#define _GNU_SOURCE /* program_invocation_short_name */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define INPUT_MAX    (1u << 20)
#define DAMAGED      64 /* variants of each file */
#define DAMAGED_TIME (1 * CLOCKS_PER_SEC) /* of the processor, for all of them */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Knuth's MMIX generator: the same variants on every machine. */
static uint64_t next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

/* A copy of its own for each run, so that a sanitizer sees a read behind its end. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

/* Plays <data> whole, or damaged until <end>. */
static void run_variants(uint8_t *data, size_t size, bool damaged, clock_t end)
{
	uint64_t state = size;

	if (!damaged)
		run(data, size);
	for (unsigned i = 0; damaged && i < DAMAGED && size && clock() < end; i++) {
		size_t at = next_random(&state) % size;
		uint8_t was = data[at];

		run(data, at);
		data[at] = (uint8_t)next_random(&state);
		run(data, size);
		data[at] = was;
	}
}

static int run_file(const char *path, bool damaged, clock_t end)
{
	uint8_t *data = malloc(INPUT_MAX);
	FILE *in = fopen(path, "rb");
	size_t size;

	if (!data || !in) {
		perror(path);
		free(data);
		if (in)
			fclose(in);
		return -1;
	}
	size = fread(data, 1, INPUT_MAX, in);
	fclose(in);
	run_variants(data, size, damaged, end);
	free(data);
	return 0;
}

/* Returns the number of files played, or -1. */
static int run_folder(const char *folder, bool damaged, clock_t end)
{
	struct dirent **entry;
	int entries = scandir(folder, &entry, NULL, alphasort), count = 0;
	char path[4096];

	if (entries < 0) {
		perror(folder);
		return -1;
	}
	for (int i = 0; i < entries; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry[i]->d_name);
		if (count >= 0 && entry[i]->d_name[0] != '.')
			count = run_file(path, damaged, end) ? -1 : count + 1;
		free(entry[i]);
	}
	free(entry);
	return count;
}

static int play(const char *folder)
{
	int count = run_folder(folder, false, 0);

	if (count <= 0) {
		fprintf(stderr, "%s: no inputs\n", folder);
		return 1;
	}
	run_folder(folder, true, clock() + DAMAGED_TIME);
	printf("%s: %d inputs\n", folder, count);
	return 0;
}

int main(int argc, char **argv)
{
	const char *source = getenv("WARDEN_SOURCE"), *name = strstr(program_invocation_short_name, "fuzz_");
	char folder[4096];
	int status = 0;

	setenv("WARDEN_ABORT", "1", 0);
	if (argc < 2 && name) {
		snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", source ? source : ".", name + strlen("fuzz_"));
		return play(folder);
	}
	for (int i = 1; i < argc && !status; i++)
		status = play(argv[i]);
	return status;
}
