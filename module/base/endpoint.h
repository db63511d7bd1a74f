/* SPDX-License-Identifier: BSD-3-Clause */
/* endpoint - where a server listens, as operators write it: ADDRESS, ADDRESS@PORT, or the path of a Unix socket.
 *
 * Numbers only: a name would have to be looked up, by the resolver that waits for the answer.
 */
#ifndef BASE_ENDPOINT_H
#define BASE_ENDPOINT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#define ENDPOINT_MAX sizeof(((struct sockaddr_un *)0)->sun_path)

struct endpoint {
	char host[ENDPOINT_MAX]; /* address in text, or a path; whichever begins with '/' is a path */
	uint16_t port;           /* 0 for a path */
};

/* Reads <text>, with <port> where it says none. False when it is neither an address nor a path from the root, or
 * too long for a socket.
 */
bool endpoint_parse(struct endpoint *endpoint, const char *text, uint16_t port);

/* Makes the address for connect(). Returns its length. */
socklen_t endpoint_address(const struct endpoint *endpoint, struct sockaddr_storage *address);

static inline bool endpoint_is_path(const struct endpoint *endpoint)
{
	return endpoint->host[0] == '/';
}

#endif
