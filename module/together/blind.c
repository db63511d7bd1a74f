/* SPDX-License-Identifier: BSD-3-Clause */
/* blind - see blind.h. What is hashed says what it is, and of each kind all is of one length but for the name at the
 * end: no two subjects are the same octets.
 */
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "together/blind.h"

#define USE "warden:1:" /* the password may be good for more than this */

static bool hmac(const void *key, size_t key_len, const uint8_t *data, size_t len, uint8_t out[EVP_MAX_MD_SIZE])
{
	return HMAC(EVP_sha256(), key, (int)key_len, data, len, out, NULL) != NULL;
}

bool blind_open(struct blind *blind, const char *password)
{
	uint8_t out[EVP_MAX_MD_SIZE];
	bool made = hmac(password, strlen(password), (const uint8_t *)USE, strlen(USE), out);

	if (made)
		memcpy(blind->key, out, sizeof(blind->key));
	explicit_bzero(out, sizeof(out));
	return made;
}

void blind_close(struct blind *blind)
{
	explicit_bzero(blind->key, sizeof(blind->key));
}

bool blind_make(const struct blind *blind, enum subject_kind kind, const uint8_t *client, const uint8_t *name,
                size_t name_len, uint8_t made[BLIND_LEN])
{
	uint8_t text[1 + 16 + 255], out[EVP_MAX_MD_SIZE];
	size_t len = 0;

	text[len++] = (uint8_t)kind;
	if (client) {
		memcpy(text + len, client, 16);
		len += 16;
	}
	if (name && name_len <= 255) {
		memcpy(text + len, name, name_len);
		len += name_len;
	}
	if (!hmac(blind->key, sizeof(blind->key), text, len, out))
		return false;
	memcpy(made, out, BLIND_LEN);
	return true;
}
