/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_peer - any conversation with the control socket: octets in any pieces, any time, any manners.
 *
 *     step ...: send some octets | read some | let time pass | stop sending | hang up | let it settle
 *
 * However it goes, it comes to an end within the time that each state has; there is one reply, which is
 * printable and ends with a line; and a command is done when it came whole, and once.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "service/control_peer.h"
#include "service/service.h"
#include "small.h"
#include "texts.h"

#define LONG_ENOUGH 60000 /* milliseconds: more than all states together may take */

/* Both ends of it. */
struct talk {
	struct peer peer;
	int client; /* -1: hung up */
	int64_t now;
	unsigned commands;
	char heard[1 << 16];
	size_t heard_len;
	bool ended; /* the server has closed its end */
};

static char none[] = "";
static struct service service;

static void prepare(void)
{
	service = (struct service){
		.warden = small_engine(SMALL_PARTIAL), .snapshot_file = none, .stop = -1,
		.started = SMALL_NOW, .control = { .listener = -1 },
	};
	service.maintenance = (struct maintenance){ .warden = service.warden, .wake = -1 };
}

static bool is_known(enum peer_state state)
{
	return state == PEER_NOBODY || state == PEER_SPEAKS || state == PEER_SETTLES || state == PEER_LISTENS ||
	       state == PEER_LEAVES;
}

/* One round of control_serve(). */
static void serve(struct talk *talk)
{
	struct peer *peer = &talk->peer;
	struct pollfd wait = { .fd = peer->socket, .events = peer_events(peer) };
	enum peer_state before = peer->state;

	if (before == PEER_NOBODY)
		return;
	if (before == PEER_SETTLES) {
		peer_settle(peer, &service, talk->now);
	} else {
		must(poll(&wait, 1, 0) >= 0);
		if (peer_step(peer, wait.revents, talk->now)) {
			must(before == PEER_SPEAKS && !talk->commands);
			must(strlen(peer->line) < COMMAND_MAX && is_printable(peer->line));
			talk->commands++;
			peer_answer(peer, &service);
			/* It looks at a clock of its own. */
			if (peer->state != PEER_NOBODY)
				peer->deadline += talk->now - peer_clock();
		}
	}
	must(is_known(peer->state) && (peer->state == PEER_NOBODY || peer->state >= before));
	must(peer->len <= COMMAND_MAX && peer->reply.len <= REPLY_MAX);
	must(peer->state != PEER_LISTENS || peer->sent < peer->reply.len);
}

static void hear(struct talk *talk, size_t most)
{
	ssize_t n;

	if (talk->client < 0 || talk->ended)
		return;
	if (most > sizeof(talk->heard) - talk->heard_len)
		most = sizeof(talk->heard) - talk->heard_len;
	n = most ? recv(talk->client, talk->heard + talk->heard_len, most, MSG_DONTWAIT) : -1;
	if (n > 0)
		talk->heard_len += (size_t)n;
	else if (n == 0)
		talk->ended = true;
}

static void step(struct talk *talk, struct input *input)
{
	uint8_t what = input_octet(input);
	const uint8_t *octets;
	size_t count;

	switch (what % 8) {
	case 0:
	case 1:
	case 2:
		count = input_octets(input, what & 128 ? 4096 : 1 + what / 8, &octets);
		if (talk->client >= 0 && count)
			send(talk->client, octets, count, MSG_DONTWAIT | MSG_NOSIGNAL);
		break;
	case 3:
		hear(talk, 1 + what * 16u);
		break;
	case 4:
		talk->now += what & 128 ? 5000 : what;
		break;
	case 5:
		if (talk->client >= 0)
			shutdown(talk->client, what & 128 ? SHUT_RDWR : SHUT_WR);
		break;
	case 6:
		if (talk->client >= 0 && what & 128) {
			close(talk->client);
			talk->client = -1;
		}
		break;
	default: /* a greeting, so that commands are come by */
		if (talk->client >= 0)
			send(talk->client, "UBCT1 ", 6, MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	serve(talk);
}

/* Whatever was said: in the end the peer is gone. */
static void end(struct talk *talk)
{
	int64_t until = talk->now + LONG_ENOUGH;

	for (; talk->peer.state != PEER_NOBODY && talk->now < until; talk->now += 50) {
		hear(talk, sizeof(talk->heard));
		serve(talk);
	}
	must(talk->peer.state == PEER_NOBODY && !talk->peer.reply.text);
	for (unsigned i = 0; i < 100 && talk->client >= 0 && !talk->ended && talk->heard_len < sizeof(talk->heard); i++)
		hear(talk, sizeof(talk->heard));
	if (talk->heard_len < sizeof(talk->heard) && talk->ended)
		texts_printable(talk->heard, talk->heard_len);
	if (talk->client >= 0)
		close(talk->client);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	static struct talk talk;
	int ends[2];

	if (!service.warden)
		prepare();
	small_fresh(service.warden);
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
	talk.client = ends[1];
	talk.now = peer_clock();
	talk.commands = 0;
	talk.heard_len = 0;
	talk.ended = false;
	peer_begin(&talk.peer, ends[0], talk.now);
	while (input.left)
		step(&talk, &input);
	end(&talk);
	return 0;
}
