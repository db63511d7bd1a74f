/* SPDX-License-Identifier: BSD-3-Clause */
/* sums - what other nodes have written of a subject, as one number.
 *
 * Invariant: whatever stands in Redis, the result is a number of bits that nodes could have counted: fields that no node
 * is called, and more than any budget, do not come through. Pure: no state, no clock.
 */
#ifndef TOGETHER_SUMS_H
#define TOGETHER_SUMS_H

#include <stdbool.h>
#include <stdint.h>

#include "together/resp.h"

#define SUMS_BITS_MAX 1e12

/* Sum over a sliding window of a day at <now> (milliseconds since 1970), of what was told on its day and on the day
 * before: that of the day before counts for as much of it as is still in the window.
 */
double sums_window(double today, double yesterday, uint64_t now);

/* What stands in a field: a whole number of bits, 0 to SUMS_BITS_MAX. False when it is none. */
bool sums_number(struct resp_text text, double *bits);

/* Adds up the fields of <reply> that nodes other than <self> have, of each as much as any budget is at most, and says of
 * how many. False when it is not what HGETALL answers, or numbers are none.
 */
bool sums_of_others(const char *self, const struct resp *reply, double *bits, uint32_t *nodes);

#endif
