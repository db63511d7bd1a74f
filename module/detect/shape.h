/* SPDX-License-Identifier: BSD-3-Clause */
/* shape - the small language in which signatures.def says how a name looks.
 *
 * A shape is compared with a name's first labels; labels behind it are free, so that a
 * tunnel may be at any depth. It reads from left to right, a repeat takes all it can get, and
 * nothing is ever tried again: a name costs a few steps for each of its octets at most.
 *
 *     vaaaakaVI{3}            v a a a a k a, one of q to x, three of iodine's base32
 *     D{1,6}-(D{1,10}).id-D~  two labels, of which the second may go on
 *     **.=auth                a label "=auth" anywhere in the payload
 *
 * Lower-case letters, digits, other punctuation and octets from 128 on stand for themselves.
 *
 *     .      end of a label, which must end here; so does the last
 *     ~      the rest of the label is free, but for the octets behind the ~, which are its last
 *     ^      the rest is free, and has an octet of iodine's base128
 *     **.    any number of labels, none too; only at the beginning
 *     {n} {n,m} {n,}   so many of what stands before it; {n,} is n to 63
 *     ( )    the key: what is the same in a session
 *     [ ]    a decimal number that counts      < >   letters that count, the first fastest
 *
 *     P  how packed data begins: 1 4 7 f h t
 *     D  0-9       H  0-9 a-f       L  a-z        I  iodine's base32: a-z 0-5
 *     S  Sliver's base32: a-z 0-9 without i, l, o and s       X  base64: A-Z a-z 0-9 + / - _ =
 *     B  iodine's base64, both of them: A-Z a-z 0-9 + - _
 *     W  A-Z a-z 0-9 - _            *  any octet
 *     Q  B or C    J  A-P: the base64 digits of dns2tcp's packet types, where upper case counts
 *     C  iodine's codecs: r s t u v   E  a i q y   U  a b   V  q-x
 *
 * Invariant: any octets may stand in the name; shapes are ours.
 */
#ifndef DETECT_SHAPE_H
#define DETECT_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "name/name.h"

/* Whether the first <labels> labels of <name> look like <shape>; with <raw> letter case counts.
 * What the shape captures is in <value>, which is left alone otherwise: a number as it is, a key as
 * 16 bits of a hash, shifted up by SHAPE_KEY.
 */
bool shape_fits(const char *shape, const struct name *name, unsigned labels, bool raw, uint32_t *value);

#define SHAPE_KEY 16

/* 16 bits that stand for the <len> octets at <octet>, whatever their case. */
uint16_t shape_key(const uint8_t *octet, unsigned len);

/* What a name must be like to fit <shape> at all: a bit for every octet that a label may begin and
 * end with, in lower case, and how long it may be. This is the first label, or with "**." any.
 */
struct shape_door {
	uint64_t first[4], last[4];
	uint8_t min, max;
	uint8_t labels; /* how many there must be in the payload */
	bool floating;  /* "**." */
};

void shape_door(const char *shape, struct shape_door *door);

/* Whether <octet> is of the class, or is the octet, that <element> of a shape stands for. */
bool shape_octet(char element, uint8_t octet);

#endif
