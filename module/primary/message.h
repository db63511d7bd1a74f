/* SPDX-License-Identifier: BSD-3-Clause */
/* message - numbers, headers and steps through the wire format of DNS (RFC 1035 section 4.1).
 *
 * Invariant: no step leaves the message: they say so instead.
 */
#ifndef PRIMARY_MESSAGE_H
#define PRIMARY_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MESSAGE_HEADER 12

enum { MESSAGE_QUERY = 0, MESSAGE_UPDATE = 5 };
enum { SECTION_QUESTION, SECTION_ANSWER, SECTION_AUTHORITY, SECTION_ADDITIONAL };

static inline uint16_t message_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t message_u32(const uint8_t *at)
{
	return (uint32_t)message_u16(at) << 16 | message_u16(at + 2);
}

static inline uint8_t *message_put16(uint8_t *at, uint16_t number)
{
	at[0] = (uint8_t)(number >> 8);
	at[1] = (uint8_t)number;
	return at + 2;
}

static inline uint8_t *message_put32(uint8_t *at, uint32_t number)
{
	return message_put16(message_put16(at, (uint16_t)(number >> 16)), (uint16_t)number);
}

static inline uint8_t *message_put(uint8_t *at, const void *octets, size_t len)
{
	memcpy(at, octets, len);
	return at + len;
}

static inline uint16_t message_id(const uint8_t *wire) { return message_u16(wire); }
static inline bool message_is_answer(const uint8_t *wire) { return wire[2] & 0x80; }
static inline unsigned message_opcode(const uint8_t *wire) { return wire[2] >> 3 & 15; }
static inline bool message_is_truncated(const uint8_t *wire) { return wire[2] & 2; }
static inline int message_rcode(const uint8_t *wire) { return wire[3] & 15; }

static inline uint16_t message_count(const uint8_t *wire, unsigned section)
{
	return message_u16(wire + 4 + 2 * section);
}

static inline void message_set_count(uint8_t *wire, unsigned section, uint16_t count)
{
	message_put16(wire + 4 + 2 * section, count);
}

/* A header with this id and opcode and nothing behind it. Returns its end. */
static inline uint8_t *message_begin(uint8_t *wire, uint16_t id, unsigned opcode)
{
	memset(wire, 0, MESSAGE_HEADER);
	message_put16(wire, id);
	wire[2] = (uint8_t)(opcode << 3);
	return wire + MESSAGE_HEADER;
}

/* Steps over a name, compressed or not. False when it does not end in the message. */
static inline bool message_skip_name(const uint8_t *wire, size_t len, size_t *at)
{
	while (*at < len) {
		uint8_t label = wire[*at];

		if (label >= 0xc0) {
			*at += 2;
			return *at <= len;
		}
		if (label > 63)
			return false;
		*at += (size_t)label + 1;
		if (!label)
			return *at <= len;
	}
	return false;
}

static inline bool message_skip_question(const uint8_t *wire, size_t len, size_t *at)
{
	if (!message_skip_name(wire, len, at) || len - *at < 4)
		return false;
	*at += 4;
	return true;
}

static inline bool message_skip_record(const uint8_t *wire, size_t len, size_t *at)
{
	size_t data;

	if (!message_skip_name(wire, len, at) || len - *at < 10)
		return false;
	data = message_u16(wire + *at + 8);
	*at += 10;
	if (len - *at < data)
		return false;
	*at += data;
	return true;
}

#endif
