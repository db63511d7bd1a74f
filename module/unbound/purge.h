/* SPDX-License-Identifier: BSD-3-Clause */
/* purge - takes answers out of Unbound's cache that nobody is to be given.
 *
 * An answer that was just resolved is taken out at once. One that leaves the cache can only be emptied
 * (emptied.h), and its locks are held while we see it: it is noted, and taken out by the next
 * operate() of any worker. Until then it is emptied again each time.
 *
 * Included after Unbound's "config.h" and "util/module.h".
 */
#ifndef UNBOUND_PURGE_H
#define UNBOUND_PURGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/data/msgreply.h"
#include "util/module.h"

#define PURGE_NOTES 16

/* What to take out. A note that finds no room is lost: the answer is seen again when it is asked for. */
struct purge_note {
	_Atomic uint32_t state; /* free, being written, ready, being done */
	uint16_t qtype, qclass;
	uint8_t name_len, owner_len;
	uint8_t name[255];      /* of the question */
	uint8_t owner[255];     /* of the records of the type asked for: behind a CNAME, another */
};

struct purge {
	_Atomic uint32_t ready; /* notes to be done: 0 saves looking at them */
	struct purge_note note[PURGE_NOTES];
};

/* Takes the answer <rep> to <question> out of the caches, its records too. No locks of theirs may
 * be held.
 */
void purge_answer(struct module_env *env, const struct query_info *question,
                  const struct reply_info *rep);

/* Notes it for purge_noted(). Thread-safe, takes no lock, waits for nobody. */
void purge_note(struct purge *purge, const struct query_info *question, const struct reply_info *rep);

/* Does what was noted. Thread-safe; no locks of the caches may be held. */
void purge_noted(struct purge *purge, struct module_env *env);

#endif
