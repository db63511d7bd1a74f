/* SPDX-License-Identifier: BSD-3-Clause */
/* transfer - where a record of a transfer stands, and so what it means.
 *
 *     SOA new                                                       nothing has changed
 *     SOA new, records ..., SOA new                                 all of the zone
 *     SOA new, SOA have, removed ..., SOA next, added ...,
 *              SOA next, removed ..., SOA new, added ..., SOA new   what has changed, step by step
 *
 * A primary may answer a request for changes with all of the zone; which it is, the second record tells. A message may
 * have one record or many, so only the records count.
 *
 * Records are made by ldns one at a time, kept as octets, and made once more when they are told: twice the work, a
 * tenth of the memory.
 */
#include "primary/transfer.h"

#include <stdlib.h>
#include <string.h>

#include "primary/message.h"
#include "primary/record.h"

#define KEPT_FIRST 65536

bool transfer_is_later(uint32_t a, uint32_t b)
{
	return a != b && b - a < UINT32_C(1) << 31;
}

static uint8_t *put_question(uint8_t *wire, uint16_t id, const uint8_t *zone, size_t zone_len, uint16_t type)
{
	uint8_t *at = message_begin(wire, id, MESSAGE_QUERY);

	message_set_count(wire, SECTION_QUESTION, 1);
	at = message_put(at, zone, zone_len);
	return message_put16(message_put16(at, type), LDNS_RR_CLASS_IN);
}

size_t transfer_ask_serial(uint8_t *wire, uint16_t id, const uint8_t *zone, size_t zone_len)
{
	return (size_t)(put_question(wire, id, zone, zone_len, LDNS_RR_TYPE_SOA) - wire);
}

size_t transfer_ask(struct transfer *transfer, uint8_t *wire, uint16_t id, const uint8_t *zone, size_t zone_len,
                    const uint32_t *have, const struct share_rules *rules)
{
	uint8_t *at = put_question(wire, id, zone, zone_len, have ? LDNS_RR_TYPE_IXFR : LDNS_RR_TYPE_AXFR);

	*transfer = (struct transfer){ .zone = zone, .zone_len = zone_len, .id = id, .incremental = have,
	                               .have = have ? *have : 0, .rules = rules };
	if (!have)
		return (size_t)(at - wire);
	/* An SOA record of which nothing but the serial number counts. */
	message_set_count(wire, SECTION_AUTHORITY, 1);
	at = message_put16(at, 0xc000 | MESSAGE_HEADER);
	at = message_put16(message_put16(at, LDNS_RR_TYPE_SOA), LDNS_RR_CLASS_IN);
	at = message_put16(message_put32(at, 0), 2 + 5 * 4);
	at = message_put16(at, 0);
	at = message_put32(at, *have);
	memset(at, 0, 16);
	return (size_t)(at + 16 - wire);
}

/* Whether the two names of <len> octets are the same in any case: no length of a label is a letter. */
static bool same_name(const uint8_t *a, const uint8_t *b, size_t len)
{
	for (; len; len--, a++, b++) {
		uint8_t x = *a >= 'A' && *a <= 'Z' ? *a | 0x20 : *a, y = *b >= 'A' && *b <= 'Z' ? *b | 0x20 : *b;

		if (x != y)
			return false;
	}
	return true;
}

/* Whether <rr> is of the zone: at its top or below. Sets *<top>. */
static bool in_zone(const ldns_rr *rr, const uint8_t *zone, size_t zone_len, bool *top)
{
	const ldns_rdf *owner = ldns_rr_owner(rr);
	const uint8_t *name = ldns_rdf_data(owner);
	size_t len = ldns_rdf_size(owner);

	*top = len == zone_len;
	while (len > zone_len && *name) {
		len -= (size_t)*name + 1;
		name += *name + 1;
	}
	return ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN && len == zone_len && same_name(name, zone, len);
}

static bool is_soa(const ldns_rr *rr, uint32_t *serial)
{
	if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_SOA || ldns_rr_rd_count(rr) < 3)
		return false;
	*serial = ldns_rdf2native_int32(ldns_rr_rdf(rr, 2));
	return true;
}

/* What a record means. */
enum step { STEP_NOTHING, STEP_REMOVE, STEP_ADD, STEP_MALFORMED };

static enum step go(struct transfer_place *place, enum transfer_stage stage)
{
	place->stage = stage;
	return STEP_NOTHING;
}

/* The second record: whether this is all of the zone, or changes from <have> on. */
static enum step take_second(struct transfer *transfer, struct transfer_place *place, bool soa, uint32_t serial)
{
	transfer->whole = !soa || serial == transfer->serial;
	if (soa && serial == transfer->serial)
		return go(place, STAGE_END);
	if (!soa)
		place->stage = STAGE_RECORDS;
	else if (transfer->incremental && serial == transfer->have)
		return go(place, STAGE_REMOVED);
	return soa ? STEP_MALFORMED : STEP_ADD;
}

/* An SOA record among changes ends what is removed or what is added. */
static enum step take_change(const struct transfer *transfer, struct transfer_place *place, bool soa, uint32_t serial)
{
	bool removed = place->stage == STAGE_REMOVED;

	if (!soa)
		return removed ? STEP_REMOVE : STEP_ADD;
	if (removed) {
		place->serial = serial;
		return go(place, STAGE_ADDED);
	}
	if (serial != place->serial || !transfer_is_later(transfer->have, transfer->serial))
		return STEP_MALFORMED;
	return go(place, serial == transfer->serial ? STAGE_END : STAGE_REMOVED);
}

/* The next record of the answer. */
static enum step take_record(struct transfer *transfer, struct transfer_place *place, const ldns_rr *rr)
{
	uint32_t serial = 0;
	bool soa = is_soa(rr, &serial), top;

	/* To ldns, one with too little data is an SOA record as well. */
	if (!in_zone(rr, transfer->zone, transfer->zone_len, &top) ||
	    (ldns_rr_get_type(rr) == LDNS_RR_TYPE_SOA && (!soa || !top)))
		return STEP_MALFORMED;
	switch (place->stage) {
	case STAGE_FIRST:
		transfer->serial = serial;
		return soa ? go(place, STAGE_SECOND) : STEP_MALFORMED;
	case STAGE_SECOND:
		return take_second(transfer, place, soa, serial);
	case STAGE_RECORDS:
		if (!soa)
			return STEP_ADD;
		return serial == transfer->serial ? go(place, STAGE_END) : STEP_MALFORMED;
	case STAGE_REMOVED:
	case STAGE_ADDED:
		return take_change(transfer, place, soa, serial);
	case STAGE_END:
		break;
	}
	return STEP_MALFORMED;
}

/* Where the records of an answer begin; 0: it is malformed. A question, where there is one, must be ours. */
static size_t records_start(const uint8_t *wire, size_t len, const uint8_t *zone, size_t zone_len)
{
	size_t at = MESSAGE_HEADER;
	unsigned questions = message_count(wire, SECTION_QUESTION);

	if (!questions)
		return at;
	/* No name is before it that it could be compressed with. */
	if (questions > 1 || !message_skip_question(wire, len, &at) || at != MESSAGE_HEADER + zone_len + 4 ||
	    !same_name(wire + MESSAGE_HEADER, zone, zone_len))
		return 0;
	return at;
}

/* Whether it is an answer to the request of this id at all. */
static bool is_answer(const uint8_t *wire, size_t len, uint16_t id)
{
	return len >= MESSAGE_HEADER && message_id(wire) == id && message_is_answer(wire) &&
	       message_opcode(wire) == MESSAGE_QUERY && !message_is_truncated(wire);
}

int transfer_read_serial(const uint8_t *wire, size_t len, uint16_t id, const uint8_t *zone, size_t zone_len,
                         uint32_t *serial)
{
	ldns_rr *rr = NULL;
	bool top = false, right;
	size_t at;

	if (!is_answer(wire, len, id))
		return -1;
	if (message_rcode(wire))
		return message_rcode(wire);
	at = records_start(wire, len, zone, zone_len);
	if (!at || message_count(wire, SECTION_ANSWER) != 1)
		return -1;
	right = ldns_wire2rr(&rr, wire, len, &at, LDNS_SECTION_ANSWER) == LDNS_STATUS_OK &&
	        in_zone(rr, zone, zone_len, &top) && top && is_soa(rr, serial);
	ldns_rr_free(rr);
	return right ? 0 : -1;
}

/* Keeps a record of which <step> is to be done, if there is any use in it. Shares count where the transfer is all of
 * the zone: what is removed and added again, change by change, says nothing of how much there is.
 */
static enum transfer_result keep(struct transfer *transfer, enum step step, const ldns_rr *rr)
{
	size_t need = transfer->kept_len + 1 + record_size(rr);
	size_t size = transfer->kept_size ? transfer->kept_size : KEPT_FIRST;
	enum share share = share_take(&transfer->shares, transfer->rules, transfer->zone_len, rr, transfer->whole);
	uint8_t *kept;

	transfer->left_out += share == SHARE_LEAVE;
	if (share != SHARE_KEEP)
		return share == SHARE_LEAVE ? TRANSFER_MORE : TRANSFER_NO_MEMORY;
	if (need > TRANSFER_OCTETS_MAX)
		return TRANSFER_TOO_LARGE;
	while (size < need)
		size *= 2;
	if (size > transfer->kept_size) {
		kept = realloc(transfer->kept, size);
		if (!kept)
			return TRANSFER_NO_MEMORY;
		transfer->kept = kept;
		transfer->kept_size = size;
	}
	kept = transfer->kept + transfer->kept_len;
	*kept = step == STEP_ADD;
	record_write(kept + 1, rr, LDNS_RR_CLASS_IN, ldns_rr_ttl(rr));
	transfer->kept_len = need;
	return TRANSFER_MORE;
}

/* Takes the records of a message. */
static enum transfer_result walk(struct transfer *transfer, const uint8_t *wire, size_t len)
{
	size_t at = records_start(wire, len, transfer->zone, transfer->zone_len);
	enum transfer_result result = at ? TRANSFER_MORE : TRANSFER_MALFORMED;

	for (unsigned i = message_count(wire, SECTION_ANSWER); i && result == TRANSFER_MORE; i--) {
		ldns_rr *rr = NULL;
		ldns_status status = ldns_wire2rr(&rr, wire, len, &at, LDNS_SECTION_ANSWER);
		enum step step;

		if (status != LDNS_STATUS_OK)
			return status == LDNS_STATUS_MEM_ERR ? TRANSFER_NO_MEMORY : TRANSFER_MALFORMED;
		step = take_record(transfer, &transfer->place, rr);
		if (step == STEP_ADD || step == STEP_REMOVE)
			result = keep(transfer, step, rr);
		else if (step == STEP_MALFORMED)
			result = TRANSFER_MALFORMED;
		ldns_rr_free(rr);
	}
	return result;
}

enum transfer_result transfer_take(struct transfer *transfer, const uint8_t *wire, size_t len)
{
	enum transfer_result result;

	if (!is_answer(wire, len, transfer->id))
		return TRANSFER_MALFORMED;
	transfer->rcode = message_rcode(wire);
	if (transfer->rcode)
		return transfer->begun ? TRANSFER_MALFORMED : TRANSFER_REFUSED;
	transfer->begun = true;
	if (!message_count(wire, SECTION_ANSWER))
		return TRANSFER_MALFORMED; /* else these could go on for ever */
	result = walk(transfer, wire, len);
	if (result != TRANSFER_MORE)
		return result;
	if (transfer->place.stage == STAGE_SECOND && transfer->incremental && transfer->serial == transfer->have)
		return TRANSFER_SAME;
	return transfer->place.stage == STAGE_END ? TRANSFER_WHOLE : TRANSFER_MORE;
}

enum transfer_result transfer_tell(struct transfer *transfer, const struct transfer_sink *sink, unsigned most)
{
	size_t at = transfer->told_len;

	if (!at && transfer->whole)
		sink->whole(sink->arg);
	for (; at < transfer->kept_len && most; most--) {
		bool added = transfer->kept[at++];
		ldns_rr *rr = NULL;

		/* It was read once before: there is nothing wrong with it. */
		if (ldns_wire2rr(&rr, transfer->kept, transfer->kept_len, &at, LDNS_SECTION_ANSWER) !=
		    LDNS_STATUS_OK)
			return TRANSFER_NO_MEMORY;
		sink->record(sink->arg, added, rr);
		ldns_rr_free(rr);
	}
	transfer->told_len = at;
	if (at < transfer->kept_len)
		return TRANSFER_MORE;
	sink->done(sink->arg, transfer->serial);
	return TRANSFER_WHOLE;
}

void transfer_free(struct transfer *transfer)
{
	shares_free(&transfer->shares);
	free(transfer->kept);
	transfer->kept = NULL;
	transfer->kept_len = transfer->kept_size = transfer->told_len = 0;
}
