/* SPDX-License-Identifier: BSD-3-Clause */
/* packets - the packets of command channels, in names and in answers.
 *
 * dnscat2         hexadecimal over several labels: 0-3 random, 4-5 type, 6-9 session, data
 * Cobalt Strike   word . data . data ... . number of the beacon, all but the word hexadecimal
 * DNSExfiltrator  answers are the number of the piece, or OK
 */
#include <stdio.h>
#include <string.h>

#include "base/dns.h"
#include "detect/digits.h"
#include "detect/shape.h"
#include "detect/signature_row.h"

static bool is_hex(uint8_t octet)
{
	return digit_value(&hexadecimal, octet) >= 0;
}

static bool label_is_hex(const uint8_t *label)
{
	for (unsigned i = 1; i <= label[0]; i++)
		if (!is_hex(label[i]))
			return false;
	return label[0] > 0;
}

static uint32_t hex_number(const uint8_t *digit, unsigned digits)
{
	uint32_t number = 0;

	for (unsigned i = 0; i < digits; i++)
		number = number << 4 | ((unsigned)digit_value(&hexadecimal, digit[i]) & 0xf);
	return number;
}

/* ---- dnscat2 ------------------------------------------------------------------- */

#define CAT_HEADER 10 /* digits: random, type, session */
#define CAT_PACKET 18 /* of the shortest packet */

static bool is_cat_type(uint32_t type)
{
	return type <= 3 || type == 0xff; /* SYN MSG FIN ENC, PING */
}

/* Whether the labels joined are a packet somewhere: those behind it may look hexadecimal too. */
static bool has_packet(const struct name *name, unsigned first, unsigned labels)
{
	unsigned digits = 0;

	for (unsigned i = first; i < labels; i++) {
		const uint8_t *label = name->wire + name->label[i];

		if (!label_is_hex(label))
			return false;
		digits += label[0];
		if (digits >= CAT_PACKET && digits % 2 == 0)
			return true;
	}
	return false;
}

/* The session is the key; what is random, the fresh part. The shape has seen to the first ten digits. */
bool dnscat2_fits(const struct facts *facts, uint32_t *value)
{
	const struct name *name = facts->name;
	unsigned first = name->wire[name->label[0] + 1] == 'd' && !label_is_hex(name->wire + name->label[0]);
	const uint8_t *digit = name->wire + name->label[first] + 1;

	if (!is_cat_type(hex_number(digit + 4, 2)) || !has_packet(name, first, facts->payload_labels))
		return false;
	*value = hex_number(digit + 6, 4) << SHAPE_KEY | hex_number(digit, 4);
	return true;
}

static bool is_session(uint32_t type, uint32_t session, uint32_t value)
{
	return is_cat_type(type) && session == value >> SHAPE_KEY;
}

/* Digits in a character string or a label at <at>, which may be behind a label "dnscat". */
static bool digits_answer(const struct warden_record *record, unsigned at, uint32_t value)
{
	static const uint8_t prefix[] = "\6dnscat";
	const uint8_t *digit;

	if (record->rdata_len >= at + sizeof(prefix) - 1 &&
	    !memcmp(record->rdata + at, prefix, sizeof(prefix) - 1))
		at += sizeof(prefix) - 1;
	if (record->rdata_len < at + 1 + CAT_HEADER || record->rdata[at] < CAT_HEADER)
		return false;
	digit = record->rdata + at + 1;
	for (unsigned i = 0; i < CAT_HEADER; i++)
		if (!is_hex(digit[i]))
			return false;
	return is_session(hex_number(digit + 4, 2), hex_number(digit + 6, 4), value);
}

/* The record of <type> whose address begins with <number>: addresses are numbered from 1, and come in
 * any order. The first has the length of the packet behind its number.
 */
static const uint8_t *address_number(const struct facts *facts, uint16_t type, unsigned len, uint8_t number)
{
	for (uint32_t i = 0; i < facts->obs->record_count; i++) {
		const struct warden_record *record = &facts->obs->records[i];

		if (record->type == type && record->rdata_len == len && record->rdata[0] == number)
			return record->rdata;
	}
	return NULL;
}

static bool addresses_answer(const struct facts *facts, uint32_t value)
{
	const uint8_t *first, *second;

	first = address_number(facts, DNS_TYPE_AAAA, 16, 1);
	if (first && is_session(first[4], (uint32_t)first[5] << 8 | first[6], value))
		return true;
	first = address_number(facts, DNS_TYPE_A, 4, 1);
	second = address_number(facts, DNS_TYPE_A, 4, 2);
	return first && second && is_session(second[1], (uint32_t)second[2] << 8 | second[3], value);
}

bool dnscat2_answered(const struct facts *facts, const struct signature_match *match)
{
	for (uint32_t i = 0; i < facts->obs->record_count; i++) {
		const struct warden_record *record = &facts->obs->records[i];

		if ((record->type == DNS_TYPE_TXT || record->type == DNS_TYPE_CNAME) &&
		    digits_answer(record, 0, match->value))
			return true;
		if (record->type == DNS_TYPE_MX && digits_answer(record, 2, match->value))
			return true;
	}
	return addresses_answer(facts, match->value);
}

/* ---- Cobalt Strike ------------------------------------------------------------- */

/* The last of the hexadecimal labels is the beacon's number, and stays. */
bool cobalt_strike_fits(const struct facts *facts, uint32_t *value)
{
	const struct name *name = facts->name;
	unsigned last = 2;

	while (last + 1 < facts->payload_labels && label_is_hex(name->wire + name->label[last + 1]))
		last++;
	*value = (uint32_t)shape_key(name->wire + name->label[last] + 1, name->wire[name->label[last]])
	         << SHAPE_KEY;
	return true;
}

bool cobalt_strike_answered(const struct facts *facts, const struct signature_match *match)
{
	static const uint8_t idle[4] = { 0, 0, 0, 0 };
	const struct warden_record *record = facts->obs->records;

	(void)match;
	/* Out of a cache every TTL comes down to 1. */
	return facts->obs->path != WARDEN_PATH_CACHE && facts->obs->record_count == 1 &&
	       record->type == DNS_TYPE_A && record->ttl <= 1 &&
	       record->rdata_len == sizeof(idle) && !memcmp(record->rdata, idle, sizeof(idle));
}

/* ---- DNSExfiltrator ------------------------------------------------------------ */

bool exfiltrator_answered(const struct facts *facts, const struct signature_match *match)
{
	const struct warden_record *record = facts->obs->records;
	char text[16];
	int len;

	/* The first question has no number. */
	if (match->value == UINT32_MAX)
		len = snprintf(text, sizeof(text), "%cOK", 2);
	else
		len = snprintf(text, sizeof(text), "%c%u", 0, match->value);
	text[0] = (char)(len - 1);
	return record->type == DNS_TYPE_TXT && record->rdata_len == len && !memcmp(record->rdata, text, (size_t)len);
}
