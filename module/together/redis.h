/* SPDX-License-Identifier: BSD-3-Clause */
/* redis - a connection to Redis that nobody waits for, made again whenever it breaks.
 *
 *     DOWN --due--> GREETING --let in--> READY
 *      ^_______________|__________________|      redis_drop(): a second later, then two, up to thirty
 *
 * Invariants: no function waits, and none but redis_open() needs memory. What the server says is believed as far as it
 * is a whole reply to a command of ours. The log hears of the same trouble once.
 */
#ifndef TOGETHER_REDIS_H
#define TOGETHER_REDIS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/endpoint.h"
#include "base/sentence.h"
#include "together/resp.h"

#define REDIS_TROUBLE_MAX 200
#define REDIS_COMMAND_MAX 8192 /* octets */

enum redis_state { REDIS_DOWN, REDIS_GREETING, REDIS_READY };

struct redis {
	struct endpoint at;
	const char *where, *password; /* borrowed */
	sentence_log *log;
	enum redis_state state;
	int fd;             /* -1: none */
	char *out, *in;     /* commands to send; replies that came */
	size_t out_len, sent, in_len, taken;
	struct resp reply;  /* the last one; its texts are in <in> */
	uint64_t due;       /* DOWN: when to try again */
	uint64_t heard;     /* else: when the server last answered, or was first asked */
	uint64_t back_off;
	unsigned awaited;   /* replies */
	bool works;         /* it has done what it was asked, since it was last away */
	char trouble[REDIS_TROUBLE_MAX]; /* what the log last heard of; "": that it works */
};

/* <where> and <password> ("": none) are borrowed. False when <where> is no place, or memory is short. redis_close() is
 * due either way.
 */
bool redis_open(struct redis *redis, const char *where, const char *password, sentence_log *log);
void redis_close(struct redis *redis);

/* What to poll() for before redis_work(): fd -1 while there is nothing. */
struct pollfd redis_wait(const struct redis *redis);

/* Connects when that is due; sends and receives what can be at once. */
void redis_work(struct redis *redis, uint64_t now);

/* Whether there is room for ten commands as long as REDIS_COMMAND_MAX. */
bool redis_has_room(const struct redis *redis);

/* Puts a command of <argc> words into the pipeline; redis_work() sends it. Needs REDIS_READY, and room. False when the
 * connection is gone.
 */
bool redis_command(struct redis *redis, uint64_t now, int argc, const char *const *argv, const size_t *len);

/* The next reply, until the next call for <redis>; NULL when there is none yet. */
const struct resp *redis_reply(struct redis *redis, uint64_t now);

/* Gives the connection up, since <what> and, unless "", <said> by the server. */
void redis_drop(struct redis *redis, uint64_t now, const char *what, const char *said);

/* All that was asked for was done: the next trouble is a new one. */
void redis_worked(struct redis *redis);

#endif
