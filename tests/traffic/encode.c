/* SPDX-License-Identifier: BSD-3-Clause */
/* encode - see encode.h. Each encoder is a row in encoders[]. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"
#include "random.h"

#define TYPE_A    1
#define TYPE_MX   15
#define TYPE_TXT  16
#define TYPE_AAAA 28

/* Takes the next <bits> (at most 32) of <payload>, the first one highest. */
static uint32_t take(struct payload *payload, unsigned bits)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < bits; i++, payload->taken++)
		value = value << 1 | (payload->octets[payload->taken / 8] >> (7 - payload->taken % 8) & 1);
	return value;
}

/* ---- words ----------------------------------------------------------------------- */

/* A beginning and an ending make a word. Short ones, because a model of ordinary names finds
 * nothing cheaper: this is the hardest case for whoever charges by it.
 */
char *word_text(char word[WORD_MAX], unsigned index)
{
	static const char beginnings[32][3] = {
		"b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "w",
		"bl", "br", "ch", "cl", "cr", "dr", "fl", "gr", "pl", "pr", "sh", "sl", "sp", "st", "th", "tr",
	};
	static const char endings[64][5] = {
		"ack", "ade", "ail", "ain", "ake", "ale", "all", "ame", "and", "ane", "ank", "are", "ark",
		"ash", "ast", "ate", "ave", "ay", "eal", "eam", "ear", "eat", "eed", "eek", "eel", "een",
		"eer", "ell", "end", "ent", "est", "ice", "ick", "ide", "ight", "ile", "ill", "ime", "in",
		"ind", "ine", "ing", "ink", "ip", "ire", "ist", "ite", "oat", "ock", "old", "ole", "one",
		"ook", "ool", "oom", "oon", "ope", "ore", "ound", "ow", "uck", "ump", "unk", "ust",
	};

	snprintf(word, WORD_MAX, "%.2s%.4s", beginnings[index / 64 % 32], endings[index % 64]);
	return word;
}

/* ---- encoders -------------------------------------------------------------------- */

/* Labels in which each character is <unit_bits>; the last one of a label may have fewer. */
static void encode_text(const struct encoder *encoder, struct payload *payload, uint64_t n,
                        struct telling *telling)
{
	char *out = telling->left;

	(void)n;
	for (unsigned label = 0; label < encoder->count; label++) {
		unsigned left = encoder->label_bits;

		if (label)
			*out++ = '.';
		while (left) {
			unsigned bits = left < encoder->unit_bits ? left : encoder->unit_bits;

			*out++ = encoder->alphabet[take(payload, bits) << (encoder->unit_bits - bits)];
			left -= bits;
		}
	}
	*out = '\0';
}

static void encode_decimal(const struct encoder *encoder, struct payload *payload, uint64_t n,
                           struct telling *telling)
{
	(void)n;
	snprintf(telling->left, LEFT_MAX, "%09" PRIu32, take(payload, encoder->unit_bits));
}

/* Words of the first 2^<unit_bits>, spread over all of them. Few bits make few names, asked
 * again and again.
 */
static void encode_words(const struct encoder *encoder, struct payload *payload, uint64_t n,
                         struct telling *telling)
{
	char *out = telling->left, word[WORD_MAX];

	(void)n;
	for (unsigned i = 0; i < encoder->count; i++) {
		unsigned index = take(payload, encoder->unit_bits) << (WORD_BITS - encoder->unit_bits);

		out += sprintf(out, "%s%s", i ? "-" : "", word_text(word, index));
	}
}

/* One name; what is asked of it is the message. */
static void encode_type(const struct encoder *encoder, struct payload *payload, uint64_t n,
                        struct telling *telling)
{
	static const uint16_t types[] = { TYPE_A, TYPE_AAAA, TYPE_TXT, TYPE_MX };

	(void)n;
	strcpy(telling->left, "www");
	telling->qtype = types[take(payload, encoder->unit_bits)];
}

/* The same with as many types as nobody knows. */
static void encode_any_type(const struct encoder *encoder, struct payload *payload, uint64_t n,
                            struct telling *telling)
{
	(void)n;
	strcpy(telling->left, "www");
	telling->qtype = (uint16_t)(1024 + take(payload, encoder->unit_bits));
}

/* One name; how it is spelt is the message. */
static void encode_case(const struct encoder *encoder, struct payload *payload, uint64_t n,
                        struct telling *telling)
{
	static const char letters[] = "internationalweather";

	(void)n;
	strcpy(telling->left, letters);
	for (unsigned i = 0; i < encoder->unit_bits; i++)
		if (take(payload, 1))
			telling->left[i] = (char)(telling->left[i] - 'a' + 'A');
}

/* A counter, and data that is new each time. */
static void encode_counter(const struct encoder *encoder, struct payload *payload, uint64_t n,
                           struct telling *telling)
{
	struct telling data;

	encode_text(encoder, payload, n, &data);
	snprintf(telling->left, LEFT_MAX, "%" PRIu64 ".%.100s", n, data.left);
}

/* A counter, and data that never changes: a beacon. It tells nothing but that it is there. */
static void encode_beacon(const struct encoder *encoder, struct payload *payload, uint64_t n,
                          struct telling *telling)
{
	(void)encoder, (void)payload;
	snprintf(telling->left, LEFT_MAX, "%" PRIu64 ".mzxw6ytboi2dq", n);
}

#define HEX    "0123456789abcdef"
#define BASE32 "abcdefghijklmnopqrstuvwxyz234567"
#define BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

const struct encoder encoders[] = {
	/* name          encode          alphabet unit label count */
	{ "hex",         encode_text,    HEX,     4, 240, 2 },
	{ "base32",      encode_text,    BASE32,  5, 315, 2 },
	{ "base64url",   encode_text,    BASE64,  6, 378, 2 },
	{ "decimal",     encode_decimal, NULL,   29,   0, 1 }, /* the most that any nine digits hold */
	{ "word",        encode_words,   NULL,   WORD_BITS, 0, 1 },
	{ "three-words", encode_words,   NULL,   WORD_BITS, 0, 3 },
	{ "8-bytes",     encode_text,    BASE32,  5,  64, 1 },
	{ "2-names",     encode_words,   NULL,    1,   0, 1 },
	{ "16-names",    encode_words,   NULL,    4,   0, 1 },
	{ "64-names",    encode_words,   NULL,    6,   0, 1 },
	{ "256-names",   encode_words,   NULL,    8,   0, 1 },
	{ "type",        encode_type,    NULL,    2,   0, 1 },
	{ "any-type",    encode_any_type, NULL,   15,  0, 1 },
	{ "case",        encode_case,    NULL,   20,   0, 1 },
	{ "counter",     encode_counter, BASE32,  5,  64, 1 },
	{ "beacon",      encode_beacon,  NULL,    0,   0, 1 },
	{ .name = NULL },
};

const struct encoder *encoder_find(const char *name)
{
	for (const struct encoder *encoder = encoders; encoder->name; encoder++)
		if (!strcmp(encoder->name, name))
			return encoder;
	fprintf(stderr, "there is no encoder '%s'\n", name);
	exit(2);
}

/* ---- what others call ------------------------------------------------------------ */

static void encode_payload(const struct encoder *encoder, struct payload *payload, uint64_t n,
                           struct telling *telling)
{
	payload->taken = 0;
	telling->qtype = TYPE_A;
	encoder->encode(encoder, payload, n, telling);
}

unsigned encode(const struct encoder *encoder, uint64_t *random, uint64_t n, struct telling *telling)
{
	struct payload payload;

	for (size_t i = 0; i < sizeof(payload.octets); i += sizeof(uint64_t)) {
		uint64_t word = random_next(random);

		memcpy(payload.octets + i, &word, sizeof(word));
	}
	encode_payload(encoder, &payload, n, telling);
	return payload.taken;
}

unsigned encoder_bits(const struct encoder *encoder)
{
	uint64_t random = 0;
	struct telling telling;

	return encode(encoder, &random, 1, &telling);
}

bool encoder_is_honest(const struct encoder *encoder)
{
	struct payload payload = { .octets = { 0x5a, 0xc3 } };
	struct telling plain, flipped;
	unsigned bits;

	encode_payload(encoder, &payload, 1, &plain);
	bits = payload.taken;
	for (unsigned i = 0; i < bits; i++) {
		payload.octets[i / 8] ^= (uint8_t)(0x80 >> i % 8);
		encode_payload(encoder, &payload, 1, &flipped);
		payload.octets[i / 8] ^= (uint8_t)(0x80 >> i % 8);
		if (plain.qtype == flipped.qtype && !strcmp(plain.left, flipped.left))
			return false;
	}
	return true;
}
