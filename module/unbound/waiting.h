/* SPDX-License-Identifier: BSD-3-Clause */
/* waiting - what is known of a question while its clients wait for the answer, in qstate->minfo.
 *
 * Unbound puts new clients in front of the list of those who wait, and unlinks those who leave
 * without touching their <next>: so the one who was first in the list when the question began, and
 * those behind it, are whose question was told.
 *
 * Invariant: it lives in the region of its qstate, where only the worker that owns it comes.
 *
 * Included after Unbound's "config.h" and "util/module.h".
 */
#ifndef UNBOUND_WAITING_H
#define UNBOUND_WAITING_H

#include <stdbool.h>

#include <warden/warden.h>

#include "util/module.h"

struct comm_reply;
struct delegpt;
struct mesh_reply;

struct question {
	const struct mesh_reply *told;      /* this one and those behind it have been */
	const struct comm_reply *answered;  /* to whom last */
	bool denied;                        /* the question was */
	bool exempt;                        /* so are all who began it: it keeps its case */
	bool judged;                        /* the answer was told, for those in <told>, */
	const struct mesh_reply *joined;    /* or when none of them is left, for this one */
	bool withheld;                      /* and is not given to anybody */
	int given;                          /* when denied or withheld, the response code instead, */
	struct warden_decision decision;    /* and why */
	const struct comm_reply *tagged;    /* whose answer is to carry */
	struct warden_decision tag;         /* the Extended DNS Error of this */
	const struct delegpt *delegation;   /* the deepest that was asked for this name */
};

/* What is known of <qstate>, made when there is nothing yet; NULL without memory. */
struct question *waiting_of(struct module_qstate *qstate, int id);

/* Whether the question of <to> was told when it began. <question> may be NULL. */
bool waiting_is_told(const struct question *question, const struct comm_reply *to);

/* Whether the answer was judged for <to>, who joined. */
bool waiting_is_joined(const struct question *question, const struct comm_reply *to);

/* Remembers what the answer of <to> is to say of <decision>: the first that is to say anything. */
void waiting_tag(struct question *question, const struct comm_reply *to,
                 const struct warden_decision *decision);

#endif
