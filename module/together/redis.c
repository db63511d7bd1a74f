/* SPDX-License-Identifier: BSD-3-Clause */
/* redis - see redis.h. */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/invariant.h"
#include "together/redis.h"

#define PORT         6379
#define PATIENCE     (5 * SECOND) /* for a reply, or a connection */
#define BACK_OFF_MIN SECOND
#define BACK_OFF_MAX (30 * SECOND)
#define OUT_MAX      (1024 * 1024)
#define IN_MAX       (2 * RESP_MAX)

bool redis_open(struct redis *redis, const char *where, const char *password, sentence_log *log)
{
	*redis = (struct redis){ .where = where, .password = password, .log = log, .back_off = BACK_OFF_MIN, .fd = -1 };
	redis->out = malloc(OUT_MAX);
	redis->in = malloc(IN_MAX);
	return redis->out && redis->in && endpoint_parse(&redis->at, where, PORT);
}

static void disconnect(struct redis *redis)
{
	if (redis->state != REDIS_DOWN)
		close(redis->fd);
	redis->fd = -1;
	redis->state = REDIS_DOWN;
	redis->awaited = 0;
	redis->out_len = redis->sent = redis->in_len = redis->taken = 0;
}

void redis_close(struct redis *redis)
{
	disconnect(redis);
	if (redis->out)
		explicit_bzero(redis->out, OUT_MAX); /* the password went through it */
	free(redis->out);
	free(redis->in);
	redis->out = redis->in = NULL;
}

/* --- trouble ------------------------------------------------------------------------------- */

void redis_drop(struct redis *redis, uint64_t now, const char *what, const char *said)
{
	char trouble[REDIS_TROUBLE_MAX];

	snprintf(trouble, sizeof(trouble), "%s%s%s", what, *said ? ": " : "", said);
	disconnect(redis);
	redis->works = false;
	redis->due = now + redis->back_off;
	redis->back_off = redis->back_off * 2 < BACK_OFF_MAX ? redis->back_off * 2 : BACK_OFF_MAX;
	if (!strcmp(trouble, redis->trouble))
		return;
	memcpy(redis->trouble, trouble, sizeof(trouble));
	sentence_say(redis->log, 1, "fleet-redis: '%s' %s; until it answers this node counts for itself", redis->where,
	             trouble);
}

static void drop_for_errno(struct redis *redis, uint64_t now, int error)
{
	char why[128];

	redis_drop(redis, now, "is away", strerror_r(error, why, sizeof(why)));
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

static bool command(struct redis *redis, uint64_t now, int argc, const char *const *argv, const size_t *len)
{
	size_t octets = resp_write(redis->out + redis->out_len, OUT_MAX - redis->out_len, argc, argv, len);

	if (BROKEN(octets)) {
		redis_drop(redis, now, "was to be asked too much at once", "");
		return false;
	}
	redis->out_len += octets;
	if (!redis->awaited++)
		redis->heard = now;
	return true;
}

/* The password if there is one, and a word that has an answer only for those who are let in. */
static void greet(struct redis *redis, uint64_t now)
{
	const char *auth[] = { "AUTH", redis->password }, *ping[] = { "PING" };

	redis->state = REDIS_GREETING;
	if (!*redis->password || command(redis, now, 2, auth, NULL))
		command(redis, now, 1, ping, NULL);
}

static void connect_now(struct redis *redis, uint64_t now)
{
	struct sockaddr_storage to;
	socklen_t len = endpoint_address(&redis->at, &to);
	int one = 1;

	redis->fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (redis->fd < 0) {
		drop_for_errno(redis, now, errno);
		return;
	}
	if (to.ss_family != AF_UNIX)
		setsockopt(redis->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (!connect(redis->fd, (const struct sockaddr *)&to, len) || errno == EINPROGRESS) {
		greet(redis, now);
	} else {
		int error = errno;

		close(redis->fd);
		drop_for_errno(redis, now, error);
	}
}

/* --- to and fro ---------------------------------------------------------------------------- */

struct pollfd redis_wait(const struct redis *redis)
{
	return (struct pollfd){ .fd = redis->fd,
	                        .events = (short)(redis->sent < redis->out_len ? POLLIN | POLLOUT : POLLIN) };
}

bool redis_has_room(const struct redis *redis)
{
	return OUT_MAX - redis->out_len >= 10 * REDIS_COMMAND_MAX;
}

static bool is_for_later(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* Sends what the socket takes. False when the connection is gone. */
static bool send_some(struct redis *redis, uint64_t now)
{
	while (redis->sent < redis->out_len) {
		ssize_t sent = send(redis->fd, redis->out + redis->sent, redis->out_len - redis->sent, MSG_NOSIGNAL);

		if (sent < 0 && is_for_later(errno))
			return true;
		if (sent < 0) {
			drop_for_errno(redis, now, errno);
			return false;
		}
		redis->sent += (size_t)sent;
	}
	redis->sent = redis->out_len = 0;
	return true;
}

/* Reads what is there and has room. False when the connection is gone. */
static bool read_some(struct redis *redis, uint64_t now)
{
	ssize_t got;

	memmove(redis->in, redis->in + redis->taken, redis->in_len - redis->taken);
	redis->in_len -= redis->taken;
	redis->taken = 0;
	got = recv(redis->fd, redis->in + redis->in_len, IN_MAX - redis->in_len, 0);
	if (got < 0 && is_for_later(errno))
		return true;
	if (got < 0)
		drop_for_errno(redis, now, errno);
	else if (!got)
		redis_drop(redis, now, "has closed the connection", "");
	if (got <= 0)
		return false;
	redis->in_len += (size_t)got;
	redis->heard = now;
	return true;
}

const struct resp *redis_reply(struct redis *redis, uint64_t now)
{
	ssize_t octets;

	if (redis->state == REDIS_DOWN || redis->taken == redis->in_len)
		return NULL;
	octets = resp_read(&redis->reply, redis->in + redis->taken, redis->in_len - redis->taken);
	if (octets < 0)
		redis_drop(redis, now, "sends what no Redis would", "");
	else if (octets && !redis->awaited)
		redis_drop(redis, now, "answers what nobody has asked", "");
	if (octets <= 0 || redis->state == REDIS_DOWN)
		return NULL;
	redis->taken += (size_t)octets;
	redis->awaited--;
	return &redis->reply;
}

/* Reads the answers to greet(). */
static void be_let_in(struct redis *redis, uint64_t now)
{
	const struct resp *reply;
	char said[REDIS_TROUBLE_MAX / 2];

	while (redis->state == REDIS_GREETING && (reply = redis_reply(redis, now))) {
		resp_printable(said, sizeof(said), reply->text);
		if (reply->type == RESP_ERROR)
			redis_drop(redis, now, redis->awaited ? "does not take the password in fleet-redis-password-file" :
			                       "does not let this node in", said);
		else if (reply->type != RESP_STATUS)
			redis_drop(redis, now, "is no Redis", "");
		else if (!redis->awaited)
			redis->state = REDIS_READY;
	}
}

void redis_work(struct redis *redis, uint64_t now)
{
	/* A clock that was set back would have us wait for as long. */
	if (redis->state == REDIS_DOWN && (now >= redis->due || redis->due - now > BACK_OFF_MAX))
		connect_now(redis, now);
	if (redis->state == REDIS_DOWN || !send_some(redis, now) || !read_some(redis, now))
		return;
	if (redis->state == REDIS_GREETING)
		be_let_in(redis, now);
	/* A clock that was set back says nothing of the server: patience begins anew. */
	if (clock_since(now, redis->heard) == CLOCK_LONG_AGO)
		redis->heard = now;
	if (redis->state != REDIS_DOWN && redis->awaited && clock_since(now, redis->heard) > PATIENCE)
		redis_drop(redis, now, "does not answer", "");
}

bool redis_command(struct redis *redis, uint64_t now, int argc, const char *const *argv, const size_t *len)
{
	return redis->state == REDIS_READY && command(redis, now, argc, argv, len);
}
