/* SPDX-License-Identifier: BSD-3-Clause */
/* test_memory - what `unbound-warden check` says of memory, against what the kernel says: of the segment's
 * file, and of a process once all of the segment has been touched.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "report/check.h"
#include "sanitized.h"
#include "support.h"

/* Not large: its memory is gibibytes. bench_scale touches all of it. */
static const char *const profiles[] = { "small", "normal" };

#define PROFILES (sizeof(profiles) / sizeof(*profiles))

static const char *config(const char *profile)
{
	static char text[2048];

	snprintf(text, sizeof(text), "warden:\n profile: %s\n shared-memory: \"%s\"\n snapshot-file: \"\"\n"
	         " event-file: \"\"\n control-socket: \"\"\n", profile, temp("segment"));
	return text;
}

/* What check says. */
struct prediction {
	uint64_t shared, private;
};

static struct prediction predict(const char *profile)
{
	struct prediction prediction;
	json_t *faults = json_array(), *json;
	struct config *loaded = check_load(temp_file("check.conf", engine_config(config(profile))), faults);

	assert_non_null(loaded);
	json = check_json(loaded);
	assert_non_null(json);
	prediction.shared = (uint64_t)json_integer_value(json_object_get(json, "shared_memory"));
	prediction.private = (uint64_t)json_integer_value(json_object_get(json, "private_memory"));
	json_decref(json);
	json_decref(faults);
	config_free(loaded);
	return prediction;
}

/* Whether it is at least <least> and at most <most>, give or take a percent. */
static void measured(const char *profile, const char *what, uint64_t least, uint64_t most, uint64_t octets)
{
	const double mebi = 1 << 20;

	printf("%-6s  %-10s check %8.2f to %8.2f MiB, measured %8.2f MiB\n", profile, what,
	       (double)least / mebi, (double)most / mebi, (double)octets / mebi);
	assert_true((double)octets > 0.99 * (double)least);
	assert_true((double)octets < 1.01 * (double)most);
}

static void file(void **state)
{
	(void)state;
	for (size_t i = 0; i < PROFILES; i++) {
		uint64_t foretold = predict(profiles[i]).shared;
		struct warden *warden;
		struct stat st;

		temp_clean();
		warden = open_engine(config(profiles[i]), false);
		assert_int_equal(stat(temp("segment"), &st), 0);
		measured(profiles[i], "file", foretold, foretold, (uint64_t)st.st_size);
		measured(profiles[i], "allocated", foretold, foretold, (uint64_t)st.st_blocks * 512);
		warden_close(warden);
	}
}

#ifndef SANITIZED

static uint64_t resident_octets(void)
{
	FILE *in = fopen("/proc/self/statm", "r");
	unsigned long long all, resident;

	assert_non_null(in);
	assert_int_equal(fscanf(in, "%llu %llu", &all, &resident), 2);
	fclose(in);
	return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void touch_all(struct warden *warden)
{
	/* Written, whatever a compiler thinks of it: an atomic or with 0 becomes a load. Nobody else is there. */
	volatile uint8_t *octet = (volatile uint8_t *)warden->mapping.header;

	for (size_t at = 0; at < warden->mapping.size; at += SEGMENT_PAGE)
		octet[at] = octet[at];
}

static void resident(void **state)
{
	(void)state;
	warden_close(open_engine(config("small"), true)); /* what libraries do at their first use */
	for (size_t i = 0; i < PROFILES; i++) {
		struct prediction prediction = predict(profiles[i]);
		uint64_t before = resident_octets();
		struct warden *warden = open_engine(config(profiles[i]), true);

		touch_all(warden);
		/* Private memory is what it may grow to: a cache of names is empty at first. */
		measured(profiles[i], "resident", prediction.shared, prediction.shared + prediction.private,
		         resident_octets() - before);
		warden_close(warden);
	}
}

#else

/* A sanitizer has memory of its own for each page that is touched. */
static void resident(void **state)
{
	(void)state;
	skip();
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(file), cmocka_unit_test(resident) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
