/* SPDX-License-Identifier: BSD-3-Clause */
/* beat - calls in the thread of a worker that is alive, for what belongs to Unbound. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/worker.h"
#include "libunbound/worker.h"
#include "util/log.h"
#include "util/module.h"
#include "util/netevent.h"
#include "util/ub_event.h"

#include "unbound/beat.h"

void beat_init(struct beat *beat)
{
	memset(beat, 0, sizeof(*beat));
	atomic_store(&beat->state, BEAT_UNSEEN);
	beat->bell = -1;
}

void beat_add(struct beat *beat, void (*call)(void *arg, struct worker *worker), void *arg)
{
	if (beat->call_count == BEAT_CALLS_MAX) {
		log_err("warden: too many calls for one beat");
		return;
	}
	beat->calls[beat->call_count].call = call;
	beat->calls[beat->call_count++].arg = arg;
}

/* What libevent calls. */
static void rung(int bell, short bits, void *arg)
{
	struct beat *beat = arg;
	uint64_t times;

	(void)bits;
	/* First, so that who rings from now on is heard again. */
	if (read(bell, &times, sizeof(times)) != (ssize_t)sizeof(times))
		return; /* EAGAIN: nobody rang */
	for (unsigned i = 0; i < beat->call_count; i++)
		beat->calls[i].call(beat->calls[i].arg, beat->worker);
}

/* Unbound's own event loop asks fptr_ok() whether it knows a function before it calls it, and ends
 * the process when not; so does what stands before libev. libevent is handed the function as it is.
 * testbound has no loop at all.
 */
static bool takes_foreign_calls(struct ub_event_base *base)
{
	const char *name = "", *version = "", *method = "";

	if (!base)
		return false;
	ub_get_event_sys(base, &name, &version, &method);
	return !strcmp(name, "libevent");
}

static bool make(struct beat *beat, struct ub_event_base *base)
{
	beat->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (beat->bell < 0) {
		log_err("warden: cannot make an eventfd: %s", strerror(errno));
		return false;
	}
	beat->event = ub_event_new(base, beat->bell, UB_EV_READ | UB_EV_PERSIST, rung, beat);
	if (beat->event && ub_event_add(beat->event, NULL) == 0)
		return true;
	log_err("warden: cannot watch an eventfd");
	return false;
}

void beat_begin(struct beat *beat, struct worker *worker)
{
	int unseen = BEAT_UNSEEN;
	struct ub_event_base *base;

	if (!beat->call_count ||
	    !atomic_compare_exchange_strong(&beat->state, &unseen, BEAT_MAKING))
		return;
	base = comm_base_internal(worker->base);
	beat->worker = worker;
	if (takes_foreign_calls(base) && make(beat, base)) {
		atomic_store_explicit(&beat->state, BEAT_ALIVE, memory_order_release);
		beat_ring(beat);
		return;
	}
	log_warn("warden: this Unbound lets no module work in its event loop (it is built without "
	         "libevent?): holds are not mirrored in its local zones, so cached answers are "
	         "emptied for the held instead of refused, and stats-view stays empty");
	atomic_store(&beat->state, BEAT_IMPOSSIBLE);
}

struct worker *beat_worker(const struct module_qstate *qstate, const struct comm_reply *to)
{
	if (qstate)
		return qstate->env->worker;
	/* That callback's argument is the worker; others', as those of unbound-control, are not. */
	if (to && to->c && to->c->callback == worker_handle_request)
		return to->c->cb_arg;
	return NULL;
}

void beat_ring(struct beat *beat)
{
	uint64_t once = 1;

	/* EAGAIN means rung so often already that the counter is full. */
	if (beat_alive(beat) && write(beat->bell, &once, sizeof(once)) < 0 && errno != EAGAIN)
		log_err("warden: cannot ring: %s", strerror(errno));
}

void beat_end(struct beat *beat)
{
	/* The worker has freed its event loop already, which has let go of all its events; asking it
	 * again, as ub_event_free() does, would read it. What ub_event_new() made is of calloc(). */
	free(beat->event);
	if (beat->bell >= 0)
		close(beat->bell);
	beat_init(beat);
}
