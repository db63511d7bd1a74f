/* SPDX-License-Identifier: BSD-3-Clause */
/* test_table - finding, taking, evicting and dropping slots, with hashes so poor that all
 * have the same home set and the same other one. Everything is done twice: with a tag for
 * each key, and with one tag for all, so that only the slots' names tell them apart.
 */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support.h"

#define CAPACITY 64
#define T        1000000u
#define HOME     3
#define OTHER    4
#define ROOM     (2 * TABLE_WAYS)

static const struct table_shape shape = { .key_words = 2, .data_first = 4, .words = 6 };
static struct table table;
static void *memory;
static unsigned number_bit; /* where in a hash its number is: in the tag, or below it */

static int setup_table(unsigned bit)
{
	size_t size = table_size(CAPACITY, &shape);

	number_bit = bit;
	memory = aligned_alloc(64, size);
	memset(memory, 0, size);
	table_view(&table, memory, CAPACITY, &shape);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	return setup_table(40);
}

static int setup_alike(void **state)
{
	(void)state;
	return setup_table(3);
}

static int teardown(void **state)
{
	(void)state;
	free(memory);
	return 0;
}

/* The <n>th hash of the set HOME, from 1; small ones have OTHER next to it. */
static uint64_t nth(unsigned n)
{
	return (uint64_t)n << number_bit | (uint64_t)HOME << 29; /* an eighth of the fraction for each set */
}

static enum table_taken take(unsigned n, uint32_t now, struct place *place)
{
	uint64_t key[2] = { n, n + 1000 };
	struct place here;

	return table_take(&table, nth(n), key, now, place ? place : &here);
}

static bool here(unsigned n)
{
	return table_find(&table, nth(n)).slot != NULL;
}

/* Fills both sets with 1..ROOM, all at T. */
static void fill(void)
{
	for (unsigned n = 1; n <= ROOM; n++)
		assert_int_equal(take(n, T, NULL), TABLE_NEW);
}

static void touch(unsigned n, uint32_t now, uint8_t weight)
{
	struct place place = table_find(&table, nth(n));

	place_touch(&place, now);
	place_weigh(&place, weight);
}

static void take_and_find(void **state)
{
	struct place first, again;
	uint64_t hash, word[6];

	(void)state;
	assert_false(here(1));
	assert_int_equal(take(1, T, &first), TABLE_NEW);
	assert_int_equal(take(1, T, &again), TABLE_FOUND);
	assert_ptr_equal(first.slot, again.slot);
	assert_true(slot_read(first.slot, &hash, 0, 6, word));
	assert_int_equal(hash, nth(1));
	assert_int_equal(word[0], 1);
	assert_int_equal(word[1], 1001);
	for (unsigned i = 2; i < 6; i++)
		assert_int_equal(word[i], 0);
	assert_int_equal(place_touched(&first), T);
	assert_int_equal(table_used(&table), 1);
	assert_int_equal(table_capacity(&table), CAPACITY);
}

static void longest_idle_goes_first(void **state)
{
	(void)state;
	fill();
	for (unsigned n = 1; n <= ROOM; n++)
		touch(n, T + 100 + (n * 5) % ROOM, 0); /* 16 gets T + 100, the oldest; then 13, 10, 7 */
	for (unsigned n = 1; n <= 4; n++) {
		assert_int_equal(take(100 + n, T + 200, NULL), TABLE_EVICTED);
		assert_false(here(19 - 3 * n)); /* whichever of the two sets it is in */
	}
	assert_int_equal(table_used(&table), ROOM);
}

/* A weight of 10 stands for ten minutes of activity. */
static void weight_counts_as_minutes(void **state)
{
	(void)state;
	fill();
	for (unsigned n = 3; n <= ROOM; n++)
		touch(n, T + 700, 0);
	touch(1, T + 100, 10);
	touch(2, T + 699, 0);
	assert_int_equal(take(99, T + 700, NULL), TABLE_EVICTED); /* 1 has lost nothing: 2 goes */
	assert_true(here(1));
	assert_false(here(2));
	touch(99, T + 702, 0);
	for (unsigned n = 3; n <= ROOM; n++)
		touch(n, T + 702, 0);
	assert_int_equal(take(98, T + 702, NULL), TABLE_EVICTED); /* 602 seconds are more than ten minutes */
	assert_false(here(1));
}

static void noise_takes_no_budget(void **state)
{
	(void)state;
	fill();
	touch(1, T, TABLE_KEEP);
	touch(2, T, TABLE_KEEP + 1);
	for (unsigned n = 0; n < 5000; n++)
		take(100 + n, T + 1 + n * 10, NULL);
	assert_false(here(1)); /* an hour later its minutes are over */
	assert_true(here(2));
}

static void full_of_budgets(void **state)
{
	struct place place;

	(void)state;
	fill();
	for (unsigned n = 1; n <= ROOM; n++)
		touch(n, T + n, TABLE_KEEP + 1);
	assert_int_equal(take(99, T + 1 + TABLE_KEEP_IDLE, &place), TABLE_FULL);
	assert_null(place.slot);
	assert_int_equal(take(99, T + 2 + TABLE_KEEP_IDLE, &place), TABLE_EVICTED);
	assert_false(here(1));
	for (unsigned n = 2; n <= ROOM; n++)
		assert_true(here(n));
}

/* What is pinned stays, whatever the clock says and however long nobody wanted it. */
static void pinned(void **state)
{
	(void)state;
	fill();
	for (unsigned n = 1; n <= ROOM; n++)
		touch(n, T, TABLE_PINNED);
	assert_int_equal(take(99, T + 100 * TABLE_KEEP_IDLE, NULL), TABLE_FULL);
	touch(3, T, TABLE_PINNED - 1);
	assert_int_equal(take(99, T + 100 * TABLE_KEEP_IDLE, NULL), TABLE_EVICTED);
	assert_false(here(3));
}

/* Somebody whose clock is a little behind must not take a touch of now for one of long ago. */
static void clock_behind(void **state)
{
	(void)state;
	fill();
	for (unsigned n = 1; n <= ROOM; n++)
		touch(n, T + SLOT_AHEAD, TABLE_PINNED - 1);
	assert_int_equal(take(99, T, NULL), TABLE_FULL);
	assert_int_equal(take(99, T - 1, NULL), TABLE_EVICTED); /* far ahead: a clock that stepped back */
}

/* After a step back of the clock the stale must not outlive the living for ever. */
static void clock_stepped_back(void **state)
{
	(void)state;
	fill();
	for (unsigned n = 0; n < ROOM; n++)
		assert_int_equal(take(100 + n, T - 100000 + n, NULL), TABLE_EVICTED);
	for (unsigned n = 0; n < ROOM; n++)
		assert_true(here(100 + n));
}

static void drop(void **state)
{
	struct place place;

	(void)state;
	fill();
	take(4, T, &place);
	slot_add(place.slot, 2, 5);
	assert_true(table_drop(&table, nth(4), T));
	assert_false(table_drop(&table, nth(4), T));
	assert_false(here(4));
	assert_int_equal(table_used(&table), ROOM - 1);
	assert_int_equal(take(99, T, &place), TABLE_NEW);
	assert_int_equal(slot_get(place.slot, 2), 0);
}

/* Who is found to be worth nothing, and gets a weight before he is dropped, stays. */
static void drop_worthless(void **state)
{
	(void)state;
	fill();
	touch(4, T, 1);
	assert_false(table_drop_worthless(&table, nth(4), T));
	assert_true(here(4));
	touch(4, T, 0);
	assert_true(table_drop_worthless(&table, nth(4), T));
	assert_false(here(4));
	touch(5, T, TABLE_PINNED);
	assert_true(table_drop(&table, nth(5), T));
}

static void locked_set(void **state)
{
	struct place place;

	(void)state;
	atomic_store(&table.locks[HOME], T + 1); /* taken in second T by somebody who died */
	assert_int_equal(take(1, T + SLOT_DEAD_AFTER, &place), TABLE_BUSY);
	assert_null(place.slot);
	assert_int_equal(take(1, T + SLOT_DEAD_AFTER + 1, &place), TABLE_NEW);
	assert_int_equal(atomic_load(&table.locks[HOME]), 0);
}

/* Nobody waits for the other set: then a newcomer makes do with its home. */
static void locked_other_set(void **state)
{
	struct place place;

	(void)state;
	atomic_store(&table.locks[OTHER], T + 1);
	for (unsigned n = 1; n <= TABLE_WAYS; n++)
		assert_int_equal(take(n, T, NULL), TABLE_NEW);
	assert_int_equal(take(99, T, &place), TABLE_EVICTED);
	assert_ptr_equal(place.set, &table.sets[HOME]);
	assert_int_equal(take(98, T + SLOT_DEAD_AFTER + 1, &place), TABLE_NEW);
	assert_ptr_equal(place.set, &table.sets[OTHER]);
	assert_true(here(98));
	assert_true(table_drop(&table, nth(98), T));
}

/* A slot in the middle of an edit cannot change hands, and then stays whose it is. */
static void edited_slot_stays(void **state)
{
	struct place place;
	uint64_t token;

	(void)state;
	fill();
	for (unsigned n = 2; n <= ROOM; n++)
		touch(n, T + 1, 0);
	place = table_find(&table, nth(1));
	token = slot_lock(place.slot, T + 1);
	assert_int_equal(take(99, T + 1, NULL), TABLE_BUSY);
	assert_true(here(1));
	assert_false(here(99));
	assert_true(slot_unlock(place.slot, token));
	assert_int_equal(take(99, T + 1, NULL), TABLE_EVICTED);
}

static void recover(void **state)
{
	struct place cut, renamed;

	(void)state;
	fill();
	cut = table_find(&table, nth(2));
	renamed = table_find(&table, nth(5));
	slot_lock(cut.slot, T);
	atomic_store(&renamed.slot->hash, nth(50)); /* died between the name and the tag */
	atomic_store(&table.locks[OTHER], T + 1);
	table_recover(&table);
	assert_true(slot_lock(cut.slot, T) != 0);
	assert_true(here(2));
	assert_false(here(5));
	/* With a tag that is right for it, too, it is his: as in a snapshot he came into. */
	assert_int_equal(here(50), table_tag(nth(50)) == table_tag(nth(5)));
	assert_int_equal(take(60, T, NULL), here(50) ? TABLE_EVICTED : TABLE_NEW);
}

/* A slot whose name went and none came: its tag alone is nobody. */
static void recover_nameless(void **state)
{
	struct place cut;

	(void)state;
	fill();
	cut = table_find(&table, nth(3));
	atomic_store(&cut.slot->hash, 0);
	assert_null(table_at(&table, (uint32_t)(cut.set - table.sets) * TABLE_WAYS + cut.way).slot);
	table_recover(&table);
	assert_int_equal(table_used(&table), ROOM - 1);
	assert_int_equal(take(60, T, NULL), TABLE_NEW);
}

/* No hash has the tag of nobody. */
static void tags(void **state)
{
	struct place place;

	(void)state;
	for (uint64_t hash = 1; hash; hash <<= 1)
		assert_in_range(table_tag(hash), 1, (1 << 24) - 1);
	assert_int_equal(table_take(&table, 1, (uint64_t[]){ 1, 2 }, T, &place), TABLE_NEW);
	assert_int_equal(table_used(&table), 1);
	assert_int_equal(table_tag(UINT64_MAX), (1 << 24) - 1);
}

/* Two keys with one tag in one set: each has its own slot, weight and touch. */
static void same_tag(void **state)
{
	struct place one, two;

	(void)state;
	assert_int_equal(take(1, T, &one), TABLE_NEW);
	assert_int_equal(take(2, T + 1, &two), TABLE_NEW);
	assert_int_equal(table_tag(nth(1)), table_tag(nth(2)));
	assert_ptr_equal(one.set, two.set);
	assert_ptr_not_equal(one.slot, two.slot);
	place_weigh(&two, 77);
	place_touch(&one, T + 9);
	assert_int_equal(place_weight(&one), 0);
	assert_int_equal(place_weight(&two), 77);
	assert_int_equal(place_touched(&two), T + 1);
	assert_ptr_equal(table_find(&table, nth(1)).slot, one.slot);
	assert_ptr_equal(table_find(&table, nth(2)).slot, two.slot);
	assert_true(table_drop(&table, nth(1), T));
	assert_false(here(1));
	assert_true(here(2));
	assert_int_equal(place_weight(&two), 77);
}

/* Who found a slot and weighs it when another has it: that one must not become worth keeping. */
static void no_weight_for_a_newcomer(void **state)
{
	struct place before, after;

	(void)state;
	fill();
	for (unsigned n = 2; n <= ROOM; n++)
		touch(n, T + 1, 0);
	before = table_find(&table, nth(1));
	assert_int_equal(take(99, T + 1, &after), TABLE_EVICTED);
	assert_ptr_equal(after.slot, before.slot);
	place_weigh(&before, TABLE_PINNED);
	assert_int_equal(place_weight(&after), 0);
	assert_true(table_drop(&table, nth(99), T));
	place_weigh(&after, TABLE_PINNED); /* nor an empty place */
	assert_int_equal(table_used(&table), ROOM - 1);
	assert_int_equal(take(98, T + 1, &after), TABLE_NEW);
	assert_int_equal(place_weight(&after), 0);
}

static void walk(void **state)
{
	unsigned found = 0;

	(void)state;
	fill();
	for (uint32_t i = 0; i < CAPACITY; i++) {
		struct place place = table_at(&table, i);

		if (!place.slot)
			continue;
		assert_int_equal(atomic_load(&place.slot->hash), place.hash);
		found++;
	}
	assert_int_equal(found, ROOM);
}

/* ---- threads ------------------------------------------------------------------- */

#define THREADS 4
#define ROUNDS  20000

static _Atomic unsigned arrived;

/* Waits for the others without sleeping, so that all start in the same moment. */
static void together(unsigned *passed)
{
	*passed += THREADS;
	arrived++;
	for (unsigned spin = 0; arrived < *passed; spin++)
		if (spin % 64 == 63)
			sched_yield();
}

#define KEYS 12 /* more than home has room for */

static struct slot *got[THREADS][KEYS];
static _Atomic unsigned twice, strangers;

/* How many slots <hash> has. */
static unsigned slots_of(uint64_t hash)
{
	unsigned count = 0;

	for (uint32_t i = 0; i < CAPACITY; i++) {
		struct place place = table_at(&table, i);

		count += place.slot && place.hash == hash;
	}
	return count;
}

/* All take the same keys at once, then drop them. */
static void take_all(unsigned thread, void *arg)
{
	unsigned passed = 0;

	(void)arg;
	for (unsigned round = 0; round < ROUNDS; round++) {
		together(&passed);
		for (unsigned i = 0; i < KEYS; i++) {
			unsigned n = (i + round) % KEYS;
			struct place place;

			take(1 + n, T, &place);
			got[thread][n] = place.slot; /* NULL when busy */
		}
		together(&passed);
		for (unsigned n = 0; n < KEYS && thread == 0; n++) {
			struct slot *one = NULL;

			for (unsigned t = 0; t < THREADS; t++) {
				twice += one && got[t][n] && got[t][n] != one;
				one = got[t][n] ? got[t][n] : one;
			}
			strangers += one && atomic_load(&one->hash) != nth(1 + n);
			twice += slots_of(nth(1 + n)) > 1;
		}
		together(&passed);
		for (unsigned n = thread; n < KEYS; n += THREADS)
			table_drop(&table, nth(1 + n), T);
	}
}

static void one_key_one_slot(void **state)
{
	(void)state;
	arrived = twice = strangers = 0;
	in_threads(THREADS, take_all, NULL);
	assert_int_equal(twice, 0);
	assert_int_equal(strangers, 0);
}

/* Weights of even keys are even, of odd ones odd: one that lands on a newcomer of the other kind shows. */
static _Atomic unsigned alien, astray;

/* Far more keys than slots, all in one set: eviction all the time. Data is made of the key.
 * The clock stands still, so that nobody is taken for dead.
 */
static void churn(unsigned thread, void *arg)
{
	uint64_t random = 88172645463325252u + thread, data[2], word[6], hash;

	(void)arg;
	for (unsigned round = 0; round < 50000; round++) {
		unsigned n = 1 + (unsigned)(random_next(&random) % 40);
		struct place place;
		uint64_t token;

		take(n, T, &place);
		if (!place.slot)
			continue;
		place_weigh(&place, (uint8_t)(2 * (random_next(&random) % (TABLE_KEEP / 2)) + 2 - n % 2));
		token = slot_edit(place.slot, place.hash, T, shape.data_first, 2, data);
		if (token) {
			alien += data[0] && (data[0] != n || data[1] != n);
			data[0] = data[1] = n;
			slot_commit(place.slot, token, shape.data_first, 2, data);
		}
		if (slot_read(place.slot, &hash, 0, 6, word))
			alien += hash && (hash != nth((unsigned)word[0]) || word[1] != word[0] + 1000 ||
			                  (word[4] && word[4] != word[0]));
	}
}

static void data_agrees_with_key(void **state)
{
	(void)state;
	alien = astray = 0;
	in_threads(THREADS, churn, NULL);
	assert_int_equal(alien, 0);
	for (unsigned n = 1; n <= 40; n++) {
		struct place place = table_find(&table, nth(n));

		assert_true(slots_of(nth(n)) <= 1);
		astray += place.slot && place_weight(&place) && place_weight(&place) % 2 != n % 2;
	}
	assert_int_equal(astray, 0);
}

/* Keys that are spread as keys are: none is without a place, or takes another's, before a table is two
 * thirds full, be its capacity a power of two or not.
 */
static void room_in(uint32_t capacity)
{
	struct place place;
	uint64_t hash = 1;

	free(memory);
	memory = aligned_alloc(64, table_size(capacity, &shape));
	memset(memory, 0, table_size(capacity, &shape));
	table_view(&table, memory, capacity, &shape);
	for (uint32_t n = 0; n < capacity * 2 / 3; n++) {
		uint64_t key[2] = { n, n };

		hash = hash * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407); /* Knuth, MMIX */
		assert_int_equal(table_take(&table, hash ^ hash >> 32, key, T, &place), TABLE_NEW);
		place_weigh(&place, 255);
	}
}

static void room_for_all(void **state)
{
	(void)state;
	room_in(16384);
	room_in(12288);
	room_in(10008);
}

/* One set: its own other one. */
static void single_set(void **state)
{
	struct place place;

	(void)state;
	table_view(&table, memory, TABLE_WAYS, &shape);
	for (unsigned n = 1; n <= TABLE_WAYS; n++)
		assert_int_equal(take(n, T, NULL), TABLE_NEW);
	assert_int_equal(take(99, T + 1, &place), TABLE_EVICTED);
	assert_ptr_equal(place.set, &table.sets[0]);
	assert_null(table_at(&table, TABLE_WAYS).slot); /* and no more */
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, teardown), \
	{ #name ", tags alike", name, setup_alike, teardown, NULL }
#define TEST_ALIKE(name) cmocka_unit_test_setup_teardown(name, setup_alike, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(take_and_find),
		TEST(longest_idle_goes_first),
		TEST(weight_counts_as_minutes),
		TEST(noise_takes_no_budget),
		TEST(full_of_budgets),
		TEST(pinned),
		TEST(clock_behind),
		TEST(clock_stepped_back),
		TEST(drop),
		TEST(drop_worthless),
		TEST(locked_set),
		TEST(locked_other_set),
		TEST(edited_slot_stays),
		TEST(recover),
		TEST(recover_nameless),
		TEST(tags),
		TEST_ALIKE(same_tag),
		TEST(no_weight_for_a_newcomer),
		TEST(walk),
		TEST(one_key_one_slot),
		TEST(data_agrees_with_key),
		TEST(room_for_all),
		TEST(single_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
