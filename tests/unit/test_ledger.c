/* SPDX-License-Identifier: BSD-3-Clause */
/* test_ledger - sums against an exact reference over random traffic, and the steps of clocks. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "detect/ledger.h"

#define START   UINT64_C(1790000000000)
#define CHARGES 20000

/* Every charge at full length, summed anew each time. */
struct charge {
	uint64_t at;
	double bits;
	unsigned length;
};

static struct charge charge[CHARGES];
static unsigned charges;

static double exact(uint64_t now, uint64_t window, bool names)
{
	double sum = 0;

	for (unsigned i = 0; i < charges; i++)
		sum += (names ? charge[i].length > 0 : charge[i].bits) *
		       exp(-(double)(now - charge[i].at) / (double)window);
	return sum;
}

static void close_to(double seen, double wanted)
{
	if (fabs(seen - wanted) > 0.01 * wanted + 1e-6)
		fail_msg("%g, but exactly it is %g", seen, wanted);
}

/* A random gap: bursts of a millisecond, seconds, hours. */
static uint64_t gap(unsigned short seed[3])
{
	static const double mean[] = { 1, 300, 5000, 60000, 3600000 };

	return (uint64_t)(-log(erand48(seed) + 1e-9) * mean[nrand48(seed) % 5]);
}

static void against_reference(void **state)
{
	(void)state;
	for (unsigned short run = 0; run < 5; run++) {
		unsigned short seed[3] = { run, 2, 3 };
		struct pair_ledger pair = { .span.last = 0 };
		struct domain_ledger domain = { .span.last = 0 };
		uint64_t now = START;

		for (charges = 0; charges < 3000;) {
			struct charge *c = &charge[charges++];

			now += gap(seed);
			*c = (struct charge){ now, erand48(seed) * 200, charges % 3 ? 20 : 0 };
			pair_ledger_move(&pair, now);
			sums_add(&pair.up, c->bits, c->length);
			domain_ledger_move(&domain, now);
			sum_add(&domain.week, c->bits);
			if (charges % 97)
				continue;
			close_to(pair.up.day, exact(now, LEDGER_DAY, false));
			close_to(pair.up.fast, exact(now, LEDGER_FAST, false));
			close_to(pair.up.names, exact(now, LEDGER_DAY, true));
			close_to(domain.week, exact(now, LEDGER_WEEK, false));
		}
	}
}

/* Ten questions a second for hours: where rounding would add up. */
static void busy(void **state)
{
	struct pair_ledger pair = { .span.last = 0 };
	uint64_t now = START;

	(void)state;
	for (charges = 0; charges < CHARGES; now += 700) {
		charge[charges++] = (struct charge){ now, 0.37, 20 };
		pair_ledger_move(&pair, now);
		sums_add(&pair.up, 0.37, 20);
	}
	close_to(pair.up.day, exact(now, LEDGER_DAY, false));
	close_to(pair.up.fast, exact(now, LEDGER_FAST, false));
	close_to(pair.up.names, exact(now, LEDGER_DAY, true));
}

/* Steps of a second, of which each takes 2^-16 of the sum away. */
static void rounding(void **state)
{
	struct pair_ledger pair = { .span.last = 0 };

	(void)state;
	for (unsigned size = 1; size < 100000; size *= 7) {
		pair = (struct pair_ledger){ .span.last = 0 };
		pair_ledger_move(&pair, START);
		sums_add(&pair.up, size + 0.1, 0);
		for (uint64_t second = 1; second <= DAY / SECOND; second++)
			pair_ledger_move(&pair, START + second * SECOND);
		close_to(pair.up.day, (size + 0.1) * exp(-1));
	}
}

static void clock_steps(void **state)
{
	struct pair_ledger pair = { .span.last = 0 };

	(void)state;
	pair_ledger_move(&pair, START);
	sums_add(&pair.up, 1000, 20);
	sum_add(&pair.waiting, 7);
	pair_ledger_move(&pair, START - 1500); /* two threads' clocks */
	assert_true(pair.up.day == 1000 && pair.span.first == START);
	pair_ledger_move(&pair, START - HOUR);
	assert_true(pair.up.day == 0 && pair.up.names == 0 && pair.waiting == 0);
	assert_int_equal(pair.span.first, START - HOUR);

	sums_add(&pair.up, 1000, 20);
	pair_ledger_move(&pair, START + 400 * DAY);
	assert_true(pair.up.day < 1e-6);
	assert_int_equal(pair.span.first, START + 400 * DAY);
}

/* Whatever is in the segment, a ledger comes to numbers. */
static void any_octets(void **state)
{
	unsigned short seed[3] = { 1, 2, 3 };

	(void)state;
	for (unsigned run = 0; run < 20000; run++) {
		struct pair_ledger pair;
		uint64_t evidence[8];

		for (size_t i = 0; i < sizeof(pair); i++)
			((uint8_t *)&pair)[i] = run == 0 ? 0xff : (uint8_t)jrand48(seed);
		pair_ledger_move(&pair, START);
		sums_add(&pair.up, 10, 5);
		kinds_count(pair.kinds, ASKS_TEXT);
		assert_true(pair.up.day >= 10 && pair.up.day <= 2e12f);
		assert_true(repeats_see(&pair.repeats, 5, true, pair.up.names, TYPE_BITS_ANY) < 100);
		pair_evidence(&pair, evidence);
	}
}

static void kinds(void **state)
{
	struct pair_ledger pair = { .span.last = 0 };
	uint64_t evidence[8];

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		kinds_count(pair.kinds, question_kind(i % 4 == 0 ? 16 : i % 4 == 1 ? 5 : 28));
	}
	pair_evidence(&pair, evidence);
	assert_in_range(evidence[5], 48, 52);
	assert_in_range(evidence[6], 23, 27);
	assert_in_range(evidence[7], 23, 27);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(against_reference),
		cmocka_unit_test(busy),
		cmocka_unit_test(rounding),
		cmocka_unit_test(clock_steps),
		cmocka_unit_test(any_octets),
		cmocka_unit_test(kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
