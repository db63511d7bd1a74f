/* SPDX-License-Identifier: BSD-3-Clause */
/* test_domain_map - members, what is below them, and what only looks like it. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "name/domain_map.h"

static int match(const struct domain_map *map, const char *text)
{
	struct name name;

	assert_true(name_from_text(&name, text));
	return domain_map_next(map, &name, 0);
}

static void add(struct domain_map *map, const char *text)
{
	struct name name;

	assert_true(name_from_text(&name, text));
	assert_in_range(domain_map_add(map, &name, (struct domain_mark){ 0, 0 }), 0, 1);
}

static void matches_at_label_boundaries(void **state)
{
	static const struct {
		const char *name;
		int first;
	} cases[] = {
		{ "example.com", 0 },
		{ "EXAMPLE.com", 0 },
		{ "a.b.example.com", 2 },
		{ "deep.example.com", 0 },
		{ "x.deep.example.com", 1 }, /* the longest */
		{ "notexample.com", -1 },
		{ "example.com.net", -1 },
		{ "com", -1 },
		{ ".", -1 },
		{ "example\\.com", -1 },
	};
	struct domain_map *map = domain_map_new();

	(void)state;
	assert_non_null(map);
	assert_int_equal(match(map, "example.com"), -1);
	add(map, "Example.com");
	add(map, "deep.example.com");
	add(map, "example.com");
	assert_int_equal(domain_map_count(map), 2);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(match(map, cases[i].name), cases[i].first);

	add(map, ".");
	assert_int_equal(match(map, "a.net"), 2);
	assert_int_equal(match(map, "a.example.com"), 1);
	assert_int_equal(match(map, "."), 0);
	domain_map_free(map);
	domain_map_free(NULL);
}

static void grows(void **state)
{
	enum { COUNT = 20000 };
	struct domain_map *map = domain_map_new();
	char text[64];

	(void)state;
	assert_non_null(map);
	for (int i = 0; i < COUNT; i++) {
		snprintf(text, sizeof(text), "d%d.example", i);
		add(map, text);
	}
	assert_int_equal(domain_map_count(map), COUNT);
	assert_true(domain_map_memory(map) <= COUNT * 24);
	for (int i = 0; i < COUNT; i++) {
		snprintf(text, sizeof(text), "www.d%d.example", i);
		assert_int_equal(match(map, text), 1);
		snprintf(text, sizeof(text), "e%d.example", i);
		assert_int_equal(match(map, text), -1);
	}
	domain_map_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_at_label_boundaries),
		cmocka_unit_test(grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
