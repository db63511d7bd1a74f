/* SPDX-License-Identifier: BSD-3-Clause */
/* test_audience - how many clients are counted of those that ask for a name: once each, as many
 * seats as chance has it, and hardly ever one that was not there.
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
#include "store/audience.h"
#include "support.h"

#define BLOCKS 4096 /* the smallest that a profile has */
#define FILL   (BLOCKS * FILTER_PER_BLOCK)

static struct filter_clock filter_clock;
static struct filter filter;
static void *memory;
static uint64_t random_state;

static int setup(void **state)
{
	(void)state;
	random_state = 1;
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

/* A hash of something new: of a client, or of a name. */
static uint64_t fresh(void)
{
	static const uint8_t secret[HASH_SECRET_LEN] = "any octets will do, as long as they differ somewhat";
	uint64_t n = random_next(&random_state);

	return hash_octets(secret, HASH_NAME, &n, sizeof(n));
}

static void comes_back(void **state)
{
	uint64_t name = fresh(), client = fresh();

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(audience_join(&filter, name, client, NOW + i), 0);
	assert_int_equal(audience_size(&filter, name), 1);
	assert_int_equal(audience_size(&filter, fresh()), 0);
}

/* Seats of others, whoever comes and comes back in whatever order. */
static void counts_others(void **state)
{
	(void)state;
	for (unsigned run = 0; run < 200; run++) {
		uint64_t name = fresh();
		unsigned taken = 0;

		for (unsigned i = 0; i < 20; i++) {
			uint64_t client = fresh();
			unsigned own = 1u << client % AUDIENCE_SEATS;

			assert_int_equal(audience_join(&filter, name, client, NOW),
			                 __builtin_popcount(taken & ~own));
			taken |= own;
			assert_int_equal(audience_size(&filter, name), __builtin_popcount(taken));
		}
	}
}

#define NAMES 4000

/* Chances that so many clients take so many seats: each comes to a taken one, or a new one. */
static void occupancy(unsigned clients, double chance[AUDIENCE_SEATS + 1])
{
	for (unsigned k = 0; k <= AUDIENCE_SEATS; k++)
		chance[k] = k == 0;
	for (unsigned i = 0; i < clients; i++)
		for (unsigned k = AUDIENCE_SEATS + 1; k-- > 0;)
			chance[k] = chance[k] * k / AUDIENCE_SEATS +
			            (k ? chance[k - 1] * (AUDIENCE_SEATS - k + 1) / AUDIENCE_SEATS : 0);
}

/* Goodness of fit (K. Pearson 1900): with 8 degrees of freedom above 26 once in a thousand. Seats
 * that are expected less than five times are put together.
 */
static double misfit(const unsigned seen[], const double chance[])
{
	double sum = 0, rest = 0, rest_seen = 0;

	for (unsigned k = 0; k <= AUDIENCE_SEATS; k++) {
		double wanted = NAMES * chance[k];

		if (wanted < 5) {
			rest += wanted;
			rest_seen += seen[k];
		} else {
			sum += (seen[k] - wanted) * (seen[k] - wanted) / wanted;
		}
	}
	/* What is not expected once must not come five times. */
	return rest < 1 ? (rest_seen < 5 ? sum : INFINITY) : sum + (rest_seen - rest) * (rest_seen - rest) / rest;
}

static void as_chance_has_it(void **state)
{
	static const unsigned clients[] = { 1, 2, 3, 5, 8, 16 };

	(void)state;
	printf("clients  seats  (theory)  misfit\n");
	for (unsigned i = 0; i < sizeof(clients) / sizeof(*clients); i++) {
		unsigned seen[AUDIENCE_SEATS + 1] = { 0 };
		double chance[AUDIENCE_SEATS + 1], mean = 0, wanted = 0, off;

		teardown(NULL);
		setup(NULL);
		filter.age = UINT64_MAX;
		for (unsigned name = 0; name < NAMES; name++) {
			uint64_t hash = fresh();

			for (unsigned n = 0; n < clients[i]; n++)
				audience_join(&filter, hash, fresh(), NOW);
			seen[audience_size(&filter, hash)]++;
		}
		occupancy(clients[i], chance);
		for (unsigned k = 0; k <= AUDIENCE_SEATS; k++) {
			mean += k * (double)seen[k] / NAMES;
			wanted += k * chance[k];
		}
		off = misfit(seen, chance);
		printf("%7u  %5.3f  (%6.3f)  %6.1f\n", clients[i], mean, wanted, off);
		assert_true(off < 26);
		assert_true(fabs(wanted - 8 * (1 - pow(7 / 8.0, clients[i]))) < 1e-9);
	}
}

/* Chance that a block with <entries> in it says yes to a stranger. */
static double block_theory(double entries)
{
	return (1 - pow(1 - 1 / 48.0, entries)) * pow(1 - pow(1 - 1 / 64.0, entries), 7);
}

/* The same for a generation that is full of names with one client, which take two entries each in
 * one block: <names> fall on a block as Poisson has it, and <more> are there for certain.
 */
static double theory(double names, double more)
{
	double rate = 0, weight = exp(-names);

	for (unsigned n = 0; n < 200; n++) {
		rate += weight * block_theory(2 * (n + more));
		weight *= names / (n + 1);
	}
	return rate;
}

#define STRANGERS 300000

/* Both generations full, which is as bad as it gets. */
static void false_positives(void **state)
{
	double full = theory(FILTER_PER_BLOCK / 2.0, 0), own = theory(FILTER_PER_BLOCK / 2.0, 1);
	static uint64_t name[2 * FILL], client[2 * FILL];
	unsigned wrong = 0, joined = 0, popular = 0, pairs = 0, count = 0;
	double seats, others;

	(void)state;
	/* The epochs are 1 and 2. A few entries look as if they were there, and are not added. */
	while (atomic_load(&filter_clock.epoch) < 2 || atomic_load(&filter_clock.filled) < FILL - 2) {
		assert_true(count < 2 * FILL);
		name[count] = fresh();
		client[count] = fresh();
		audience_join(&filter, name[count], client[count], NOW);
		count++;
	}

	for (unsigned i = 0; i < STRANGERS; i++)
		wrong += audience_size(&filter, fresh());
	seats = wrong / (double)STRANGERS / AUDIENCE_SEATS;
	printf("seats of strangers taken: %.2e (theory %.2e)\n", seats, 2 * full);
	assert_true(seats < 1.5 * 2 * full && seats > 2 * full / 1.5);

	/* What matters: a name that one other client has asked for is taken for a popular one. */
	filter_clock.filled = 0; /* no change of generations meanwhile */
	for (unsigned i = count - BLOCKS; i < count; i++) {
		unsigned taken;

		if (client[i] % AUDIENCE_SEATS == 0)
			continue;
		taken = audience_join(&filter, name[i], 0, NOW);
		assert_true(taken >= 1);
		popular += taken >= 2;
		pairs++;
	}
	others = (AUDIENCE_SEATS - 2) * (full + own);
	printf("one other taken for two: %u of %u (theory %.1f)\n", popular, pairs, others * pairs);
	assert_true(popular < 2 * others * pairs + 10);

	for (unsigned i = 0; i < BLOCKS; i++)
		joined += audience_join(&filter, fresh(), fresh(), NOW) >= 2;
	printf("none taken for two: %u of %u\n", joined, BLOCKS);
	assert_true(joined <= 2);
}

/* Remembered for one to two ages, and from then on the others are no more. */
static void rotation_by_age(void **state)
{
	uint64_t name = fresh();

	(void)state;
	assert_int_equal(audience_join(&filter, name, 1, NOW), 0);
	assert_int_equal(audience_join(&filter, name, 2, NOW + DAY - 1), 1);
	assert_int_equal(audience_join(&filter, name, 3, NOW + DAY), 2);
	assert_int_equal(audience_join(&filter, name, 3, NOW + 2 * DAY - 1), 2);
	assert_int_equal(audience_join(&filter, name, 4, NOW + 2 * DAY), 1);
	assert_int_equal(audience_join(&filter, name, 4, NOW + 3 * DAY), 0);
	assert_int_equal(audience_join(&filter, name, 5, NOW + 4 * DAY), 1);
	assert_int_equal(audience_join(&filter, name, 6, NOW + 400 * DAY), 0);
}

static void clock_steps(void **state)
{
	uint64_t name = fresh();

	(void)state;
	assert_int_equal(audience_join(&filter, name, 1, NOW), 0);
	assert_int_equal(audience_join(&filter, name, 2, NOW - 1000), 1);
	assert_int_equal(audience_join(&filter, name, 3, NOW - HOUR), 2);
	assert_int_equal(audience_join(&filter, name, 4, NOW - 400 * DAY), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(comes_back),
		TEST(counts_others),
		TEST(as_chance_has_it),
		TEST(false_positives),
		TEST(rotation_by_age),
		TEST(clock_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
