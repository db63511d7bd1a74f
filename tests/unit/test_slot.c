/* SPDX-License-Identifier: BSD-3-Clause */
/* test_slot - who may write a slot when, what readers see meanwhile, and what becomes of a
 * writer that died or slept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support.h"

#define WORDS 14
#define HASH  UINT64_C(0x1234)
#define T     1000000u

static _Alignas(64) uint64_t memory[2 + WORDS];

static struct slot *fresh(void)
{
	struct slot *slot = (struct slot *)(void *)memory;

	memset(memory, 0, sizeof(memory));
	atomic_store(&slot->hash, HASH);
	return slot;
}

static void edit_and_commit(void **state)
{
	struct slot *slot = fresh();
	uint64_t copy[4], seen[WORDS], hash, token;

	(void)state;
	token = slot_edit(slot, HASH, T, 2, 4, copy);
	assert_true(token & 1);
	assert_false(slot_read(slot, &hash, 0, WORDS, seen)); /* odd: readers keep off */
	for (unsigned i = 0; i < 4; i++)
		copy[i] = 100 + i;
	assert_true(slot_commit(slot, token, 2, 4, copy));
	assert_true(slot_read(slot, &hash, 0, WORDS, seen));
	assert_int_equal(hash, HASH);
	for (unsigned i = 0; i < WORDS; i++)
		assert_int_equal(seen[i], i >= 2 && i < 6 ? 98 + i : 0);
}

/* A counter that somebody adds to meanwhile stands in the line that the data begins in. */
static void by_lines(void **state)
{
	struct slot *slot = fresh();
	uint64_t image[SLOT_IMAGE(WORDS)], token;

	(void)state;
	for (unsigned i = 0; i < WORDS; i++)
		atomic_store(&slot->word[i], 100 + i);
	for (uint32_t lines = 0; lines < 4; lines++) {
		memset(image, 0xee, sizeof(image));
		token = slot_take(slot, HASH, T);
		assert_true(token & 1);
		slot_load(slot, 4, lines, image);
		for (unsigned i = 0; i < WORDS; i++)
			assert_int_equal(*SLOT_WORD(image, i),
			                 i >= 4 && lines >> (i + 2) / 8 & 1 ? 100 + i : UINT64_C(0xeeeeeeeeeeeeeeee));
		slot_add(slot, 3, 1);
		*SLOT_WORD(image, 3) = 0;
		*SLOT_WORD(image, 4) += 1000 * (lines & 1);
		*SLOT_WORD(image, 13) += 1000 * (lines >> 1);
		assert_true(slot_give(slot, token, 4, lines, image));
		assert_int_equal(slot_get(slot, 3), 103 + 1 + lines);
		for (unsigned i = 4; i < WORDS; i++)
			assert_int_equal(slot_get(slot, i), 100 + i + (i == 4 ? 1000 * (lines & 1) : 0) +
			                                    (i == 13 ? 1000 * (lines >> 1) : 0));
		atomic_store(&slot->word[4], 104);
		atomic_store(&slot->word[13], 113);
	}
	assert_int_equal(slot_take(slot, HASH + 1, T), 0);
	assert_false(slot_peek(slot, HASH + 1, 4, 3, image));
	assert_true(slot_peek(slot, HASH, 4, 3, image));
	assert_int_equal(*SLOT_WORD(image, 5), 105);
	assert_true(slot_take(slot, HASH, T));
	assert_false(slot_peek(slot, HASH, 4, 3, image)); /* odd: readers keep off */
}

static void lines_of_words(void **state)
{
	(void)state;
	assert_int_equal(SLOT_LINES_WITH(0, 6), 1);
	assert_int_equal(SLOT_LINES_WITH(5, 2), 3);
	assert_int_equal(SLOT_LINES_WITH(6, 8), 2);
	assert_int_equal(SLOT_LINES_WITH(6, 9), 6);
	assert_int_equal(SLOT_LINES_WITH(13, 1), 2);
	assert_int_equal(SLOT_LINES_WITH(14, 1), 4);
}

static void edit_of_a_stranger(void **state)
{
	struct slot *slot = fresh();
	uint64_t copy[1];

	(void)state;
	assert_int_equal(slot_edit(slot, HASH + 1, T, 0, 1, copy), 0);
	assert_true(slot_edit(slot, HASH, T, 0, 1, copy) != 0); /* it was given back */
}

/* Locked in second T, wanted by somebody whose clock says T + by. */
static const struct {
	int by;
	bool taken;
} takeovers[] = {
	{ 0, false }, { 1, false }, { SLOT_DEAD_AFTER, false }, { SLOT_DEAD_AFTER + 1, true },
	{ 3600, true }, { -1, false }, { -SLOT_AHEAD, false }, { -SLOT_AHEAD - 1, true },
	{ -100000, true },
};

static void dead_writer(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(takeovers) / sizeof(*takeovers); i++) {
		struct slot *slot = fresh();
		uint64_t first = slot_lock(slot, T);
		uint64_t second = slot_lock(slot, T + (uint32_t)takeovers[i].by);

		if ((second != 0) != takeovers[i].taken)
			fail_msg("clock %+d: taken over: %d", takeovers[i].by, second != 0);
		if (takeovers[i].taken) {
			assert_false(slot_unlock(slot, first)); /* the late one must not end our edit */
			assert_true(atomic_load(&slot->seq) & 1);
			assert_true(slot_unlock(slot, second));
		} else {
			assert_true(slot_unlock(slot, first));
		}
		assert_false(atomic_load(&slot->seq) & 1);
	}
}

static void late_commit(void **state)
{
	struct slot *slot = fresh();
	uint64_t late[2], copy[2], seen[2], hash, first, second;

	(void)state;
	first = slot_edit(slot, HASH, T, 0, 2, late);
	second = slot_edit(slot, HASH, T + SLOT_DEAD_AFTER + 1, 0, 2, copy);
	assert_false(slot_give(slot, first, 0, 0, late));
	copy[0] = copy[1] = 7;
	assert_true(slot_commit(slot, second, 0, 2, copy));
	late[0] = late[1] = 9;
	assert_false(slot_commit(slot, first, 0, 2, late));
	assert_true(slot_read(slot, &hash, 0, 2, seen));
	assert_int_equal(seen[0], 7);
	assert_int_equal(seen[1], 7);
}

static void sequence_wraps(void **state)
{
	struct slot *slot = fresh();
	uint64_t token;

	(void)state;
	atomic_store(&slot->seq, UINT64_C(0xfffffffe));
	token = slot_lock(slot, T);
	assert_int_equal((uint32_t)token, UINT32_MAX);
	assert_true(slot_unlock(slot, token));
	assert_int_equal((uint32_t)atomic_load(&slot->seq), 0);
	assert_true(slot_lock(slot, T) != 0);
}

/* ---- threads ------------------------------------------------------------------- */

#define ROUNDS 100000

/* So many words that others get in between while they are read: with few of them it takes luck. */
#define WIDE      254
#define WIDE_DATA (WIDE - 2)
#define ALL_LINES UINT32_MAX

static_assert(SLOT_LINES(WIDE) == 32, "ALL_LINES are all of them");

static _Alignas(64) uint64_t wide_memory[SLOT_IMAGE(WIDE)];

static _Atomic unsigned torn, written, gave_up, reads;
static _Atomic bool done;

/* Two write, one reads all and one by lines: all data words of one version are equal. */
static void write_or_read(unsigned thread, void *arg)
{
	struct slot *slot = arg;
	uint64_t copy[WIDE_DATA], image[SLOT_IMAGE(WIDE)], hash;

	if (thread < 2) {
		for (unsigned round = 0; round < ROUNDS; round++) {
			bool lines = round & 1;
			uint64_t token = lines ? slot_take(slot, HASH, T)
			                       : slot_edit(slot, HASH, T, 2, WIDE_DATA, copy);

			if (!token) {
				gave_up++;
				continue;
			}
			if (lines) {
				slot_load(slot, 2, ALL_LINES, image);
				memcpy(copy, SLOT_WORD(image, 2), sizeof(copy));
			}
			for (unsigned i = 1; i < WIDE_DATA; i++)
				torn += copy[i] != copy[0];
			for (unsigned i = 0; i < WIDE_DATA; i++)
				copy[i]++;
			memcpy(SLOT_WORD(image, 2), copy, sizeof(copy));
			if (lines)
				slot_give(slot, token, 2, ALL_LINES, image);
			else
				slot_commit(slot, token, 2, WIDE_DATA, copy);
			written++;
		}
		done = true;
		return;
	}
	for (unsigned mine = 0; !done || !mine;) {
		if (thread & 1) {
			hash = HASH;
			if (!slot_peek(slot, HASH, 2, ALL_LINES, image))
				continue;
			memcpy(copy, SLOT_WORD(image, 2), sizeof(copy));
		} else if (!slot_read(slot, &hash, 2, WIDE_DATA, copy)) {
			continue;
		}
		mine++;
		reads++;
		torn += hash != HASH;
		for (unsigned i = 1; i < WIDE_DATA; i++)
			torn += copy[i] != copy[0];
	}
}

static void never_torn(void **state)
{
	struct slot *slot = (struct slot *)(void *)wide_memory;

	(void)state;
	atomic_store(&slot->hash, HASH);
	in_threads(4, write_or_read, slot);
	assert_int_equal(torn, 0);
	assert_int_equal(written + gave_up, 2 * ROUNDS);
	assert_true(reads > 0);
	assert_int_equal(slot_get(slot, 2), written); /* no edit lost another's */
}

static void add(unsigned thread, void *arg)
{
	for (unsigned round = 0; round < ROUNDS; round++)
		slot_add(arg, 1, thread + 1);
}

static void counters_exact(void **state)
{
	struct slot *slot = fresh();

	(void)state;
	in_threads(4, add, slot);
	assert_int_equal(slot_get(slot, 1), ROUNDS * (1 + 2 + 3 + 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edit_and_commit),
		cmocka_unit_test(by_lines),
		cmocka_unit_test(lines_of_words),
		cmocka_unit_test(edit_of_a_stranger),
		cmocka_unit_test(dead_writer),
		cmocka_unit_test(late_commit),
		cmocka_unit_test(sequence_wraps),
		cmocka_unit_test(never_torn),
		cmocka_unit_test(counters_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
