/* SPDX-License-Identifier: BSD-3-Clause */
/* digits - octets out of hexadecimal, base32 and base64, in whichever alphabet.
 *
 * An alphabet is letters in their order, decimals in theirs, and a few others: of tools' alphabets
 * only where these begin differs. What is no digit ends a text.
 */
#ifndef DETECT_DIGITS_H
#define DETECT_DIGITS_H

#include <stddef.h>
#include <stdint.h>

struct alphabet {
	uint8_t bits;                  /* of a digit, at most 8 */
	uint8_t letters, decimals;     /* how many there are, from a, A and 0 on */
	uint8_t lower, upper, decimal; /* values of a, A and 0 */
	struct {
		uint8_t digit, value;  /* 0 after the last */
	} other[4];
};

/* RFC 4648 section 8; in either case. */
static const struct alphabet hexadecimal = { 4, 6, 10, 10, 10, 0, { { 0, 0 } } };

/* The value of <digit>, or -1. */
static inline int digit_value(const struct alphabet *alphabet, uint8_t digit)
{
	if (digit >= 'a' && digit < 'a' + alphabet->letters)
		return digit - 'a' + alphabet->lower;
	if (digit >= 'A' && digit < 'A' + alphabet->letters)
		return digit - 'A' + alphabet->upper;
	if (digit >= '0' && digit < '0' + alphabet->decimals)
		return digit - '0' + alphabet->decimal;
	for (unsigned i = 0; i < 4 && alphabet->other[i].digit; i++)
		if (digit == alphabet->other[i].digit)
			return alphabet->other[i].value;
	return -1;
}

/* Decodes the digits that the <len> octets at <digit> begin with into <out>, at most <room> octets.
 * Returns how many came out.
 */
static inline size_t digits_decode(const struct alphabet *alphabet, uint8_t *out, size_t room,
                                   const uint8_t *digit, size_t len)
{
	unsigned held = 0, pending = 0;
	size_t count = 0;

	for (size_t i = 0; i < len && count < room; i++) {
		int value = digit_value(alphabet, digit[i]);

		if (value < 0)
			break;
		pending = (pending << alphabet->bits | (unsigned)value) & 0xffff;
		held += alphabet->bits;
		if (held >= 8) {
			held -= 8;
			out[count++] = (uint8_t)(pending >> held);
		}
	}
	return count;
}

#endif
