/* SPDX-License-Identifier: BSD-3-Clause */
/* network - address ranges; IPv4 as mapped IPv6, so that there is one kind. */
#ifndef BASE_NETWORK_H
#define BASE_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

struct network {
	uint8_t address[16];
	uint8_t bits; /* of 128 */
};

/* Reads "192.0.2.0/24", "2001:db8::/32" or an address. False when <text> is neither. */
bool network_parse(struct network *network, const char *text);

/* Whether <address> lies in <network>. */
bool network_has(const struct network *network, const uint8_t address[16]);

#endif
