/* SPDX-License-Identifier: BSD-3-Clause */
/* tap - the socket to which resolvers write dnstap, and who has a seat there.
 *
 *     resolver --> tap-socket --> a seat, with a thread --> stream.c --> told.c --> engine
 *
 * A thread for each, so that none waits for another: who is slow, silent or talks nonsense is so
 * for itself. Threads stay when a resolver leaves, and are used again: each takes a bank of
 * counters for good (store/counters.h).
 *
 * Invariant: SEATS resolvers at a time; who comes when all seats are taken is sent away at once,
 * and tries again.
 */
#ifndef WARDEND_TAP_H
#define WARDEND_TAP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "engine/engine.h"

#define TAP_SEATS 32

struct tap;

struct seat {
	struct tap *tap;
	pthread_t thread;
	bool running;
	int socket; /* -1: nobody's; under tap.lock */
};

struct tap {
	struct warden *warden;
	struct spared *spared;      /* where questions of the exempt are noted */
	void (*changed)(void *arg); /* when holds may have changed, and when a resolver has come */
	void (*came)(void *arg);
	void *arg;
	char *path;
	int listener, stop; /* <stop>: eventfd, ours */
	dev_t device;
	ino_t inode;        /* of the socket's file */
	pthread_mutex_t lock;
	pthread_cond_t seated;
	bool ending;
	unsigned taken;     /* seats; under <lock> */
	bool turned_away;   /* somebody, and it has been said; */
	bool short_of;      /* descriptors, and it has been said */
	uint64_t frames;    /* at the last tap_rate(), */
	int64_t rated;      /* and when that was; 0: never */
	struct seat seat[TAP_SEATS];
};

/* Listens at <path>. Returns 0, or -1 with a sentence in <error>; tap_close() is due either way. A
 * socket that is there is removed only when nobody listens to it.
 */
int tap_open(struct tap *tap, struct warden *warden, const char *path, char *error, size_t error_len);
void tap_close(struct tap *tap);

/* Lets in who waits at <listener>: it is readable. False when that has to wait, out of descriptors,
 * say: whoever waits is there still, and <listener> stays readable.
 */
bool tap_accept(struct tap *tap);

/* How many resolvers there are. */
unsigned tap_count(struct tap *tap);

/* Messages a second between <now>, when all resolvers together have written <frames>, and the last
 * call; 0 at the first. For one thread, by clock_steady().
 */
uint64_t tap_rate(struct tap *tap, uint64_t frames, int64_t now);

#endif
