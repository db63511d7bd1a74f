/* SPDX-License-Identifier: BSD-3-Clause */
/* fake_unbound - as much of Unbound's control socket as wardend asks for, in a thread; and worse than Unbound.
 *
 * It keeps a list of local zones. Like Unbound it takes one command at a time, and knows nothing of who asked for what.
 *
 * Invariant: whatever a test sets (<silent>, <instead>, ...) holds from the next command on.
 */
#ifndef FAKE_UNBOUND_H
#define FAKE_UNBOUND_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#define FAKE_ZONES 20000

struct fake_unbound {
	char path[108];
	int listener, stop;
	pthread_t thread;
	pthread_mutex_t lock;
	char zone[FAKE_ZONES][96];     /* "NAME KIND"; under <lock>, as what follows */
	unsigned zones;
	char refused[64];              /* see fake_unbound_refuse() */
	atomic_bool silent;            /* reads a command, and does not answer until this ends */
	atomic_bool late;              /* sets zones as it is told, and closes half a second later */
	_Atomic(const char *) instead; /* answers this and does nothing */
	_Atomic(const char *) endless; /* answers this again and again, until nobody listens */
	atomic_uint lists, sets, removals; /* commands that were begun */
};

/* Starts one that has no zones at <path>, and ends it, with its socket. */
void fake_unbound_open(struct fake_unbound *fake, const char *path);
void fake_unbound_close(struct fake_unbound *fake);

/* Ends it and forgets its zones; and begins anew. */
void fake_unbound_die(struct fake_unbound *fake);
void fake_unbound_rise(struct fake_unbound *fake);

/* Sets a zone as somebody else would: "NAME KIND". Forgets one, by its name. */
void fake_unbound_set(struct fake_unbound *fake, const char *line);
void fake_unbound_forget(struct fake_unbound *fake, const char *name);

/* From now on zones with <text> in their line are not taken, nor removed; "": all are. */
void fake_unbound_refuse(struct fake_unbound *fake, const char *text);

/* Whether there is a zone "NAME KIND", or, without a kind, any of that name. */
bool fake_unbound_has(struct fake_unbound *fake, const char *line);

/* How many zones there are but for wardend's marks, and how many marks. */
unsigned fake_unbound_count(struct fake_unbound *fake);
unsigned fake_unbound_marks(struct fake_unbound *fake);

#endif
