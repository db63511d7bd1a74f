/* SPDX-License-Identifier: BSD-3-Clause */
/* key - a TSIG key (RFC 8945): a name, an algorithm and a secret, out of a file.
 *
 * Invariant: a key that others on this machine could have read is refused, and so is one that could be guessed.
 */
#ifndef PRIMARY_KEY_H
#define PRIMARY_KEY_H

#include <stddef.h>
#include <stdint.h>

#define KEY_SECRET_MIN 16
#define KEY_SECRET_MAX 255 /* whole groups of Base64 */
#define KEY_NAME_MAX   255

struct key_algorithm {
	const char *name;   /* as in key files, and with a dot behind it in messages */
	const char *digest; /* as libcrypto calls it */
	uint8_t mac_len;
};

struct key {
	uint8_t name[KEY_NAME_MAX]; /* wire format, lower case */
	size_t name_len;
	const struct key_algorithm *algorithm;
	uint8_t secret[KEY_SECRET_MAX];
	size_t secret_len;
};

/* The algorithm of this name, a dot behind it or not; NULL: none that is known here. */
const struct key_algorithm *key_algorithm(const char *name);

/* Reads what keymgr -t or tsig-keygen wrote, or algorithm:name:secret. Returns 0, or -1 and a sentence. */
int key_read(struct key *key, const char *path, char *error, size_t error_len);

/* Forgets the secret. */
void key_wipe(struct key *key);

#endif
