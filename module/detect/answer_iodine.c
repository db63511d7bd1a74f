/* SPDX-License-Identifier: BSD-3-Clause */
/* answer_iodine - what only iodine's server says.
 *
 * A word (VACK, BADIP and so on) comes first in an answer: as it is in records of type NULL, in
 * others behind the letter of the codec that it is in. As sent by iodine 0.7.0.
 */
#include <string.h>

#include "base/dns.h"
#include "detect/digits.h"
#include "detect/signature_row.h"

/* What a server says before anything else, and its answer to `y`. */
static const struct reply {
	const char *text;
	uint8_t len;
} replies[] = {
	{ "VACK", 4 }, { "VNAK", 4 }, { "VFUL", 4 }, { "LNAK", 4 },
	{ "BADIP", 5 }, { "BADCODEC", 8 }, { "BADLEN", 6 }, { "BADFRAG", 7 },
	{ "\0\0\0\0\377\377\377\377\125\125", 10 },
};

#define REPLY_MAX 10

/* iodine's own. Names may come back in any case, so base32 has none. */
static const struct alphabet base32 = { 5, 26, 6, 0, 0, 26, { { 0, 0 } } };
static const struct alphabet base64 = { 6, 26, 10, 0, 26, 53, { { '-', 52 }, { '+', 63 }, { '_', 63 } } };

static bool is_reply_text(const uint8_t *text, size_t len)
{
	for (size_t i = 0; i < sizeof(replies) / sizeof(*replies); i++)
		if (len >= replies[i].len && !memcmp(text, replies[i].text, replies[i].len))
			return true;
	return false;
}

/* Looks into a character string or label at <at>: its length, the letter of the codec, and
 * the text in that codec.
 */
static bool is_coded_reply(const struct warden_record *record, size_t at)
{
	uint8_t text[REPLY_MAX];
	const uint8_t *digits;
	size_t len;

	if (at + 2 > record->rdata_len)
		return false;
	digits = record->rdata + at + 2;
	len = record->rdata_len - at - 2;
	if (record->rdata[at] == 0)
		return false;
	if (len > record->rdata[at] - 1u)
		len = record->rdata[at] - 1u;

	switch (record->rdata[at + 1]) {
	case 'h': /* in names */
	case 'H':
	case 't': /* in TXT */
		return is_reply_text(text, digits_decode(&base32, text, sizeof(text), digits, len));
	case 'i':
	case 'j':
	case 's':
	case 'u':
		return is_reply_text(text, digits_decode(&base64, text, sizeof(text), digits, len));
	case 'r':
		return is_reply_text(digits, len);
	default: /* base128 comes late in a session: the words have come by then */
		return false;
	}
}

static bool is_reply(const struct warden_record *record)
{
	switch (record->type) {
	case DNS_TYPE_NULL:
	case DNS_TYPE_PRIVATE:
		return is_reply_text(record->rdata, record->rdata_len);
	case DNS_TYPE_TXT:
	case DNS_TYPE_CNAME:
		return is_coded_reply(record, 0);
	case DNS_TYPE_MX:
		return is_coded_reply(record, 2); /* behind the preference */
	case DNS_TYPE_SRV:
		return is_coded_reply(record, 6); /* behind priority, weight, port */
	default:
		return false;
	}
}

static bool is_asked_for(uint16_t qtype)
{
	switch (qtype) {
	case DNS_TYPE_A:
	case DNS_TYPE_CNAME:
	case DNS_TYPE_NULL:
	case DNS_TYPE_MX:
	case DNS_TYPE_TXT:
	case DNS_TYPE_SRV:
	case DNS_TYPE_PRIVATE:
		return true;
	default:
		return false;
	}
}

bool iodine_answered(const struct facts *facts, const struct signature_match *match)
{
	(void)match;
	for (uint32_t i = 0; is_asked_for(facts->obs->qtype) && i < facts->obs->record_count; i++)
		if (is_reply(&facts->obs->records[i]))
			return true;
	return false;
}
