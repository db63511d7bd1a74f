/* SPDX-License-Identifier: BSD-3-Clause */
/* test_readers - nothing is freed that somebody may still read.
 *
 * A missing barrier shows only when a look and a change meet within some nanoseconds: on two
 * processors that others use too, about every second run finds it. A missing wait, every one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/readers.h"
#include "store/slot.h"
#include "support.h"

#define CHANGES 500000
#define ENTRIES 1000 /* at least */
#define READS   200  /* per entry: long enough for a change to overtake it */
#define PAUSE   8    /* at most, between entries: a change must find somebody outside */
#define RULES   1024 /* before one comes again */
#define WHOLE   UINT64_C(0x5748414c45) /* what a rule in force reads as */

static struct readers *readers;
static _Atomic(_Atomic uint64_t *) rule;
static _Atomic bool over;
static _Atomic uint64_t broken, entered;
static unsigned changes;

static void make_readers(bool barriers, unsigned gone)
{
	readers = aligned_alloc(_Alignof(struct readers), sizeof(*readers));
	assert_non_null(readers);
	memset(readers, 0, sizeof(*readers));
	readers_init(readers);
	readers->barriers = readers->barriers && barriers;
	for (unsigned i = 0; i < gone; i++)
		readers_take(readers);
	over = false;
	entered = broken = 0;
}

static void read_rules(void)
{
	unsigned cell = readers_enter(readers);
	_Atomic uint64_t *mine = atomic_load(&rule);
	uint64_t spoilt = 0;

	for (unsigned i = 0; i < READS; i++)
		spoilt += atomic_load_explicit(mine, memory_order_relaxed) != WHOLE;
	readers_leave(readers, cell);
	if (spoilt)
		broken++;
	for (uint64_t i = entered % PAUSE; i; i--) /* so as to meet a change at each of its steps */
		slot_relax();
}

/* Thread 0 changes the rule, and spoils the old one when everybody should have left it. */
static void read_or_change(unsigned thread, void *arg)
{
	static _Atomic uint64_t rules[RULES];

	(void)arg;
	for (unsigned i = 0; thread == 0 && (i < changes || entered < ENTRIES); i++) {
		rules[i % RULES] = WHOLE;
		atomic_store(&rule, &rules[i % RULES]);
		if (!readers_wait(readers))
			abort();
		rules[(i + RULES - 1) % RULES] = 0;
	}
	if (thread == 0)
		over = true;
	while (!over) {
		if (!atomic_load(&rule))
			continue;
		read_rules();
		entered++;
	}
}

static void change_under_way(bool barriers, unsigned gone, unsigned threads)
{
	make_readers(barriers, gone);
	rule = NULL;
	/* With more threads than processors a change waits for readers that do not run. */
	changes = threads > 2 ? CHANGES / 2000 : CHANGES;
	in_threads(threads, read_or_change, NULL);
	assert_int_equal(broken, 0);
	for (unsigned i = 0; i < READER_COUNT; i++)
		assert_int_equal(readers->cell[i].inside, 0);
	free(readers);
}

static void with_barriers(void **state)
{
	(void)state;
	change_under_way(true, 0, 2);
	change_under_way(true, 0, 4);
}

static void without_barriers(void **state)
{
	(void)state;
	change_under_way(false, 0, 2);
	change_under_way(false, 0, 4);
}

/* All but one have to share a cell, or all. */
static void more_threads_than_cells(void **state)
{
	(void)state;
	change_under_way(true, READER_SHARED - 1, 4);
	change_under_way(false, READER_COUNT, 2);
}

/* Readers of one engine after another, and a reader within a reader. */
static void cells(void **state)
{
	unsigned outer, inner;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		make_readers(i != 1, i == 2 ? READER_COUNT : 0);
		outer = readers_enter(readers);
		inner = readers_enter(readers);
		assert_int_equal(outer, i == 2 ? READER_SHARED : 0);
		assert_int_equal(inner, outer);
		assert_int_equal(readers->cell[outer].inside, 2);
		readers_leave(readers, inner);
		assert_int_equal(readers->cell[outer].inside, 1);
		readers_leave(readers, outer);
		assert_true(readers_wait(readers));
		free(readers);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_barriers),
		cmocka_unit_test(without_barriers),
		cmocka_unit_test(more_threads_than_cells),
		cmocka_unit_test(cells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
