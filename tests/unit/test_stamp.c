/* SPDX-License-Identifier: BSD-3-Clause */
/* test_stamp - times that logs begin their lines with, and what some do not say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <time.h>

#include "recorded/stamp.h"

#define MIDNIGHT UINT64_C(1798761600000) /* 2027-01-01T00:00:00Z */

static void forms(void **state)
{
	static const struct {
		const char *text;
		uint64_t when;
		const char *rest; /* NULL: none of these */
	} rows[] = {
		{ "[1700000000] x", 1700000000000, " x" },
		{ "[0]", 0, "" },
		{ "[]", 0, NULL },
		{ "[170", 0, NULL },
		{ "[99999999999999999999]", 0, NULL },
		{ "2023-11-14T22:13:20 x", 1700000000000, " x" },
		{ "2023-11-14T22:13:20Z", 1700000000000, "" },
		{ "2023-11-14T22:13:20.2519Z", 1700000000251, "" },
		{ "2023-11-14T22:13:20.Z", 1700000000000, ".Z" },
		{ "2023-11-14T23:13:20+01:00", 1700000000000, "" },
		{ "2023-11-14T16:43:20-0530", 1700000000000, "" },
		{ "2023-11-14T22:13:20+1", 1700000000000, "+1" },
		{ "1970-01-01T00:30:00+00:30", 0, "" },
		{ "1970-01-01T00:30:00+00:31", 0, NULL },
		{ "1969-12-31T23:59:59Z", 0, NULL },
		{ "2023-13-14T22:13:20Z", 0, NULL },
		{ "2023-00-14T22:13:20Z", 0, NULL },
		{ "2023-11-00T22:13:20Z", 0, NULL },
		{ "2023-11-32T22:13:20Z", 0, NULL },
		{ "2023-11-14T24:13:20Z", 0, NULL },
		{ "2023-11-14T22:60:20Z", 0, NULL },
		{ "2023-11-14T22:13:61Z", 0, NULL },
		{ "2023-11-14 22:13:20Z", 0, NULL },
		{ "2023-11-14T22:13:2", 0, NULL },
		{ "Jan  1 00:00:00 x", MIDNIGHT, " x" },
		{ "Jan 01 00:00:00.5", MIDNIGHT + 500, "" },
		{ "Jen 01 00:00:00", 0, NULL },
		{ "Jan 1 00:00:00", 0, NULL },
		{ "", 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct stamp stamp = { .written = MIDNIGHT + 5000 };
		const char *text = rows[i].text;
		uint64_t when = 0;

		print_message("%s\n", text);
		assert_int_equal(stamp_read(&stamp, &text, &when), rows[i].rest != NULL);
		assert_int_equal(when, rows[i].when);
		assert_string_equal(text, rows[i].rest ? rows[i].rest : rows[i].text);
	}
}

/* One after the other, in a file that was written five seconds into 2027. */
static void years(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds; /* after midnight */
	} rows[] = {
		{ "Dec 31 23:59:58", -2 }, { "Dec 31 23:59:58", -2 }, { "Dec 31 23:59:59", -1 },
		{ "Jan 01 00:00:00", 0 }, { "Dec 31 23:59:59", -1 }, { "Jan 01 00:00:01", 1 },
	};
	struct stamp stamp = { .written = MIDNIGHT + 5000 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *text = rows[i].text;
		uint64_t when;

		assert_true(stamp_read(&stamp, &text, &when));
		assert_int_equal((int64_t)(when - MIDNIGHT), rows[i].seconds * 1000);
	}
}

/* A first line up to a day ahead of the file is a clock's fault; more is last year's. */
static void ahead(void **state)
{
	struct stamp within = { .written = MIDNIGHT }, beyond = { .written = MIDNIGHT };
	const char *day = "Jan 02 00:00:00", *more = "Jan 02 00:00:01";
	uint64_t when;

	(void)state;
	assert_true(stamp_read(&within, &day, &when));
	assert_int_equal(when, MIDNIGHT + 86400000);
	assert_true(stamp_read(&beyond, &more, &when));
	assert_int_equal(when, MIDNIGHT + 86401000 - UINT64_C(365) * 86400000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(years),
		cmocka_unit_test(ahead),
	};

	setenv("TZ", "UTC0", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
