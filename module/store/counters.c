/* SPDX-License-Identifier: BSD-3-Clause */
/* counters - the banks. */
#include <assert.h>

#include "store/counters.h"

static_assert(COUNTER_COUNT <= BANK_DETECTORS, "more counters than a bank has words for them");

const struct counter_row counter_rows[COUNTER_COUNT] = {
#define COUNTER(id, name, help) [COUNTER_##id] = { name, help },
#include <warden/counters.def>
#undef COUNTER
};

struct bank *bank_mine(struct segment_header *header, struct bank *banks)
{
	/* Number of this thread's bank + 1. Right for any segment: a bank shared with another
	 * thread costs time, never a count.
	 */
	static _Thread_local unsigned mine;

	if (__builtin_expect(!mine, 0))
		mine = 1 + (unsigned)(atomic_fetch_add_explicit(&header->next_bank, 1, memory_order_relaxed) %
		                      BANK_COUNT);
	return &banks[mine - 1];
}

uint64_t banks_sum(const struct bank *banks, unsigned word)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < BANK_COUNT; i++)
		sum += atomic_load_explicit(&banks[i].word[word], memory_order_relaxed);
	return sum;
}
