/* SPDX-License-Identifier: BSD-3-Clause */
/* hash - XXH3, keyed with the segment's secret and the use of the hash. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/hash.h"

uint64_t hash_octets(const uint8_t secret[HASH_SECRET_LEN], enum hash_use use, const void *data,
                     size_t len)
{
	/* The uses read the secret from different offsets: independent functions for the
	 * price of an addition, while XXH3 still sees its 136 octets.
	 */
	size_t offset = (size_t)use * 8;
	uint64_t hash = XXH3_64bits_withSecret(data, len, secret + offset, HASH_SECRET_LEN - offset);

	return hash ? hash : 1;
}

uint64_t hash_octets_plain(const void *data, size_t len)
{
	return XXH3_64bits(data, len);
}

uint64_t hash_pair(const uint8_t secret[HASH_SECRET_LEN], enum hash_use use, uint64_t a, uint64_t b)
{
	uint64_t both[2] = { a, b };

	return hash_octets(secret, use, both, sizeof(both));
}
