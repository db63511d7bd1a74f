/* SPDX-License-Identifier: BSD-3-Clause */
/* content - what rdata is made of, by its type. */
#include "base/dns.h"
#include "detect/content.h"
#include "name/model.h"
#include "name/name.h"

#define SERIAL_LEN 4
#define KEY_ECH    5 /* encrypted client hello: one key for all domains of a hoster, new every hour */

enum form { FORM_OCTETS, FORM_NAME, FORM_SERVICE, FORM_AUTHORITY, FORM_NOTHING };

/* What rdata of <type> is; a name begins behind <before> octets of it, which count by their length. */
static enum form form_of(uint16_t type, unsigned *before)
{
	*before = 0;
	switch (type) {
	case DNS_TYPE_NS: case DNS_TYPE_CNAME: case DNS_TYPE_PTR: case DNS_TYPE_DNAME:
		return FORM_NAME;
	case DNS_TYPE_MX: case DNS_TYPE_KX: case DNS_TYPE_AFSDB:
		*before = 2;
		return FORM_NAME;
	case DNS_TYPE_SRV:
		*before = 6;
		return FORM_NAME;
	case DNS_TYPE_SVCB: case DNS_TYPE_HTTPS:
		*before = 2;
		return FORM_SERVICE;
	case DNS_TYPE_SOA: /* as in negative answers */
		return FORM_AUTHORITY;
	case DNS_TYPE_DS: case DNS_TYPE_RRSIG: case DNS_TYPE_NSEC: case DNS_TYPE_DNSKEY: case DNS_TYPE_NSEC3:
	case DNS_TYPE_NSEC3PARAM: case DNS_TYPE_CDS: case DNS_TYPE_CDNSKEY:
		return FORM_NOTHING;
	default:
		return FORM_OCTETS;
	}
}

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
	unsigned before;
	enum form form = form_of(record->type, &before);

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
