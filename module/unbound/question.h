/* SPDX-License-Identifier: BSD-3-Clause */
/* question - tells the engine of every question once, and of every answer once.
 *
 * Questions that must be resolved come to operate(), and can be denied there. Everything
 * is seen once more when its answer leaves, by Unbound's reply callbacks (answered.h); answers from
 * the cache and from local data are seen only there. So a question is told
 *
 *     by operate()         for every client that waits when the question starts,
 *     with its answer      for every other: cache, local, and clients that joined later,
 *
 * and an answer
 *
 *     by operate()         that was resolved, for the same clients, or for one who joined when they
 *                          have left: here it can be denied, to all who wait,
 *     as it leaves         for every other,
 *
 * and the callback must know which is which: what operate() told stands in the qstate (waiting.h).
 * So does the delegation that it came to while it was resolved (delegation.h).
 *
 * Included after Unbound's "config.h" and "util/module.h".
 */
#ifndef UNBOUND_QUESTION_H
#define UNBOUND_QUESTION_H

#include <stdbool.h>

#include <warden/warden.h>

#include "util/module.h"

struct beat;

/* The argument of the callbacks, and which of them it is. */
struct hook {
	struct warden *warden;
	const struct module_env *env; /* the daemon's: for its configuration */
	struct purge *purge;          /* for cached answers that are not to be given again */
	struct beat *beat;            /* what these callbacks show a worker to */
	enum inplace_cb_list_type type;
};

/* Takes the case out of the name that <qstate> is about to resolve, if it is to be taken out: how
 * a client spells a name would tell its servers a bit a letter. Unbound compares and hashes names
 * without regard to case, and gives each client its own spelling back from a copy of its own. Who is exempt
 * may tell what they like, and a protocol that needs the case of letters has to be exempted to work. After
 * question_denied().
 */
void question_fold(const struct warden *warden, struct module_qstate *qstate, int id);

/* Tells the questions that start <qstate>, if it has clients. Returns whether it ends here, denied:
 * to all its clients, or since it is asked only on behalf of a denied one.
 */
bool question_denied(struct warden *warden, struct module_qstate *qstate, int id);

/* <qstate> has been resolved: tells its answer, to nobody when it is the cache that is refreshed.
 * One that must not be given to anybody is denied, and in Unbound's cache no more.
 */
void question_resolved(struct warden *warden, struct module_qstate *qstate, int id);

/* warden_observe(), now and then with the time that it takes. */
struct warden_decision question_observe(struct warden *warden,
                                        const struct warden_observation *obs);

/* A packet is about to leave for a server, on behalf of <qstate>. For
 * inplace_cb_register_wrapped(). Returns 1: send it.
 */
inplace_cb_query_func_type question_sent;

#endif
