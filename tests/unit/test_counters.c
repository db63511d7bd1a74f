/* SPDX-License-Identifier: BSD-3-Clause */
/* test_counters - rows, banks, sums and resets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support.h"

static void rows_are_whole(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COUNTER_COUNT; i++) {
		assert_non_null(counter_rows[i].name);
		assert_int_equal(counter_rows[i].help[strlen(counter_rows[i].help) - 1], '.');
		for (unsigned other = 0; other < i; other++)
			assert_string_not_equal(counter_rows[i].name, counter_rows[other].name);
	}
}

#define ROUNDS 100000

static struct bank *bank_of[8];

static void count(unsigned thread, void *arg)
{
	struct mapping *mapping = arg;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct bank *bank = bank_mine(mapping->header, mapping->banks);

		bank_of[thread] = bank;
		bank_add(bank, COUNTER_misses, 1);
		bank_add(bank, BANK_HISTOGRAM + HISTOGRAM_WORDS - 1, thread);
	}
}

static void sums_are_exact(void **state)
{
	struct mapping mapping;

	(void)state;
	open_private(&mapping);
	in_threads(8, count, &mapping);
	assert_int_equal(banks_sum(mapping.banks, COUNTER_misses), 8 * ROUNDS);
	assert_int_equal(banks_sum(mapping.banks, BANK_HISTOGRAM + HISTOGRAM_WORDS - 1), 28 * ROUNDS);
	assert_int_equal(banks_sum(mapping.banks, COUNTER_answers), 0);
	for (unsigned i = 0; i < 8; i++)
		for (unsigned other = 0; other < i; other++)
			assert_ptr_not_equal(bank_of[i], bank_of[other]);
	mapping_detach(&mapping);
}

/* More threads than banks share them, and lose nothing. */
static void banks_are_shared(void **state)
{
	struct mapping mapping;

	(void)state;
	open_private(&mapping);
	for (unsigned i = 0; i < 2 * BANK_COUNT / 8; i++)
		in_threads(8, count, &mapping);
	assert_int_equal(banks_sum(mapping.banks, COUNTER_misses), 2 * BANK_COUNT * ROUNDS);
	mapping_detach(&mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_whole),
		cmocka_unit_test(sums_are_exact),
		cmocka_unit_test(banks_are_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
