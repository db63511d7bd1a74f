/* SPDX-License-Identifier: BSD-3-Clause */
/* test_window - what is inside, at both sides of every edge. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "detect/window.h"

#define START  UINT64_C(1790000000000)
#define LENGTH (60 * SECOND)
#define BUCKET (LENGTH / WINDOW_BUCKETS)

struct counter {
	struct window window;
	unsigned count[WINDOW_BUCKETS];
};

/* Counts one event at <now> and returns how many are inside. */
static unsigned count(struct counter *counter, uint64_t now)
{
	uint32_t expired;
	unsigned at = window_move(&counter->window, LENGTH, now, &expired), sum = 0;

	assert_in_range(at, 0, WINDOW_BUCKETS - 1);
	for (unsigned i = 0; i < WINDOW_BUCKETS; i++)
		if (expired >> i & 1)
			counter->count[i] = 0;
	counter->count[at]++;
	for (unsigned i = 0; i < WINDOW_BUCKETS; i++)
		sum += counter->count[i];
	return sum;
}

static void forgets_after_the_window(void **state)
{
	static const struct {
		uint64_t second; /* after the first */
		unsigned inside;
	} cases[] = {
		{ 0, 2 },
		{ 1, 2 },
		{ BUCKET - 1, 2 },
		{ BUCKET, 2 },
		{ LENGTH - 1, 2 },
		{ LENGTH, 1 },
		{ LENGTH + 1, 1 },
		{ 1000 * LENGTH, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct counter counter = { 0 };

		assert_int_equal(count(&counter, START), 1);
		assert_int_equal(count(&counter, START + cases[i].second), cases[i].inside);
	}
}

static void slides(void **state)
{
	struct counter counter = { 0 };

	(void)state;
	/* One a second: between five sixths of the window and all of it. */
	for (unsigned i = 0; i < 600; i++) {
		unsigned inside = count(&counter, START + i * SECOND);

		if (i < 60)
			assert_int_equal(inside, i + 1);
		else
			assert_in_range(inside, 51, 60);
	}
	/* A gap of some buckets forgets just these. */
	assert_in_range(count(&counter, START + 600 * SECOND + 3 * BUCKET), 20, 31);
}

static void starts_anew_when_the_clock_steps_back(void **state)
{
	struct counter counter = { 0 };

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		count(&counter, START);
	assert_int_equal(count(&counter, START - CLOCK_JITTER), 11);
	assert_int_equal(count(&counter, START - CLOCK_JITTER - 1), 1);
	assert_int_equal(count(&counter, START - CLOCK_JITTER), 2);
}

static void copes_with_any_state(void **state)
{
	static const uint64_t values[] = { 0, 1, START - 1, START, START + LENGTH, UINT64_MAX / 2,
		                           UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		for (size_t j = 0; j < sizeof(values) / sizeof(*values); j++) {
			struct counter counter = {
				.window = {
					.origin = { (uint32_t)values[i], (uint32_t)(values[i] >> 32) },
					.current = (uint32_t)values[j],
				},
			};

			assert_true(count(&counter, START) >= 1);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forgets_after_the_window),
		cmocka_unit_test(slides),
		cmocka_unit_test(starts_anew_when_the_clock_steps_back),
		cmocka_unit_test(copes_with_any_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
