/* SPDX-License-Identifier: BSD-3-Clause */
/* test_option - every type of option: what it takes, what it refuses and with which
 * sentence, and that what is printed is taken again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/nearest.h"
#include "base/option.h"

struct sample {
	uint64_t count, wait, space, bound, flag, pick;
	char *path;
	struct option_list list;
};

static const char *const picks[] = { "low", "high", NULL };

static const struct option rows[] = {
	OPTION_NUMBER(struct sample, count, "count", OPT_COUNT, 512, 16, 1048576, "A count."),
	OPTION_NUMBER(struct sample, wait, "wait", OPT_TIME, 300000, 1000, 86400000, "A time."),
	OPTION_NUMBER(struct sample, space, "space", OPT_SIZE, 65536, 0, UINT64_MAX, "A size."),
	OPTION_NUMBER(struct sample, bound, "bound", OPT_SIZE, 512, 16, 1048576, "A bounded size."),
	OPTION_SWITCH(struct sample, flag, "flag", 1, "A switch."),
	OPTION_CHOICE(struct sample, pick, "pick", picks, 1, "A choice."),
	OPTION_TEXT(struct sample, path, "path", "/tmp/x", "A text."),
	OPTION_LIST(struct sample, list, "list", "a", "A list."),
	OPTION_END
};

struct good_case {
	const char *key, *text;
	uint64_t value;
	const char *printed;
};

static void test_good(void **state)
{
	static const struct good_case cases[] = {
		{ "count", "16", 16, "16" },
		{ "count", "1048576", 1048576, "1048576" },
		{ "count", "64k", 64000, "64000" },
		{ "count", "1M", 1000000, "1000000" },
		{ "count", "00512", 512, "512" },
		{ "wait", "1", 1000, "1s" },
		{ "wait", "1000ms", 1000, "1s" },
		{ "wait", "1500ms", 1500, "1500ms" },
		{ "wait", "90s", 90000, "90s" },
		{ "wait", "60s", 60000, "1m" },
		{ "wait", "5m", 300000, "5m" },
		{ "wait", "24h", 86400000, "1d" },
		{ "space", "0", 0, "0" },
		{ "space", "1k", 1024, "1k" },
		{ "space", "1025", 1025, "1025" },
		{ "space", "3g", UINT64_C(3) << 30, "3g" },
		{ "space", "18446744073709551615", UINT64_MAX, "18446744073709551615" },
		{ "flag", "no", 0, "no" },
		{ "flag", "yes", 1, "yes" },
		{ "pick", "low", 0, "low" },
		{ "pick", "high", 1, "high" },
	};
	struct sample sample;
	char error[256], text[64];

	(void)state;
	assert_int_equal(option_defaults(rows, &sample), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct good_case *c = &cases[i];
		const struct option *row = option_find(rows, c->key);

		assert_true(option_set(row, &sample, c->text, NULL, 0, error, sizeof(error)));
		assert_int_equal(option_number(row, &sample), c->value);
		assert_string_equal(option_print(row, &sample, text, sizeof(text)), c->printed);
		assert_true(option_set(row, &sample, text, NULL, 0, error, sizeof(error)));
		assert_int_equal(option_number(row, &sample), c->value);
	}
	option_free(rows, &sample);
}

struct bad_case {
	const char *key, *text, *error;
};

static void test_bad(void **state)
{
	static const struct bad_case cases[] = {
		{ "count", "15", "count: '15' is not between 16 and 1048576" },
		{ "count", "1048577", "count: '1048577' is not between 16 and 1048576" },
		{ "count", "9999999999", "count: '9999999999' is not between 16 and 1048576" },
		/* 2^64 + 512, and 2^64 / 1000 + 1 thousands: both wrap to something small */
		{ "count", "18446744073709552128",
		  "count: '18446744073709552128' is not between 16 and 1048576" },
		{ "count", "18446744073709552k",
		  "count: '18446744073709552k' is not between 16 and 1048576" },
		{ "count", "", "count: '' is not a number: write 512, 64k, 16m or 1g" },
		{ "count", "-16", "count: '-16' is not a number: write 512, 64k, 16m or 1g" },
		{ "count", "+16", "count: '+16' is not a number: write 512, 64k, 16m or 1g" },
		{ "count", " 16", "count: ' 16' is not a number: write 512, 64k, 16m or 1g" },
		{ "count", "16 ", "count: '16 ' is not a number: write 512, 64k, 16m or 1g" },
		{ "count", "0x20", "count: '0x20' is not a number: write 512, 64k, 16m or 1g" },
		{ "count", "16s", "count: '16s' is not a number: write 512, 64k, 16m or 1g" },
		{ "count", "64kk", "count: '64kk' is not a number: write 512, 64k, 16m or 1g" },
		{ "wait", "5x", "wait: '5x' is not a time: write 90s, 5m, 1h or 1d" },
		{ "wait", "1h30m", "wait: '1h30m' is not a time: write 90s, 5m, 1h or 1d" },
		{ "wait", "999ms", "wait: '999ms' is not between 1s and 1d" },
		{ "wait", "25h", "wait: '25h' is not between 1s and 1d" },
		{ "space", "18446744073709551616",
		  "space: '18446744073709551616' is not between 0 and 18446744073709551615" },
		{ "bound", "9999999999", "bound: '9999999999' is not between 16 and 1048576" },
		{ "bound", "2m", "bound: '2m' is not between 16 and 1048576" },
		{ "flag", "maybe", "flag: 'maybe' is not yes or no" },
		{ "flag", "1", "flag: '1' is not yes or no" },
		{ "pick", "middle", "pick: 'middle' is not one of low, high" },
		{ "pick", "", "pick: '' is not one of low, high" },
	};
	struct sample sample, before;
	char error[256];

	(void)state;
	assert_int_equal(option_defaults(rows, &sample), 0);
	before = sample;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct bad_case *c = &cases[i];

		assert_false(option_set(option_find(rows, c->key), &sample, c->text, NULL, 0, error,
		                        sizeof(error)));
		assert_string_equal(error, c->error);
		assert_memory_equal(&sample, &before, sizeof(sample));
	}
	option_free(rows, &sample);
}

static void test_defaults(void **state)
{
	static const char *const printed[] = { "512", "5m", "64k", "512", "yes", "high",
		"\"/tmp/x\"", "\"\"" };
	struct sample sample;
	char text[64];

	(void)state;
	memset(&sample, 0xa5, sizeof(sample));
	assert_int_equal(option_defaults(rows, &sample), 0);
	for (size_t i = 0; rows[i].key; i++) {
		assert_string_equal(option_print(&rows[i], &sample, text, sizeof(text)), printed[i]);
		assert_string_equal(option_print(&rows[i], NULL, text, sizeof(text)), printed[i]);
	}
	assert_null(option_find(rows, "counts"));
	assert_null(option_find(NULL, "count"));
	option_free(rows, &sample);
	option_free(rows, &sample); /* twice is once */
}

static void test_text_and_list(void **state)
{
	const struct option *path = option_find(rows, "path"), *list = option_find(rows, "list");
	struct sample sample;
	char error[256], text[64];

	(void)state;
	assert_int_equal(option_defaults(rows, &sample), 0);
	assert_true(option_set(path, &sample, "/a", NULL, 0, error, sizeof(error)));
	assert_true(option_set(path, &sample, "/b c", NULL, 0, error, sizeof(error)));
	assert_string_equal(sample.path, "/b c");
	assert_true(option_set(list, &sample, "one", "w.conf", 3, error, sizeof(error)));
	assert_true(option_set(list, &sample, "two", NULL, 0, error, sizeof(error)));
	assert_int_equal(sample.list.count, 2);
	assert_string_equal(sample.list.item[0].text, "one");
	assert_string_equal(sample.list.item[0].file, "w.conf");
	assert_int_equal(sample.list.item[0].line, 3);
	assert_string_equal(sample.list.item[1].text, "two");
	assert_null(sample.list.item[1].file);
	assert_string_equal(option_print(list, &sample, text, sizeof(text)), "\"one\"");
	option_free(rows, &sample);
}

static void test_nearest(void **state)
{
	static const char *const known[] = { "budget", "hold", "scope", "client-prefix-v4" };
	static const struct { const char *word, *best; } cases[] = {
		{ "budgett", "budget" }, { "bugdet", "budget" }, { "holds", "hold" },
		{ "client-prefix", "client-prefix-v4" }, { "frequency", NULL }, { "budxyz", NULL }, { "", NULL },
		{ "s", NULL }, { "hld", "hold" },
		{ "a-word-that-is-longer-than-any-option-that-we-shall-ever-have", NULL },
	};
	struct nearest nearest;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		nearest_begin(&nearest, cases[i].word);
		for (size_t j = 0; j < sizeof(known) / sizeof(*known); j++)
			nearest_consider(&nearest, known[j]);
		if (cases[i].best)
			assert_string_equal(nearest.best, cases[i].best);
		else
			assert_null(nearest.best);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_text_and_list),
		cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
