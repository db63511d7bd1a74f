/* SPDX-License-Identifier: BSD-3-Clause */
/* redis - a connection to Redis that nobody waits for, made again whenever it breaks.
 *
 *     DOWN --due--> GREETING --let in--> READY
 *      ^_______________|__________________|      redis_drop(): a second later, then two, up to thirty
 *
 * On hiredis, whose parser is told to take no more than replies to our commands are; whatever else comes ends the
 * connection.
 *
 * Invariants: no function waits. What the server says is believed as far as it is a whole reply to a command of ours.
 * The log hears of the same trouble once.
 */
#ifndef FLEET_REDIS_H
#define FLEET_REDIS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hiredis/hiredis.h>

#include "base/endpoint.h"
#include "base/sentence.h"

#define REDIS_FIELDS_MAX 512 /* of a hash: nodes of a fleet */
#define REDIS_TROUBLE_MAX 200

enum redis_state { REDIS_DOWN, REDIS_GREETING, REDIS_READY };

struct redis {
	struct endpoint at;
	const char *where, *password; /* borrowed */
	sentence_log *log;
	enum redis_state state;
	redisContext *context;
	const redisReplyObjectFunctions *builder; /* of replies: hiredis' own, */
	redisReplyObjectFunctions limited;        /* and the same with a limit to arrays */
	uint64_t due;       /* DOWN: when to try again */
	uint64_t heard;     /* else: when the server last answered, or was first asked */
	uint64_t back_off;
	size_t fed;         /* octets of a reply that is not whole yet */
	unsigned awaited;   /* replies */
	bool works;         /* it has done what it was asked, since it was last away */
	char trouble[REDIS_TROUBLE_MAX]; /* what the log last heard of; "": that it works */
};

/* <where> and <password> ("": none) are borrowed. False when <where> is no place. */
bool redis_open(struct redis *redis, const char *where, const char *password, sentence_log *log);
void redis_close(struct redis *redis);

/* What to poll() for before redis_work(): fd -1 while there is nothing. */
struct pollfd redis_wait(const struct redis *redis);

/* Connects when that is due; sends and receives what can be at once. */
void redis_work(struct redis *redis, uint64_t now);

/* Puts a command of <argc> words into the pipeline; redis_work() sends it. Needs REDIS_READY. False when there is no
 * memory: the connection is gone then.
 */
bool redis_command(struct redis *redis, uint64_t now, int argc, const char **argv, const size_t *len);

/* The next reply, for freeReplyObject(); NULL when there is none yet. */
redisReply *redis_reply(struct redis *redis, uint64_t now);

/* Gives the connection up, since <what> and, unless "", <said> by the server. */
void redis_drop(struct redis *redis, uint64_t now, const char *what, const char *said);

/* All that was asked for was done: the next trouble is a new one. */
void redis_worked(struct redis *redis);

#endif
