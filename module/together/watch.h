/* SPDX-License-Identifier: BSD-3-Clause */
/* watch - what is counted together with other nodes, and what of it they have not been told yet.
 *
 * A table of fixed size in buckets of WATCH_WAYS, by the hash that the segment's tables know a subject by, and a pool
 * of names that wait. While Redis is away both fill and what does not fit is not counted together.
 *
 * Invariant: what somebody has told stays until it was handed over or given up: a subject with something waiting is
 * never displaced.
 */
#ifndef TOGETHER_WATCH_H
#define TOGETHER_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "together/blind.h"

#define WATCH_SUBJECTS 16384 /* a power of two */
#define WATCH_WAYS     8
#define WATCH_NAMES    32768
#define WATCH_ACTIVE   (10 * MINUTE) /* a subject is watched for so long after it last told anything */
#define WATCH_NO_NAME  UINT32_MAX

struct watched {
	uint64_t hash;     /* where elsewhere_put() puts answers; 0: nobody */
	uint64_t active;   /* when it last told anything: milliseconds since 1970 */
	double waiting;    /* bits to tell */
	double handed;     /* bits handed over, but not yet taken */
	uint32_t charges, charges_handed; /* of which these are the sum */
	uint32_t names;    /* first of those to tell; WATCH_NO_NAME */
	bool heard;        /* other nodes have counted something */
	uint8_t id[BLIND_LEN];
};

struct watched_name {
	uint32_t next;
	uint8_t id[BLIND_LEN];
};

struct watch {
	struct watched *subject;   /* WATCH_SUBJECTS */
	struct watched_name *name; /* WATCH_NAMES */
	uint32_t free_name;
};

/* False when memory is short. watch_close() is due either way. */
bool watch_open(struct watch *watch);
void watch_close(struct watch *watch);

/* The subject with this <hash>; one that is new has no id yet: <is_new>. NULL when there is no room. */
struct watched *watch_find(struct watch *watch, uint64_t hash, uint64_t now, bool *is_new);

/* Adds a charge of <bits>. */
void watch_charge(struct watched *subject, double bits, uint64_t now);

/* Has a name wait to be told. Without room it is not: names are evidence, bits decide. */
void watch_name(struct watch *watch, struct watched *subject, const uint8_t id[BLIND_LEN]);

/* Takes a name that waits. False when there is none. */
bool watch_take_name(struct watch *watch, struct watched *subject, uint8_t id[BLIND_LEN]);

/* Whether there is anything to tell of <subject>, or to ask. */
bool watch_is_due(const struct watched *subject, uint64_t now);

/* Takes whole bits to hand over; the rest waits for more. 0: none. */
int64_t watch_hand(struct watched *subject);

/* What became of them: taken; not taken, so that they wait again; or nobody knows, and then they are given up, for
 * what is counted twice denies somebody something. Returns how many charges that was.
 */
uint32_t watch_taken(struct watched *subject);
void watch_refused(struct watched *subject);

#endif
