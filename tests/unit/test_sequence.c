/* SPDX-License-Identifier: BSD-3-Clause */
/* test_sequence - numbers of events as files have them, and how many are missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "report/sequence.h"

/* Reads "a1 a2 | b7": an observer's letter and a number, bars between files. Time goes on by a
 * second with each event; "@50" sets it.
 */
static uint64_t missing_of(const char *text)
{
	struct sequence sequence = { 0 };
	uint64_t now = 0, missing;
	char observer[2] = "";
	char *end;

	sequence_file(&sequence);
	while (*text) {
		if (*text == ' ') {
			text++;
		} else if (*text == '|') {
			sequence_file(&sequence);
			text++;
		} else if (*text == '@') {
			now = strtoull(text + 1, &end, 10);
			text = end;
		} else {
			observer[0] = *text;
			assert_true(sequence_add(&sequence, observer, strtoull(text + 1, &end, 10), now++));
			text = end;
		}
	}
	missing = sequence_missing(&sequence);
	sequence_free(&sequence);
	return missing;
}

static void gaps(void **state)
{
	static const struct {
		const char *numbers;
		uint64_t missing;
	} cases[] = {
		{ "", 0 },
		{ "a7", 0 },
		{ "a7 a8 a9", 0 },
		{ "a7 a9", 1 },
		{ "a7 a8 a100", 91 },
		/* Rotated files, in order and in the other, whole and with a hole between them. */
		{ "a1 a2 | a3 a4", 0 },
		{ "@50 a3 a4 | @1 a1 a2", 0 },
		{ "a1 a2 | a5 a6", 2 },
		{ "@50 a5 a6 | @1 a1 a2", 2 },
		{ "@90 a5 a6 | @1 a1 a2 | @50 a3 a4", 0 },
		/* A new segment begins at 1 again. */
		{ "a998 a999 a1 a2", 0 },
		{ "a1 a2 a3 a1 a2 a3", 0 },
		{ "a1 a2 a4 | a1 a2", 1 },
		/* Threads that overtake each other. */
		{ "a1 a3 a2 a4", 0 },
		{ "a2 a1 a3", 0 },
		{ "a5 a9 a8 a6 a10", 1 },
		/* Several observers in one file. */
		{ "a1 b70 a2 b71 a3 b72", 0 },
		{ "a1 b70 a2 b72 a4", 2 },
		{ "a1 b70 | b71 a2", 0 },
		/* Numbers of nobody's. */
		{ "a0 a9223372036854775807 a0 a9223372036854775807 a0 a9223372036854775807", UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		print_message("%s\n", cases[i].numbers);
		assert_int_equal(missing_of(cases[i].numbers), cases[i].missing);
	}
}

/* The last number that counts as late, and the first that is a new beginning. */
static void late(void **state)
{
	(void)state;
	assert_int_equal(SEQUENCE_LATE, 256);
	assert_int_equal(missing_of("a1 a300 a44"), 297);
	assert_int_equal(missing_of("a1 a300 a43"), 298);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(gaps), cmocka_unit_test(late) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
