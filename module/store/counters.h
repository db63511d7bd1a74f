/* SPDX-License-Identifier: BSD-3-Clause */
/* counters - what counters.def declares, kept in banks and summed on read.
 *
 * A thread takes a bank for itself and adds to it by plain load and store: a look adds
 * several times, and each locked addition would cost it some 6 ns. The header has a bit for
 * each bank that is taken. The last bank is never taken: who finds no other free adds to
 * that one, atomically.
 *
 * Invariant: whoever adds without a lock is the only one to add there, of all threads of all
 * processes on the segment. So a bank comes free only when its process detaches, or when
 * somebody attaches and nobody else is there: the dead keep theirs until then, and a thread
 * that ends leaves it taken. Too few banks cost time, never a count.
 */
#ifndef STORE_COUNTERS_H
#define STORE_COUNTERS_H

#include <assert.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "store/layout.h"

enum counter_id {
#define COUNTER(id, name, help) COUNTER_##id,
#include <warden/counters.def>
#undef COUNTER
	COUNTER_COUNT
};

enum gauge_id {
#define GAUGE(id, name, help) GAUGE_##id,
#include <warden/gauges.def>
#undef GAUGE
	GAUGE_COUNT
};

static_assert(GAUGE_COUNT <= GAUGE_WORDS, "a word for each gauge");

struct counter_row {
	const char *name, *help;
};

extern const struct counter_row counter_rows[COUNTER_COUNT], gauge_rows[GAUGE_COUNT];

/* Says how things are. By one thread for each gauge; read by anybody. */
static inline void gauge_set(struct segment_header *header, enum gauge_id id, uint64_t value)
{
	atomic_store_explicit(&header->gauge[id], value, memory_order_relaxed);
}

/* The banks as a process sees them that has attached for writing; not in shared memory. */
struct counters {
	struct segment_header *header;
	struct bank *banks;
	uint64_t id;               /* of this attachment, in this process: never used twice */
	pid_t process;             /* that attached: a child of it has a copy of this */
	_Atomic uint64_t taken;    /* banks that our threads took, a bit each */
};

/* The bank that the calling thread uses, of the attachment it last looked through. */
struct bank_seat {
	uint64_t counters;  /* counters.id; 0: none */
	struct bank *bank;
	struct bank *alone; /* the same when nobody else adds to it, else NULL */
};

extern _Thread_local struct bank_seat bank_seat;

/* Makes <counters> ready for threads to take banks. */
void counters_attach(struct counters *counters, struct segment_header *header, struct bank *banks);

/* Gives back what this process took. No thread uses <counters> any more. */
void counters_detach(struct counters *counters);

/* Gives all banks back. Nobody else may have the segment attached. */
void counters_recover(struct segment_header *header);

/* Takes a bank for the calling thread, or the one that all share. */
struct bank *bank_take(struct counters *counters);

/* The calling thread's bank. Takes one at the first call of a thread. */
static inline struct bank *bank_mine(struct counters *counters)
{
	if (__builtin_expect(bank_seat.counters == counters->id, 1))
		return bank_seat.bank;
	return bank_take(counters);
}

static inline void bank_add(struct bank *bank, unsigned word, uint64_t n)
{
	_Atomic uint64_t *at = &bank->word[word];

	if (__builtin_expect(bank == bank_seat.alone, 1))
		atomic_store_explicit(at, atomic_load_explicit(at, memory_order_relaxed) + n,
		                      memory_order_relaxed);
	else
		atomic_fetch_add_explicit(at, n, memory_order_relaxed);
}

/* Sum of <word> (a COUNTER_*, BANK_DETECTORS + i, BANK_HISTOGRAM + i) over all banks. */
uint64_t banks_sum(const struct bank *banks, unsigned word);

#endif
