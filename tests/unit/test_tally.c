/* SPDX-License-Identifier: BSD-3-Clause */
/* test_tally - counts stay exact while the table grows, also for keys that want one place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "outcome/tally.h"

#define KEYS 20000

static void counts(void **state)
{
	/* Spread keys, keys in a row, and keys that differ only above every mask. */
	static const uint64_t steps[] = { UINT64_C(0x9e3779b97f4a7c15), 1, UINT64_C(1) << 40 };

	(void)state;
	for (unsigned s = 0; s < 3; s++) {
		const uint64_t keys = s == 2 ? 2000 : KEYS; /* they all collide: keep it short */
		struct tally tally = { 0 };

		assert_int_equal(tally_get(&tally, 1), 0);
		for (uint64_t i = 1; i <= keys; i++)
			assert_true(tally_add(&tally, i * steps[s], i));
		for (uint64_t i = 1; i <= keys; i++)
			assert_true(tally_add(&tally, i * steps[s], 1));
		assert_true(tally_add(&tally, 7 * steps[s], 0));
		assert_int_equal(tally.used, keys);
		for (uint64_t i = 1; i <= keys; i++)
			assert_int_equal(tally_get(&tally, i * steps[s]), i + 1);
		assert_int_equal(tally_get(&tally, (keys + 1) * steps[s]), 0);
		tally_free(&tally);
		assert_int_equal(tally.used, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
