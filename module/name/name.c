/* SPDX-License-Identifier: BSD-3-Clause */
/* name - parsing and printing of domain names: the only walk over raw label octets.
 *
 * A length octet is at most 63 and 'A' is 65, so a name can be folded to lower case
 * as one run of octets, lengths and all, sixteen at a time.
 */
#include <assert.h>
#include <string.h>

#include "name/name.h"

#define LABEL_MAX 63

static_assert(LABEL_MAX < 'A', "folding a length octet would change it");

/* Sixteen octets at once: what the machine has for it, or what the compiler makes of it. */
typedef uint8_t octets __attribute__((vector_size(16)));

/* Writes sixteen octets of a name at offset <at>. Returns what folding changed of them. */
static inline octets put(struct name *name, size_t at, octets some)
{
	/* 'A' to 'Z' become 0 to 25, everything else is more: the comparison is all ones or nothing. */
	octets change = (octets)(some - 'A' < 26) & 0x20, folded = some | change;

	memcpy(name->raw + at, &some, sizeof(some));
	memcpy(name->wire + at, &folded, sizeof(folded));
	return change;
}

static inline octets get(const uint8_t *wire)
{
	octets some;

	memcpy(&some, wire, sizeof(some));
	return some;
}

/* The <len> octets at <wire>, fewer than sixteen, and zeros behind them. */
static inline octets get_few(const uint8_t *wire, size_t len)
{
	octets some = { 0 };

	if (len < sizeof(some) / 2) {
		memcpy(&some, wire, len);
		return some;
	}
	memcpy(&some, wire, sizeof(some) / 2);
	memcpy((uint8_t *)&some + len - sizeof(some) / 2, wire + len - sizeof(some) / 2, sizeof(some) / 2);
	return some;
}

/* Takes the <len> octets at <wire> over. Returns whether any were changed. The last sixteen of them may
 * overlap those before: that is cheaper than to copy a few.
 */
static inline bool take_over(struct name *name, const uint8_t *wire, size_t len)
{
	octets changed = { 0 };
	uint64_t half[2];

	if (len < sizeof(changed)) {
		changed = put(name, 0, get_few(wire, len));
	} else {
		for (size_t at = 0; at + sizeof(changed) < len; at += sizeof(changed))
			changed |= put(name, at, get(wire + at));
		changed |= put(name, len - sizeof(changed), get(wire + len - sizeof(changed)));
	}
	memcpy(half, &changed, sizeof(half));
	return half[0] | half[1];
}

bool name_parse(struct name *name, const uint8_t *wire, size_t len)
{
	uint8_t *label = name->label;
	size_t at = 0;

	if (len - 1 >= NAME_WIRE_MAX)
		return false;
	for (size_t next; wire[at] != 0; at = next) {
		next = at + 1 + wire[at];
		/* A label that leaves room for the root: of these there are at most 127. */
		if (wire[at] > LABEL_MAX || next >= len)
			return false;
		*label++ = (uint8_t)at;
	}
	if (at != len - 1)
		return false;

	name->cased = take_over(name, wire, len);
	name->len = (uint8_t)len;
	name->labels = (uint8_t)(label - name->label);
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

unsigned name_alike(const struct name *a, const struct name *b)
{
	unsigned alike = 0, most = a->labels < b->labels ? a->labels : b->labels;

	while (alike < most) {
		unsigned i = a->labels - alike - 1, j = b->labels - alike - 1;
		const uint8_t *x = a->wire + a->label[i], *y = b->wire + b->label[j];

		if (*x != *y || memcmp(x, y, 1u + *x))
			break;
		alike++;
	}
	return alike;
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
