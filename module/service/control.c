/* SPDX-License-Identifier: BSD-3-Clause */
/* control - the socket, and who is served when. */
#define _GNU_SOURCE /* accept4 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "service/control.h"
#include "service/control_peer.h"
#include "service/service.h"

#define BACKLOG 64 /* clients who wait to be let in */

/* Clients at once. Who comes when all places are taken gets that of whoever has said nothing yet for
 * longest: an honest client sends its command at once.
 */
#define PEERS_MAX 32

/* --- the socket ---------------------------------------------------------------------------- */

static int fault(char *error, size_t error_len, const char *path, const char *what)
{
	int code = -errno;

	snprintf(error, error_len, "control-socket: %s: %s: %s", path, what, strerror(-code));
	return code;
}

/* Removes what a dead process left at <address>. Returns 0 when the path is free. */
static int stale_remove(const struct sockaddr_un *address, char *error, size_t error_len)
{
	const char *path = address->sun_path;
	struct stat file;
	int probe, status;

	if (lstat(path, &file))
		return errno == ENOENT ? 0 : fault(error, error_len, path, "cannot look at it");
	if (!S_ISSOCK(file.st_mode)) {
		snprintf(error, error_len,
		         "control-socket: %s: there is a file that is not a socket", path);
		return -EEXIST;
	}
	probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (probe < 0)
		return fault(error, error_len, path, "socket");
	status = connect(probe, (const struct sockaddr *)address, sizeof(*address));
	if (status && errno != ECONNREFUSED && errno != EAGAIN) {
		status = fault(error, error_len, path, "cannot connect to what is there");
	} else if (!status || errno == EAGAIN) {
		snprintf(error, error_len, "control-socket: %s: another resolver listens there",
		         path);
		status = -EADDRINUSE;
	} else {
		status = unlink(path) ? fault(error, error_len, path, "cannot remove the old one")
		                      : 0;
	}
	close(probe);
	return status;
}

int control_open(struct control *control, const char *path, char *error, size_t error_len)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat file;
	int status, listener;

	*control = (struct control){ .listener = -1, .path = path };
	if (!*path)
		return 0;
	if (strlen(path) >= sizeof(address.sun_path)) {
		snprintf(error, error_len, "control-socket: %s: longer than %zu characters", path,
		         sizeof(address.sun_path) - 1);
		return -ENAMETOOLONG;
	}
	strcpy(address.sun_path, path);
	status = stale_remove(&address, error, error_len);
	if (status)
		return status;

	control->peer = calloc(PEERS_MAX, sizeof(*control->peer));
	if (!control->peer)
		return fault(error, error_len, path, "no place for clients");
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener < 0)
		return fault(error, error_len, path, "socket");
	/* Nobody can connect before listen(), so the mode is in time. */
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || chmod(path, 0660) ||
	    lstat(path, &file) || listen(listener, BACKLOG)) {
		status = fault(error, error_len, path, "cannot listen");
		close(listener);
		return status;
	}
	control->listener = listener;
	control->device = file.st_dev;
	control->inode = file.st_ino;
	return 0;
}

void control_close(struct control *control, bool remove)
{
	struct stat file;

	free(control->peer);
	control->peer = NULL;
	if (control->listener < 0)
		return;
	if (remove && !lstat(control->path, &file) && file.st_dev == control->device &&
	    file.st_ino == control->inode)
		unlink(control->path);
	close(control->listener);
	control->listener = -1;
}

/* --- conversations ------------------------------------------------------------------------- */

#define WAITING_MAX REPLY_MAX /* octets of replies that are not taken yet, before another command is done */
#define RETRY_TIME  200       /* milliseconds until the next try when descriptors are out */
#define SETTLE_STEP 2         /* milliseconds between two looks at whether changes are in force */

static struct peer *oldest(struct peer *peer, enum peer_state state)
{
	struct peer *found = NULL;

	for (unsigned i = 0; i < PEERS_MAX; i++)
		if (peer[i].state == state && (!found || peer[i].since < found->since))
			found = &peer[i];
	return found;
}

/* A place for one more client. */
static struct peer *place_for_one(struct peer *peer)
{
	static const enum peer_state goes_first[] = { PEER_NOBODY, PEER_LEAVES, PEER_SPEAKS, PEER_LISTENS, PEER_SETTLES };
	struct peer *found = NULL;

	for (unsigned i = 0; i < sizeof(goes_first) / sizeof(*goes_first) && !found; i++)
		found = oldest(peer, goes_first[i]);
	peer_end(found);
	return found;
}

/* Makes memory for one more reply. */
static void make_room(struct peer *peer)
{
	size_t waiting = 0;

	for (unsigned i = 0; i < PEERS_MAX; i++)
		waiting += peer[i].reply.room;
	while (waiting > WAITING_MAX) {
		struct peer *greedy = oldest(peer, PEER_LISTENS);

		if (!greedy)
			return;
		waiting -= greedy->reply.room;
		peer_end(greedy);
	}
}

/* Accepts a client. False when that has to wait: out of descriptors, say. */
static bool let_in(const struct control *control, struct peer *peer, int64_t now)
{
	int socket = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (socket >= 0)
		peer_begin(place_for_one(peer), socket, now);
	return socket >= 0 || errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
}

/* Milliseconds until something is due; -1: never. */
static int time_left(const struct peer *peer, int64_t now)
{
	int64_t first = INT64_MAX;

	for (unsigned i = 0; i < PEERS_MAX; i++)
		if (peer[i].state != PEER_NOBODY && peer[i].deadline < first)
			first = peer[i].deadline;
	if (first == INT64_MAX)
		return -1;
	return first > now ? (int)(first - now) : 0;
}

/* Goes on with whoever is ready or late. */
static void step_all(struct service *service, struct peer *peer, const struct pollfd *wait)
{
	for (unsigned i = 0; i < PEERS_MAX; i++) {
		if (peer[i].state == PEER_SETTLES) {
			peer_settle(&peer[i], service, peer_clock());
			continue;
		}
		if (peer[i].state == PEER_NOBODY || !peer_step(&peer[i], wait[i].revents, peer_clock()))
			continue;
		make_room(peer);
		peer_answer(&peer[i], service);
	}
}

static void serve(struct service *service, struct peer *peer)
{
	struct pollfd wait[2 + PEERS_MAX] = {
		{ .fd = service->stop, .events = POLLIN },
		{ .fd = service->control.listener, .events = POLLIN },
	};
	bool open = true;

	for (;;) {
		int limit = time_left(peer, peer_clock());

		for (unsigned i = 0; i < PEERS_MAX; i++) {
			bool settles = peer[i].state == PEER_SETTLES;

			wait[2 + i].fd = peer[i].state == PEER_NOBODY || settles ? -1 : peer[i].socket;
			if (settles && (limit < 0 || limit > SETTLE_STEP))
				limit = SETTLE_STEP;
			wait[2 + i].events = peer_events(&peer[i]);
		}
		wait[1].fd = open ? service->control.listener : -1;
		if (!open && (limit < 0 || limit > RETRY_TIME))
			limit = RETRY_TIME;
		if (poll(wait, 2 + PEERS_MAX, limit) < 0) {
			/* No memory, or fewer descriptors allowed than there are here: that may pass. */
			if (errno != EINTR && poll(wait, 1, RETRY_TIME) > 0)
				return;
			continue;
		}
		if (wait[0].revents)
			return;
		step_all(service, peer, wait + 2);
		open = !wait[1].revents || let_in(&service->control, peer, peer_clock());
	}
}

void control_serve(struct service *service)
{
	struct peer *peer = service->control.peer;

	serve(service, peer);
	for (unsigned i = 0; i < PEERS_MAX; i++)
		peer_end(&peer[i]);
}
