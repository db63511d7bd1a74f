/* SPDX-License-Identifier: BSD-3-Clause */
/* test_journal - order, a full ring, producers that died, and many producers at once. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support.h"

static struct mapping mapping;
static struct journal *const journal = &mapping.journal;

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
	struct record record = { .now = n, .qname_len = 255, .queries = ~n };

	memset(record.qname, (int)n, sizeof(record.qname));
	return journal_put(journal, &record);
}

static bool get_at(struct record *record, uint64_t now, uint64_t *skipped)
{
	return journal_get(journal, record, now, skipped);
}

static bool get(struct record *record)
{
	uint64_t skipped = 0;
	bool got = get_at(record, NOW, &skipped);

	assert_int_equal(skipped, 0);
	return got;
}

static void in_order(void **state)
{
	struct record record;

	(void)state;
	assert_false(get(&record));
	for (uint64_t n = 1; n <= 1000; n++) { /* many times around */
		assert_true(put(n));
		if (n % 10)
			continue;
		for (uint64_t i = n - 9; i <= n; i++) {
			assert_true(get(&record));
			assert_int_equal(record.sequence, i);
			assert_int_equal(record.now, i);
			assert_int_equal(record.queries, ~i);
			assert_int_equal(record.qname[254], (uint8_t)i);
		}
		assert_false(get(&record));
	}
}

static void full_ring_loses_the_newest(void **state)
{
	const uint32_t capacity = tiny_sizes.journal;
	struct record record;

	(void)state;
	for (uint64_t n = 1; n <= capacity; n++)
		assert_true(put(n));
	assert_false(put(100));
	assert_false(put(101));
	assert_true(get(&record));
	assert_int_equal(record.sequence, 1);
	assert_true(put(102));
	assert_false(put(103));
	for (uint64_t n = 2; n <= capacity; n++) {
		assert_true(get(&record));
		assert_int_equal(record.sequence, n);
	}
	assert_true(get(&record));
	assert_int_equal(record.sequence, capacity + 3); /* the gap tells of the two that are lost */
	assert_int_equal(record.now, 102);
	assert_false(get(&record));
}

/* A producer that took a ticket and died. */
static void die_with_a_ticket(void)
{
	atomic_fetch_add(&mapping.header->journal_head, 1);
}

static void dead_producer(void **state)
{
	struct record record;
	uint64_t skipped = 0;

	(void)state;
	put(1);
	die_with_a_ticket();
	put(3);
	assert_true(get_at(&record, NOW, &skipped));
	assert_int_equal(record.now, 1);
	assert_false(get_at(&record, NOW, &skipped));
	assert_false(get_at(&record, NOW + JOURNAL_PATIENCE - 1, &skipped));
	assert_int_equal(skipped, 0);
	assert_true(get_at(&record, NOW + JOURNAL_PATIENCE, &skipped));
	assert_int_equal(skipped, 1);
	assert_int_equal(record.now, 3);
	for (uint64_t n = 0; n < 3 * tiny_sizes.journal; n++) { /* its place is used again */
		assert_true(put(n));
		assert_true(get(&record));
		assert_int_equal(record.now, n);
	}
}

static void two_dead_producers(void **state)
{
	struct record record;
	uint64_t skipped = 0;

	(void)state;
	die_with_a_ticket();
	die_with_a_ticket();
	put(3);
	assert_false(get_at(&record, NOW, &skipped));
	assert_false(get_at(&record, NOW + JOURNAL_PATIENCE, &skipped)); /* each has its own time */
	assert_int_equal(skipped, 1);
	assert_true(get_at(&record, NOW + 2 * JOURNAL_PATIENCE, &skipped));
	assert_int_equal(skipped, 2);
	assert_int_equal(record.now, 3);
}

/* It only slept: its record is lost, and nobody else's. */
static void late_producer(void **state)
{
	struct ring_entry *entry = &journal->ring.entries[0];
	struct record record;
	uint64_t skipped = 0, ticket = 0;

	(void)state;
	die_with_a_ticket();
	get_at(&record, NOW, &skipped);
	assert_false(get_at(&record, NOW + JOURNAL_PATIENCE, &skipped));
	assert_int_equal(skipped, 1);
	assert_false(atomic_compare_exchange_strong(&entry->turn, &ticket, 1));
	assert_true(put(2));
	assert_true(get(&record));
	assert_int_equal(record.now, 2);
}

/* Octets of a foreign hand in the ring: never an endless loop. */
static void garbage(void **state)
{
	struct record record;
	uint64_t skipped = 0, random = 1;

	(void)state;
	for (unsigned round = 0; round < 1000; round++) {
		for (uint32_t i = 0; i < tiny_sizes.journal; i++)
			atomic_store(&journal->ring.entries[i].turn, random_next(&random) >> random % 64);
		atomic_store(&mapping.header->journal_head, random_next(&random) >> random % 64);
		atomic_store(&mapping.header->journal_tail, random_next(&random) >> random % 64);
		put(1);
		get_at(&record, NOW + round * JOURNAL_PATIENCE, &skipped);
	}
}

/* ---- threads ------------------------------------------------------------------- */

#define PRODUCERS 4
#define EACH      50000

static _Atomic unsigned finished;
static _Atomic uint64_t refused;
static uint64_t received, wrong;

/* Thread 0 consumes, the others produce: (thread, n) in order within each thread. */
static void produce_or_consume(unsigned thread, void *arg)
{
	uint64_t last[PRODUCERS + 1] = { 0 }, skipped = 0;
	struct record record;

	(void)arg;
	if (thread > 0) {
		for (uint64_t n = 1; n <= EACH; n++)
			while (!put((uint64_t)thread << 32 | n)) {
				refused++;
				sched_yield();
			}
		finished++;
		return;
	}
	for (;;) {
		bool over = finished == PRODUCERS;

		if (!get_at(&record, NOW, &skipped)) {
			if (over)
				return;
			sched_yield();
			continue;
		}
		received++;
		wrong += record.queries != ~record.now || record.qname[254] != (uint8_t)record.now;
		wrong += (uint32_t)record.now != last[record.now >> 32 & 7] + 1;
		last[record.now >> 32 & 7] = (uint32_t)record.now;
	}
}

static void many_producers(void **state)
{
	(void)state;
	in_threads(PRODUCERS + 1, produce_or_consume, NULL);
	assert_int_equal(received, PRODUCERS * EACH);
	assert_int_equal(wrong, 0);
	assert_int_equal(atomic_load(&mapping.header->sequence), PRODUCERS * EACH + refused);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(in_order),
		TEST(full_ring_loses_the_newest),
		TEST(dead_producer),
		TEST(two_dead_producers),
		TEST(late_producer),
		TEST(garbage),
		TEST(many_producers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
