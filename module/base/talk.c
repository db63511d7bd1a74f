/* SPDX-License-Identifier: BSD-3-Clause */
/* talk - see talk.h. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/talk.h"

const char *talk_begin(struct talk *talk, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *fault;

	talk->socket = -1;
	if (strlen(path) >= sizeof(address.sun_path))
		return "its path is too long";
	strcpy(address.sun_path, path);
	talk->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (talk->socket < 0)
		return "out of descriptors";
	if (!connect(talk->socket, (struct sockaddr *)&address, sizeof(address)))
		return NULL;
	/* Not strerror()'s, which another thread may be writing to. */
	fault = strerrordesc_np(errno);
	return fault ? fault : "it cannot be reached";
}

void talk_end(struct talk *talk)
{
	if (talk->socket >= 0)
		close(talk->socket);
	talk->socket = -1;
}

/* Waits until the socket is ready for <events>. False when it is too late for that. */
static bool talk_wait(const struct talk *talk, short events)
{
	struct pollfd wait[2] = {
		{ .fd = talk->socket, .events = events },
		{ .fd = talk->stop, .events = POLLIN },
	};
	int64_t left = talk->deadline - talk->now();

	return left > 0 && poll(wait, 2, (int)left) > 0 && !wait[1].revents;
}

bool talk_send(const struct talk *talk, const char *text, size_t len)
{
	size_t sent = 0;

	while (sent < len && talk_wait(talk, POLLOUT)) {
		ssize_t n = send(talk->socket, text + sent, len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		sent += n > 0 ? (size_t)n : 0;
	}
	return sent == len;
}

ssize_t talk_read(const struct talk *talk, char *text, size_t room)
{
	while (talk_wait(talk, POLLIN)) {
		ssize_t n = recv(talk->socket, text, room, MSG_DONTWAIT);

		if (n >= 0)
			return n;
		if (errno != EAGAIN && errno != EINTR)
			return -1;
	}
	return -1;
}
