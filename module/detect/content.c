/* SPDX-License-Identifier: BSD-3-Clause */
/* content - one row per type that is not just octets. */
#include "base/dns.h"
#include "detect/content.h"
#include "name/model.h"
#include "name/name.h"

#define SERIAL_LEN 4
#define KEY_ECH    5 /* encrypted client hello: one key for all domains of a hoster, new every hour */

enum form { FORM_OCTETS, FORM_NAME, FORM_SERVICE, FORM_AUTHORITY, FORM_NOTHING };

/* A name begins behind <before> octets of the rdata, which count by their length. */
static const struct {
	uint16_t type;
	uint8_t form, before;
} forms[] = {
	{ DNS_TYPE_NS, FORM_NAME, 0 },
	{ DNS_TYPE_CNAME, FORM_NAME, 0 },
	{ DNS_TYPE_SOA, FORM_AUTHORITY, 0 }, /* as in negative answers */
	{ DNS_TYPE_PTR, FORM_NAME, 0 },
	{ DNS_TYPE_MX, FORM_NAME, 2 },
	{ DNS_TYPE_SRV, FORM_NAME, 6 },
	{ DNS_TYPE_KX, FORM_NAME, 2 },
	{ DNS_TYPE_DNAME, FORM_NAME, 0 },
	{ DNS_TYPE_AFSDB, FORM_NAME, 2 },
	{ DNS_TYPE_SVCB, FORM_SERVICE, 2 },
	{ DNS_TYPE_HTTPS, FORM_SERVICE, 2 },
	{ DNS_TYPE_DS, FORM_NOTHING, 0 },
	{ DNS_TYPE_RRSIG, FORM_NOTHING, 0 },
	{ DNS_TYPE_NSEC, FORM_NOTHING, 0 },
	{ DNS_TYPE_DNSKEY, FORM_NOTHING, 0 },
	{ DNS_TYPE_NSEC3, FORM_NOTHING, 0 },
	{ DNS_TYPE_NSEC3PARAM, FORM_NOTHING, 0 },
	{ DNS_TYPE_CDS, FORM_NOTHING, 0 },
	{ DNS_TYPE_CDNSKEY, FORM_NOTHING, 0 },
};

static struct piece octets_piece(const uint8_t *octets, size_t len)
{
	return (struct piece){ octets, len, 8.0 * (double)len, false };
}

/* Length of the name in wire format that begins at <octets>; 0 when there is none. */
static size_t wire_len(const uint8_t *octets, size_t len)
{
	size_t at = 0;

	while (at < len && octets[at] && octets[at] <= 63)
		at += octets[at] + 1u;
	return at < len && !octets[at] && at < NAME_WIRE_MAX ? at + 1 : 0;
}

/* The octets before a name, the name, and what may follow it, as one piece. */
static struct piece name_piece(const uint8_t *octets, size_t len, unsigned before)
{
	struct piece piece = octets_piece(octets, len);
	size_t name_len = len > before ? wire_len(octets + before, len - before) : 0;
	struct name name;

	if (!name_len || !name_parse(&name, octets + before, name_len))
		return piece;
	piece.bits = 8.0 * (double)(len - name_len) + model_cost(&name, name.labels) / (double)MODEL_UNIT;
	return piece;
}

/* Priority and target, then each parameter; behind the last that fits, the rest as one. */
static unsigned cut_service(const uint8_t *octets, size_t len, unsigned before,
                            struct piece piece[CONTENT_PIECES_MAX])
{
	size_t name_len = len > before ? wire_len(octets + before, len - before) : 0;
	size_t at = before + name_len;
	unsigned count = 0;

	if (!name_len) {
		piece[0] = octets_piece(octets, len);
		return 1;
	}
	piece[count++] = name_piece(octets, at, before);
	while (at < len) {
		size_t size = len - at;

		if (size >= 4 && count < CONTENT_PIECES_MAX - 1) {
			size_t wanted = 4 + ((size_t)octets[at + 2] << 8 | octets[at + 3]);

			size = wanted < size ? wanted : size;
		}
		piece[count] = octets_piece(octets + at, size);
		piece[count].common = size > 4 && octets[at] == 0 && octets[at + 1] == KEY_ECH;
		count++;
		at += size;
	}
	return count;
}

/* Both names, the serial number, which changes by itself, and the times. */
static unsigned cut_authority(const uint8_t *octets, size_t len, struct piece piece[CONTENT_PIECES_MAX])
{
	size_t server = wire_len(octets, len);
	size_t mailbox = server ? wire_len(octets + server, len - server) : 0;
	size_t at = server + mailbox;

	if (!mailbox || len - at < SERIAL_LEN) {
		piece[0] = octets_piece(octets, len);
		return 1;
	}
	piece[0] = name_piece(octets, server, 0);
	piece[1] = name_piece(octets + server, mailbox, 0);
	piece[2] = octets_piece(octets + at, SERIAL_LEN);
	piece[3] = octets_piece(octets + at + SERIAL_LEN, len - at - SERIAL_LEN);
	return 4;
}

unsigned content_cut(const struct warden_record *record, struct piece piece[CONTENT_PIECES_MAX])
{
	unsigned form = FORM_OCTETS, before = 0;

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (forms[i].type == record->type) {
			form = forms[i].form;
			before = forms[i].before;
		}
	if (!record->rdata_len || form == FORM_NOTHING)
		return 0;
	if (form == FORM_AUTHORITY)
		return cut_authority(record->rdata, record->rdata_len, piece);
	if (form == FORM_SERVICE)
		return cut_service(record->rdata, record->rdata_len, before, piece);
	piece[0] = form == FORM_NAME ? name_piece(record->rdata, record->rdata_len, before)
	                             : octets_piece(record->rdata, record->rdata_len);
	return 1;
}
