/* SPDX-License-Identifier: BSD-3-Clause */
/* held - a hold as text, for those who print holds.
 *
 * Invariant: nothing in it can break a line or a terminal: names are in presentation format,
 * comments printable ASCII without quotes.
 */
#ifndef REPORT_HELD_H
#define REPORT_HELD_H

#include <stdint.h>

#include "name/name.h"
#include "report/address.h"
#include "store/holds.h"

struct held {
	char client[ADDRESS_TEXT_MAX], domain[NAME_TEXT_MAX]; /* "any": the hold does not name it */
	char comment[HOLD_COMMENT_MAX + 1];
	const char *verdict, *detector;
	uint64_t expires; /* seconds from now, rounded up: never 0 while in force */
};

/* Describes <hold>, which is in force at <now>. */
void held_describe(struct held *held, const struct hold *hold, uint64_t now);

#endif
