/* SPDX-License-Identifier: BSD-3-Clause */
/* test_timestamp - times as events have them, there and back, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/timestamp.h"

static void both_ways(void **state)
{
	static const struct {
		uint64_t when;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ UINT64_C(1795230000123), "2026-11-21T03:00:00.123Z" },
		{ UINT64_C(951782400000), "2000-02-29T00:00:00.000Z" },
		{ UINT64_C(253402300799999), "9999-12-31T23:59:59.999Z" },
	};
	char text[TIMESTAMP_TEXT_MAX];
	uint64_t when;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_string_equal(timestamp_text(text, cases[i].when), cases[i].text);
		assert_true(timestamp_read(cases[i].text, &when));
		assert_int_equal(when, cases[i].when);
	}
	assert_string_equal(timestamp_text(text, UINT64_MAX), "584556019-04-03T14:25:51.615Z");
}

static void other_forms(void **state)
{
	uint64_t when;

	(void)state;
	assert_true(timestamp_read("2026-11-21", &when));
	assert_int_equal(when, UINT64_C(1795219200000));
	assert_true(timestamp_read("2026-11-21T03:00:00Z", &when));
	assert_int_equal(when, UINT64_C(1795230000000));
	assert_true(timestamp_read("2026-11-21T03:00:00.5Z", &when));
	assert_int_equal(when, UINT64_C(1795230000500));
	assert_true(timestamp_read("2026-11-21T03:00:00.123999999999Z", &when));
	assert_int_equal(when, UINT64_C(1795230000123));
}

static void no_time(void **state)
{
	static const char *const bad[] = {
		"", "2026", "2026-11-2", "2026-11-211", "2026-13-01", "2026-00-01", "2026-02-29",
		"2026-11-21T", "2026-11-21T03:00Z", "2026-11-21T24:00:00Z", "2026-11-21T03:60:00Z",
		"2026-11-21T03:00:60Z", "2026-11-21T03:00:00", "2026-11-21T03:00:00.Z",
		"2026-11-21T03:00:00.1", "2026-11-21T03:00:00Zx", "2026-11-21T03:00:00+01:00",
		"2026-11-21 03:00:00Z", " 2026-11-21", "-026-11-21", "1969-12-31", "yesterday",
	};
	uint64_t when = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (timestamp_read(bad[i], &when))
			fail_msg("'%s' was read", bad[i]);
		assert_int_equal(when, 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways), cmocka_unit_test(other_forms), cmocka_unit_test(no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
