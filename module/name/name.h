/* SPDX-License-Identifier: BSD-3-Clause */
/* name - domain names in wire format (RFC 1035 section 3.1), walked once.
 *
 * A checked name: lower case, uncompressed, label offsets precomputed. The one
 * place that walks raw label octets is name_parse(); everyone else indexes <label>.
 *
 *     wire    5 p q r s t 7 e x a m p l e 3 n e t 0      len 19
 *     label   ^0          ^6              ^14            labels 3
 *
 * Names hold NUL, dots inside labels and any other octet. Text exists in logs and
 * tools only, made by name_text() in presentation format (\DDD).
 */
#ifndef NAME_NAME_H
#define NAME_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define NAME_WIRE_MAX   255
#define NAME_LABELS_MAX 127
#define NAME_TEXT_MAX   1024 /* octets that name_text() may need: \DDD each, NUL included */

struct name {
	uint8_t wire[NAME_WIRE_MAX + 1]; /* lower case; room for whole words */
	uint8_t raw[NAME_WIRE_MAX + 1];  /* the same with its case as it came */
	uint8_t len;                    /* of either, root label included: 1..255 */
	uint8_t labels;                 /* root label not included: 0..127 */
	bool cased;                     /* <raw> has letters in upper case: else it is <wire> */
	uint8_t label[NAME_LABELS_MAX]; /* offset of each length octet, leftmost first */
};

/* Returns false, leaving <name> unspecified, unless <wire> is one whole name. */
bool name_parse(struct name *name, const uint8_t *wire, size_t len);

/* Parses presentation format, with or without the last dot. False on bad text. */
bool name_from_text(struct name *name, const char *text);

/* The tail of <name> that begins at label <first>; <first> == labels is the root. */
static inline const uint8_t *name_tail(const struct name *name, unsigned first)
{
	return name->wire + (first < name->labels ? name->label[first] : name->len - 1);
}

static inline size_t name_tail_len(const struct name *name, unsigned first)
{
	return first < name->labels ? (size_t)(name->len - name->label[first]) : 1;
}

/* Length in the catalogue's sense: octets of the presentation form without the
 * last dot, each octet of a label counted once: 0 for the root.
 */
static inline unsigned name_text_len(const struct name *name)
{
	return name->len > 1 ? name->len - 2u : 0;
}

/* How many labels <a> and <b> end in alike. */
unsigned name_alike(const struct name *a, const struct name *b);

/* Whether <name> is in a reverse zone, or in another one below arpa. */
static inline bool name_is_reverse(const struct name *name)
{
	static const uint8_t arpa[] = { 4, 'a', 'r', 'p', 'a', 0 };

	return name->labels && name_tail_len(name, name->labels - 1u) == sizeof(arpa) &&
	       !memcmp(name_tail(name, name->labels - 1u), arpa, sizeof(arpa));
}

/* Writes the <len> octets of wire-format name at <wire> in presentation format
 * without the last dot ("." for the root), every octet that is not printable
 * ASCII, and the quote and backslash, as \DDD. <text> holds NAME_TEXT_MAX octets.
 * <wire> must be valid; a broken one is cut where it breaks. Returns <text>.
 */
char *name_text(char text[NAME_TEXT_MAX], const uint8_t *wire, size_t len);

#endif
