/* SPDX-License-Identifier: BSD-3-Clause */
/* client - one canonical key for each who: nothing else masks or hashes addresses and
 * domains.
 */
#include <endian.h>
#include <string.h>

#include "engine/look.h"

/* The upper <bits> of 64. */
static uint64_t upper(unsigned bits)
{
	return bits >= 64 ? UINT64_MAX : ~(UINT64_MAX >> bits);
}

void client_mask(const struct settings *settings, uint8_t client[16])
{
	bool v4 = network_is_v4(client);
	unsigned bits = v4 ? 96 + (unsigned)settings->client_prefix_v4 : (unsigned)settings->client_prefix_v6;
	uint64_t half[2];

	memcpy(half, client, sizeof(half));
	half[0] &= htobe64(upper(bits));
	half[1] &= htobe64(upper(bits > 64 ? bits - 64 : 0));
	memcpy(client, half, sizeof(half));
}

bool client_told(const struct config *config, const struct warden_observation *obs, uint8_t client[16])
{
	unsigned nothing = network_is_v4(obs->subnet) ? NETWORK_V4_BITS : 0;

	if (obs->subnet_prefix <= nothing || !config_is_forwarder(config, obs->client))
		return false;
	memcpy(client, obs->subnet, 16);
	client_mask(&config->settings, client);
	network_mask(client, obs->subnet_prefix);
	return true;
}

uint64_t client_hash(const struct mapping *mapping, const uint8_t client[16])
{
	uint64_t half[2];

	memcpy(half, client, sizeof(half));
	return hash_pair(mapping->header->secret, HASH_CLIENT, half[0], half[1]);
}

uint64_t domain_hash(const struct mapping *mapping, const uint8_t *wire, size_t len)
{
	return hash_octets(mapping->header->secret, HASH_DOMAIN, wire, len);
}

uint64_t pair_hash(const struct mapping *mapping, uint64_t client, uint64_t domain)
{
	return hash_pair(mapping->header->secret, HASH_PAIR, client, domain);
}

uint64_t delegation_hash(const struct mapping *mapping, uint64_t client, uint64_t servers)
{
	return hash_pair(mapping->header->secret, HASH_ANSWER, client, servers);
}
