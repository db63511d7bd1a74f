/* SPDX-License-Identifier: BSD-3-Clause */
/* test_repeats - the cost of asking again is at least what the choice tells, and next to
 * nothing for those who always ask the same.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>

#include <cmocka.h>

#include "detect/repeats.h"

#define QUESTIONS 20000

static double cost(const unsigned *sequence, unsigned count, unsigned names)
{
	struct repeats repeats = { .at = 0 };
	double bits = 0;

	for (unsigned i = 0; i < count; i++)
		bits += repeats_see(&repeats, (uint16_t)(sequence[i] * 2654435761u >> 16 | 1), true, names, TYPE_BITS_COMMON);
	return bits / count;
}

/* A uniform choice among n names tells log2(n) bits each time: no code can be shorter. */
static void random_choice(void **state)
{
	static unsigned sequence[QUESTIONS];

	(void)state;
	for (unsigned names = 2; names <= 1024; names *= 2) {
		unsigned short seed[3] = { 1, 2, 3 };
		double bits;

		for (unsigned i = 0; i < QUESTIONS; i++)
			sequence[i] = (unsigned)nrand48(seed) % names;
		bits = cost(sequence, QUESTIONS, names);
		printf("%4u names: %.2f bits tell %.2f\n", names, bits, log2(names));
		assert_true(bits >= log2(names) * 0.98);
		assert_true(bits <= log2(names) + 3.5);
	}
}

/* A bit is told by asking for a or for b, whatever the chances. */
static void skewed_choice(void **state)
{
	static unsigned sequence[QUESTIONS];

	(void)state;
	for (double p = 0.01; p <= 0.5; p *= 1.5) {
		unsigned short seed[3] = { 4, 5, 6 };
		double entropy = -p * log2(p) - (1 - p) * log2(1 - p);

		for (unsigned i = 0; i < QUESTIONS; i++)
			sequence[i] = erand48(seed) < p;
		assert_true(cost(sequence, QUESTIONS, 2) >= entropy * 0.95);
	}
}

/* One name; A and AAAA of one; a few names in their turn. */
static void regular(void **state)
{
	static unsigned sequence[QUESTIONS];

	(void)state;
	for (unsigned period = 1; period <= 10; period++) {
		for (unsigned i = 0; i < QUESTIONS; i++)
			sequence[i] = i % period;
		assert_true(cost(sequence, QUESTIONS, period) < 0.02);
	}
}

/* The same question once more, because nobody answers: cheap, and seldom between others too. */
static void retransmissions(void **state)
{
	struct repeats repeats = { .at = 0 };
	double bits = 0;

	(void)state;
	for (unsigned i = 0; i < 300; i++)
		for (unsigned again = 0; again < 3; again++)
			bits += repeats_see(&repeats, (uint16_t)(i + 1), again > 0, i, TYPE_BITS_COMMON);
	assert_true(bits / 600 < 1.1);
}

/* New names are charged elsewhere, but what follows them is remembered. */
static void new_names(void **state)
{
	struct repeats repeats = { .at = 0 };

	(void)state;
	assert_true(repeats_see(&repeats, 11, false, 0, TYPE_BITS_COMMON) == 0);
	assert_true(repeats_see(&repeats, 12, false, 1, TYPE_BITS_COMMON) == 0);
	repeats_see(&repeats, 11, true, 2, TYPE_BITS_COMMON);
	assert_true(repeats_see(&repeats, 12, true, 2, TYPE_BITS_COMMON) < 2.5); /* as before, but seldom yet */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_choice),
		cmocka_unit_test(skewed_choice),
		cmocka_unit_test(regular),
		cmocka_unit_test(retransmissions),
		cmocka_unit_test(new_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
