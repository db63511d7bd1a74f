/* SPDX-License-Identifier: BSD-3-Clause */
/* labels - labels that carry something that was encoded, whichever tool did it. */
#include <string.h>

#include "detect/shape.h"
#include "detect/signature_row.h"

#define PACKED_MIN 20 /* octets of a label: less is no file */
#define BASE64_MIN 16

/* How gzip, programs for Windows (MZ) and ELF files begin, in hexadecimal and base64. 32 bits or more, as
 * hashes begin with anything.
 */
static const struct beginning {
	const char *text;
	bool raw;
} beginnings[] = {
	{ "1f8b0800", false }, { "1f8b0808", false }, { "4d5a9000", false }, { "7f454c46", false },
	{ "H4sIAA", true }, { "H4sICA", true }, { "TVqQAA", true }, { "f0VMRg", true },
};

static bool all_fit(char element, const uint8_t *octet, unsigned len)
{
	for (unsigned i = 0; i < len; i++)
		if (!shape_octet(element, octet[i]))
			return false;
	return true;
}

static bool begins_packed(const struct name *name, unsigned offset)
{
	unsigned len = name->wire[offset];

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++) {
		const struct beginning *beginning = &beginnings[i];
		const uint8_t *octet = (beginning->raw ? name->raw : name->wire) + offset + 1;

		if (!memcmp(octet, beginning->text, strlen(beginning->text)))
			return all_fit(beginning->raw ? 'X' : 'H', octet, len);
	}
	return false;
}

bool packed_label_fits(const struct facts *facts, uint32_t *value)
{
	const struct name *name = facts->name;

	(void)value;
	for (unsigned i = 0; i < facts->payload_labels; i++)
		if (name->wire[name->label[i]] >= PACKED_MIN && begins_packed(name, name->label[i]))
			return true;
	return false;
}

bool base64_label_fits(const struct facts *facts, uint32_t *value)
{
	const struct name *name = facts->name;

	(void)value;
	for (unsigned i = 0; i < facts->payload_labels; i++) {
		const uint8_t *label = name->wire + name->label[i];

		if (label[0] >= BASE64_MIN &&
		    (memchr(label + 1, '=', label[0]) || memchr(label + 1, '+', label[0]) ||
		     memchr(label + 1, '/', label[0])) &&
		    all_fit('X', label + 1, label[0]))
			return true;
	}
	return false;
}

/* ---- Kerberos ------------------------------------------------------------------ */

/* Where <text> stands between <octet> and <end>; NULL: nowhere. */
static const uint8_t *find(const uint8_t *octet, const uint8_t *end, const char *text)
{
	return memmem(octet, (size_t)(end - octet), text, strlen(text));
}

/* In lower case: Windows keeps the case of such a name, resolvers on the way may not. */
bool kerberos_target_fits(const struct facts *facts, uint32_t *value)
{
	static const char *const parts[] = { "1uwhrc", "aaaaa", "ybaaaa" };
	const struct name *name = facts->name;
	const uint8_t *octet = name->wire + name->label[0] + 1, *end = octet + octet[-1];

	(void)value;
	for (unsigned i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		octet = find(octet, end, parts[i]);
		if (!octet)
			return false;
		octet += strlen(parts[i]);
	}
	return true;
}
