/* SPDX-License-Identifier: BSD-3-Clause */
/* gaps - the last gaps between the contacts of a pair, and how regular they are.
 *
 * A histogram in quarter octaves is too coarse to tell a timer with a fifth of jitter from
 * chance: all of it lies in two buckets. One that is fine enough has thousands of buckets, nearly
 * all of them empty, and is shorter written down as a list. So the last GAPS_KEPT gaps stand here
 * in the order they came, each as the number of its bucket: 204 to the octave, from a second to
 * twelve days, in 12 bits. Two of them share three octets:
 *
 *     code  | 0 low | 0 high, 1 low | 1 high |   0: none
 *
 * Old gaps fade by making room for new ones.
 *
 * Invariant: the score is within 0.04 of that of the very gaps. A bucket's middle is at most
 * e = 0.0017 of it away. Where the middle half is g of the median wide, and that is counted as no
 * less than SPREAD_LEAST, Bowley's skewness is off by at most 4e/g, and MAD/median by 2e; the
 * score, by half of both: 2e/g + e = 0.036.
 */
#ifndef DETECT_GAPS_H
#define DETECT_GAPS_H

#include <assert.h>
#include <stdint.h>

#include "base/clock.h"

#define GAPS_KEPT 22
#define GAP_LEAST SECOND
#define GAP_MOST  (GAP_LEAST << 20) /* 12 days; longer ones count as that */

/* Delays only ever make a gap longer, so the little that a timer strays by is lopsided. What
 * the middle half of the gaps is wide counts as a tenth of their median at least: that much less
 * does lopsidedness of a smaller spread tell.
 */
#define SPREAD_LEAST 0.1

struct gaps {
	uint8_t next; /* where the next one goes */
	uint8_t code[GAPS_KEPT * 3 / 2];
};

static_assert(sizeof(struct gaps) == 34, "no padding: the state is shared");

/* All zeros is no gaps; any octets are some. <gap> is in milliseconds. */
void gaps_add(struct gaps *gaps, uint64_t gap);

struct regularity {
	unsigned gaps;
	double median; /* milliseconds; 0 without gaps */
	double score;  /* 0..1, of gaps that are all the same 1 */
};

/* The score is the mean of two parts: 1 - |Bowley's skewness| (Q1 + Q3 - 2 Q2) / (Q3 - Q1), which is
 * lower for what people do, whose few long pauses outweigh many short ones; and
 * 1 - MAD / median, which is never below 0: what is below the median is half of all, and strays by less.
 */
struct regularity gaps_regularity(const struct gaps *gaps);

/* The same of <count> gaps as they are, not more than GAPS_KEPT. */
struct regularity regularity(const double *gap, unsigned count);

#endif
