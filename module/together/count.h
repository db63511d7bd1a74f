/* SPDX-License-Identifier: BSD-3-Clause */
/* count - the thread that adds up, in Redis, what clients tell domains through all nodes.
 *
 *     workers --outbox--> watch --every fleet-redis-interval, in batches--> Redis --elsewhere--> workers
 *
 * What stands in Redis. ID is 32 hexadecimal digits: the HMAC of a client and a domain, of a client, or of a domain
 * (together/blind.h). DAY is a number: days since 1970, UTC.
 *
 *     warden:1:b:ID:DAY    hash: field NODE -> bits of information told through that node on that day, a whole number
 *     warden:1:n:ID:DAY    HyperLogLog: distinct names told on that day through all nodes, HMACs of 16 octets
 *
 * Both go two days after they were last added to. Each node adds to its own field only and reads the others':
 *
 *     told elsewhere = sum of others today + sum of others yesterday * part of today still to come
 *
 * which is the sum over a sliding window of a day, but for how yesterday's was spread over that day. Nobody is told of
 * its own field, so nothing is counted twice, not after a restart either, whichever of the two has kept its sums.
 *
 * The clients' prefix lengths (client-prefix-v4:, -v6:) must be the same on all nodes, and the clocks right to seconds.
 *
 * Invariants: Redis is nobody's friend: what it answers is numbers in range, or nothing. Nobody waits for it. What it
 * may or may not have taken when the connection breaks is given up: rather too little than twice.
 */
#ifndef TOGETHER_COUNT_H
#define TOGETHER_COUNT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/engine.h"
#include "together/blind.h"
#include "together/redis.h"
#include "together/watch.h"
#include "store/elsewhere.h"

#define COUNT_COMMANDS 2048 /* in a batch, or a few more: then others have a turn */

enum count_step { COUNT_TOLD, COUNT_TODAY, COUNT_YESTERDAY, COUNT_NAMES, COUNT_NOTHING };

/* A command whose reply is awaited. */
struct count_command {
	uint64_t hash;    /* of the subject, which may have been displaced meanwhile */
	uint32_t subject; /* index */
	uint32_t step;    /* enum count_step */
};

struct counting {
	struct warden *warden;
	int stop;                /* borrowed: readable once the thread is to end */
	uint64_t (*clock)(void); /* milliseconds since 1970 */
	char *where;             /* copies: a reload frees the configuration */
	char password[REDIS_PASSWORD_MAX + 1];
	char node[FLEET_NODE_LEN + 1];
	struct blind blind;
	struct redis redis;
	struct watch watch;

	/* A pass over all subjects. */
	bool passing;
	uint64_t began;          /* when this one did, or the last one: milliseconds since 1970 */
	uint32_t next;           /* subject to look at */
	uint32_t watched;        /* subjects so far */
	struct count_command command[COUNT_COMMANDS + 8];
	uint32_t commands, replies; /* in the batch; of these, answered */
	uint64_t asked;          /* when it was put together: what is read then is of that day */
	struct elsewhere sum;    /* of the subject whose replies are coming in */
	bool whole;              /* none of these was bad so far */
	char refusal[64];        /* of the batch: what Redis would not do; "": nothing */
	bool said_nonsense, said_full;

	bool wanted;             /* fleet-redis is set: the thread is to be started */
	bool running;

	/* For who asks from another thread how Redis is, under <lock>: a copy of what <redis> says. */
	pthread_mutex_t lock;
	bool works;
	uint64_t since;          /* when that last changed */
	char trouble[REDIS_TROUBLE_MAX];
	pthread_t thread;
};

/* Readies what the thread needs, if fleet-redis is set: <wanted>. False with a sentence in <error>; then nothing is
 * wanted. count_close() is due either way.
 */
bool count_open(struct counting *counting, struct warden *warden, int stop, uint64_t (*clock)(void), char *error,
                size_t error_len);
void count_close(struct counting *counting);

/* The thread: until <stop> is readable. All signals are blocked. */
void count_run(struct counting *counting);

/* For the command `status`: a line about Redis; nothing where nothing is counted there. Any thread. */
void count_print_state(struct counting *counting, FILE *out);

/* One round of it: everything that can be done at <now> without waiting. */
void count_round(struct counting *counting, uint64_t now);

#endif
