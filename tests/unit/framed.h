/* SPDX-License-Identifier: BSD-3-Clause */
/* framed - Frame Streams octet by octet, as a resolver writes them, for tests that write worse ones. */
#ifndef FRAMED_H
#define FRAMED_H

#include <stdint.h>
#include <string.h>

#define FRAMED_MAX     (1 << 20)
#define FRAMED_CONTENT "protobuf:dnstap.Dnstap"

enum framed_control { FRAMED_ACCEPT = 1, FRAMED_START, FRAMED_STOP, FRAMED_READY, FRAMED_FINISH };

struct framed {
	uint8_t octet[FRAMED_MAX];
	size_t len;
};

static inline void framed_put(struct framed *framed, const void *octets, size_t len)
{
	if (framed->len + len > FRAMED_MAX)
		return;
	memcpy(framed->octet + framed->len, octets, len);
	framed->len += len;
}

static inline void framed_put32(struct framed *framed, size_t number)
{
	const uint8_t octets[4] = {
		(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number,
	};

	framed_put(framed, octets, sizeof(octets));
}

/* A control frame; <content> NULL: without a content type. */
static inline void framed_control(struct framed *framed, enum framed_control type, const char *content)
{
	framed_put32(framed, 0);
	framed_put32(framed, content ? 12 + strlen(content) : 4);
	framed_put32(framed, type);
	if (!content)
		return;
	framed_put32(framed, 1);
	framed_put32(framed, strlen(content));
	framed_put(framed, content, strlen(content));
}

static inline void framed_data(struct framed *framed, const void *octets, size_t len)
{
	framed_put32(framed, len);
	framed_put(framed, octets, len);
}

#endif
