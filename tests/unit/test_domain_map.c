/* SPDX-License-Identifier: BSD-3-Clause */
/* test_domain_map - entries, what is below them, and what only looks like it; and the same answers
 * as a walk through all entries gives, on random ones.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "name/domain_map.h"

static const struct domain_mark unmarked = { 0, 0 };

static int match(const struct domain_map *map, const char *text)
{
	struct name name;

	assert_true(name_from_text(&name, text));
	return domain_map_next(map, &name, 0).label;
}

static void add(struct domain_map *map, const char *text, int expected)
{
	struct name name;

	assert_true(name_from_text(&name, text));
	assert_int_equal(domain_map_add(map, &name, unmarked), expected);
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
	add(map, "Example.com", 1);
	add(map, "deep.example.com", 1);
	add(map, "example.com", 0);
	assert_int_equal(domain_map_count(map), 2);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(match(map, cases[i].name), cases[i].first);

	add(map, ".", 1);
	assert_int_equal(match(map, "a.net"), 2);
	assert_int_equal(match(map, "a.example.com"), 1);
	assert_int_equal(match(map, "."), 0);
	domain_map_free(map);
	domain_map_free(NULL);
}

/* At every size: at most 24 octets an entry, as soon as the map's own few hundred do not count. */
static void grows(void **state)
{
	enum { COUNT = 20000, OWN = 512 };
	struct domain_map *map = domain_map_new();
	char text[64];

	(void)state;
	assert_non_null(map);
	for (int i = 0; i < COUNT; i++) {
		snprintf(text, sizeof(text), "d%d.example", i);
		add(map, text, 1);
		assert_true(i < 16 || domain_map_memory(map) <= (size_t)(i + 1) * 24 + OWN);
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

/* ---- against a walk through all entries ---------------------------------------- */

#define ENTRIES 3000
#define LISTS   5

struct entry {
	struct name name;
	struct domain_mark mark;
};

static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* A name of few different labels, so that tails are often the same: up to 12, or 127. */
static void random_name(struct name *name, uint64_t *x)
{
	static const char *const labels[] = { "a", "b", "ab", "com", "a", "x-1", "example", "b" };
	unsigned count = (unsigned)(next_random(x) % (next_random(x) % 8 ? 5 : 13));
	char text[600] = "";

	if (next_random(x) % 64 == 0)
		count = 127;
	for (unsigned i = 0; i < count; i++) {
		const char *label = count == 127 ? "a" : labels[next_random(x) % 8];

		strcat(text, label);
		strcat(text, ".");
	}
	assert_true(name_from_text(name, *text ? text : "."));
}

static bool is_at(const struct entry *entry, const struct name *name, unsigned first)
{
	return entry->name.len == name_tail_len(name, first) &&
	       !memcmp(entry->name.wire, name_tail(name, first), entry->name.len);
}

static int naive_next(const struct entry *entry, unsigned count, const struct name *name, unsigned first)
{
	for (; first <= name->labels; first++)
		for (unsigned i = 0; i < count; i++)
			if (is_at(&entry[i], name, first))
				return (int)first;
	return -1;
}

/* Each list's mark at <first>, and no other. */
static void check_marks(const struct domain_map *map, const struct entry *entry, unsigned count,
                        const struct name *name, unsigned first)
{
	struct domain_mark mark[LISTS + 1];
	struct domain_hit hit = domain_map_next(map, name, first);
	unsigned marks = domain_map_marks(map, &hit, mark, LISTS + 1), expected = 0;

	for (unsigned i = 0; i < count; i++) {
		unsigned found = 0;

		if (!is_at(&entry[i], name, first))
			continue;
		expected++;
		for (unsigned m = 0; m < marks; m++)
			found += mark[m].list == entry[i].mark.list && mark[m].note == entry[i].mark.note;
		assert_int_equal(found, 1);
	}
	assert_int_equal(marks, expected);
	if (marks > 1)
		assert_int_equal(domain_map_marks(map, &hit, mark, 1), 1);
}

static void like_a_naive_one(void **state)
{
	struct entry *entry = calloc(ENTRIES, sizeof(*entry));
	struct domain_map *map = domain_map_new();
	uint64_t x = UINT64_C(88172645463325252);
	unsigned count = 0, hits = 0;

	(void)state;
	assert_non_null(entry);
	assert_non_null(map);
	for (unsigned i = 0; i < ENTRIES; i++) {
		struct entry *one = &entry[count];
		bool is_new = true;

		random_name(&one->name, &x);
		one->mark = (struct domain_mark){ (uint16_t)(next_random(&x) % LISTS), (uint16_t)i };
		for (unsigned j = 0; j < count; j++)
			is_new &= entry[j].mark.list != one->mark.list || !is_at(&entry[j], &one->name, 0);
		assert_int_equal(domain_map_add(map, &one->name, one->mark), is_new);
		count += is_new;
	}
	assert_int_equal(domain_map_count(map), count);
	assert_in_range(count, ENTRIES / 4, ENTRIES - 1);
	for (unsigned i = 0; i < 2000; i++) {
		struct name name;

		random_name(&name, &x);
		for (int first = 0; first >= 0 && first <= name.labels;) {
			int next = naive_next(entry, count, &name, (unsigned)first);

			assert_int_equal(domain_map_next(map, &name, (unsigned)first).label, next);
			if (next >= 0)
				check_marks(map, entry, count, &name, (unsigned)next);
			hits += next >= 0;
			first = next < 0 ? -1 : next + 1;
		}
	}
	assert_true(hits > 2000);
	domain_map_free(map);
	free(entry);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_at_label_boundaries),
		cmocka_unit_test(grows),
		cmocka_unit_test(like_a_naive_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
