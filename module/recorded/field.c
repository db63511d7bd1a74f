/* SPDX-License-Identifier: BSD-3-Clause */
/* field - the words of recorded traffic as people and tools write them. */
#include <ldns/ldns.h>
#include <string.h>
#include <strings.h>

#include <warden/observation.h>

#include "recorded/field.h"

#define TIME_MAX (UINT64_MAX / 10000) /* seconds: a thousandfold still fits, with room to add */

/* Reads the decimal digits at *text. False without any, or above <max>. */
static bool take_number(const char **text, uint64_t max, uint64_t *number)
{
	const char *digit = *text;
	uint64_t value = 0;

	for (; *digit >= '0' && *digit <= '9'; digit++) {
		value = value * 10 + (uint64_t)(*digit - '0');
		if (value > max)
			return false;
	}
	if (digit == *text)
		return false;
	*text = digit;
	*number = value;
	return true;
}

static bool whole_number(const char *text, uint64_t max, uint64_t *number)
{
	uint64_t value;

	if (!take_number(&text, max, &value) || *text)
		return false;
	*number = value;
	return true;
}

bool field_time(const char *text, uint64_t *milliseconds)
{
	uint64_t seconds, fraction = 0;

	if (!take_number(&text, TIME_MAX, &seconds))
		return false;
	if (*text == '.') {
		text++;
		for (unsigned unit = 100; *text >= '0' && *text <= '9'; text++, unit /= 10)
			fraction += (uint64_t)(*text - '0') * unit;
	}
	if (*text)
		return false;
	*milliseconds = seconds * 1000 + fraction;
	return true;
}

bool field_type(const char *text, uint16_t *type)
{
	const char *digits = strncasecmp(text, "TYPE", 4) ? text : text + 4;
	uint64_t number;

	if (whole_number(digits, UINT16_MAX, &number)) {
		*type = (uint16_t)number;
		return true;
	}
	number = ldns_get_rr_type_by_name(text);
	if (!number)
		return false;
	*type = (uint16_t)number;
	return true;
}

bool field_class(const char *text, uint16_t *qclass)
{
	const char *digits = strncasecmp(text, "CLASS", 5) ? text : text + 5;
	uint64_t number;

	if (whole_number(digits, UINT16_MAX, &number)) {
		*qclass = (uint16_t)number;
		return true;
	}
	number = ldns_get_rr_class_by_name(text);
	if (!number)
		return false;
	*qclass = (uint16_t)number;
	return true;
}

bool field_port(const char *text, uint16_t *port)
{
	uint64_t number;

	if (!whole_number(text, UINT16_MAX, &number))
		return false;
	*port = (uint16_t)number;
	return true;
}

bool field_count(const char *text, uint32_t *count)
{
	uint64_t number;

	if (!whole_number(text, UINT32_MAX, &number))
		return false;
	*count = (uint32_t)number;
	return true;
}

bool field_rcode(const char *text, uint8_t *rcode)
{
	static const char *const words[] = {
		"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED",
		"YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE",
	};
	const char *digits = strncasecmp(text, "RCODE", 5) ? text : text + 5;
	uint64_t number;

	/* Extended codes (RFC 6891) have twelve bits, but an observation has room for eight. */
	if (whole_number(digits, UINT8_MAX, &number)) {
		*rcode = (uint8_t)number;
		return true;
	}
	for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!strcasecmp(text, words[i])) {
			*rcode = (uint8_t)i;
			return true;
		}
	}
	return false;
}

bool field_path(const char *text, uint8_t *path)
{
	static const struct {
		const char *word;
		uint8_t path;
	} words[] = {
		{ "miss", WARDEN_PATH_MISS },
		{ "cache", WARDEN_PATH_CACHE },
		{ "local", WARDEN_PATH_LOCAL },
	};

	for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!strcmp(text, words[i].word)) {
			*path = words[i].path;
			return true;
		}
	}
	return false;
}
