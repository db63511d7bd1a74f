/* SPDX-License-Identifier: BSD-3-Clause */
/* network - address ranges as an operator writes them. */
#include "base/network.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

bool network_parse(struct network *network, const char *text)
{
	char address[INET6_ADDRSTRLEN];
	size_t len = strcspn(text, "/");
	unsigned long bits, width = 128;
	char *end;

	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	*network = (struct network){ .bits = 128 };
	if (inet_pton(AF_INET6, address, network->address) != 1) {
		if (inet_pton(AF_INET, address, network->address + 12) != 1)
			return false;
		memset(network->address + 10, 0xff, 2);
		width = 32;
	}
	if (!text[len])
		return true;
	if (text[len + 1] < '0' || text[len + 1] > '9')
		return false;
	bits = strtoul(text + len + 1, &end, 10);
	if (*end || bits > width)
		return false;
	network->bits = (uint8_t)(128 - width + bits);
	network_mask(network->address, network->bits);
	return true;
}

bool network_has(const struct network *network, const uint8_t address[16])
{
	unsigned octets = network->bits / 8, rest = network->bits % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	if (memcmp(network->address, address, octets) ||
	    (network->bits < NETWORK_V4_BITS && network_is_v4(address)))
		return false;
	return !rest || !((network->address[octets] ^ address[octets]) & mask);
}

bool networks_have(const struct networks *networks, const uint8_t address[16])
{
	for (size_t i = 0; i < networks->count; i++)
		if (network_has(&networks->item[i], address))
			return true;
	return false;
}

void network_mask(uint8_t address[16], unsigned bits)
{
	for (unsigned octet = bits / 8; octet < 16; octet++) {
		unsigned kept = octet == bits / 8 ? bits % 8 : 0;

		address[octet] &= (uint8_t)(0xff00 >> kept);
	}
}
