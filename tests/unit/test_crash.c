/* SPDX-License-Identifier: BSD-3-Clause */
/* test_crash - what writers leave behind that are killed at any moment: the next attach works,
 * no slot has another's key or data, no counter goes back, nothing stays locked.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/holds.h"
#include "support.h"

#define DETECTORS 77

#define CRASHES 200
#define KEYS    400 /* more than there is room for: eviction under way as well */

static char error[1024];

static int attach(struct mapping *mapping)
{
	return mapping_attach(mapping, temp("segment"), NULL, &tiny_sizes, DETECTORS, NOW, say, error,
	                      sizeof(error));
}

static struct slot *take(struct table *table, uint64_t hash)
{
	uint64_t key[8] = { hash, ~hash };
	struct place place;

	table_take(table, hash, key, (uint32_t)(NOW / 1000), &place);
	return place.slot;
}

/* Two threads that do all that writes to a segment, until somebody kills them. */
static void write_for_ever(unsigned thread, void *arg)
{
	struct mapping *mapping = arg;
	struct table *tables[] = { &mapping->clients, &mapping->pairs, &mapping->domains };
	uint64_t random = 88172645463325252u * (thread + 1) + (uint64_t)getpid();
	uint64_t data[CLIENT_WORDS - CLIENT_DATA]; /* the most that any has */
	struct bank *bank = bank_mine(&mapping->counters);

	for (;;) {
		uint64_t number = random_next(&random);
		struct table *table = tables[number % 3];
		uint64_t hash = 1 + number % KEYS * UINT64_C(0x9e3779b97f4a7c15);
		struct hold hold = { .domain_hash = hash, .expires = NOW + 1000, .verdict = 3 };
		struct record record = { .now = NOW };
		struct slot *slot = take(table, hash);
		unsigned first = table->shape.data_first, count = table->shape.words - first;
		uint64_t token = slot ? slot_edit(slot, hash, (uint32_t)(NOW / 1000), first, count, data) : 0;
		bool rotated;

		if (token) {
			for (unsigned i = 0; i < count; i++)
				data[i] = hash;
			slot_commit(slot, token, first, count, data);
		}
		bank_add(bank, COUNTER_misses, 1);
		if (number % 7 == 0)
			hold_set(mapping, 1, &hold, NOW);
		if (number % 11 == 0)
			hold_release(mapping, 1, hash, NOW);
		filter_add(&mapping->filter[0], number, NOW, &rotated);
		journal_put(&mapping->journal, &record);
	}
}

static void check_table(struct table *table)
{
	uint64_t word[CLIENT_WORDS], hash;

	for (uint32_t i = 0; i < table_capacity(table); i++) {
		struct place place = table_at(table, i);

		if (!place.slot)
			continue;
		/* Everything is readable, answers to its tag, and has its own key. */
		assert_true(slot_read(place.slot, &hash, 0, table->shape.words, word));
		assert_int_equal(hash, place.hash);
		for (uint32_t other = 0; other < i; other++)
			assert_true(table_at(table, other).hash != place.hash);
	}
}

static void check_keys(struct table *table)
{
	uint64_t word[CLIENT_WORDS], hash;

	for (uint32_t i = 0; i < table_capacity(table); i++) {
		struct place place = table_at(table, i);

		if (!place.slot || !slot_read(place.slot, &hash, 0, table->shape.words, word))
			continue;
		assert_int_equal(word[table->shape.key_first], hash);
		for (unsigned w = table->shape.data_first; w < table->shape.words; w++)
			assert_true(word[w] == 0 || word[w] == hash);
	}
}

static void killed_writers(void **state)
{
	uint64_t counted = 0, random = 42, sum;
	struct mapping mapping;

	(void)state;
	temp("segment"); /* the folder is ours, not the first child's */
	for (unsigned round = 0; round < CRASHES; round++) {
		struct timespec a_while = { 0, (long)(random_next(&random) % 5000000) };
		pid_t child = fork();
		int status = 0;

		if (child == 0) {
			struct mapping mine;

			if (attach(&mine) < 0)
				_exit(1);
			in_threads(2, write_for_ever, &mine);
		}
		nanosleep(&a_while, NULL);
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

		if (attach(&mapping) < 0)
			fail_msg("%s", error);
		check_table(&mapping.clients);
		check_table(&mapping.pairs);
		check_table(&mapping.domains);
		check_table(&mapping.holds);
		check_keys(&mapping.clients);
		check_keys(&mapping.pairs);
		check_keys(&mapping.domains);
		assert_int_equal(atomic_load(&mapping.header->holds), table_used(&mapping.holds));
		sum = banks_sum(mapping.banks, COUNTER_misses);
		assert_true(sum >= counted);
		counted = sum;

		/* Every slot can be edited and every set locked at once, without waiting. */
		for (uint64_t n = 0; n < KEYS; n++) {
			uint64_t hash = 1 + n * UINT64_C(0x9e3779b97f4a7c15), key[6] = { hash, ~hash }, data[1];
			struct place place;

			assert_int_not_equal(table_take(&mapping.domains, hash, key, (uint32_t)(NOW / 1000),
			                                &place), TABLE_BUSY);
			if (place.slot)
				assert_true(slot_edit(place.slot, hash, (uint32_t)(NOW / 1000), DOMAIN_DATA, 1, data) != 0);
			if (place.slot)
				atomic_fetch_add(&place.slot->seq, 1);
		}
		mapping_detach(&mapping);
		/* Killed while it made the very first one: what it left is moved aside. */
		assert_true(said[0] == '\0' || (!counted && strstr(said, "a fresh segment takes its place")));
		said[0] = '\0';
	}
	assert_true(counted > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(killed_writers) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
