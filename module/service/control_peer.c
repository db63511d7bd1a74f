/* SPDX-License-Identifier: BSD-3-Clause */
/* control_peer - the protocol of unbound-control, one step at a time. */
#define _GNU_SOURCE /* struct ucred */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "service/control.h"
#include "service/control_peer.h"
#include "service/service.h"

#define GREETING   "UBCT1 "
#define LINE_TIME   2000  /* milliseconds to send a command */
#define SETTLE_TIME 1000  /* for what was changed to be in force */
#define REPLY_TIME  30000 /* to take the reply, through a pager too */
#define CLOSE_TIME  200   /* to close after that */

int64_t peer_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void peer_begin(struct peer *peer, int socket, int64_t now)
{
	peer->state = PEER_SPEAKS;
	peer->socket = socket;
	peer->since = now;
	peer->deadline = now + LINE_TIME;
	peer->len = peer->sent = 0;
	peer->reply = (struct reply){ .most = REPLY_MAX };
}

void peer_end(struct peer *peer)
{
	if (peer->state == PEER_NOBODY)
		return;
	close(peer->socket);
	reply_free(&peer->reply);
	peer->state = PEER_NOBODY;
}

short peer_events(const struct peer *peer)
{
	return peer->state == PEER_LISTENS ? POLLOUT : POLLIN;
}

static uid_t user_of(const struct peer *peer)
{
	struct ucred credentials;
	socklen_t len = sizeof(credentials);

	if (getsockopt(peer->socket, SOL_SOCKET, SO_PEERCRED, &credentials, &len))
		return (uid_t)-1;
	return credentials.uid;
}

/* --- the reply ----------------------------------------------------------------------------- */

/* A socket closed with octets unread tells the client of an error before it has seen the reply, so
 * what is left is read, for a moment.
 */
static void leave(struct peer *peer, int64_t now)
{
	shutdown(peer->socket, SHUT_WR);
	reply_free(&peer->reply);
	peer->state = PEER_LEAVES;
	peer->deadline = now + CLOSE_TIME;
}

static void reply_send(struct peer *peer, int64_t now)
{
	while (peer->sent < peer->reply.len) {
		ssize_t n = send(peer->socket, peer->reply.text + peer->sent, peer->reply.len - peer->sent,
		                 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			peer_end(peer);
			return;
		}
		peer->sent += (size_t)n;
	}
	leave(peer, now);
}

static void reply_begin(struct peer *peer, int64_t now)
{
	peer->state = PEER_LISTENS;
	peer->deadline = now + REPLY_TIME;
	reply_send(peer, now);
}

static void say(struct peer *peer, const char *sentence, int64_t now)
{
	FILE *out = reply_open(&peer->reply);

	if (!out) {
		peer_end(peer);
		return;
	}
	fputs(sentence, out);
	reply_close(&peer->reply, out);
	reply_begin(peer, now);
}

/* --- the command --------------------------------------------------------------------------- */

/* Checks the line of <peer>. NULL, or what is wrong. */
static const char *line_fault(const struct peer *peer)
{
	for (const char *c = peer->line; *c; c++)
		if (*c < ' ' || *c > '~')
			return "error a command is printable ASCII\n";
	if (strncmp(peer->line, GREETING, strlen(GREETING)))
		return "error this is not unbound-control's protocol, version 1\n";
	return NULL;
}

/* Reads on. True when the line is complete, and good. */
static bool line_read(struct peer *peer, int64_t now)
{
	ssize_t n = recv(peer->socket, peer->line + peer->len, COMMAND_MAX - peer->len, MSG_DONTWAIT);
	const char *fault;
	char *newline;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		say(peer, "error no command\n", now);
		return false;
	}
	newline = memchr(peer->line + peer->len, '\n', (size_t)n);
	peer->len += (size_t)n;
	if (!newline) {
		if (peer->len == COMMAND_MAX)
			say(peer, "error the command is too long\n", now);
		return false;
	}
	*newline = '\0';
	fault = line_fault(peer);
	if (fault)
		say(peer, fault, now);
	return !fault;
}

void peer_answer(struct peer *peer, struct service *service)
{
	FILE *out = reply_open(&peer->reply);
	bool settles;

	if (!out) {
		peer_end(peer);
		return;
	}
	settles = control_do(service, peer->line + strlen(GREETING), user_of(peer), out);
	reply_close(&peer->reply, out);
	if (!settles) {
		reply_begin(peer, peer_clock());
		return;
	}
	peer->state = PEER_SETTLES;
	peer->version = warden_holds_version(service->warden);
	peer->deadline = peer_clock() + SETTLE_TIME;
	peer_settle(peer, service, peer_clock());
}

void peer_settle(struct peer *peer, struct service *service, int64_t now)
{
	bool settled = service_settled(service, peer->version);

	if (!settled && now < peer->deadline)
		return;
	reply_free(&peer->reply);
	say(peer, settled ? "ok\n" : "ok, but not everywhere yet: cached and local answers follow\n", now);
}

/* What becomes of <peer> when its time is up, however busy it is. */
static void time_out(struct peer *peer, int64_t now)
{
	if (peer->state == PEER_SPEAKS)
		say(peer, "error no command in time\n", now);
	else if (peer->state != PEER_SETTLES) /* peer_settle() knows when */
		peer_end(peer);
}

bool peer_step(struct peer *peer, bool ready, int64_t now)
{
	char rest[COMMAND_MAX];

	if (now >= peer->deadline) {
		time_out(peer, now);
		return false;
	}
	if (!ready)
		return false;
	switch (peer->state) {
	case PEER_SPEAKS:
		return line_read(peer, now);
	case PEER_LISTENS:
		reply_send(peer, now);
		return false;
	case PEER_LEAVES:
		if (recv(peer->socket, rest, sizeof(rest), MSG_DONTWAIT) <= 0)
			peer_end(peer);
		return false;
	case PEER_SETTLES: /* peer_settle() */
	case PEER_NOBODY:
		return false;
	}
	return false;
}
