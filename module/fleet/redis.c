/* SPDX-License-Identifier: BSD-3-Clause */
/* redis - see redis.h.
 *
 * hiredis writes without MSG_NOSIGNAL: the thread that uses this has all signals blocked, SIGPIPE among them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <hiredis/sds.h>

#include "base/clock.h"
#include "fleet/redis.h"

#define PORT         6379
#define PATIENCE     (5 * SECOND)  /* for a reply, or a connection */
#define BACK_OFF_MIN SECOND
#define BACK_OFF_MAX (30 * SECOND)
#define REPLY_MAX    (256 * 1024)  /* octets: a hash with a field for each of REDIS_FIELDS_MAX is a tenth of it */
#define READS_MAX    64            /* of 16 kilobytes, before somebody else has a turn */

#if HIREDIS_MAJOR < 1
typedef int array_len;
#else
typedef size_t array_len;
#endif

bool redis_open(struct redis *redis, const char *where, const char *password, sentence_log *log)
{
	*redis = (struct redis){ .where = where, .password = password, .log = log, .back_off = BACK_OFF_MIN };
	return endpoint_parse(&redis->at, where, PORT);
}

void redis_close(struct redis *redis)
{
	if (redis->context)
		redisFree(redis->context);
	redis->context = NULL;
	redis->state = REDIS_DOWN;
	redis->awaited = 0;
}

/* --- trouble ------------------------------------------------------------------------------- */

/* Copies what a server says, fit for a log. */
static void copy_printable(char *to, size_t size, const char *text)
{
	size_t len = 0;

	for (; text[len] && len + 1 < size; len++)
		to[len] = text[len] >= ' ' && text[len] < '\x7f' ? text[len] : '?';
	to[len] = '\0';
}

void redis_drop(struct redis *redis, uint64_t now, const char *what, const char *said)
{
	char trouble[REDIS_TROUBLE_MAX], words[REDIS_TROUBLE_MAX / 2];

	copy_printable(words, sizeof(words), said);
	snprintf(trouble, sizeof(trouble), "%s%s%s", what, *words ? ": " : "", words);
	redis_close(redis);
	redis->works = false;
	redis->due = now + redis->back_off;
	redis->back_off = redis->back_off * 2 < BACK_OFF_MAX ? redis->back_off * 2 : BACK_OFF_MAX;
	if (!strcmp(trouble, redis->trouble))
		return;
	memcpy(redis->trouble, trouble, sizeof(trouble));
	sentence_say(redis->log, 1, "fleet-redis: '%s' %s; until it answers this node counts for itself", redis->where,
	             trouble);
}

void redis_worked(struct redis *redis)
{
	redis->back_off = BACK_OFF_MIN;
	if (!redis->works)
		sentence_say(redis->log, 0, "fleet-redis: '%s' answers: nodes count together", redis->where);
	redis->works = true;
	redis->trouble[0] = '\0';
}

/* --- connecting ---------------------------------------------------------------------------- */

/* No reply to us has more elements, nor one array in another: whatever has could take any memory. */
static void *limited_array(const redisReadTask *task, array_len len)
{
	const struct redis *redis = task->privdata;

	if (task->parent || len > 2 * REDIS_FIELDS_MAX)
		return NULL;
	return redis->builder->createArray(task, len);
}

static void limit_replies(struct redis *redis)
{
	redisReader *reader = redis->context->reader;

	redis->builder = reader->fn;
	redis->limited = *reader->fn;
	redis->limited.createArray = limited_array;
	reader->fn = &redis->limited;
	reader->privdata = redis;
	/* REPLY_MAX bounds its buffer. It would end the process when there is no memory for a smaller one. */
	reader->maxbuf = 0;
}

static bool command(struct redis *redis, uint64_t now, int argc, const char **argv, const size_t *len)
{
	if (redisAppendCommandArgv(redis->context, argc, argv, len) != REDIS_OK) {
		redis_drop(redis, now, "cannot be asked", redis->context->errstr);
		return false;
	}
	if (!redis->awaited++)
		redis->heard = now;
	return true;
}

/* The password if there is one, and a word that has an answer only for those who are let in. */
static void greet(struct redis *redis, uint64_t now)
{
	const char *auth[] = { "AUTH", redis->password }, *ping[] = { "PING" };

	redis->state = REDIS_GREETING;
	if (*redis->password && !command(redis, now, 2, auth, NULL))
		return;
	command(redis, now, 1, ping, NULL);
}

static void connect_now(struct redis *redis, uint64_t now)
{
	const struct endpoint *at = &redis->at;

	redis->context = endpoint_is_path(at) ? redisConnectUnixNonBlock(at->host) :
	                                        redisConnectNonBlock(at->host, at->port);
	redis->fed = 0;
	if (!redis->context) {
		redis_drop(redis, now, "cannot be asked: no memory", "");
	} else if (redis->context->err) {
		redis_drop(redis, now, "is away", redis->context->errstr);
	} else {
		fcntl(redis->context->fd, F_SETFD, FD_CLOEXEC);
		limit_replies(redis);
		greet(redis, now);
	}
}

/* --- to and fro ---------------------------------------------------------------------------- */

static bool has_to_write(const struct redis *redis)
{
	return redis->context->obuf && sdslen(redis->context->obuf);
}

struct pollfd redis_wait(const struct redis *redis)
{
	struct pollfd wait = { .fd = -1 };

	if (redis->state == REDIS_DOWN)
		return wait;
	wait.fd = redis->context->fd;
	wait.events = (short)(has_to_write(redis) ? POLLIN | POLLOUT : POLLIN);
	return wait;
}

/* Reads what is there. False when the connection is gone. */
static bool read_some(struct redis *redis, uint64_t now)
{
	for (unsigned i = 0; i < READS_MAX; i++) {
		size_t before = redis->context->reader->len, after;

		if (redisBufferRead(redis->context) != REDIS_OK) {
			redis_drop(redis, now, "is away", redis->context->errstr);
			return false;
		}
		after = redis->context->reader->len;
		if (after <= before)
			return true;
		redis->fed += after - before;
		redis->heard = now;
		if (redis->fed > REPLY_MAX)
			return true; /* redis_reply() first takes out what is whole */
	}
	return true;
}

redisReply *redis_reply(struct redis *redis, uint64_t now)
{
	redisReader *reader;
	void *reply = NULL;

	if (redis->state == REDIS_DOWN)
		return NULL;
	reader = redis->context->reader;
	if (redisGetReplyFromReader(redis->context, &reply) != REDIS_OK) {
		redis_drop(redis, now, "sends what no Redis would", redis->context->errstr);
		return NULL;
	}
	if (!reply) {
		if (redis->fed > REPLY_MAX)
			redis_drop(redis, now, "sends a reply without an end", "");
		return NULL;
	}
	redis->fed = reader->len - reader->pos;
	if (!redis->awaited) {
		freeReplyObject(reply);
		redis_drop(redis, now, "answers what nobody has asked", "");
		return NULL;
	}
	redis->awaited--;
	return reply;
}

/* Reads the answers to greet(). */
static void be_let_in(struct redis *redis, uint64_t now)
{
	redisReply *reply;

	while (redis->state == REDIS_GREETING && (reply = redis_reply(redis, now))) {
		bool password = redis->awaited;

		if (reply->type == REDIS_REPLY_ERROR)
			redis_drop(redis, now, password ? "does not take the password in fleet-redis-password-file" :
			                       "does not let this node in", reply->str);
		else if (reply->type != REDIS_REPLY_STATUS)
			redis_drop(redis, now, "is no Redis", "");
		else if (!redis->awaited)
			redis->state = REDIS_READY;
		freeReplyObject(reply);
	}
}

void redis_work(struct redis *redis, uint64_t now)
{
	int done;

	/* A clock that was set back would have us wait for as long. */
	if (redis->state == REDIS_DOWN && (now >= redis->due || redis->due - now > BACK_OFF_MAX))
		connect_now(redis, now);
	if (redis->state == REDIS_DOWN)
		return;
	if (has_to_write(redis) && redisBufferWrite(redis->context, &done) != REDIS_OK) {
		redis_drop(redis, now, "is away", redis->context->errstr);
		return;
	}
	if (!read_some(redis, now))
		return;
	if (redis->state == REDIS_GREETING)
		be_let_in(redis, now);
	if (redis->state != REDIS_DOWN && redis->awaited && clock_since(now, redis->heard) > PATIENCE)
		redis_drop(redis, now, "does not answer", "");
}

bool redis_command(struct redis *redis, uint64_t now, int argc, const char **argv, const size_t *len)
{
	return redis->state == REDIS_READY && command(redis, now, argc, argv, len);
}
