/* SPDX-License-Identifier: BSD-3-Clause */
/* endpoint - taken apart at the '@', which no address has in it. */
#include <arpa/inet.h>
#include <string.h>

#include "base/endpoint.h"

/* A port, all of <text>, in decimal; 0: none. */
static uint16_t port_of(const char *text)
{
	uint32_t port = 0;

	for (; *text >= '0' && *text <= '9' && port <= UINT16_MAX; text++)
		port = port * 10 + (uint32_t)(*text - '0');
	return *text || port > UINT16_MAX ? 0 : (uint16_t)port;
}

static bool is_address(const char *host)
{
	uint8_t address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

bool endpoint_parse(struct endpoint *endpoint, const char *text, uint16_t port)
{
	const char *at = *text == '/' ? NULL : strchr(text, '@');
	size_t len = at ? (size_t)(at - text) : strlen(text);

	if (!len || len >= sizeof(endpoint->host))
		return false;
	memset(endpoint, 0, sizeof(*endpoint));
	memcpy(endpoint->host, text, len);
	endpoint->port = *text == '/' ? 0 : at ? port_of(at + 1) : port;
	return endpoint_is_path(endpoint) || (endpoint->port && is_address(endpoint->host));
}

socklen_t endpoint_address(const struct endpoint *endpoint, struct sockaddr_storage *address)
{
	struct sockaddr_un path = { .sun_family = AF_UNIX };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(endpoint->port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(endpoint->port) };

	memset(address, 0, sizeof(*address));
	if (endpoint_is_path(endpoint)) {
		memcpy(path.sun_path, endpoint->host, sizeof(path.sun_path));
		memcpy(address, &path, sizeof(path));
		return sizeof(path);
	}
	if (inet_pton(AF_INET, endpoint->host, &v4.sin_addr) == 1) {
		memcpy(address, &v4, sizeof(v4));
		return sizeof(v4);
	}
	inet_pton(AF_INET6, endpoint->host, &v6.sin6_addr);
	memcpy(address, &v6, sizeof(v6));
	return sizeof(v6);
}
