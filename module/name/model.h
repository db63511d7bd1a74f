/* SPDX-License-Identifier: BSD-3-Clause */
/* model - how many bits an ordinary reader would need to be told a name.
 *
 * A fixed model of host names: -log2 P(character | the two before it), from a
 * table of trigram costs in sixteenths of a bit (model_table.inc, made by
 * scripts/make-model of half of what is at hand; the other half is for tests). The
 * sum over a label is the length of a lossless code for it, so it bounds what the
 * label can carry, whatever the encoding: Shannon 1948; for the inequality that
 * makes it a code, Kraft 1949.
 *
 * 38 symbols: boundary, a-z, 0-9, and one for hyphen and all else. Which of the
 * latter, and the case of letters, is charged on top as a code would have to.
 * Ordinary names have about 4.7 bits a character, random base32 more than 5.
 */
#ifndef NAME_MODEL_H
#define NAME_MODEL_H

#include "name/name.h"

#define MODEL_SYMBOLS  38
#define MODEL_UNIT     16 /* costs are in 1/16 bit */
#define MODEL_BOUNDARY 0
#define MODEL_OTHER    37

/* [two back][one back][symbol], each at most 255. */
extern const uint8_t model_table[MODEL_SYMBOLS][MODEL_SYMBOLS][MODEL_SYMBOLS];

/* The symbol of an octet of a lower-case label. */
unsigned model_symbol(uint8_t octet);

/* Cost, in 1/16 bit, of the first <labels> labels of <name> in lower case. */
uint32_t model_cost(const struct name *name, unsigned labels);

/* Cost, in 1/16 bit, of the case of the letters in the first <labels> labels of <name>. */
uint32_t model_case_cost(const struct name *name, unsigned labels);

/* Cost, in 1/16 bit, of one label of a name, length octet first, lower case, its end included. */
uint32_t model_label_cost(const uint8_t *label);

/* Whether letters of both cases are in the first <labels> labels of <name>. */
bool model_is_mixed(const struct name *name, unsigned labels);

#endif
