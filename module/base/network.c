/* SPDX-License-Identifier: BSD-3-Clause */
/* network - address ranges as an operator writes them. */
#include "base/network.h"

#include <arpa/inet.h>
#include <endian.h>
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

/* Whether the first <bits> of the eight octets of <one> and of <two> differ. */
static bool differ(const uint8_t *one, const uint8_t *two, unsigned bits)
{
	uint64_t a, b;

	memcpy(&a, one, sizeof(a));
	memcpy(&b, two, sizeof(b));
	return bits && be64toh(a ^ b) >> (64 - bits);
}

bool network_has(const struct network *network, const uint8_t address[16])
{
	unsigned bits = network->bits;

	if (differ(network->address, address, bits < 64 ? bits : 64) ||
	    (bits > 64 && differ(network->address + 8, address + 8, bits - 64)))
		return false;
	return bits >= NETWORK_V4_BITS || !network_is_v4(address);
}

bool networks_have(const struct networks *networks, const uint8_t address[16])
{
	for (size_t i = 0; i < networks->count; i++)
		if (network_has(&networks->item[i], address))
			return true;
	return false;
}

static bool is_private_v4(const uint8_t octet[4])
{
	switch (octet[0]) {
	case 0:   /* this network (RFC 6890) */
	case 10:  /* RFC 1918 */
	case 127: /* loopback */
		return true;
	case 100: /* 100.64.0.0/10: carrier-grade NAT (RFC 6598) */
		return octet[1] >> 6 == 64 >> 6;
	case 169: /* 169.254.0.0/16: link local (RFC 3927) */
		return octet[1] == 254;
	case 172: /* 172.16.0.0/12 */
		return octet[1] >> 4 == 16 >> 4;
	case 192: /* 192.168.0.0/16 */
		return octet[1] == 168;
	default:
		return false;
	}
}

bool network_is_private(const uint8_t address[16])
{
	static const uint8_t local[15] = { 0 };

	if (network_is_v4(address))
		return is_private_v4(address + NETWORK_V4_BITS / 8);
	switch (address[0]) {
	case 0: /* ::/127: :: and ::1 */
		return address[15] <= 1 && !memcmp(address, local, sizeof(local));
	case 0xfc: /* fc00::/7: unique local (RFC 4193) */
	case 0xfd:
		return true;
	case 0xfe: /* fe80::/10: link local (RFC 4291) */
		return address[1] >> 6 == 0x80 >> 6;
	default:
		return false;
	}
}

void network_mask(uint8_t address[16], unsigned bits)
{
	for (unsigned octet = bits / 8; octet < 16; octet++) {
		unsigned kept = octet == bits / 8 ? bits % 8 : 0;

		address[octet] &= (uint8_t)(0xff00 >> kept);
	}
}
