/* SPDX-License-Identifier: BSD-3-Clause */
/* control - the socket, the clock on both sides of a conversation, and the protocol. */
#define _GNU_SOURCE /* accept4, fopencookie, struct ucred */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "service/control.h"
#include "service/service.h"

#define GREETING    "UBCT1 "
#define COMMAND_MAX 4096  /* octets of a command, greeting and newline included */
#define LINE_TIME   2000  /* milliseconds to send it */
#define WRITE_TIME  2000  /* to take the next part of a reply */
#define REPLY_TIME  30000 /* to take all of it */
#define CLOSE_TIME  200   /* to close after that */

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

	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener < 0)
		return fault(error, error_len, path, "socket");
	/* Nobody can connect before listen(), so the mode is in time. */
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || chmod(path, 0660) ||
	    lstat(path, &file) || listen(listener, 16)) {
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

	if (control->listener < 0)
		return;
	if (remove && !lstat(control->path, &file) && file.st_dev == control->device &&
	    file.st_ino == control->inode)
		unlink(control->path);
	close(control->listener);
	control->listener = -1;
}

/* --- a conversation ------------------------------------------------------------------------ */

struct peer {
	int socket, stop;
	int64_t deadline; /* milliseconds of the monotonic clock */
};

static int64_t monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits until the peer is ready for <events>, at most <limit> milliseconds and never past
 * its deadline. False when it is not, or the service stops.
 */
static bool peer_wait(const struct peer *peer, short events, int limit)
{
	struct pollfd wait[2] = {
		{ .fd = peer->socket, .events = events },
		{ .fd = peer->stop, .events = POLLIN },
	};
	int64_t left = peer->deadline - monotonic();

	if (left <= 0)
		return false;
	return poll(wait, 2, left < limit ? (int)left : limit) > 0 && !wait[1].revents;
}

/* Write function of the reply's stream. */
static ssize_t peer_write(void *cookie, const char *data, size_t len)
{
	struct peer *peer = cookie;
	size_t sent = 0;

	while (sent < len) {
		ssize_t n;

		if (!peer_wait(peer, POLLOUT, WRITE_TIME))
			return 0;
		n = send(peer->socket, data + sent, len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return 0;
		if (n > 0)
			sent += (size_t)n;
	}
	return (ssize_t)sent;
}

/* Reads up to a newline, which becomes the end of the text. NULL, or what is wrong. */
static const char *line_read(const struct peer *peer, char line[COMMAND_MAX])
{
	size_t len = 0;

	for (;;) {
		char *newline;
		ssize_t n;

		if (!peer_wait(peer, POLLIN, LINE_TIME))
			return "error no command in time\n";
		n = recv(peer->socket, line + len, COMMAND_MAX - len, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			return "error no command\n";
		newline = memchr(line + len, '\n', (size_t)n);
		len += (size_t)n;
		if (newline) {
			*newline = '\0';
			break;
		}
		if (len == COMMAND_MAX)
			return "error the command is too long\n";
	}
	for (const char *c = line; *c; c++)
		if (*c < ' ' || *c > '~')
			return "error a command is printable ASCII\n";
	if (strncmp(line, GREETING, strlen(GREETING)))
		return "error this is not unbound-control's protocol, version 1\n";
	return NULL;
}

static uid_t peer_user(const struct peer *peer)
{
	struct ucred credentials;
	socklen_t len = sizeof(credentials);

	if (getsockopt(peer->socket, SOL_SOCKET, SO_PEERCRED, &credentials, &len))
		return (uid_t)-1;
	return credentials.uid;
}

/* A socket closed with octets unread tells the client of an error before it has seen the
 * reply, so read what is left, for a moment.
 */
static void peer_close(struct peer *peer)
{
	char rest[COMMAND_MAX];

	shutdown(peer->socket, SHUT_WR);
	peer->deadline = monotonic() + CLOSE_TIME;
	while (peer_wait(peer, POLLIN, CLOSE_TIME))
		if (recv(peer->socket, rest, sizeof(rest), MSG_DONTWAIT) <= 0)
			break;
	close(peer->socket);
}

static void converse(struct service *service, int socket)
{
	struct peer peer = { .socket = socket, .stop = service->stop };
	FILE *out = fopencookie(&peer, "w", (cookie_io_functions_t){ .write = peer_write });
	char line[COMMAND_MAX];
	const char *complaint;

	if (!out) {
		close(socket);
		return;
	}
	peer.deadline = monotonic() + LINE_TIME;
	complaint = line_read(&peer, line);
	peer.deadline = monotonic() + REPLY_TIME;
	if (complaint)
		fputs(complaint, out);
	else
		control_do(service, line + strlen(GREETING), peer_user(&peer), out);
	fclose(out);
	peer_close(&peer);
}

void control_serve(struct service *service)
{
	struct pollfd wait[2] = {
		{ .fd = service->control.listener, .events = POLLIN },
		{ .fd = service->stop, .events = POLLIN },
	};

	for (;;) {
		int socket;

		if (poll(wait, 2, -1) < 0 && errno != EINTR)
			return;
		if (wait[1].revents)
			return;
		socket = accept4(service->control.listener, NULL, NULL, SOCK_CLOEXEC);
		if (socket >= 0)
			converse(service, socket);
		else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			/* Out of descriptors, say: do not spin until it is better. */
			poll(&wait[1], 1, CLOSE_TIME);
	}
}
