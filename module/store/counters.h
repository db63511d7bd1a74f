/* SPDX-License-Identifier: BSD-3-Clause */
/* counters - what counters.def declares, kept in banks and summed on read.
 *
 * A bank per thread keeps the additions off each other's cache lines. They are
 * atomic all the same, so that sums are exact even when two threads share a bank or a
 * process dies: there is no owner to find dead.
 */
#ifndef STORE_COUNTERS_H
#define STORE_COUNTERS_H

#include <stdatomic.h>

#include "store/layout.h"

enum counter_id {
#define COUNTER(id, name, help) COUNTER_##id,
#include <warden/counters.def>
#undef COUNTER
	COUNTER_COUNT
};

struct counter_row {
	const char *name, *help;
};

extern const struct counter_row counter_rows[COUNTER_COUNT];

/* The calling thread's bank. Takes one at the first call of a thread. */
struct bank *bank_mine(struct segment_header *header, struct bank *banks);

static inline void bank_add(struct bank *bank, unsigned word, uint64_t n)
{
	atomic_fetch_add_explicit(&bank->word[word], n, memory_order_relaxed);
}

/* Sum of <word> (a COUNTER_*, BANK_DETECTORS + i, BANK_HISTOGRAM + i) over all banks. */
uint64_t banks_sum(const struct bank *banks, unsigned word);

#endif
