/* SPDX-License-Identifier: BSD-3-Clause */
/* test_filter - what the novelty filter remembers, for how long, and how often it thinks
 * that it remembers what it never saw.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/config.h"
#include "store/filter.h"
#include "store/parts.h"
#include "support.h"

#define BLOCKS   1024
#define FILL     (BLOCKS * FILTER_PER_BLOCK)
#define STRANGERS 1000000

static struct filter_clock filter_clock;
static struct filter filter;
static void *memory;

static int setup(void **state)
{
	(void)state;
	memset(&filter_clock, 0, sizeof(filter_clock));
	memory = aligned_alloc(64, filter_size(BLOCKS));
	memset(memory, 0, filter_size(BLOCKS));
	filter_view(&filter, &filter_clock, memory, BLOCKS, DAY, false);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(memory);
	return 0;
}

static uint64_t hash(uint64_t n)
{
	static const uint8_t secret[HASH_SECRET_LEN] = "any octets will do, as long as they differ somewhat";

	return hash_octets(secret, HASH_NAME, &n, sizeof(n));
}

static bool add(uint64_t n, uint64_t now)
{
	bool rotated;

	return filter_add(&filter, hash(n), now, &rotated);
}

static bool has(uint64_t n)
{
	return filter_has(&filter, hash(n));
}

static void add_and_has(void **state)
{
	(void)state;
	assert_false(has(1));
	assert_true(add(1, NOW));
	assert_false(add(1, NOW));
	assert_true(has(1));
	assert_false(has(2));
}

/* filter_has_young() says yes only where filter_add() would find it and leave all as it is. */
static void young(void **state)
{
	(void)state;
	assert_false(filter_has_young(&filter, hash(1), NOW));
	add(1, NOW);
	assert_true(filter_has_young(&filter, hash(1), NOW));
	assert_true(filter_has_young(&filter, hash(1), NOW + DAY - 1));
	assert_false(filter_has_young(&filter, hash(1), NOW + DAY));
	assert_false(filter_has_young(&filter, hash(1), NOW - HOUR)); /* the clock stepped back */
	add(2, NOW + DAY);
	assert_false(filter_has_young(&filter, hash(1), NOW + DAY)); /* it is in the older one */
	assert_false(add(1, NOW + DAY));
	assert_true(filter_has_young(&filter, hash(1), NOW + DAY));
	for (uint64_t n = 10; atomic_load(&filter_clock.filled) < FILL; n++)
		add(n, NOW + DAY);
	assert_false(filter_has_young(&filter, hash(1), NOW + DAY));
}

/* The bits of a hash, written as filter.c has them in words: one of the upper 48 in the first, one in each other. */
static void which_bits(void **state)
{
	static const uint32_t odd[] = {
		0x47b6137bu, 0x44974d91u, 0x8824ad5bu, 0xa2b7289du, 0x705495c7u, 0x2df1424bu, 0x9efc4947u, 0x5c6bfb31u
	};

	(void)state;
	for (uint64_t n = 0; n < 1000; n++) {
		const _Atomic uint64_t *word = filter.generation[1][hash(n) >> 32 & (filter.blocks - 1)].word;
		uint64_t before[FILTER_BLOCK_WORDS];

		for (unsigned i = 0; i < FILTER_BLOCK_WORDS; i++)
			before[i] = n ? word[i] : 0;
		add(n, NOW);
		for (unsigned i = 0; i < FILTER_BLOCK_WORDS; i++) {
			uint32_t mixed = (uint32_t)hash(n) * odd[i];
			unsigned bit = i ? mixed >> 26 : 16 + ((mixed >> 16) * 48 >> 16);

			assert_int_equal(word[i] & ~(i ? 0 : UINT64_C(0xffff)),
			                 (before[i] | UINT64_C(1) << bit) & ~(i ? 0 : UINT64_C(0xffff)));
		}
	}
}

/* One generation: names fall on blocks as Poisson has it, and each sets one bit of 48 and one
 * of 64 in each of seven words, at random.
 */
static double theory(double names_per_block)
{
	double rate = 0, weight = exp(-names_per_block);

	for (int n = 1; n < 200; n++) {
		weight *= names_per_block / n;
		rate += weight * (1 - pow(1 - 1 / 48.0, n)) * pow(1 - pow(1 - 1 / 64.0, n), 7);
	}
	return rate;
}

static double false_positives(void)
{
	unsigned wrong = 0;

	for (uint64_t n = 0; n < STRANGERS; n++)
		wrong += has(UINT64_C(1) << 40 | n);
	return (double)wrong / STRANGERS;
}

static void false_positive_rate(void **state)
{
	double one = theory(FILTER_PER_BLOCK), half = theory(FILTER_PER_BLOCK / 2.0), seen;
	uint64_t n = 0;

	(void)state;
	while (atomic_load(&filter_clock.filled) < FILL / 2)
		add(n++, NOW);
	seen = false_positives();
	printf("half a generation:  %.2e (theory %.2e)\n", seen, half);
	assert_true(seen < 2 * half + 2e-5);

	while (atomic_load(&filter_clock.filled) < FILL)
		add(n++, NOW);
	seen = false_positives();
	printf("one generation:     %.2e (theory %.2e)\n", seen, one);
	assert_true(seen < 1.5 * one);

	add(n++, NOW); /* full: the generations change places */
	while (atomic_load(&filter_clock.filled) < FILL)
		add(n++, NOW);
	seen = false_positives();
	printf("both, at their worst: %.2e (theory %.2e)\n", seen, 2 * one);
	assert_true(seen < 1.5 * 2 * one);
	assert_true(seen > one); /* a filter that says no to everything would be no better */
	for (uint64_t i = 0; i < n; i++)
		assert_true(has(i));
}

/* --- the filters of the profiles --------------------------------------------------------------- */

#define SAMPLE 4096   /* blocks that get entries: more say nothing more, and take long */
#define PROBES 400000 /* strangers */

/* A hash whose block is one of every <step>. */
static uint64_t sampled(uint64_t n, uint32_t blocks, uint32_t step)
{
	uint64_t mask = (uint64_t)(blocks - 1) & ~(uint64_t)(step - 1);

	return hash(n) & (mask << 32 | UINT32_MAX);
}

/* False positives of a filter with two full generations of <blocks>. */
static double rate_of(uint32_t blocks, uint64_t age, bool keeps)
{
	uint32_t step = blocks > SAMPLE ? blocks / SAMPLE : 1;
	uint64_t full = (uint64_t)(blocks / step) * FILTER_PER_BLOCK, n = 0;
	struct filter_clock own_clock = { .epoch = 0 };
	void *zeros = calloc(filter_size(blocks) + 64, 1); /* of which what is not sampled is never touched */
	void *aligned = (void *)(((uintptr_t)zeros + 63) & ~(uintptr_t)63);
	struct filter own;
	unsigned wrong = 0;
	bool rotated;

	assert_non_null(zeros);
	filter_view(&own, &own_clock, aligned, blocks, age, keeps);
	for (unsigned generation = 0; generation < 2; generation++)
		do {
			filter_add(&own, sampled(n++, blocks, step), NOW + generation * age, &rotated);
			assert_true(n < 3 * full);
		} while (atomic_load(&own_clock.filled) < full);
	assert_int_equal(atomic_load(&own_clock.epoch), 2);
	for (uint64_t stranger = 0; stranger < PROBES; stranger++)
		wrong += filter_has(&own, sampled(UINT64_C(1) << 40 | stranger, blocks, step));
	free(zeros);
	return (double)wrong / PROBES;
}

static void filters_of_profiles(void **state)
{
	static const char *const profiles[] = { "small", "normal", "large" };
	static const char *const filters[] = { "names", "audience", "recent", "memory" };
	double worst = 2 * theory(FILTER_PER_BLOCK);

	(void)state;
	assert_true(worst < 0.001); /* however many entries are meant to fit */
	printf("profile  filter        MiB    entries  octets each  wrong at most  (theory)  new a second\n");
	for (unsigned p = 0; p < PROFILE_COUNT; p++)
		for (unsigned f = 0; f < FILTER_COUNT; f++) {
			uint32_t blocks = profile_sizes[p].filter_blocks[f];
			double entries = 2.0 * blocks * FILTER_PER_BLOCK;
			double octets = (double)filter_size(blocks) / entries;
			double rate = rate_of(blocks, filter_age[f], f == FILTER_MEMORY);

			printf("%-7s  %-8s  %7.2f  %9.0f  %11.2f  %13.1e  (%.1e)  %12.1f\n", profiles[p],
			       filters[f], (double)filter_size(blocks) / (1 << 20), entries, octets, rate,
			       worst, filter_full_rate(blocks, filter_age[f]));
			assert_true(rate < 1.5 * worst && rate > worst / 1.5);
			assert_true(octets < 2.7);
		}
}

static void rotation_by_age(void **state)
{
	bool rotated;

	(void)state;
	add(1, NOW);
	filter_add(&filter, hash(2), NOW + DAY - 1, &rotated);
	assert_false(rotated);
	filter_add(&filter, hash(3), NOW + DAY, &rotated);
	assert_true(rotated);
	assert_true(has(1) && has(2) && has(3)); /* nothing is forgotten before one age */
	assert_false(add(1, NOW + DAY + 1));     /* and what is used again is remembered anew */
	filter_add(&filter, hash(4), NOW + 2 * DAY - 1, &rotated);
	assert_false(rotated);
	filter_add(&filter, hash(5), NOW + 2 * DAY, &rotated);
	assert_true(rotated);
	assert_true(has(1) && has(3) && has(4) && has(5));
	assert_false(has(2)); /* a day and a moment old */
}

static void rotation_by_fill(void **state)
{
	uint64_t n = 0;
	bool rotated = false;

	(void)state;
	while (!rotated)
		filter_add(&filter, hash(n++), NOW, &rotated);
	assert_in_range(n, FILL, FILL + FILL / 100); /* the false positives do not count */
	assert_int_equal(atomic_load(&filter_clock.filled), 1);
	for (uint64_t i = 0; i < n; i++)
		assert_true(has(i));
	for (rotated = false; !rotated; n++)
		filter_add(&filter, hash(n), NOW, &rotated);
	assert_false(has(0) && has(1) && has(2) && has(3));
}

static void long_silence(void **state)
{
	bool rotated;

	(void)state;
	add(1, NOW);
	filter_add(&filter, hash(2), NOW + 2 * DAY - 1, &rotated);
	assert_true(has(1));
	filter_add(&filter, hash(3), NOW + 4 * DAY - 1, &rotated);
	assert_true(rotated);
	assert_false(has(1) || has(2));
}

static void clock_steps(void **state)
{
	bool rotated;

	(void)state;
	add(1, NOW);
	filter_add(&filter, hash(2), NOW - 1000, &rotated); /* another thread's clock */
	assert_false(rotated);
	assert_int_equal(atomic_load(&filter_clock.began), NOW);
	filter_add(&filter, hash(3), NOW - HOUR, &rotated);
	assert_false(rotated);
	filter_add(&filter, hash(4), NOW - 400 * DAY, &rotated);
	assert_false(rotated);
	assert_true(has(1) && has(2) && has(3) && has(4));
	filter_add(&filter, hash(5), NOW - 399 * DAY, &rotated); /* counted from the new time */
	assert_true(rotated);
	assert_true(has(1) && has(4));
}

/* --- a filter that keeps: what detectors recall -------------------------------------------------- */

#define MONTH (30 * DAY)

static int setup_keeping(void **state)
{
	setup(state);
	filter_view(&filter, &filter_clock, memory, BLOCKS, MONTH, true);
	return 0;
}

/* However much comes at once, what was taken in is there for 30 days, and what is asked for again for
 * 30 more.
 */
static void keeps_at_any_rate(void **state)
{
	uint64_t n = 0, strangers = UINT64_C(1) << 40;

	(void)state;
	while (!filter_is_full(&filter))
		add(n++, NOW);
	for (uint64_t i = 0; i < 20 * FILL; i++)
		assert_false(add(strangers + i, NOW + i)); /* no room: passes for known */
	assert_int_equal(atomic_load(&filter_clock.epoch), 1);
	assert_int_equal(atomic_load(&filter_clock.filled), FILL);
	for (uint64_t i = 0; i < n; i++)
		assert_true(has(i));
	add(0, NOW + MONTH - 1);
	assert_int_equal(atomic_load(&filter_clock.epoch), 1);
	add(0, NOW + MONTH);
	assert_int_equal(atomic_load(&filter_clock.epoch), 2);
	for (uint64_t i = 0; i < n; i++)
		assert_true(has(i));
	for (uint64_t i = 0; i < n; i += 2)
		assert_false(add(i, NOW + MONTH + i));
	assert_false(has(strangers)); /* there is room again, and it is new */
	assert_true(add(strangers, NOW + MONTH + n));
	assert_false(add(strangers, NOW + MONTH + n));

	/* Who has not come again in the second month is forgotten at its end. */
	add(0, NOW + 2 * MONTH - 1);
	assert_true(has(1));
	add(0, NOW + 2 * MONTH);
	assert_int_equal(atomic_load(&filter_clock.epoch), 3);
	for (uint64_t i = 0; i < n; i += 2)
		assert_true(has(i));
	assert_false(has(1) && has(3) && has(5) && has(7));
}

/* Somebody fills it each month with what is new each time. What is in use stays known. */
static void is_not_pushed_out(void **state)
{
	uint64_t stranger = UINT64_C(1) << 40;
	const uint64_t used = 1000;

	(void)state;
	for (uint64_t i = 0; i < used; i++)
		assert_true(add(i, NOW));
	for (unsigned month = 0; month < 6; month++) {
		uint64_t now = NOW + month * MONTH;

		for (uint64_t i = 0; i < 5 * FILL; i++)
			add(stranger++, now + 1);
		assert_true(filter_is_full(&filter));
		for (uint64_t i = 0; i < used; i++)
			assert_false(add(i, now + 2)); /* when it was full already */
	}
	assert_int_equal(atomic_load(&filter_clock.epoch), 6);
	for (uint64_t i = 0; i < used; i++)
		assert_true(has(i));
}

/* There is an end to that too: two fills, whatever comes. */
static void takes_two_fills_at_most(void **state)
{
	uint64_t n = 0;

	(void)state;
	for (unsigned month = 0; month < 4; month++) {
		uint64_t now = NOW + month * MONTH;

		for (uint64_t i = 0; i < 3 * FILL; i++)
			add(n + i, now);
		for (uint64_t i = 0; i < n; i++)
			add(i, now);
		n += 3 * FILL;
		assert_true(atomic_load(&filter_clock.filled) <= 2 * FILL);
	}
	printf("two fills: %.2e are taken for known (theory %.2e)\n", false_positives(),
	       2 * theory(2 * FILTER_PER_BLOCK));
	assert_true(false_positives() < 0.02);
}

static void keeps_when_the_clock_steps(void **state)
{
	bool rotated;

	(void)state;
	add(1, NOW);
	filter_add(&filter, hash(2), NOW - 400 * DAY, &rotated);
	assert_false(rotated);
	assert_true(has(1) && has(2));
	filter_add(&filter, hash(3), NOW - 371 * DAY, &rotated); /* counted from the new time */
	assert_false(rotated);
	filter_add(&filter, hash(3), NOW - 370 * DAY, &rotated);
	assert_true(rotated);
	assert_true(has(1) && has(2) && has(3));
}

/* ---- threads ------------------------------------------------------------------- */

#define EACH 100000

static _Atomic unsigned rotations;

static void add_many(unsigned thread, void *arg)
{
	uint64_t *first = arg;

	for (uint64_t n = 0; n < EACH; n++) {
		bool rotated;

		filter_add(&filter, hash(*first + thread * (uint64_t)EACH + n), NOW, &rotated);
		rotations += rotated;
	}
}

static void rotated_once(void **state)
{
	uint64_t first = 0;
	unsigned fills = 4 * EACH / FILL;

	(void)state;
	rotations = 0;
	in_threads(4, add_many, &first);
	assert_int_equal(rotations, atomic_load(&filter_clock.epoch) - 1);
	assert_in_range(rotations, fills - 1, fills); /* names that looked known were not added */
}

static void add_few(unsigned thread, void *arg)
{
	(void)arg;
	for (uint64_t n = 0; n < FILL / 8; n++)
		add(thread * (uint64_t)FILL + n, NOW);
}

/* Two that empty a block at once may lose a name: seldom. */
static void threads_forget_little(void **state)
{
	unsigned lost = 0;

	(void)state;
	in_threads(4, add_few, NULL);
	for (uint64_t thread = 0; thread < 4; thread++)
		for (uint64_t n = 0; n < FILL / 8; n++)
			lost += !has(thread * FILL + n);
	printf("lost to the race of emptying: %u of %u\n", lost, FILL / 2);
	assert_true(lost <= FILL / 2 / 200);
}

#define TEST(name)         cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_KEEPING(name) cmocka_unit_test_setup_teardown(name, setup_keeping, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(add_and_has),
		TEST(young),
		TEST(which_bits),
		TEST(false_positive_rate),
		TEST(filters_of_profiles),
		TEST(rotation_by_age),
		TEST(rotation_by_fill),
		TEST(long_silence),
		TEST(clock_steps),
		TEST_KEEPING(keeps_at_any_rate),
		TEST_KEEPING(is_not_pushed_out),
		TEST_KEEPING(takes_two_fills_at_most),
		TEST_KEEPING(keeps_when_the_clock_steps),
		TEST(rotated_once),
		TEST(threads_forget_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
