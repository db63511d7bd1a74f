/* SPDX-License-Identifier: BSD-3-Clause */
/* test_elsewhere - written, read, faded, displaced, and never half of two. */
#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/elsewhere.h"
#include "support.h"

static struct mapping mapping;

static int setup(void **state)
{
	(void)state;
	open_private(&mapping);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mapping_detach(&mapping);
	return 0;
}

static bool put(uint64_t hash, double bits, uint64_t now)
{
	return elsewhere_put(&mapping, hash, &(struct elsewhere){ .bits = bits, .names = 7, .nodes = 2 }, now);
}

static double get(uint64_t hash, uint64_t now)
{
	struct elsewhere told;
	bool any = elsewhere_get(&mapping, hash, now, &told);

	assert_int_equal(any, told.bits > 0);
	assert_true(any || (!told.names && !told.nodes));
	return told.bits;
}

/* The n-th hash of one set. */
static uint64_t of_one_set(unsigned n)
{
	return 3 + (uint64_t)n * tiny_sizes.elsewhere;
}

static void written_and_read(void **state)
{
	struct elsewhere told;

	(void)state;
	assert_true(get(42, NOW) == 0);
	assert_true(put(42, 1000, NOW));
	assert_true(elsewhere_get(&mapping, 42, NOW, &told));
	assert_true(told.bits == 1000);
	assert_int_equal(told.names, 7);
	assert_int_equal(told.nodes, 2);
	assert_true(put(42, 2000, NOW + 5)); /* anew, not added */
	assert_true(get(42, NOW + 5) == 2000);
	assert_true(get(43, NOW) == 0);
	assert_true(put(42, 0, NOW + 6));
	assert_true(get(42, NOW + 6) == 0);
}

/* e^(-t / day), and nothing of it when less than a bit is left. */
static void fades(void **state)
{
	(void)state;
	put(1, 8192, NOW);
	for (uint64_t since = 0; since < 3 * DAY; since += 7 * MINUTE + 1) {
		double bits = get(1, NOW + since), exact = 8192 * exp(-(double)since / (double)DAY);

		if (fabs(bits - exact) > 1e-6 * exact)
			fail_msg("after %g hours %g bits, not %g", (double)since / HOUR, bits, exact);
	}
	for (uint64_t since = 0; since < 2 * MINUTE; since += SECOND / 2)
		assert_true(fabs(get(1, NOW + since) - 8192 * exp(-(double)since / (double)DAY)) < 8192 * 1e-6);
	assert_true(get(1, NOW + 10 * DAY) == 0);
	assert_true(get(1, NOW - CLOCK_JITTER) == 8192); /* another thread's clock */
	assert_true(get(1, NOW - MINUTE) == 0); /* of another life */
}

static void numbers_without_sense(void **state)
{
	struct elsewhere told = { .bits = 1e300, .names = UINT64_MAX, .nodes = UINT32_MAX };

	(void)state;
	assert_true(put(1, NAN, NOW));
	assert_true(put(2, -5, NOW));
	assert_true(get(1, NOW) == 0 && get(2, NOW) == 0);
	assert_true(elsewhere_put(&mapping, 3, &told, NOW));
	assert_true(elsewhere_get(&mapping, 3, NOW, &told));
	assert_true(told.bits <= 1e13);
	assert_int_equal(told.names, UINT32_MAX);
	assert_int_equal(told.nodes, UINT16_MAX);
}

static void who_was_not_heard_of_goes(void **state)
{
	(void)state;
	for (unsigned n = 0; n < ELSEWHERE_WAYS; n++)
		assert_true(put(of_one_set(n), 100 + n, NOW + n * SECOND));
	assert_false(put(of_one_set(9), 900, NOW + ELSEWHERE_KEPT - 1));
	assert_true(get(of_one_set(9), NOW + ELSEWHERE_KEPT) == 0);
	assert_true(put(of_one_set(0), 100, NOW + ELSEWHERE_KEPT - 1)); /* its own place it always has */
	assert_false(put(of_one_set(9), 900, NOW + ELSEWHERE_KEPT));
	assert_true(put(of_one_set(9), 0, NOW + ELSEWHERE_KEPT)); /* nothing needs no place */
	assert_true(put(of_one_set(9), 900, NOW + ELSEWHERE_KEPT + 5 * SECOND)); /* the oldest: number 1 */
	for (unsigned n = 0; n < ELSEWHERE_WAYS; n++)
		assert_int_equal(get(of_one_set(n), NOW + ELSEWHERE_KEPT + 5 * SECOND) > 0, n != 1);
	assert_true(get(of_one_set(9), NOW + ELSEWHERE_KEPT + 5 * SECOND) == 900);
}

/* Whoever is in the set of others has a place, as long as there is one. */
static void sets_are_used_up(void **state)
{
	unsigned placed = 0;

	(void)state;
	for (uint64_t hash = 1; hash <= tiny_sizes.elsewhere; hash++)
		placed += put(hash, 10, NOW);
	assert_int_equal(placed, tiny_sizes.elsewhere);
	for (uint64_t hash = 1; hash <= tiny_sizes.elsewhere; hash++)
		assert_true(get(hash, NOW) == 10);
}

/* Any octets are a table in which nothing stands. */
static void garbage(void **state)
{
	uint64_t random = 5, *words = (uint64_t *)(void *)mapping.elsewhere;
	size_t count = elsewhere_size(mapping.elsewhere_capacity) / sizeof(*words);

	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		for (size_t i = 0; i < count; i++)
			words[i] = random_next(&random) >> random % 64;
		for (size_t i = 0; i < count; i++)
			if (words[i])
				assert_true(get(words[i], NOW) == 0);
		assert_true(put(77, 50, NOW)); /* and there is room */
		assert_true(get(77, NOW) == 50);
	}
	/* One bit of one that was right. */
	memset(words, 0, count * sizeof(*words));
	for (unsigned bit = 0; bit < 256; bit++) {
		struct elsewhere_entry *entry;

		assert_true(put(4, 1000, NOW));
		entry = &mapping.elsewhere[4 % (mapping.elsewhere_capacity / ELSEWHERE_WAYS) * ELSEWHERE_WAYS];
		((uint64_t *)(void *)entry)[bit / 64] ^= UINT64_C(1) << bit % 64;
		assert_true(get(4, NOW) == 0);
		memset(words, 0, count * sizeof(*words));
	}
}

/* ---- threads ------------------------------------------------------------------- */

#define ROUNDS 200000

static _Atomic bool over;
static _Atomic uint64_t wrong, seen, clock_now;

/* Thread 0 writes: what a subject has told follows from who it is. Two take turns in each place. */
static void write_or_read(unsigned thread, void *arg)
{
	struct elsewhere told;

	(void)arg;
	for (uint64_t n = 0; thread == 0 && n < ROUNDS; n++) {
		uint64_t hash = of_one_set((unsigned)(n * 7 % 8)) + n % 16, now = NOW + n * ELSEWHERE_KEPT;

		clock_now = now;
		elsewhere_put(&mapping, hash, &(struct elsewhere){ (double)(hash * 16), hash, (uint32_t)hash % 1000 }, now);
	}
	if (thread == 0) {
		over = true;
		return;
	}
	for (uint64_t n = 0; !over; n++) {
		uint64_t hash = of_one_set((unsigned)(n % 8)) + n % 16;

		if (!elsewhere_get(&mapping, hash, clock_now, &told))
			continue;
		seen++;
		wrong += told.names != hash || told.nodes != hash % 1000 || told.bits > (double)(hash * 16);
	}
}

static void never_half_of_two(void **state)
{
	(void)state;
	in_threads(4, write_or_read, NULL);
	assert_int_equal(wrong, 0);
	printf("%llu read\n", (unsigned long long)seen);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(written_and_read),
		TEST(fades),
		TEST(numbers_without_sense),
		TEST(who_was_not_heard_of_goes),
		TEST(sets_are_used_up),
		TEST(garbage),
		TEST(never_half_of_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
