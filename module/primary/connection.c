/* SPDX-License-Identifier: BSD-3-Clause */
/* connection - a non-blocking socket, a message that goes out, a message that comes in.
 *
 * Messages are read one by one, length first, never more than the one that is due: what comes behind it stays in the
 * socket's buffer, and so bounds itself.
 */
#include "primary/connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "primary/message.h"

void connection_init(struct connection *connection)
{
	connection->fd = -1;
	connection->out_len = connection->out_sent = connection->in_len = 0;
	connection->asked = false;
}

void connection_close(struct connection *connection)
{
	if (connection->fd >= 0)
		close(connection->fd);
	connection_init(connection);
}

static bool start(struct connection *connection, const struct sockaddr *to, socklen_t to_len)
{
	const int yes = 1;

	connection->fd = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	if (connection->fd < 0)
		return false;
	(void)setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	return !connect(connection->fd, to, to_len) || errno == EINPROGRESS;
}

bool connection_send(struct connection *connection, const struct sockaddr *to, socklen_t to_len, size_t len)
{
	if (connection->fd < 0 && !start(connection, to, to_len)) {
		int why = errno;

		connection_close(connection);
		errno = why;
		return false;
	}
	message_put16(connection->out, (uint16_t)len);
	connection->out_len = 2 + len;
	connection->out_sent = connection->in_len = 0;
	connection->asked = true;
	connection->answered = false;
	return true;
}

void connection_rest(struct connection *connection)
{
	connection->asked = false;
}

static bool may_come_later(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == EINPROGRESS || errno == ENOTCONN;
}

/* Returns false when the connection has ended. While it is still being made, there is nothing to do. */
static bool flush(struct connection *connection)
{
	while (connection->out_sent < connection->out_len) {
		ssize_t sent = send(connection->fd, connection->out + connection->out_sent,
		                    connection->out_len - connection->out_sent, MSG_NOSIGNAL);

		if (sent < 0)
			return may_come_later();
		connection->out_sent += (size_t)sent;
	}
	return true;
}

/* Reads up to <want> octets of the message. 1: they are there; 0: not yet; -1: ended. */
static int fill(struct connection *connection, size_t want)
{
	while (connection->in_len < want) {
		ssize_t got = recv(connection->fd, connection->in + connection->in_len, want - connection->in_len, 0);

		if (!got)
			errno = 0;
		if (got <= 0)
			return got && may_come_later() ? 0 : -1;
		connection->in_len += (size_t)got;
		connection->answered = true;
	}
	return 1;
}

static enum connection_result end(struct connection *connection)
{
	int why = errno;

	connection_close(connection);
	errno = why;
	return CONNECTION_BROKEN;
}

/* Nothing is to come any more: an end, or what nobody asked for. */
static enum connection_result idle(struct connection *connection)
{
	ssize_t got = recv(connection->fd, connection->in, 1, 0);

	if (got < 0 && may_come_later())
		return CONNECTION_WAIT;
	if (got >= 0)
		errno = 0;
	return end(connection);
}

enum connection_result connection_work(struct connection *connection, uint8_t **message, size_t *len)
{
	int there;

	if (connection->fd < 0) {
		errno = 0;
		return CONNECTION_BROKEN;
	}
	if (!connection->asked)
		return idle(connection);
	if (!flush(connection))
		return end(connection);
	there = fill(connection, 2);
	if (there > 0)
		there = fill(connection, 2 + (size_t)message_u16(connection->in));
	if (there < 0)
		return end(connection);
	if (!there)
		return CONNECTION_WAIT;
	*message = connection->in + 2;
	*len = connection->in_len - 2;
	connection->in_len = 0;
	return CONNECTION_MESSAGE;
}

bool connection_poll_fd(const struct connection *connection, struct pollfd *fd)
{
	if (connection->fd < 0)
		return false;
	fd->fd = connection->fd;
	fd->events = connection->out_sent < connection->out_len ? POLLIN | POLLOUT : POLLIN;
	fd->revents = 0;
	return true;
}
