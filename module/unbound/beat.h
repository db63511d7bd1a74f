/* SPDX-License-Identifier: BSD-3-Clause */
/* beat - calls in the thread of a worker that is alive, for what belongs to Unbound.
 *
 * When Unbound reloads or stops, its main thread frees local zones and views long before it tells
 * us. No lock holds that back, so a thread of ours must never touch them. A worker may: while it
 * turns its event loop, the daemon is whole. So a thread of ours rings, and one worker of this
 * process comes:
 *
 *     any thread   beat_ring() --> eventfd --> the worker's event loop --> every call of the beat
 *
 * The calls run at the top of that loop: no lock is held, no question is at hand, and clients wait
 * for as long as they take. They do a bounded piece of work, never block, and ring again for the rest.
 *
 * Invariant: what a call is given is valid for that call only.
 */
#ifndef UNBOUND_BEAT_H
#define UNBOUND_BEAT_H

#include <stdatomic.h>
#include <stdbool.h>

struct comm_reply;
struct module_qstate;
struct ub_event;
struct worker;

#define BEAT_CALLS_MAX 4

enum beat_state {
	BEAT_UNSEEN, /* no worker came by yet */
	BEAT_MAKING,
	BEAT_ALIVE,
	BEAT_IMPOSSIBLE, /* said once, in the log */
};

struct beat {
	_Atomic int state; /* enum beat_state */
	int bell;          /* eventfd; -1: none */
	struct ub_event *event;
	struct worker *worker;
	unsigned call_count;
	struct {
		void (*call)(void *arg, struct worker *worker);
		void *arg;
	} calls[BEAT_CALLS_MAX];
};

void beat_init(struct beat *beat);

/* Adds one of BEAT_CALLS_MAX calls. Before there are workers. */
void beat_add(struct beat *beat, void (*call)(void *arg, struct worker *worker), void *arg);

/* beat_seen() for the first worker that gets here. */
void beat_begin(struct beat *beat, struct worker *worker);

/* Called by every hook, in a worker's thread: the first worker is taken, and rung for at once.
 * NULL is nobody. Thread-safe.
 */
static inline void beat_seen(struct beat *beat, struct worker *worker)
{
	if (worker && atomic_load_explicit(&beat->state, memory_order_relaxed) == BEAT_UNSEEN)
		beat_begin(beat, worker);
}

/* Whose thread a hook runs in; either may be NULL. NULL when it cannot be told. */
struct worker *beat_worker(const struct module_qstate *qstate, const struct comm_reply *to);

/* Whether ringing is of any use. Thread-safe. */
static inline bool beat_alive(struct beat *beat)
{
	return atomic_load_explicit(&beat->state, memory_order_acquire) == BEAT_ALIVE;
}

/* Has every call made soon; rings before that count as one. Thread-safe, never blocks. */
void beat_ring(struct beat *beat);

/* When the workers are gone and nobody rings any more. */
void beat_end(struct beat *beat);

#endif
