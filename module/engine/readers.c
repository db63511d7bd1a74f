/* SPDX-License-Identifier: BSD-3-Clause */
/* readers - cells, and waiting for them. */
#include <linux/membarrier.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/readers.h"

_Thread_local struct reader_seat reader_seat;

static bool membarrier(int command)
{
	return syscall(SYS_membarrier, command, 0, 0) == 0;
}

void readers_init(struct readers *readers)
{
	static _Atomic uint64_t last_id;

	readers->id = atomic_fetch_add_explicit(&last_id, 1, memory_order_relaxed) + 1;
	readers->barriers = membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
}

unsigned readers_take(struct readers *readers)
{
	uint64_t before = atomic_fetch_add_explicit(&readers->taken, 1, memory_order_relaxed);
	unsigned cell = before < READER_SHARED ? (unsigned)before : READER_SHARED;

	reader_seat = (struct reader_seat){ .readers = readers->id, .cell = cell };
	return cell;
}

void readers_enter_alone(struct readers *readers, unsigned cell)
{
	_Atomic uint64_t *inside = &readers->cell[cell].inside;

	/* Sequentially consistent either way, like the publication of new rules. */
	if (cell == READER_SHARED)
		atomic_fetch_add(inside, 1);
	else
		atomic_store(inside, atomic_load_explicit(inside, memory_order_relaxed) + 1);
}

bool readers_wait(struct readers *readers)
{
	if (readers->barriers && !membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED))
		return false;
	for (unsigned cell = 0; cell < READER_COUNT; cell++)
		while (atomic_load(&readers->cell[cell].inside))
			sched_yield();
	return true;
}
