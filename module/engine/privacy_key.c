/* SPDX-License-Identifier: BSD-3-Clause */
/* privacy_key - a secret out of a file, or a sentence about what is wrong with it.
 *
 * The file is read whenever it is named, whatever client-privacy: says now: pseudonyms made before
 * are turned back with it. Nothing is made up when it is missing: a key that nobody has kept gives
 * pseudonyms that nobody turns back, and another one after each restart.
 */
#include "engine/privacy_key.h"

#include <stdlib.h>
#include <string.h>

#include "engine/include.h"
#include "engine/secret.h"

#define HEX_LEN (2 * PRIVACY_KEY_LEN)

/* The value of a hexadecimal digit, or -1. */
static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Makes a key of what a file holds: the octets themselves, or as digits and the end of a line. */
static bool parse_key(uint8_t key[PRIVACY_KEY_LEN], const char *text, size_t len)
{
	if (len == PRIVACY_KEY_LEN) {
		memcpy(key, text, PRIVACY_KEY_LEN);
		return true;
	}
	while (len > HEX_LEN && strchr("\r\n\t ", text[len - 1]))
		len--;
	for (size_t i = 0; i < HEX_LEN && len == HEX_LEN; i += 2) {
		int high = digit(text[i]), low = digit(text[i + 1]);

		if (high < 0 || low < 0)
			return false;
		key[i / 2] = (uint8_t)(high << 4 | low);
	}
	return len == HEX_LEN;
}

static void read_key(struct draft *draft, struct origin at, const char *path)
{
	struct config *config = draft->config;
	char text[SECRET_MAX + 1], error[SECRET_FAULT_MAX];
	ssize_t len = secret_read(text, path, error, sizeof(error));

	include_keep(config, path);
	config->has_privacy_key = len >= 0 && parse_key(config->privacy_key, text, (size_t)len);
	explicit_bzero(text, sizeof(text));
	if (len < 0)
		draft_fault(draft, at, "client-privacy-key-file: %s", error);
	else if (!config->has_privacy_key)
		draft_fault(draft, at, "client-privacy-key-file: '%s' does not hold 32 hexadecimal digits, which "
		            "openssl rand -hex 16 makes", path);
}

void privacy_key_read(struct draft *draft)
{
	struct config *config = draft->config;
	const char *name = config->settings.client_privacy_key_file;
	const char *base = config->file ? config->file : WARDEN_CONF;
	char *path;

	if (!name[0]) {
		if (config->settings.client_privacy == PRIVACY_PSEUDONYM)
			draft_fault(draft, draft_setting_at(draft, "client-privacy"), "client-privacy: pseudonym needs "
			            "client-privacy-key-file: with what openssl rand -hex 16 makes");
		return;
	}
	path = include_path(base, name);
	if (path)
		read_key(draft, draft_setting_at(draft, "client-privacy-key-file"), path);
	else
		draft_fault(draft, (struct origin){ config->file, 1 }, "out of memory");
	free(path);
}
