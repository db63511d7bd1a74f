/* SPDX-License-Identifier: BSD-3-Clause */
/* encode - payload into the questions of a client that leaks it.
 *
 * Payload is uniformly random, so that a bit of it is a bit of information and nobody can
 * say that it was known before. An encoder takes as many bits as fit its question; what it
 * took is what the question tells. What a question holds besides (a counter, fixed letters)
 * is not payload: the receiver could have guessed it.
 *
 * Invariant: each bit that was taken is in the question (encoder_is_honest()).
 */
#ifndef TRAFFIC_ENCODE_H
#define TRAFFIC_ENCODE_H

#include <stdbool.h>
#include <stdint.h>

#define LEFT_MAX 200 /* octets left of the domain, NUL included */

struct payload {
	uint8_t octets[128]; /* more than any question carries */
	unsigned taken;      /* bits */
};

/* A question but for its domain. */
struct telling {
	char left[LEFT_MAX]; /* labels, without the dot that follows */
	uint16_t qtype;
};

struct encoder {
	const char *name;
	void (*encode)(const struct encoder *encoder, struct payload *payload, uint64_t n,
	               struct telling *telling);
	const char *alphabet;    /* where one character is a few bits */
	unsigned unit_bits;      /* payload bits of a character or a word */
	unsigned label_bits;     /* payload bits of a label */
	unsigned count;          /* labels, or words */
};

/* Those of the list, and the last has no name. */
extern const struct encoder encoders[];

/* The encoder called <name>. Ends the program where there is none. */
const struct encoder *encoder_find(const char *name);

/* Makes question number <n> from fresh payload. Returns how many bits of it are told. */
unsigned encode(const struct encoder *encoder, uint64_t *random, uint64_t n, struct telling *telling);

/* Payload bits of each question. */
unsigned encoder_bits(const struct encoder *encoder);

/* Whether the question changes with each single bit of payload that is counted. */
bool encoder_is_honest(const struct encoder *encoder);

#define WORD_BITS 11
#define WORD_MAX  8 /* octets of a word, NUL included */

/* Word number <index>, of 2048 short ones that are English or could be. Returns <word>. */
char *word_text(char word[WORD_MAX], unsigned index);

#endif
