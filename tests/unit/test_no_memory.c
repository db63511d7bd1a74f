/* SPDX-License-Identifier: BSD-3-Clause */
/* test_no_memory - memory runs out while an engine is opened, reloaded or copied to disk, at every single allocation.
 *
 * Each time there is a sentence, or it works, perhaps with less; nobody crashes; and nothing leaks. What is done beside
 * the resolver is in test_no_memory_served.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "report/event.h"
#include "report/ocsf.h"
#include "scarce.h"
#include "store/snapshot.h"

#ifndef SANITIZED

/* ---- open ----------------------------------------------------------------------- */

/* Fails at each allocation in turn. Returns how many there are. */
static long open_all(bool private, bool and_all_others)
{
	long nth = 0, hit;
	unsigned opened = 0;

	do {
		struct warden *warden;

		remember();
		arm(++nth, and_all_others);
		warden = try_open(private);
		hit = disarm();
		if (warden)
			expect_works(warden);
		else
			expect_sentence();
		opened += warden && hit;
		warden_close(warden);
		/* What this process keeps for the next time is then again what it was before. */
		if (!private)
			warden_close(open_now(private));
		expect_no_leak(nth);
	} while (hit);
	printf("open: %ld allocations; without %u of them it opens all the same\n", nth - 1, opened);
	return nth - 1;
}

static void opening(void **state)
{
	long count;

	(void)state;
	write_everything(true);
	warden_close(open_now(true)); /* libraries keep something for good */
	count = open_all(true, false);
	assert_true(count > 300);
	assert_int_equal(open_all(true, true), count);
}

/* A process that has run before falls back on the configuration that it had. */
static void opening_again(void **state)
{
	(void)state;
	write_everything(false);
	warden_close(open_now(false));
	assert_true(open_all(false, false) > 300);
	assert_true(open_all(false, true) > 300);
}

/* ---- reload --------------------------------------------------------------------- */

static void reload_now(struct warden *warden)
{
	if (engine_reload(warden, error, sizeof(error)))
		fail_msg("%s", error);
}

static void reload_all(bool and_all_others)
{
	struct warden *warden = open_now(true);
	long nth = 0, hit;
	unsigned done = 0;

	do {
		int result;

		remember();
		error[0] = said[0] = '\0';
		arm(++nth, and_all_others);
		result = engine_reload(warden, error, sizeof(error));
		hit = disarm();
		if (result)
			expect_sentence();
		done += !result && hit;
		expect_works(warden);
		reload_now(warden);
		expect_no_leak(nth);
	} while (hit);
	printf("reload: %ld allocations; without %u of them it is done all the same\n", nth - 1, done);
	assert_true(nth > 300);
	warden_close(warden);
}

static void reloading(void **state)
{
	(void)state;
	write_everything(true);
	reload_all(false);
	reload_all(true);
}

/* ---- snapshots ------------------------------------------------------------------ */

static void snapshots(void **state)
{
	struct mapping mapping;
	long nth = 0, hit;

	(void)state;
	open_private(&mapping);
	do {
		int result;

		remember();
		error[0] = '\0';
		arm(++nth, false);
		result = snapshot_write(&mapping, temp("snapshot"), NOW, error, sizeof(error));
		hit = disarm();
		assert_int_equal(result, hit ? -1 : 0);
		if (hit)
			expect_sentence();
		assert_int_equal(access(temp("snapshot.new"), F_OK), -1);
		expect_no_leak(nth);
	} while (hit);
	assert_true(nth > 5);
	mapping_detach(&mapping);
}

/* ---- events --------------------------------------------------------------------- */

/* A line is there as a whole or not at all. */
static void event_lines(void **state)
{
	char *(*const line_of[])(const struct record *, const char *, const struct mapping *) = { event_line, ocsf_line };
	struct record record;
	struct warden *warden;
	long nth = 0, hit;
	char *whole, *line;

	(void)state;
	write_everything(true);
	warden = open_now(true);
	assert_int_equal(decision_on(warden, "192.0.2.1", "www.denied.example.com", 1).verdict, WARDEN_REFUSE);
	assert_true(drain(warden, &record, 1) > 0);
	for (unsigned i = 0; i < 2; i++, nth = 0) {
		whole = line_of[i](&record, "host", &warden->mapping);
		assert_non_null(whole);
		do {
			remember();
			arm(++nth, false);
			line = line_of[i](&record, "host", &warden->mapping);
			hit = disarm();
			if (!hit || line)
				assert_string_equal(line, whole);
			free(line);
			expect_no_leak(nth);
		} while (hit);
		printf("event: %ld allocations\n", nth - 1);
		assert_true(nth > 20);
		free(whole);
	}
	warden_close(warden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opening),
		cmocka_unit_test(opening_again),
		cmocka_unit_test(reloading),
		cmocka_unit_test(snapshots),
		cmocka_unit_test(event_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
	return 77; /* skipped */
}

#endif
