/* SPDX-License-Identifier: BSD-3-Clause */
/* name - parsing and printing of domain names: the only walk over raw label octets.
 *
 * A length octet is at most 63 and 'A' is 65, so a name can be folded to lower case
 * as one run of octets, lengths and all, eight at a time.
 */
#include <assert.h>
#include <string.h>

#include "name/name.h"

#define LABEL_MAX 63

static_assert(LABEL_MAX < 'A', "folding a length octet would change it");

/* <eight> octets with their upper-case ASCII letters in lower case. The highest bit of an
 * octet in the sums below tells whether it is at least 'A', and whether it is past 'Z'.
 */
static uint64_t fold(uint64_t eight)
{
	const uint64_t each = UINT64_C(0x0101010101010101), high = 0x80 * each;
	uint64_t ascii = eight & ~high;
	uint64_t from_a = ascii + (0x80 - 'A') * each, past_z = ascii + (0x80 - 'Z' - 1) * each;

	return eight | ((from_a & ~past_z & ~eight & high) >> 2);
}

/* Writes eight octets of a name at offset <at>. */
static void put_eight(struct name *name, size_t at, uint64_t eight)
{
	memcpy(name->raw + at, &eight, sizeof(eight));
	eight = fold(eight);
	memcpy(name->wire + at, &eight, sizeof(eight));
}

static uint64_t get_eight(const uint8_t *octet)
{
	uint64_t eight;

	memcpy(&eight, octet, sizeof(eight));
	return eight;
}

/* Takes the <len> octets at <wire> over. The last eight of them may overlap those before: that
 * is cheaper than to copy a few.
 */
static void take_over(struct name *name, const uint8_t *wire, size_t len)
{
	uint64_t all = 0;

	if (len < sizeof(all)) {
		memcpy(&all, wire, len);
		put_eight(name, 0, all);
		return;
	}
	for (size_t at = 0; at + sizeof(all) < len; at += sizeof(all))
		put_eight(name, at, get_eight(wire + at));
	put_eight(name, len - sizeof(all), get_eight(wire + len - sizeof(all)));
}

bool name_parse(struct name *name, const uint8_t *wire, size_t len)
{
	unsigned labels = 0;
	size_t at = 0;

	if (len < 1 || len > NAME_WIRE_MAX)
		return false;
	while (wire[at] != 0) {
		/* A label that leaves room for the root: of these there are at most 127. */
		if (wire[at] > LABEL_MAX || at + 1 + wire[at] >= len)
			return false;
		name->label[labels++] = (uint8_t)at;
		at += 1u + wire[at];
	}
	if (at != len - 1)
		return false;

	take_over(name, wire, len);
	name->len = (uint8_t)len;
	name->labels = (uint8_t)labels;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads what follows a backslash: \DDD or \X. Returns the end of it, or NULL. */
static const char *unescape(const char *text, uint8_t *octet)
{
	unsigned value;

	if (*text == '\0')
		return NULL;
	if (!is_digit(text[0])) {
		*octet = (uint8_t)*text;
		return text + 1;
	}
	if (!is_digit(text[1]) || !is_digit(text[2]))
		return NULL;
	value = (unsigned)(text[0] - '0') * 100 + (unsigned)(text[1] - '0') * 10 +
	        (unsigned)(text[2] - '0');
	if (value > UINT8_MAX)
		return NULL;
	*octet = (uint8_t)value;
	return text + 3;
}

bool name_from_text(struct name *name, const char *text)
{
	uint8_t wire[NAME_WIRE_MAX];
	size_t length_at = 0, len = 1;

	if (!strcmp(text, "."))
		return name_parse(name, (const uint8_t *)"", 1);

	while (*text) {
		uint8_t octet = (uint8_t)*text++;

		if (octet == '.') {
			if (len - length_at == 1 || len >= sizeof(wire))
				return false;
			wire[length_at] = (uint8_t)(len - length_at - 1);
			length_at = len++;
			continue;
		}
		if (octet == '\\') {
			text = unescape(text, &octet);
			if (!text)
				return false;
		}
		if (len - length_at > LABEL_MAX || len >= sizeof(wire))
			return false;
		wire[len++] = octet;
	}
	if (len == 1)
		return false;

	/* Without the last dot there is a label to close, and the root to add. */
	if (len - length_at > 1) {
		if (len >= sizeof(wire))
			return false;
		wire[length_at] = (uint8_t)(len - length_at - 1);
		length_at = len++;
	}
	wire[length_at] = 0;
	return name_parse(name, wire, len);
}

static char *print_octet(char *to, uint8_t octet)
{
	if (octet > ' ' && octet < 0x7f && octet != '.' && octet != '"' && octet != '\\') {
		*to++ = (char)octet;
		return to;
	}
	*to++ = '\\';
	*to++ = (char)('0' + octet / 100);
	*to++ = (char)('0' + octet / 10 % 10);
	*to++ = (char)('0' + octet % 10);
	return to;
}

char *name_text(char text[NAME_TEXT_MAX], const uint8_t *wire, size_t len)
{
	char *to = text;
	size_t at = 0;

	static_assert(NAME_TEXT_MAX > NAME_WIRE_MAX * 4, "a name of escapes does not fit");
	if (len > NAME_WIRE_MAX)
		len = NAME_WIRE_MAX;
	while (at < len && wire[at] != 0 && wire[at] <= LABEL_MAX && at + wire[at] < len) {
		size_t end = at + 1 + wire[at];

		if (at > 0)
			*to++ = '.';
		for (at++; at < end; at++)
			to = print_octet(to, wire[at]);
	}
	if (to == text)
		*to++ = '.';
	*to = '\0';
	return text;
}
