/* SPDX-License-Identifier: BSD-3-Clause */
/* test_domain_set - members, what is below them, and what only looks like it. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "name/domain_set.h"

static int match(const struct domain_set *set, const char *text)
{
	struct name name;

	assert_true(name_from_text(&name, text));
	return domain_set_match(set, &name);
}

static void add(struct domain_set *set, const char *text)
{
	struct name name;

	assert_true(name_from_text(&name, text));
	assert_int_equal(domain_set_add(set, &name), 0);
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
	struct domain_set *set = domain_set_new();

	(void)state;
	assert_non_null(set);
	assert_int_equal(match(set, "example.com"), -1);
	add(set, "Example.com");
	add(set, "deep.example.com");
	add(set, "example.com");
	assert_int_equal(domain_set_count(set), 2);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(match(set, cases[i].name), cases[i].first);

	add(set, ".");
	assert_int_equal(match(set, "a.net"), 2);
	assert_int_equal(match(set, "a.example.com"), 1);
	assert_int_equal(match(set, "."), 0);
	domain_set_free(set);
	domain_set_free(NULL);
}

static void grows(void **state)
{
	enum { COUNT = 20000 };
	struct domain_set *set = domain_set_new();
	char text[64];

	(void)state;
	assert_non_null(set);
	for (int i = 0; i < COUNT; i++) {
		snprintf(text, sizeof(text), "d%d.example", i);
		add(set, text);
	}
	assert_int_equal(domain_set_count(set), COUNT);
	assert_true(domain_set_memory(set) >= COUNT * 2 * sizeof(uint64_t));
	assert_true(domain_set_memory(set) <= COUNT * 4 * sizeof(uint64_t) + 4096);
	for (int i = 0; i < COUNT; i++) {
		snprintf(text, sizeof(text), "www.d%d.example", i);
		assert_int_equal(match(set, text), 1);
		snprintf(text, sizeof(text), "e%d.example", i);
		assert_int_equal(match(set, text), -1);
	}
	domain_set_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_at_label_boundaries),
		cmocka_unit_test(grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
