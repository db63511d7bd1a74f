/* SPDX-License-Identifier: BSD-3-Clause */
/* counters - the banks, and who has which. */
#include <assert.h>
#include <pthread.h>
#include <unistd.h>

#include "store/counters.h"

#define BANK_SHARED (BANK_COUNT - 1)
#define BANKS_OWN   ((UINT64_C(1) << BANK_SHARED) - 1) /* the bits of all others */

static_assert(COUNTER_COUNT <= BANK_DETECTORS, "more counters than a bank has words for them");
static_assert(BANK_COUNT == 64, "a word has a bit for each bank");

const struct counter_row counter_rows[COUNTER_COUNT] = {
#define COUNTER(id, name, help) [COUNTER_##id] = { name, help },
#include <warden/counters.def>
#undef COUNTER
};

const struct counter_row gauge_rows[GAUGE_COUNT] = {
#define GAUGE(id, name, help) [GAUGE_##id] = { name, help },
#include <warden/gauges.def>
#undef GAUGE
};

_Thread_local struct bank_seat bank_seat;

/* A child has its parent's thread-locals, and must not add to the parent's bank. Only the
 * thread that forked lives on in it, and runs this.
 */
static void after_fork(void)
{
	bank_seat = (struct bank_seat){ .counters = 0 };
}

static void watch_forks(void)
{
	pthread_atfork(NULL, NULL, after_fork);
}

void counters_attach(struct counters *counters, struct segment_header *header, struct bank *banks)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	static _Atomic uint64_t last_id;

	pthread_once(&once, watch_forks);
	*counters = (struct counters){
		.header = header,
		.banks = banks,
		.id = atomic_fetch_add_explicit(&last_id, 1, memory_order_relaxed) + 1,
		.process = getpid(),
	};
}

void counters_detach(struct counters *counters)
{
	/* In a child what it inherited is its parent's, and its own it leaves behind. */
	if (counters->header && counters->process == getpid())
		atomic_fetch_and_explicit(&counters->header->banks_taken, ~atomic_load(&counters->taken),
		                          memory_order_release);
	*counters = (struct counters){ .header = NULL };
}

void counters_recover(struct segment_header *header)
{
	atomic_store_explicit(&header->banks_taken, 0, memory_order_relaxed);
}

struct bank *bank_take(struct counters *counters)
{
	_Atomic uint64_t *all = &counters->header->banks_taken;
	uint64_t taken = atomic_load_explicit(all, memory_order_relaxed), bit;
	struct bank *bank;

	do {
		uint64_t left = BANKS_OWN & ~taken;

		bit = left & -left; /* the lowest, or 0 */
		/* Acquire: what its last owner counted is there before we add to it. */
	} while (bit && !atomic_compare_exchange_weak_explicit(all, &taken, taken | bit, memory_order_acquire,
	                                                       memory_order_relaxed));
	atomic_fetch_or_explicit(&counters->taken, bit, memory_order_relaxed);
	bank = &counters->banks[bit ? __builtin_ctzll(bit) : BANK_SHARED];
	bank_seat = (struct bank_seat){ .counters = counters->id, .bank = bank, .alone = bit ? bank : NULL };
	return bank;
}

uint64_t banks_sum(const struct bank *banks, unsigned word)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < BANK_COUNT; i++)
		sum += atomic_load_explicit(&banks[i].word[word], memory_order_relaxed);
	return sum;
}
