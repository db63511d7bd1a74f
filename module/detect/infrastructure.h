/* SPDX-License-Identifier: BSD-3-Clause */
/* infrastructure - names that mail servers, certificates and resolvers ask for in bulk.
 *
 * Each of them is a fixed label in front of a domain, so it carries nothing; but software asks
 * for them of one domain after the other, and for records that nothing else wants:
 *
 *     _dmarc _spf _acme-challenge _domainkey SELECTOR._domainkey   and _ta-KEY-KEY... (RFC 8145)
 *
 * They are not counted where TXT or NULL questions are.
 */
#ifndef DETECT_INFRASTRUCTURE_H
#define DETECT_INFRASTRUCTURE_H

#include <stdbool.h>
#include <string.h>

#include "name/name.h"

static inline bool label_is(const uint8_t *label, const char *text)
{
	size_t len = strlen(text);

	return label[0] == len && !memcmp(label + 1, text, len);
}

/* RFC 8145 section 5: "_ta-" and key tags in hexadecimal. */
static inline bool is_trust_anchor_signal(const uint8_t *label)
{
	return label[0] >= 8 && !memcmp(label + 1, "_ta-", 4);
}

static inline bool is_infrastructure(const struct name *name)
{
	const uint8_t *first;

	if (name->labels == 0)
		return false;
	first = name->wire + name->label[0];
	return label_is(first, "_dmarc") || label_is(first, "_spf") ||
	       label_is(first, "_acme-challenge") || is_trust_anchor_signal(first) ||
	       label_is(first, "_domainkey") ||
	       (name->labels > 1 && label_is(name->wire + name->label[1], "_domainkey"));
}

#endif
