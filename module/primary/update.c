/* SPDX-License-Identifier: BSD-3-Clause */
/* update - what is to become of a record, said by its class (RFC 2136 section 2.5).
 *
 *     class IN                     add it
 *     class NONE, TTL 0            remove it
 *     class ANY, TTL 0, no data    remove all of its name and type
 *
 * The octets are written here and not by ldns_update_pkt_new(), which copies every record twice and does not say when
 * memory was short. Nothing is compressed: a resolver's primary is near, and the records of an update have little in
 * common but the zone.
 */
#include "primary/update.h"

#include <stdbool.h>

#include "primary/message.h"
#include "primary/record.h"

/* Room that is written into, and what is left of it. */
struct room {
	uint8_t *at;
	size_t left;
};

static bool put(struct room *room, const void *octets, size_t len)
{
	if (len > room->left)
		return false;
	room->at = message_put(room->at, octets, len);
	room->left -= len;
	return true;
}

static bool put_record(struct room *room, const ldns_rr *rr, uint16_t class, uint32_t ttl)
{
	if (record_data_size(rr) > UINT16_MAX || record_size(rr) > room->left)
		return false;
	room->left -= record_size(rr);
	room->at = record_write(room->at, rr, class, ttl);
	return true;
}

static bool put_removal(struct room *room, const ldns_rr *rr)
{
	return put_record(room, rr, ldns_rr_rd_count(rr) ? LDNS_RR_CLASS_NONE : LDNS_RR_CLASS_ANY, 0);
}

static size_t count_of(const ldns_rr_list *records)
{
	return records ? ldns_rr_list_rr_count(records) : 0;
}

size_t update_write(uint8_t *wire, size_t room_len, uint16_t id, const uint8_t *zone, size_t zone_len,
                    const ldns_rr_list *add, const ldns_rr_list *remove)
{
	size_t adds = count_of(add), removes = count_of(remove);
	struct room room = { wire + MESSAGE_HEADER, room_len - MESSAGE_HEADER };
	uint8_t type_and_class[4];

	if (adds + removes > UINT16_MAX)
		return 0;
	message_begin(wire, id, MESSAGE_UPDATE);
	message_set_count(wire, SECTION_QUESTION, 1);
	message_set_count(wire, SECTION_AUTHORITY, (uint16_t)(adds + removes));
	message_put16(message_put16(type_and_class, LDNS_RR_TYPE_SOA), LDNS_RR_CLASS_IN);
	if (!put(&room, zone, zone_len) || !put(&room, type_and_class, sizeof(type_and_class)))
		return 0;
	for (size_t i = 0; i < removes; i++)
		if (!put_removal(&room, ldns_rr_list_rr(remove, i)))
			return 0;
	for (size_t i = 0; i < adds; i++)
		if (!put_record(&room, ldns_rr_list_rr(add, i), LDNS_RR_CLASS_IN,
		                ldns_rr_ttl(ldns_rr_list_rr(add, i))))
			return 0;
	return (size_t)(room.at - wire);
}

int update_read(const uint8_t *wire, size_t len, uint16_t id)
{
	if (len < MESSAGE_HEADER || message_id(wire) != id || !message_is_answer(wire) ||
	    message_opcode(wire) != MESSAGE_UPDATE)
		return -1;
	return message_rcode(wire);
}
