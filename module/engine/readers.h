/* SPDX-License-Identifier: BSD-3-Clause */
/* readers - who is reading the rules at this moment.
 *
 *     look     cell = 1 | load the rules, use them | cell = 0
 *     reload   publish new ones | barrier | wait until each cell was 0 | free the old
 *
 * Whoever enters notes it in a cell of its own and then loads the rules. That the note is
 * seen by a reload which the load did not see takes a barrier between the two; but a look is
 * all that should be quick here, so the reload has every thread of the process pass one, by
 * membarrier(2). A look that had not noted itself by then loads the rules after it.
 *
 * Where the kernel has no such call a look enters by an exchange, which is a barrier. Threads
 * that find no cell of their own left share the last one and add to it.
 */
#ifndef ENGINE_READERS_H
#define ENGINE_READERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define READER_COUNT  64
#define READER_SHARED (READER_COUNT - 1)

struct reader {
	_Alignas(64) _Atomic uint64_t inside; /* looks under way */
};

struct readers {
	struct reader cell[READER_COUNT];
	uint64_t id;            /* in this process: never used twice */
	_Atomic uint64_t taken; /* cells, or more when some had to share */
	bool barriers;          /* whoever waits brings the barrier */
};

/* The cell that the calling thread uses, of the readers it was last among. */
struct reader_seat {
	uint64_t readers; /* readers.id; 0: none */
	unsigned cell;
};

extern _Thread_local struct reader_seat reader_seat;

/* <readers> is zeroed. */
void readers_init(struct readers *readers);

/* Takes a cell for the calling thread, or the one that is shared. */
unsigned readers_take(struct readers *readers);

/* Enters without the help of those who wait. */
void readers_enter_alone(struct readers *readers, unsigned cell);

/* Waits until everybody has left who entered before the call. False when the kernel does not
 * let us know: then they might stay for ever.
 */
bool readers_wait(struct readers *readers);

/* What is loaded after this is not freed before readers_leave() with the same cell. */
static inline unsigned readers_enter(struct readers *readers)
{
	unsigned cell = reader_seat.readers == readers->id ? reader_seat.cell : readers_take(readers);
	_Atomic uint64_t *inside = &readers->cell[cell].inside;

	if (__builtin_expect(readers->barriers && cell != READER_SHARED, 1)) {
		atomic_store_explicit(inside, atomic_load_explicit(inside, memory_order_relaxed) + 1,
		                      memory_order_relaxed);
		atomic_signal_fence(memory_order_seq_cst); /* the compiler's half of the barrier */
	} else {
		readers_enter_alone(readers, cell);
	}
	return cell;
}

static inline void readers_leave(struct readers *readers, unsigned cell)
{
	_Atomic uint64_t *inside = &readers->cell[cell].inside;

	if (__builtin_expect(cell != READER_SHARED, 1))
		atomic_store_explicit(inside, atomic_load_explicit(inside, memory_order_relaxed) - 1,
		                      memory_order_release);
	else
		atomic_fetch_sub_explicit(inside, 1, memory_order_release);
}

#endif
