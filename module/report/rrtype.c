/* SPDX-License-Identifier: BSD-3-Clause */
/* rrtype - three small tables and one way to look into them. */
#include <stdio.h>

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

static const struct mnemonic type_names[] = {
	{ 1, "A" },        { 2, "NS" },      { 5, "CNAME" },   { 6, "SOA" },      { 10, "NULL" },
	{ 11, "WKS" },     { 12, "PTR" },    { 13, "HINFO" },  { 15, "MX" },      { 16, "TXT" },
	{ 17, "RP" },      { 18, "AFSDB" },  { 24, "SIG" },    { 25, "KEY" },     { 28, "AAAA" },
	{ 29, "LOC" },     { 33, "SRV" },    { 35, "NAPTR" },  { 36, "KX" },      { 37, "CERT" },
	{ 38, "A6" },      { 39, "DNAME" },  { 42, "APL" },    { 43, "DS" },      { 44, "SSHFP" },
	{ 45, "IPSECKEY" }, { 46, "RRSIG" }, { 47, "NSEC" },   { 48, "DNSKEY" },  { 49, "DHCID" },
	{ 50, "NSEC3" },   { 51, "NSEC3PARAM" }, { 52, "TLSA" }, { 53, "SMIMEA" }, { 55, "HIP" },
	{ 59, "CDS" },     { 60, "CDNSKEY" }, { 61, "OPENPGPKEY" }, { 62, "CSYNC" },
	{ 63, "ZONEMD" },
	{ 64, "SVCB" },    { 65, "HTTPS" },  { 99, "SPF" },    { 108, "EUI48" },  { 109, "EUI64" },
	{ 249, "TKEY" },   { 250, "TSIG" },  { 251, "IXFR" },  { 252, "AXFR" },   { 255, "ANY" },
	{ 256, "URI" },    { 257, "CAA" },   { 0, NULL }
};

static const struct mnemonic class_names[] = {
	{ 1, "IN" }, { 3, "CH" }, { 4, "HS" }, { 254, "NONE" }, { 255, "ANY" }, { 0, NULL }
};

static const struct mnemonic rcode_names[] = {
	{ 0, "NOERROR" },  { 1, "FORMERR" },  { 2, "SERVFAIL" }, { 3, "NXDOMAIN" },
	{ 4, "NOTIMP" },   { 5, "REFUSED" },  { 6, "YXDOMAIN" }, { 7, "YXRRSET" },
	{ 8, "NXRRSET" },  { 9, "NOTAUTH" },  { 10, "NOTZONE" }, { 16, "BADVERS" },
	{ 23, "BADCOOKIE" }, { 0, NULL }
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

char *rrclass_text(char text[RRTYPE_TEXT_MAX], uint16_t class_number)
{
	return write_name(text, &classes, class_number);
}

char *rcode_text(char text[RRTYPE_TEXT_MAX], uint8_t rcode)
{
	return write_name(text, &rcodes, rcode);
}
