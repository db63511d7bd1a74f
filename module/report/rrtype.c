/* SPDX-License-Identifier: BSD-3-Clause */
/* rrtype - three small tables and one way to look into them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/dns.h"
#include "report/rrtype.h"

/* A registry of names for numbers. */
struct mnemonic {
	uint16_t number;
	const char *name;
};

struct registry {
	const char *prefix; /* of numbers without a name */
	const struct mnemonic *names; /* NULL name at the end */
};

#define TYPE(name)  { DNS_TYPE_##name, #name }
#define CLASS(name) { DNS_CLASS_##name, #name }
#define RCODE(name) { DNS_RCODE_##name, #name }

static const struct mnemonic type_names[] = {
	TYPE(A), TYPE(NS), TYPE(CNAME), TYPE(SOA), TYPE(NULL), TYPE(WKS), TYPE(PTR), TYPE(HINFO),
	TYPE(MX), TYPE(TXT), TYPE(RP), TYPE(AFSDB), TYPE(SIG), TYPE(KEY), TYPE(AAAA), TYPE(LOC),
	TYPE(SRV), TYPE(NAPTR), TYPE(KX), TYPE(CERT), TYPE(A6), TYPE(DNAME), TYPE(APL), TYPE(DS),
	TYPE(SSHFP), TYPE(IPSECKEY), TYPE(RRSIG), TYPE(NSEC), TYPE(DNSKEY), TYPE(DHCID), TYPE(NSEC3),
	TYPE(NSEC3PARAM), TYPE(TLSA), TYPE(SMIMEA), TYPE(HIP), TYPE(CDS), TYPE(CDNSKEY),
	TYPE(OPENPGPKEY), TYPE(CSYNC), TYPE(ZONEMD), TYPE(SVCB), TYPE(HTTPS), TYPE(SPF), TYPE(EUI48),
	TYPE(EUI64), TYPE(TKEY), TYPE(TSIG), TYPE(IXFR), TYPE(AXFR), TYPE(ANY), TYPE(URI), TYPE(CAA),
	{ 0, NULL }
};

static const struct mnemonic class_names[] = {
	CLASS(IN), CLASS(CH), CLASS(HS), CLASS(NONE), CLASS(ANY),
	{ 0, NULL }
};

static const struct mnemonic rcode_names[] = {
	RCODE(NOERROR), RCODE(FORMERR), RCODE(SERVFAIL), RCODE(NXDOMAIN), RCODE(NOTIMP),
	RCODE(REFUSED), RCODE(YXDOMAIN), RCODE(YXRRSET), RCODE(NXRRSET), RCODE(NOTAUTH),
	RCODE(NOTZONE), RCODE(BADVERS), RCODE(BADCOOKIE),
	{ 0, NULL }
};

static const struct registry types = { "TYPE", type_names };
static const struct registry classes = { "CLASS", class_names };
static const struct registry rcodes = { "RCODE", rcode_names };

static char *write_name(char text[RRTYPE_TEXT_MAX], const struct registry *registry,
                            uint16_t number)
{
	for (const struct mnemonic *row = registry->names; row->name; row++)
		if (row->number == number) {
			snprintf(text, RRTYPE_TEXT_MAX, "%s", row->name);
			return text;
		}
	snprintf(text, RRTYPE_TEXT_MAX, "%s%u", registry->prefix, (unsigned)number);
	return text;
}

char *rrtype_text(char text[RRTYPE_TEXT_MAX], uint16_t type)
{
	return write_name(text, &types, type);
}

bool rrtype_from_text(uint16_t *type, const char *text)
{
	size_t prefix = strlen(types.prefix);
	const char *digits = strncasecmp(text, types.prefix, prefix) ? text : text + prefix;
	size_t len = strspn(digits, "0123456789");

	if (len && len <= 5 && !digits[len] && strtoul(digits, NULL, 10) <= UINT16_MAX) {
		*type = (uint16_t)strtoul(digits, NULL, 10);
		return true;
	}
	for (const struct mnemonic *row = types.names; row->name; row++)
		if (!strcasecmp(row->name, text)) {
			*type = row->number;
			return true;
		}
	return false;
}

char *rrclass_text(char text[RRTYPE_TEXT_MAX], uint16_t class_number)
{
	return write_name(text, &classes, class_number);
}

char *rcode_text(char text[RRTYPE_TEXT_MAX], uint8_t rcode)
{
	return write_name(text, &rcodes, rcode);
}
