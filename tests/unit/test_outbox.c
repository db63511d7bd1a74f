/* SPDX-License-Identifier: BSD-3-Clause */
/* test_outbox - what goes in comes out, from many producers; what is no parcel does not. */
#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/outbox.h"
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

static bool put(uint64_t n)
{
	struct parcel parcel = { .now = n, .pair = ~n, .pair_bits = 8, .domain_at = 200, .qname_len = 255 };

	memset(parcel.qname, (int)n, sizeof(parcel.qname));
	return outbox_put(&mapping, &parcel);
}

static void in_order(void **state)
{
	struct parcel parcel;
	uint64_t skipped = 0;

	(void)state;
	assert_false(outbox_get(&mapping, &parcel, NOW, &skipped));
	for (uint64_t n = 1; n <= 1000; n++) { /* many times around */
		assert_true(put(n));
		assert_true(outbox_get(&mapping, &parcel, NOW, &skipped));
		assert_int_equal(parcel.now, n);
		assert_int_equal(parcel.pair, ~n);
		assert_true(parcel.pair_bits == 8 && parcel.client_bits == 0);
		assert_int_equal(parcel.qname[254], (uint8_t)n);
	}
	assert_int_equal(skipped, 0);
}

static void full_ring_loses_the_newest(void **state)
{
	struct parcel parcel;
	uint64_t skipped = 0;

	(void)state;
	for (uint64_t n = 1; n <= tiny_sizes.outbox; n++)
		assert_true(put(n));
	assert_false(put(1000));
	assert_true(outbox_get(&mapping, &parcel, NOW, &skipped));
	assert_int_equal(parcel.now, 1);
	assert_true(put(1001));
	assert_false(put(1002));
}

/* One that took a ticket and was killed holds up the others for RING_PATIENCE, and no longer. */
static void dead_producer(void **state)
{
	struct parcel parcel;
	uint64_t skipped = 0;

	(void)state;
	atomic_fetch_add(&mapping.header->outbox_head, 1);
	assert_true(put(2));
	assert_false(outbox_get(&mapping, &parcel, NOW, &skipped));
	assert_false(outbox_get(&mapping, &parcel, NOW + RING_PATIENCE - 1, &skipped));
	assert_true(outbox_get(&mapping, &parcel, NOW + RING_PATIENCE, &skipped));
	assert_int_equal(parcel.now, 2);
	assert_int_equal(skipped, 1);
}

/* The journal beside it hears nothing of that. */
static void a_ring_of_its_own(void **state)
{
	struct record record;
	struct parcel parcel;
	uint64_t skipped = 0;

	(void)state;
	for (uint64_t n = 1; n <= tiny_sizes.outbox; n++)
		assert_true(put(n));
	assert_false(journal_get(&mapping.journal, &record, NOW, &skipped));
	assert_true(journal_put(&mapping.journal, &(struct record){ .now = 5 }));
	assert_true(journal_get(&mapping.journal, &record, NOW, &skipped));
	assert_int_equal(record.now, 5);
	assert_true(outbox_get(&mapping, &parcel, NOW, &skipped));
	assert_int_equal(parcel.now, 1);
}

static void what_is_no_parcel(void **state)
{
	struct parcel parcel = { .now = 1, .pair_bits = NAN, .client_bits = -1, .domain_bits = INFINITY, .domain_at = 3,
	                         .qname_len = 4 };
	uint64_t skipped = 0;

	(void)state;
	assert_true(outbox_put(&mapping, &parcel));
	assert_true(outbox_get(&mapping, &parcel, NOW, &skipped));
	assert_true(parcel.pair_bits == 0 && parcel.client_bits == 0 && parcel.domain_bits == 0);
	parcel.domain_at = 4; /* behind the name */
	assert_true(outbox_put(&mapping, &parcel));
	assert_true(put(7));
	assert_true(outbox_get(&mapping, &parcel, NOW, &skipped));
	assert_int_equal(parcel.now, 7);
	assert_int_equal(skipped, 1);
}

/* ---- threads ------------------------------------------------------------------- */

#define PRODUCERS 4
#define EACH      50000

static _Atomic unsigned finished;
static uint64_t received, wrong;

/* Thread 0 consumes, the others produce: (thread, n) in order within each thread. */
static void produce_or_consume(unsigned thread, void *arg)
{
	uint64_t last[PRODUCERS + 1] = { 0 }, skipped = 0;
	struct parcel parcel;

	(void)arg;
	if (thread > 0) {
		for (uint64_t n = 1; n <= EACH; n++)
			while (!put((uint64_t)thread << 32 | n))
				sched_yield();
		finished++;
		return;
	}
	for (;;) {
		bool over = finished == PRODUCERS;

		if (!outbox_get(&mapping, &parcel, NOW, &skipped)) {
			if (over)
				return;
			sched_yield();
			continue;
		}
		received++;
		wrong += parcel.pair != ~parcel.now || parcel.qname[254] != (uint8_t)parcel.now;
		wrong += (uint32_t)parcel.now != last[parcel.now >> 32 & 7] + 1;
		last[parcel.now >> 32 & 7] = (uint32_t)parcel.now;
	}
}

static void many_producers(void **state)
{
	(void)state;
	in_threads(PRODUCERS + 1, produce_or_consume, NULL);
	assert_int_equal(received, PRODUCERS * EACH);
	assert_int_equal(wrong, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(in_order),
		TEST(full_ring_loses_the_newest),
		TEST(dead_producer),
		TEST(a_ring_of_its_own),
		TEST(what_is_no_parcel),
		TEST(many_producers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
