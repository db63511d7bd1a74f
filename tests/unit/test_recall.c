/* SPDX-License-Identifier: BSD-3-Clause */
/* test_recall - what the engine remembers for detectors: which memory it asks, and what it says of one
 * that is full.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "store/filter.h"
#include "support.h"

enum { A = 1 };

static int setup(void **state)
{
	(void)state;
	temp_clean();
	return 0;
}

/* As if so many things had been seen that the memory takes no more. */
static void fill(struct warden *warden, enum filter_id memory)
{
	struct filter *filter = &warden->mapping.filter[memory];

	atomic_store(&filter->clock->filled, (uint64_t)filter->blocks * FILTER_PER_BLOCK);
	assert_true(filter_is_full(filter));
}

/* The answer to a question for www.example.com is the address of <rdata>. */
static struct warden_decision answer(struct warden *warden, const uint8_t rdata[4])
{
	struct warden_record record = { .rdata = rdata, .type = A, .rdata_len = 4 };
	struct asked asked;

	question(&asked, "192.0.2.1", "www.example.com", A);
	asked.obs.what = WARDEN_ANSWER;
	asked.obs.records = &record;
	asked.obs.record_count = asked.obs.answer_count = 1;
	return warden_observe(warden, &asked.obs);
}

static const uint8_t public[] = { 203, 0, 113, 1 }, private[] = { 10, 0, 0, 1 };

/* What has to last a month has no room: what is new passes for known, and that is counted. */
static void a_full_month_is_counted(void **state)
{
	struct warden *warden = open_engine("detector:\n name: \"rare-domain\"\n", true);

	(void)state;
	answer(warden, public);
	assert_int_equal(counted(warden, COUNTER_memory_full), 0);
	fill(warden, FILTER_MEMORY);
	answer(warden, public);
	assert_int_equal(counted(warden, COUNTER_memory_full), 1);
	warden_close(warden);
}

/* What is recalled for a day is kept with the names: these make room, so nothing is full, and a full month
 * is no concern of theirs.
 */
static void a_day_makes_room(void **state)
{
	static const enum filter_id memories[] = { FILTER_MEMORY, FILTER_NAMES };

	(void)state;
	for (size_t i = 0; i < sizeof(memories) / sizeof(*memories); i++) {
		struct warden *warden = open_engine("detector:\n name: \"rebinding\"\n", true);

		answer(warden, public);
		fill(warden, memories[i]);
		assert_int_equal(answer(warden, private).verdict, WARDEN_LOG);
		assert_int_equal(counted(warden, COUNTER_memory_full), 0);
		warden_close(warden);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_full_month_is_counted),
		TEST(a_day_makes_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
