/* SPDX-License-Identifier: BSD-3-Clause */
/* keeper - keeps the local zones of an Unbound in step with the holds, in a thread of its own.
 *
 *     a hold is made or ends   rings: told.c, and the engine's maintenance thread (warden_mirror.keep)
 *     Unbound is asked what zones it has, before anything is changed and every few seconds
 *         no mark of ours      it was started anew or reloaded: none of its zones is ours; all are set again
 *         a zone of that name  which is not ours: is left alone
 *     the file says what will be ours (kept.h), then it is set, or removed
 *
 * What holds clients as a whole, and what exempts some of them, no local zone can say. A hold of
 * one client and a domain becomes the domain's where domain-of-pair says so.
 *
 * When wardend ends as it should, its zones go with it: there is nobody then to end them. After a
 * crash they stay until the next one has read the file.
 *
 * Invariant: a zone that was there at the last look is neither changed nor removed (Unbound has no command that asks and
 * sets at once, so there is a moment between the two); and asking for the list
 * costs Unbound a few per cent of its first thread at most, however long it is (LIST_LINES): by its
 * length, not by how long it took, which on a busy machine is mostly waiting.
 */
#ifndef WARDEND_KEEPER_H
#define WARDEND_KEEPER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "wardend/spared.h"
#include "wardend/unbound.h"
#include "wardend/zones.h"

struct keeper {
	struct warden *warden;
	struct control_of_unbound control; /* .path "": there is nothing to keep; .patience before the start, or the usual */
	char *path, *file;    /* of Unbound's socket, and of what is ours */
	int bell;             /* eventfd: look at once */
	_Atomic bool running;
	pthread_t thread;
	_Atomic uint64_t version;  /* of the holds that are in force in Unbound */
	_Atomic uint64_t asked;    /* the last version that keep() has seen */
	_Atomic bool rung;         /* the bell, and nobody has come yet */
	_Atomic bool doubtful;     /* what Unbound has may have changed */
	_Atomic int64_t beaten;    /* when the thread was last seen alive */

	struct spared spared_names; /* noted by who reads */

	/* The thread's own: */
	struct holdings holdings;
	struct zones own, wanted, add, remove;
	char mark[ZONE_NAME_MAX + 1];
	bool marked;          /* it was in the last list */
	uint64_t looked;      /* at the holds of this version */
	uint64_t sum;         /* of <wanted> */
	bool pending;         /* <wanted> has changed since Unbound was last brought in step */
	int64_t next_look, next_list, next_try; /* by clock_steady(), */
	int64_t spared;       /* and not before, whatever happens */
	int64_t lines;        /* of the last list */
	uint64_t now;         /* of the look under way */
	bool spares;          /* a domain is not refused because of them */
	bool away, said_clients, said_spares, said_foreign, said_unsaid, said_full, said_file;
	bool held_back;       /* zones are not set, because no file could say so */
};

/* What warden_open() takes, before there is an engine. */
struct warden_mirror keeper_mirror(struct keeper *keeper);

/* Starts the thread; without a path of a control socket it does nothing. Returns 0, or -1 with a
 * sentence in <error>; keeper_stop() is due either way. What is ours is kept in the file <beside>.zones.
 */
int keeper_start(struct keeper *keeper, struct warden *warden, const char *path, const char *beside,
                 char *error, size_t error_len);

/* Ends the thread, and removes its zones; then, when the engine no longer calls, what is left. */
void keeper_stop(struct keeper *keeper);
void keeper_free(struct keeper *keeper);

/* Has it look at once; with <doubt> at what Unbound has, too. Any thread. */
void keeper_ring(struct keeper *keeper, bool doubt);

#endif
