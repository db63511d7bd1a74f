/* SPDX-License-Identifier: BSD-3-Clause */
/* privacy - one block of AES, or a mask. Nothing is allocated between opening and closing. */
#include "report/privacy.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

/* AES-128 of single blocks under <key>, each by itself: <encrypt> 1, or 0 for the way back. */
static EVP_CIPHER_CTX *cipher_new(const uint8_t key[PRIVACY_KEY_LEN], int encrypt)
{
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();

	if (cipher && EVP_CipherInit_ex(cipher, EVP_aes_128_ecb(), NULL, key, NULL, encrypt) == 1 &&
	    EVP_CIPHER_CTX_set_padding(cipher, 0) == 1)
		return cipher;
	EVP_CIPHER_CTX_free(cipher);
	ERR_clear_error(); /* the thread may be one in which Unbound looks at its own */
	return NULL;
}

/* False, and nothing told, when there is no cipher or it fails. */
static bool cipher_block(EVP_CIPHER_CTX *cipher, const uint8_t in[16], uint8_t out[16])
{
	uint8_t block[16];
	int len = 0;
	bool done = cipher && EVP_CipherUpdate(cipher, block, &len, in, sizeof(block)) == 1 &&
	            len == (int)sizeof(block);

	if (done)
		memcpy(out, block, sizeof(block));
	else
		memset(out, 0, sizeof(block));
	return done;
}

bool privacy_open(struct privacy *privacy, const struct config *config)
{
	const struct settings *settings = &config->settings;

	*privacy = (struct privacy){
		.kind = (enum client_privacy)settings->client_privacy,
		.prefix_v4 = (unsigned)settings->client_privacy_prefix_v4,
		.prefix_v6 = (unsigned)settings->client_privacy_prefix_v6,
	};
	if (privacy->kind != PRIVACY_PSEUDONYM)
		return true;
	memcpy(privacy->key, config->privacy_key, sizeof(privacy->key));
	if (config->has_privacy_key)
		privacy->cipher = cipher_new(privacy->key, 1);
	return privacy->cipher;
}

void privacy_close(struct privacy *privacy)
{
	EVP_CIPHER_CTX_free(privacy->cipher); /* wipes the key in it */
	privacy->cipher = NULL;
	explicit_bzero(privacy->key, sizeof(privacy->key));
}

bool privacy_is_of(const struct privacy *privacy, const struct config *config)
{
	const struct settings *settings = &config->settings;

	if (privacy->kind != (enum client_privacy)settings->client_privacy)
		return false;
	if (privacy->kind == PRIVACY_TRUNCATE)
		return privacy->prefix_v4 == settings->client_privacy_prefix_v4 &&
		       privacy->prefix_v6 == settings->client_privacy_prefix_v6;
	return privacy->kind == PRIVACY_FULL ||
	       (privacy->cipher && !memcmp(privacy->key, config->privacy_key, sizeof(privacy->key)));
}

void privacy_client(const struct privacy *privacy, const uint8_t in[16], uint8_t out[16])
{
	switch (privacy->kind) {
	case PRIVACY_PSEUDONYM:
		cipher_block(privacy->cipher, in, out);
		return;
	case PRIVACY_TRUNCATE:
		memmove(out, in, 16);
		network_mask(out, network_is_v4(in) ? NETWORK_V4_BITS + privacy->prefix_v4 : privacy->prefix_v6);
		return;
	case PRIVACY_FULL:
		memmove(out, in, 16);
		return;
	}
	memset(out, 0, 16);
}

void privacy_record(const struct privacy *privacy, struct record *record)
{
	privacy_client(privacy, record->client, record->client);
	if (privacy->kind != PRIVACY_FULL)
		record->client_port = 0;
}

bool privacy_reveal(const struct config *config, const uint8_t pseudonym[16], uint8_t client[16])
{
	EVP_CIPHER_CTX *cipher = config->has_privacy_key ? cipher_new(config->privacy_key, 0) : NULL;
	bool done = cipher_block(cipher, pseudonym, client);

	EVP_CIPHER_CTX_free(cipher);
	return done;
}
