/* SPDX-License-Identifier: BSD-3-Clause */
/* network - address ranges; IPv4 as mapped IPv6, so that there is one kind.
 *
 * Invariant: no range of IPv6 addresses has an IPv4 address in it, whatever the mapping says: who writes
 * ::/0 means IPv6.
 */
#ifndef BASE_NETWORK_H
#define BASE_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define NETWORK_V4_BITS 96 /* of the mapping, so a network of IPv4 has as many or more */

struct network {
	uint8_t address[16];
	uint8_t bits; /* of 128 */
};

/* Several, in the order in which they were written. */
struct networks {
	struct network *item;
	size_t count;
};

/* Reads "192.0.2.0/24", "2001:db8::/32" or an address; bits that do not count are cleared. False when
 * <text> is neither.
 */
bool network_parse(struct network *network, const char *text);

/* Whether <address> lies in <network>. */
bool network_has(const struct network *network, const uint8_t address[16]);

/* Whether it lies in one of <networks>. */
bool networks_have(const struct networks *networks, const uint8_t address[16]);

/* Whether <address> is an IPv4 address. */
static inline bool network_is_v4(const uint8_t address[16])
{
	static const uint8_t mapped[NETWORK_V4_BITS / 8] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	return !memcmp(address, mapped, sizeof(mapped));
}

/* Whether it is one that nobody has on the Internet: its own machine's, link's or site's. */
bool network_is_private(const uint8_t address[16]);

/* Clears all bits of <address> behind the first <bits>. */
void network_mask(uint8_t address[16], unsigned bits);

#endif
