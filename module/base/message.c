/* SPDX-License-Identifier: BSD-3-Clause */
/* message - what is odd about a question on the wire (RFC 1035 section 4.1, RFC 6891).
 *
 * Both doors have the octets of a question, so both are told by this one function. It reads as
 * far as it understands what it reads, and takes nothing for granted: what is cut or broken is
 * not odd, but not a question either, and somebody else's to refuse.
 */
#include <stdbool.h>

#include <warden/observation.h>

#include "base/dns.h"

#define OPT_LEN    11 /* root name, type, size, extended rcode, version, flags, length */
#define OPT_VERSION_AT 6
#define OPT_FLAGS_AT   7

/* Authoritative, truncated, recursion available and the rcode are of answers; Z is reserved. What
 * is left are the operation, RD, AD and CD.
 */
#define FLAGS_OF_NO_QUESTION 0x06cf

/* DO (RFC 4035) and CO (RFC 9824). */
#define EDNS_FLAGS_IN_USE 0xc000

static uint16_t read16(const uint8_t *octet)
{
	return (uint16_t)(octet[0] << 8 | octet[1]);
}

/* Where the question that begins behind the header ends, or 0. */
static size_t question_end(const uint8_t *message, size_t len)
{
	size_t at = DNS_HEADER_LEN;

	while (at < len && message[at]) {
		if (message[at] > 63)
			return 0;
		at += message[at] + 1u;
	}
	at += 1 + 4; /* the root, type and class */
	return at <= len ? at : 0;
}

/* Assigned ones, and those of their own that common forwarders add: OpenDNS and Umbrella, and
 * dnsmasq its clients' hardware addresses and names.
 */
static bool is_option_in_use(uint16_t code)
{
	return (code >= 1 && code <= 20) || code == 20292 || code == 26946 || code == 65001 ||
	       code == 65073 || code == 65074;
}

/* Whether the record at <record> is an OPT record with something in it that has no meaning. */
static bool is_odd_opt(const uint8_t *record, size_t len)
{
	size_t left, at = OPT_LEN;

	if (len < OPT_LEN || record[0] || read16(record + 1) != DNS_TYPE_OPT)
		return false;
	if (record[OPT_VERSION_AT] || read16(record + OPT_FLAGS_AT) & ~EDNS_FLAGS_IN_USE)
		return true;
	left = read16(record + OPT_LEN - 2);
	if (left > len - OPT_LEN)
		return false;
	while (left >= 4) {
		size_t option = 4u + read16(record + at + 2);

		if (!is_option_in_use(read16(record + at)))
			return true;
		if (option > left)
			return false;
		at += option;
		left -= option;
	}
	return false;
}

uint8_t warden_odd_flags(const uint8_t *message, size_t len)
{
	size_t end;
	uint8_t flags = 0;

	if (len < DNS_HEADER_LEN)
		return 0;
	if (read16(message + 2) & FLAGS_OF_NO_QUESTION || read16(message + 6) || read16(message + 8))
		flags |= WARDEN_FLAG_ODD_HEADER;
	/* Behind other records nobody need look for the OPT record: the question is odd already. */
	end = read16(message + 6) || read16(message + 8) ? 0 : question_end(message, len);
	if (end && read16(message + 10) && is_odd_opt(message + end, len - end))
		flags |= WARDEN_FLAG_ODD_EDNS;
	return flags;
}
