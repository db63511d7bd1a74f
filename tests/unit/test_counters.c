/* SPDX-License-Identifier: BSD-3-Clause */
/* test_counters - rows, sums, and who has which bank: threads, attachments, children, the dead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "support.h"

static void rows_are_whole(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COUNTER_COUNT; i++) {
		assert_non_null(counter_rows[i].name);
		assert_int_equal(counter_rows[i].help[strlen(counter_rows[i].help) - 1], '.');
		for (unsigned other = 0; other < i; other++)
			assert_string_not_equal(counter_rows[i].name, counter_rows[other].name);
	}
}

#define ROUNDS 100000

static struct bank *bank_of[8];

static void count(unsigned thread, void *arg)
{
	struct mapping *mapping = arg;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct bank *bank = bank_mine(&mapping->counters);

		bank_of[thread] = bank;
		bank_add(bank, COUNTER_misses, 1);
		bank_add(bank, BANK_HISTOGRAM + HISTOGRAM_WORDS - 1, thread);
	}
}

static void sums_are_exact(void **state)
{
	struct mapping mapping;

	(void)state;
	open_private(&mapping);
	in_threads(8, count, &mapping);
	assert_int_equal(banks_sum(mapping.banks, COUNTER_misses), 8 * ROUNDS);
	assert_int_equal(banks_sum(mapping.banks, BANK_HISTOGRAM + HISTOGRAM_WORDS - 1), 28 * ROUNDS);
	assert_int_equal(banks_sum(mapping.banks, COUNTER_answers), 0);
	for (unsigned i = 0; i < 8; i++)
		for (unsigned other = 0; other < i; other++)
			assert_ptr_not_equal(bank_of[i], bank_of[other]);
	mapping_detach(&mapping);
}

/* More threads than banks share the last one, and lose nothing. */
static void banks_are_shared(void **state)
{
	struct mapping mapping;

	(void)state;
	open_private(&mapping);
	for (unsigned i = 0; i < 2 * BANK_COUNT / 8; i++)
		in_threads(8, count, &mapping);
	assert_int_equal(banks_sum(mapping.banks, COUNTER_misses), 2 * BANK_COUNT * ROUNDS);
	for (unsigned i = 0; i < 8; i++)
		assert_ptr_equal(bank_of[i], &mapping.banks[BANK_COUNT - 1]);
	mapping_detach(&mapping);
}

/* ---- several attachments of one segment ------------------------------------------ */

static void attach(struct mapping *mapping)
{
	char error[512] = "";

	if (mapping_attach(mapping, temp("segment"), NULL, &tiny_sizes, 1, NOW, NULL, error, sizeof(error)) != 0)
		fail_msg("%s", error);
}

static unsigned number_of(const struct mapping *mapping)
{
	return (unsigned)(bank_of[0] - mapping->banks);
}

static void count_in_turn(unsigned thread, void *arg)
{
	struct mapping *mapping = arg;

	count(thread, &mapping[thread % 2]);
}

/* Two attachments, as of two processes, with more threads than there are banks. */
static void attachments_share_the_banks(void **state)
{
	struct mapping mapping[2];
	const unsigned times = 2 * BANK_COUNT / 8;

	(void)state;
	temp_clean();
	attach(&mapping[0]);
	attach(&mapping[1]);
	for (unsigned i = 0; i < times; i++)
		in_threads(8, count_in_turn, mapping);
	assert_int_equal(banks_sum(mapping[0].banks, COUNTER_misses), times * 8 * ROUNDS);
	assert_int_equal(banks_sum(mapping[1].banks, COUNTER_misses), times * 8 * ROUNDS);
	mapping_detach(&mapping[0]);
	mapping_detach(&mapping[1]);
}

/* A thread goes through many attachments, while another has the segment all the time. */
static void banks_come_back(void **state)
{
	struct mapping stays, comes;

	(void)state;
	temp_clean();
	attach(&stays);
	in_threads(1, count, &stays);
	assert_int_equal(number_of(&stays), 0);
	for (unsigned i = 0; i < 2 * BANK_COUNT; i++) {
		attach(&comes);
		count(0, &comes);
		assert_int_equal(number_of(&comes), 1);
		mapping_detach(&comes);
	}
	in_threads(1, count, &stays);
	assert_int_equal(number_of(&stays), 1);
	assert_int_equal(banks_sum(stays.banks, COUNTER_misses), (2 + 2 * BANK_COUNT) * ROUNDS);
	mapping_detach(&stays);
}

/* Waits for <child>, which must end well. */
static void join(pid_t child)
{
	int status = 1;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* A child has its parent's mapping and thread-locals, but not its bank. */
static void children_take_their_own(void **state)
{
	struct mapping mapping;
	pid_t child;

	(void)state;
	temp_clean();
	attach(&mapping);
	count(0, &mapping);
	child = fork();
	for (unsigned i = 0; i < 20; i++)
		count(0, &mapping);
	if (child == 0) {
		bool own = number_of(&mapping) != 0;

		mapping_detach(&mapping); /* and does not give back what the parent has */
		_exit(!own);
	}
	join(child);
	assert_int_equal(banks_sum(mapping.banks, COUNTER_misses), 41 * ROUNDS);
	in_threads(1, count, &mapping);
	assert_int_not_equal(number_of(&mapping), 0);
	mapping_detach(&mapping);
}

/* What processes leave behind that end without a word is there for the next one. */
static void the_dead_leave_theirs(void **state)
{
	struct mapping mapping;

	(void)state;
	temp_clean();
	for (unsigned i = 0; i < 2 * BANK_COUNT; i++) {
		pid_t child = fork();

		if (child == 0) {
			attach(&mapping);
			count(0, &mapping);
			_exit(number_of(&mapping) != 0);
		}
		join(child);
	}
	attach(&mapping);
	assert_int_equal(banks_sum(mapping.banks, COUNTER_misses), 2 * BANK_COUNT * ROUNDS);
	mapping_detach(&mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_whole),
		cmocka_unit_test(sums_are_exact),
		cmocka_unit_test(banks_are_shared),
		cmocka_unit_test(attachments_share_the_banks),
		cmocka_unit_test(banks_come_back),
		cmocka_unit_test(children_take_their_own),
		cmocka_unit_test(the_dead_leave_theirs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
