/* SPDX-License-Identifier: BSD-3-Clause */
/* soak_message - the kinds of questions that soaker asks, as packets, and what matters of an answer. */
#ifndef SOAK_MESSAGE_H
#define SOAK_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IN_UDP = 1, IN_TCP = 2, IN_PLAIN = 4, IN_BOTH = IN_UDP | IN_TCP, IN_ALL = IN_BOTH | IN_PLAIN };

/* What is odd about a packet. */
enum odd {
	NOTHING_ODD, BIT_Z, OPCODE_UPDATE, NO_QUESTION, TWO_QUESTIONS, TOO_SHORT, A_RESPONSE, POINTS_AT_ITSELF,
	BAD_LABEL, TAIL, EDNS_VERSION,
};

/* Names are numbered: one of <range>, or with NEW each but once, or with SHARED by four after each other. */
enum { FIXED = 0, NEW = -1, SHARED = -2 };

struct gist {
	bool none; /* no answer */
	unsigned rcode, truncated, records;
	uint32_t hash; /* of the records' types and data, in any order */
};

struct kind {
	unsigned weight, in;
	const char *before, *after; /* its name, the number between them */
	int range;
	uint16_t type, class;
	enum odd odd;
	bool unseen; /* Unbound shows it to no module */
	bool address_of_number;
	struct gist expected;
};

extern struct kind kinds[];
extern const unsigned kind_count;

#define SOAK_NAME_MAX 128
#define HEADER_LEN    12

/* The name of question <number> of its kind. */
void name_of(char name[SOAK_NAME_MAX], const struct kind *kind, unsigned number);

/* Writes the packet. Every other has EDNS. Returns the length, which is below 512. */
size_t question(uint8_t *message, const struct kind *kind, unsigned number, uint16_t id);

/* False when it is no message that can be read. */
bool gist_of(struct gist *gist, const uint8_t *message, size_t len);

/* What the answer to question <number> shall be. */
struct gist expected(const struct kind *kind, unsigned number);

static inline unsigned read_u16(const uint8_t *at) { return (unsigned)at[0] << 8 | at[1]; }

static inline uint8_t *put_u16(uint8_t *at, unsigned number)
{
	at[0] = (uint8_t)(number >> 8);
	at[1] = (uint8_t)number;
	return at + 2;
}

#endif
