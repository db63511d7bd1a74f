/* SPDX-License-Identifier: BSD-3-Clause */
/* connection - DNS messages over TCP (RFC 7766), one request at a time, without waiting.
 *
 * Invariant: a message that is given out is whole. What comes without having been asked for ends the connection.
 */
#ifndef PRIMARY_CONNECTION_H
#define PRIMARY_CONNECTION_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define CONNECTION_MESSAGE_MAX 65535

struct connection {
	int fd;                  /* -1: closed */
	bool asked;              /* answers are waited for */
	bool answered;           /* something has come since */
	size_t out_len, out_sent, in_len;
	uint8_t out[2 + CONNECTION_MESSAGE_MAX], in[2 + CONNECTION_MESSAGE_MAX];
};

enum connection_result { CONNECTION_WAIT, CONNECTION_MESSAGE, CONNECTION_BROKEN };

void connection_init(struct connection *connection);
void connection_close(struct connection *connection);

/* Where to write the message that is sent next. */
static inline uint8_t *connection_message(struct connection *connection)
{
	return connection->out + 2;
}

/* Sends the message of <len> octets there, over the connection that is open, or a new one. False: errno says why. */
bool connection_send(struct connection *connection, const struct sockaddr *to, socklen_t to_len, size_t len);

/* Sends and receives what can be now. With CONNECTION_MESSAGE there is one, until the next call; with CONNECTION_BROKEN
 * it is closed and errno says why, 0 when the other side has ended it.
 */
enum connection_result connection_work(struct connection *connection, uint8_t **message, size_t *len);

/* No more answers are waited for. */
void connection_rest(struct connection *connection);

/* Fills <fd>; false when there is nothing to wait for. */
bool connection_poll_fd(const struct connection *connection, struct pollfd *fd);

#endif
