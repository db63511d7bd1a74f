/* SPDX-License-Identifier: BSD-3-Clause */
/* model - the code whose length is charged.
 *
 *     w  w  w  end  c  d  n  end  end
 *     |  |  |   |                  +-- an empty label: no more payload
 *     each by the two symbols before it, labels beginning at (boundary, boundary)
 *
 * To this come, per octet that is neither letter nor digit, which one it is; and, once
 * a payload, the case of its letters.
 *
 * Why this is a code, that is why the sum of 2^-cost over all payloads is at most 1: a
 * payload can be read back from its parts one after the other, and each part, whatever
 * came before it, has a sum of at most 1 over what may stand there:
 *
 *     the next symbol     2^-cost over each row of the table: make-model rounds costs up
 *     which other octet   1/2 hyphen + 1/4 underscore + 218 / 1024 for the rest = 0.96
 *     case, at the end    given the letters: 0.92 lower + 1/32 upper + 1/32 mixed = 0.98
 *
 * A payload ends at its empty label, so none begins another. The tests add all this up.
 */
#include <assert.h>
#include <string.h>

#include "name/model.h"
#include "name/model_table.inc"

/* Which octet MODEL_OTHER stands for: 0, 10, or 11 and the octet. */
#define HYPHEN_COST      (1 * MODEL_UNIT)
#define UNDERSCORE_COST  (2 * MODEL_UNIT)
#define OTHER_OCTET_COST (2 * MODEL_UNIT + 8 * MODEL_UNIT)

/* Case of the letters: lower, upper, or mixed, which then takes a bit a letter. */
#define LOWER_CASE_COST (MODEL_UNIT / 8)
#define UPPER_CASE_COST (5 * MODEL_UNIT)
#define MIXED_CASE_COST (5 * MODEL_UNIT)

static_assert(MODEL_SYMBOLS * MODEL_SYMBOLS * MODEL_SYMBOLS == sizeof(model_table),
              "one octet a cost");

unsigned model_symbol(uint8_t octet)
{
	if (octet >= 'a' && octet <= 'z')
		return 1u + octet - 'a';
	if (octet >= '0' && octet <= '9')
		return 27u + octet - '0';
	return MODEL_OTHER;
}

static uint32_t other_cost(uint8_t octet)
{
	switch (octet) {
	case '-':
		return HYPHEN_COST;
	case '_':
		return UNDERSCORE_COST;
	default:
		return OTHER_OCTET_COST;
	}
}

uint32_t model_label_cost(const uint8_t *label)
{
	unsigned before = MODEL_BOUNDARY, last = MODEL_BOUNDARY;
	uint32_t cost = 0;

	for (unsigned i = 1; i <= label[0]; i++) {
		unsigned symbol = model_symbol(label[i]);

		cost += model_table[before][last][symbol];
		if (symbol == MODEL_OTHER)
			cost += other_cost(label[i]);
		before = last;
		last = symbol;
	}
	return cost + model_table[before][last][MODEL_BOUNDARY];
}

uint32_t model_cost(const struct name *name, unsigned labels)
{
	uint32_t cost = model_table[MODEL_BOUNDARY][MODEL_BOUNDARY][MODEL_BOUNDARY];

	if (labels > name->labels)
		labels = name->labels;
	for (unsigned i = 0; i < labels; i++)
		cost += model_label_cost(name->wire + name->label[i]);
	return cost;
}

/* Letters in the first <labels> labels, if any of them is upper case, and how many are. Length
 * octets are no letters.
 */
static unsigned count_letters(const struct name *name, unsigned labels, unsigned *upper)
{
	size_t len = name->len - name_tail_len(name, labels);
	unsigned letters = 0;

	*upper = 0;
	if (!memcmp(name->wire, name->raw, len))
		return 0; /* nearly always, and then nobody asks how many there are */
	for (size_t i = 0; i < len; i++) {
		letters += name->wire[i] >= 'a' && name->wire[i] <= 'z';
		*upper += name->raw[i] != name->wire[i];
	}
	return letters;
}

bool model_is_mixed(const struct name *name, unsigned labels)
{
	unsigned upper, letters = count_letters(name, labels, &upper);

	return upper > 0 && upper < letters;
}

uint32_t model_case_cost(const struct name *name, unsigned labels)
{
	unsigned upper, letters = count_letters(name, labels, &upper);

	if (upper == 0)
		return LOWER_CASE_COST;
	if (upper == letters)
		return UPPER_CASE_COST;
	return MIXED_CASE_COST + letters * MODEL_UNIT;
}
