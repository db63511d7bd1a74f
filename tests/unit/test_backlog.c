/* SPDX-License-Identifier: BSD-3-Clause */
/* test_backlog - what waits for a reader comes out whole and in order, and never more goes in than there is room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "service/backlog.h"

#define LENGTH 4 /* octets that a message takes beside its own */

static uint8_t filler[BACKLOG_SIZE];

/* Puts one message so long that <room> octets are left behind it. */
static void fill(struct backlog *backlog, size_t room)
{
	assert_true(backlog_put(backlog, "", 0, filler, BACKLOG_SIZE - backlog->end - LENGTH - room));
	assert_int_equal(backlog->end, BACKLOG_SIZE - room);
}

static void expect_first(struct backlog *backlog, const char *text)
{
	size_t len;
	const uint8_t *first = backlog_first(backlog, &len);

	assert_non_null(first);
	assert_int_equal(len, strlen(text));
	assert_memory_equal(first, text, len);
	backlog_drop(backlog);
}

/* A message goes in when it fits with its length, to the octet; and otherwise nothing is changed. */
static void room_at_the_end(void **state)
{
	static const char *const messages[] = { "", "a", "ab", "abc", "abcd" };

	(void)state;
	for (size_t room = 0; room <= 2 * LENGTH; room++)
		for (size_t len = 0; len <= 4; len++) {
			bool fits = LENGTH + len <= room;
			struct backlog backlog;

			assert_true(backlog_open(&backlog));
			fill(&backlog, room);
			assert_int_equal(backlog_put(&backlog, messages[len], len, NULL, 0), fits);
			assert_int_equal(backlog.end, BACKLOG_SIZE - room + (fits ? LENGTH + len : 0));
			backlog_drop(&backlog);
			if (fits)
				expect_first(&backlog, messages[len]);
			assert_int_equal(backlog.count, 0);
			backlog_close(&backlog);
		}
}

/* Room at the begin, where something was taken out, counts: what waits is moved there. */
static void room_at_the_begin(void **state)
{
	(void)state;
	for (size_t room = 0; room <= 2 * LENGTH; room++) {
		struct backlog backlog;

		assert_true(backlog_open(&backlog));
		assert_true(backlog_put(&backlog, "first", 5, " one", 4));
		assert_true(backlog_put(&backlog, "second", 6, NULL, 0));
		fill(&backlog, room);
		assert_int_equal(backlog_put(&backlog, "th", 2, "ird", 3), LENGTH + 5 <= room);
		expect_first(&backlog, "first one");
		assert_true(backlog_put(&backlog, "th", 2, "ird", 3));
		assert_in_range(backlog.end, 0, BACKLOG_SIZE);
		expect_first(&backlog, "second");
		backlog_drop(&backlog); /* the filler */
		expect_first(&backlog, "third");
		assert_int_equal(backlog.count, 0);
		assert_int_equal(backlog.end, 0);
		backlog_close(&backlog);
	}
}

/* Lengths that no memory has, and memory that is not there. */
static void absurd(void **state)
{
	struct backlog backlog;

	(void)state;
	assert_true(backlog_open(&backlog));
	assert_false(backlog_put(&backlog, "", SIZE_MAX, NULL, 0));
	assert_false(backlog_put(&backlog, "", 0, "", SIZE_MAX));
	assert_false(backlog_put(&backlog, "", BACKLOG_SIZE, "", BACKLOG_SIZE));
	assert_int_equal(backlog.end, 0);
	backlog_close(&backlog);
	assert_false(backlog_put(&backlog, "a", 1, NULL, 0));
	backlog_drop(&backlog);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(room_at_the_end),
		cmocka_unit_test(room_at_the_begin),
		cmocka_unit_test(absurd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
