/* SPDX-License-Identifier: BSD-3-Clause */
/* control_peer - one client of the control socket, for whom nobody waits.
 *
 *     SPEAKS   sends a command      LINE_TIME for all of it
 *     SETTLES  waits until what it has changed is in force, SETTLE_TIME at most
 *     LISTENS  takes the reply      REPLY_TIME for all of it
 *     LEAVES   has been told all    CLOSE_TIME to close
 *
 * A command runs to its end while its client waits, and prints into memory; then the reply goes out as
 * the client takes it. Nobody waits for the mirror but who has changed something. So who is slow, silent
 * or greedy is slow for itself.
 *
 * Invariant: bounded in every direction: octets of a command and of a reply, and the time of each step.
 */
#ifndef SERVICE_CONTROL_PEER_H
#define SERVICE_CONTROL_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service/control_reply.h"

#define COMMAND_MAX 4096              /* octets of a command, greeting and newline included */
#define REPLY_MAX   ((size_t)8 << 20) /* octets of a reply */

struct service;

enum peer_state { PEER_NOBODY, PEER_SPEAKS, PEER_SETTLES, PEER_LISTENS, PEER_LEAVES };

struct peer {
	enum peer_state state;
	int socket;
	int64_t since, deadline; /* milliseconds of the monotonic clock */
	size_t len;              /* of <line> */
	char line[COMMAND_MAX];
	struct reply reply;
	size_t sent;             /* of the reply */
	uint64_t version;        /* that it waits for */
};

/* Milliseconds of the monotonic clock. */
int64_t peer_clock(void);

/* Begins to listen to <socket>, which does not block and is the peer's from now on. */
void peer_begin(struct peer *peer, int socket, int64_t now);

/* What to poll() for. */
short peer_events(const struct peer *peer);

/* Goes on with <peer>, whose socket is <ready> or whose deadline has passed. True when a command is
 * complete: peer_answer() is due then.
 */
bool peer_step(struct peer *peer, bool ready, int64_t now);

/* Does the command, and begins to send the reply. */
void peer_answer(struct peer *peer, struct service *service);

/* Goes on with <peer>, who SETTLES: says that it is done once it is, or that it is not yet when it is late. */
void peer_settle(struct peer *peer, struct service *service, int64_t now);

/* Lets <peer> go, at once. */
void peer_end(struct peer *peer);

#endif
