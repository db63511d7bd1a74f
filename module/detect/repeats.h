/* SPDX-License-Identifier: BSD-3-Clause */
/* repeats - what it tells to ask for a name again.
 *
 * Which of n known names is asked could tell log2(n) bits, whatever the names look like:
 * an alphabet of two names is enough for a tunnel. But a client that asks for the same ten
 * names, one after the other, day in, day out, tells nothing, nor does one that asks again because
 * nobody answered. So the code for a repeated question first says whether it is the one that
 * followed the last time ("as before"), the last one once more ("again"), or another, by an
 * adaptive code (Krichevsky and Trofimov 1981), and only then, which other one it is: log2(n + 1)
 * bits for the name, and those of its type.
 *
 *     recent  | d | a | b | c | d | a |     after a, as before: b
 *                   ^-----------------^
 *
 * Invariant: the sum of the costs bounds what the order of repeated questions tells, up to
 * collisions of the 16-bit fingerprints. A clock plays no part: when questions come is not counted.
 */
#ifndef DETECT_REPEATS_H
#define DETECT_REPEATS_H

#include <stdbool.h>
#include <stdint.h>

#define REPEATS_RECENT 16

#define TYPE_BITS_COMMON 2.0
#define TYPE_BITS_USUAL  6.0
#define TYPE_BITS_ANY    20.0

struct repeats {
	uint16_t recent[REPEATS_RECENT]; /* fingerprints of questions, a ring; 0: none yet */
	uint8_t at;                      /* where the next one goes */
	uint8_t asbefore, again, others; /* repeated questions of late: all halved when they get many */
};

/* Bits of a code for the type of a question: 2 for each of three that everybody asks for, 6 for a
 * dozen that some do, 20 for the 65,000 others. 3/4 + 12/64 + 1/16 = 1 (Kraft).
 */
double type_bits(uint16_t qtype);

/* Notes that <question> (a fingerprint of name and type, not 0) came. Returns the bits that it
 * tells if it is <known>, one of <names> and of a type that takes <type> bits; 0 otherwise.
 */
double repeats_see(struct repeats *repeats, uint16_t question, bool known, double names, double type);

#endif
