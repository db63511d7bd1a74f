/* SPDX-License-Identifier: BSD-3-Clause */
/* key - a TSIG key in the three ways in which name servers' tools write one.
 *
 *     key:                               keymgr -t, for Knot DNS
 *       - id: n1
 *         algorithm: hmac-sha256
 *         secret: BASE64
 *     key "n1" {                         tsig-keygen, for BIND
 *             algorithm hmac-sha256;
 *             secret "BASE64";
 *     };
 *     hmac-sha256:n1:BASE64              what kdig -y takes
 *
 * To us they are the same words between different punctuation. MD5 and SHA-1 are left out: nothing that has to talk
 * to us knows no better.
 *
 * Invariant: exactly one key is in the file. Which of two was meant is not guessed.
 */
#include "primary/key.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include <ldns/ldns.h>
#include <openssl/evp.h>

#include "base/sentence.h"
#include "engine/secret.h"

#define WORDS_MAX 8 /* of the longest way to write a key: Knot's */

static const struct key_algorithm algorithms[] = {
	{ "hmac-sha224", "SHA224", 28 },
	{ "hmac-sha256", "SHA256", 32 },
	{ "hmac-sha384", "SHA384", 48 },
	{ "hmac-sha512", "SHA512", 64 },
};

const struct key_algorithm *key_algorithm(const char *name)
{
	size_t len = strlen(name);

	if (len && name[len - 1] == '.')
		len--;
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++)
		if (strlen(algorithms[i].name) == len && !strncasecmp(algorithms[i].name, name, len))
			return &algorithms[i];
	return NULL;
}

/* Whether a comment begins at <at>, behind the word <before>, which <ended> has ended. Base64 may begin with // and have it
 * inside.
 */
static bool is_comment(const char *at, const char *before, char ended)
{
	if (*at == '#')
		return true;
	return at[0] == '/' && at[1] == '/' && ended != ':' && !(before && !strcasecmp(before, "secret"));
}

/* Cuts <text> into words. Comments start a word. Returns how many, or WORDS_MAX + 1. */
static size_t cut(char *text, char *words[WORDS_MAX])
{
	static const char between[] = " \t\r\n{};:,\"'";
	size_t count = 0;
	char ended = '\n';

	for (;;) {
		text += strspn(text, between);
		if (!*text)
			return count;
		if (is_comment(text, count ? words[count - 1] : NULL, ended)) {
			text += strcspn(text, "\n");
			ended = '\n';
			continue;
		}
		if (count == WORDS_MAX)
			return WORDS_MAX + 1;
		words[count++] = text;
		text += strcspn(text, between);
		if (!*text)
			return count;
		ended = *text;
		*text++ = '\0';
	}
}

/* What the words of a key say. */
struct said {
	const char *name, *algorithm, *secret;
};

static bool set_once(const char **value, const char *word)
{
	bool first = !*value;

	*value = word;
	return first;
}

static bool understand(struct said *said, char *const words[], size_t count)
{
	size_t i = 2;

	*said = (struct said){ NULL, NULL, NULL };
	if (count == 3) {
		*said = (struct said){ .algorithm = words[0], .name = words[1], .secret = words[2] };
		return true;
	}
	if (count < 2 || count > WORDS_MAX || strcmp(words[0], "key"))
		return false;
	if (strcmp(words[1], "-"))
		said->name = words[1];
	for (; i + 1 < count; i += 2) {
		const char **value = !strcmp(words[i], "id")        ? &said->name
		                   : !strcmp(words[i], "algorithm") ? &said->algorithm
		                   : !strcmp(words[i], "secret")    ? &said->secret
		                                                    : NULL;

		if (!value || !set_once(value, words[i + 1]))
			return false;
	}
	return i == count && said->name && said->algorithm && said->secret;
}

static bool set_name(struct key *key, const char *text)
{
	ldns_rdf *name = ldns_dname_new_frm_str(text);
	bool fits = name && ldns_rdf_size(name) > 1 && ldns_rdf_size(name) <= KEY_NAME_MAX;

	if (fits) {
		ldns_dname2canonical(name);
		key->name_len = ldns_rdf_size(name);
		memcpy(key->name, ldns_rdf_data(name), key->name_len);
	}
	ldns_rdf_deep_free(name);
	return fits;
}

static bool set_secret(struct key *key, const char *text)
{
	size_t len = strlen(text), padding = 0;

	if (!len || len % 4 || len / 4 * 3 > KEY_SECRET_MAX)
		return false;
	while (padding < 2 && text[len - 1 - padding] == '=')
		padding++;
	/* It counts padding as zeros. */
	if (EVP_DecodeBlock(key->secret, (const uint8_t *)text, (int)len) != (int)(len / 4 * 3))
		return false;
	key->secret_len = len / 4 * 3 - padding;
	return key->secret_len >= KEY_SECRET_MIN;
}

static int parse(struct key *key, char *text, const char *path, char *error, size_t error_len)
{
	char *words[WORDS_MAX];
	struct said said;

	if (!understand(&said, words, cut(text, words)))
		return sentence_error(error, error_len, "'%s' does not hold one TSIG key as keymgr -t or tsig-keygen "
		                      "write it, or as algorithm:name:secret", path);
	key->algorithm = key_algorithm(said.algorithm);
	if (!key->algorithm)
		return sentence_error(error, error_len, "'%s': the algorithm is none of hmac-sha224, hmac-sha256, "
		                      "hmac-sha384, hmac-sha512", path);
	if (!set_name(key, said.name))
		return sentence_error(error, error_len, "'%s': the key's name is no domain name", path);
	if (!set_secret(key, said.secret))
		return sentence_error(error, error_len, "'%s': the secret is not Base64 of %d to %d octets", path,
		                      KEY_SECRET_MIN, KEY_SECRET_MAX);
	return 0;
}

int key_read(struct key *key, const char *path, char *error, size_t error_len)
{
	char text[SECRET_MAX + 1];
	int result = -1;

	*key = (struct key){ .name_len = 0 };
	if (secret_read(text, path, error, error_len) >= 0)
		result = parse(key, text, path, error, error_len);
	explicit_bzero(text, sizeof(text));
	if (result)
		key_wipe(key);
	return result;
}

void key_wipe(struct key *key)
{
	explicit_bzero(key, sizeof(*key));
}
