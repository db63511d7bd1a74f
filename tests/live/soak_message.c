/* SPDX-License-Identifier: BSD-3-Clause */
/* soak_message - see soak_message.h. */
#include <stdio.h>
#include <string.h>

#include "soak_message.h"

enum { A = 1, MX = 15, TXT = 16, AAAA = 28, TSIG = 250, ANY = 255, PRIVATE = 65399, IN = 1, CH = 3 };

struct kind kinds[] = {
	{ 40, IN_BOTH, "h", ".example.net", 2000, A, IN, .address_of_number = true },
	{ 20, IN_BOTH, "s", ".short.example", 500, A, IN },
	{ 5, IN_BOTH, "u", ".short.example", NEW, A, IN },
	{ 5, IN_BOTH, "n", ".absent.nowhere", NEW, A, IN },
	{ 6, IN_BOTH, "j", ".slow.example", SHARED, A, IN },
	{ 5, IN_BOTH, "www.example.net", "", FIXED, AAAA, IN },
	{ 5, IN_BOTH, "shop.example.net", "", FIXED, A, IN },
	{ 3, IN_BOTH, "www.example.net", "", FIXED, TXT, IN },
	{ 3, IN_BOTH, "example.net", "", FIXED, MX, IN },
	{ 3, IN_ALL, "www.quiet.example", "", FIXED, A, IN },
	{ 2, IN_ALL, "www.quiet.example", "", FIXED, AAAA, IN },
	{ 2, IN_ALL, "mail.quiet.example", "", FIXED, TXT, IN },
	{ 3, IN_ALL, "localhost", "", FIXED, A, IN },
	{ 2, IN_BOTH, "wWw.ExaMple.nEt", "", FIXED, A, IN },
	{ 1, IN_BOTH, "version.bind", "", FIXED, TXT, CH },
	{ 1, IN_BOTH, "mail.example.net", "", FIXED, ANY, IN },
	{ 1, IN_BOTH, "www.example.net", "", FIXED, PRIVATE, IN },
	{ 1, IN_BOTH, "www.example.net", "", FIXED, A, IN, BIT_Z },
	{ 1, IN_BOTH, "www.example.net", "", FIXED, TSIG, IN, .unseen = true },
	{ 1, IN_UDP, "www.example.net", "", FIXED, A, IN, OPCODE_UPDATE, true },
	{ 1, IN_UDP, "www.example.net", "", FIXED, A, IN, NO_QUESTION, true },
	{ 1, IN_UDP, "www.example.net", "", FIXED, A, IN, TWO_QUESTIONS, true },
	{ 1, IN_UDP, "www.example.net", "", FIXED, A, IN, TOO_SHORT, true },
	{ 1, IN_UDP, "www.example.net", "", FIXED, A, IN, A_RESPONSE, true },
	{ 1, IN_UDP, "www.example.net", "", FIXED, A, IN, POINTS_AT_ITSELF, true },
	{ 1, IN_UDP, "www.example.net", "", FIXED, A, IN, BAD_LABEL, true },
	{ 1, IN_UDP, "www.example.net", "", FIXED, A, IN, TAIL },
	{ 1, IN_UDP, "www.example.net", "", FIXED, A, IN, EDNS_VERSION, true },
};
const unsigned kind_count = sizeof kinds / sizeof *kinds;

void name_of(char name[SOAK_NAME_MAX], const struct kind *kind, unsigned number)
{
	if (kind->range == FIXED)
		snprintf(name, SOAK_NAME_MAX, "%s", kind->before);
	else
		snprintf(name, SOAK_NAME_MAX, "%s%u%s", kind->before, number, kind->after);
}

static uint8_t *put_name(uint8_t *at, const char *name)
{
	while (*name) {
		size_t len = strcspn(name, ".");

		*at++ = (uint8_t)len;
		memcpy(at, name, len);
		at += len;
		name += len + (name[len] == '.');
	}
	*at++ = 0;
	return at;
}

size_t question(uint8_t *message, const struct kind *kind, unsigned number, uint16_t id)
{
	bool edns = kind->odd == EDNS_VERSION || number % 2;
	uint8_t *at = message;
	char name[SOAK_NAME_MAX];

	name_of(name, kind, number);
	at = put_u16(at, id);
	at = put_u16(at, kind->odd == BIT_Z ? 0x0140 : kind->odd == OPCODE_UPDATE ? 0x2900 :
	             kind->odd == A_RESPONSE ? 0x8100 : 0x0100);
	at = put_u16(at, kind->odd == NO_QUESTION ? 0 : kind->odd == TWO_QUESTIONS ? 2 : 1);
	at = put_u16(at, 0);
	at = put_u16(at, 0);
	at = put_u16(at, edns);
	if (kind->odd == TOO_SHORT)
		return 7;
	if (kind->odd == NO_QUESTION)
		return HEADER_LEN;
	if (kind->odd == POINTS_AT_ITSELF)
		at = put_u16(at, 0xc000 | HEADER_LEN);
	else
		at = put_name(at, name);
	if (kind->odd == BAD_LABEL)
		message[HEADER_LEN] = 0x83;
	at = put_u16(at, kind->type);
	at = put_u16(at, kind->class);
	if (edns) {
		static const uint8_t opt[] = { 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0 };

		memcpy(at, opt, sizeof opt);
		at[6] = kind->odd == EDNS_VERSION;
		at += sizeof opt;
	}
	if (kind->odd == TAIL) {
		memset(at, 'x', 20);
		at += 20;
	}
	return (size_t)(at - message);
}

/* Steps over the name at <at>; HUGE when it leaves the message. */
static size_t behind_name(const uint8_t *message, size_t len, size_t at)
{
	while (at < len && message[at] != 0 && message[at] < 0xc0)
		at += (size_t)message[at] + 1;
	return at + (at < len && message[at] >= 0xc0 ? 2 : 1);
}

static uint32_t hash_record(unsigned type, const uint8_t *data, size_t len)
{
	uint32_t hash = 2166136261u ^ type;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ data[i]) * 16777619u;
	return hash;
}

bool gist_of(struct gist *gist, const uint8_t *message, size_t len)
{
	size_t at = HEADER_LEN;

	memset(gist, 0, sizeof *gist);
	if (len < HEADER_LEN || !(message[2] & 0x80))
		return false;
	gist->rcode = message[3] & 15;
	gist->truncated = message[2] >> 1 & 1;
	gist->records = read_u16(message + 6);
	for (unsigned i = read_u16(message + 4); i > 0; i--)
		at = behind_name(message, len, at) + 4;
	for (unsigned i = gist->records; i > 0; i--) {
		at = behind_name(message, len, at);
		if (at + 10 > len || at + 10 + read_u16(message + at + 8) > len)
			return false;
		gist->hash += hash_record(read_u16(message + at), message + at + 10, read_u16(message + at + 8));
		at += 10 + read_u16(message + at + 8);
	}
	return true;
}

struct gist expected(const struct kind *kind, unsigned number)
{
	struct gist gist = kind->expected;
	const uint8_t address[4] = { 192, 0, 2, (uint8_t)(number % 250 + 1) };

	if (kind->address_of_number)
		gist.hash = hash_record(A, address, sizeof address);
	return gist;
}
