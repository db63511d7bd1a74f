/* SPDX-License-Identifier: BSD-3-Clause */
/* hash - the keyed hash of everything that a client may choose.
 *
 * Clients choose names and IPv6 addresses. Every table and filter is therefore
 * indexed by XXH3 under a secret of 192 random octets that lives in the segment's
 * header and never leaves it, so that collisions cannot be aimed.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_SECRET_LEN 192 /* XXH3 wants at least 136 octets */

/* What a hash is for: the same octets hash differently for each use. */
enum hash_use {
	HASH_CLIENT = 1,
	HASH_DOMAIN,
	HASH_PAIR,
	HASH_NAME,
	HASH_SUFFIX,
	HASH_HOLD,
	HASH_ANSWER, /* the last one: hash.c has no more of the secret to give */
};

/* Hash of <len> octets at <data> for <use>. Never 0, so that 0 can mean "nothing". */
uint64_t hash_octets(const uint8_t secret[HASH_SECRET_LEN], enum hash_use use, const void *data,
                     size_t len);

/* Hash of octets without a key, for what is hashed once more with one: detectors know no secret. */
uint64_t hash_octets_plain(const void *data, size_t len);

/* Hash of the 16 octets of two words, in this order. Never 0. */
uint64_t hash_pair(const uint8_t secret[HASH_SECRET_LEN], enum hash_use use, uint64_t a, uint64_t b);

#endif
