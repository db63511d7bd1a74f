/* SPDX-License-Identifier: BSD-3-Clause */
/* test_totals - the lines of `stats_noreset` in little room: which, in what order, and whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "detect/detector.h"
#include "report/stats.h"
#include "support.h"

#define ROOM  4096
#define GUARD 0x5a

static int engine_setup(void **state)
{
	*state = open_engine("", true);
	return 0;
}

static int engine_teardown(void **state)
{
	warden_close(*state);
	return 0;
}

static void count(struct warden *warden, unsigned word, uint64_t n)
{
	bank_add(bank_mine(&warden->mapping.counters), word, n);
}

/* The totals in <room> octets, as a string; the next call overwrites it. */
static char *totals(struct warden *warden, size_t room)
{
	static char text[2 * ROOM];
	size_t len;

	assert_true(room < sizeof(text));
	memset(text, GUARD, sizeof(text));
	len = warden_totals(warden, text, room);
	assert_true(len <= room);
	for (size_t i = len; i < sizeof(text); i++)
		assert_int_equal(text[i], GUARD);
	text[len] = '\0';
	return text;
}

/* Where the line is, NULL when it is not there as a whole. */
static const char *find(const char *text, const char *line)
{
	const char *found = strstr(text, line);

	return found && (found == text || found[-1] == '\n') && found[strlen(line)] == '\n' ? found : NULL;
}

static void expect(const char *text, const char *line)
{
	if (!find(text, line))
		fail_msg("no line '%s' in:\n%s", line, text);
}

static void test_lines(void **state)
{
	const char *text;

	count(*state, COUNTER_misses, 3);
	count(*state, COUNTER_cachehits, 4);
	count(*state, BANK_DETECTORS + DETECTOR_information, 10);
	count(*state, BANK_HISTOGRAM + 9, 2);
	text = totals(*state, ROOM);
	expect(text, "warden.num.queries=7");
	expect(text, "warden.num.misses=3");
	expect(text, "warden.num.joined=0");
	expect(text, "warden.holds.count=0");
	expect(text, "warden.clients.count=0");
	expect(text, "warden.num.detector.information=10");
	expect(text, "warden.histogram.000000.000000512.to.000000.000001024=2");
	assert_null(strstr(text, "warden.num.detector.risk="));
	assert_null(strstr(text, "warden.histogram.000000.000001024."));
	/* What is more important comes first. */
	assert_true(text == find(text, "warden.num.queries=7"));
	assert_true(find(text, "warden.num.misses=3") < find(text, "warden.holds.count=0"));
	assert_true(find(text, "warden.holds.count=0") < find(text, "warden.num.detector.information=10"));
	assert_true(find(text, "warden.num.detector.information=10") < strstr(text, "warden.histogram."));
}

/* Every line is one of `stats_noreset`, and each of its lines is told unless it may be left out. */
static void test_same(void **state)
{
	struct warden *warden = *state;
	char *all, *rest;
	size_t len;
	FILE *out = open_memstream(&all, &len);
	const char *text;
	unsigned told = 0, lines = 0;

	count(warden, COUNTER_misses, UINT32_MAX);
	stats_print(&warden->mapping, emitter_find("plain"), out);
	fclose(out);
	text = totals(warden, ROOM);
	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	rest = all;
	for (char *line = strtok_r(rest, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		bool may_miss = (!strncmp(line, "warden.num.detector.", 20) ||
		                 !strncmp(line, "warden.histogram.", 17)) &&
		                !strcmp(line + strlen(line) - 2, "=0");

		assert_int_equal(!find(text, line), may_miss);
		told += !may_miss;
	}
	assert_int_equal(told, lines);
	free(all);
}

/* However little the room, it is filled with whole lines, those of the larger room. */
static void test_room(void **state)
{
	static char whole[ROOM + 1];
	size_t full;

	for (unsigned i = 0; i < DETECTOR_COUNT; i++)
		count(*state, BANK_DETECTORS + i, UINT64_C(1) << 40);
	for (unsigned i = 0; i < HISTOGRAM_WORDS; i++)
		count(*state, BANK_HISTOGRAM + i, UINT64_C(1) << 40);
	strcpy(whole, totals(*state, ROOM));
	full = strlen(whole);
	assert_in_range(full, ROOM - 128, ROOM); /* not all fits */
	for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
		char line[128];

		snprintf(line, sizeof(line), "warden.num.detector.%s=1099511627776", detectors[i]->name);
		expect(whole, line);
	}
	for (size_t room = 0; room <= ROOM; room++) {
		const char *text = totals(*state, room);
		size_t len = strlen(text);

		assert_memory_equal(text, whole, len);
		assert_true(!len || text[len - 1] == '\n');
		/* No line more would have fitted. */
		assert_true(len == full || len + strcspn(whole + len, "\n") + 1 > room);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lines, engine_setup, engine_teardown),
		cmocka_unit_test_setup_teardown(test_same, engine_setup, engine_teardown),
		cmocka_unit_test_setup_teardown(test_room, engine_setup, engine_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
