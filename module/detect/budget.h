/* SPDX-License-Identifier: BSD-3-Clause */
/* budget - what all detectors of information do with a sum: at half of the budget they are
 * fairly sure, at all of it sure.
 */
#ifndef DETECT_BUDGET_H
#define DETECT_BUDGET_H

#include "detect/detector.h"

/* Below this a question only repeats what is known. A sum over many domains that is full says
 * nothing against it.
 */
#define TELLING_BITS 8.0

#define CLIENTS_OF_BUDGET 16 /* of a domain: one budget for so many */
#define CLIENTS_COUNTED   60 /* of 64 bits: more cannot be told apart */

/* What <budget> octets for a domain are when <clients> ask for it. */
static inline double budget_of_clients(uint64_t budget, unsigned clients)
{
	return clients > CLIENTS_OF_BUDGET ? (double)budget * clients / CLIENTS_OF_BUDGET : (double)budget;
}

/* Confidence in that <bits> are too many for <budget> octets. */
static inline uint8_t budget_confidence(double bits, double budget)
{
	if (bits >= budget * 8)
		return CONFIDENCE_HIGH;
	return bits >= budget * 4 ? CONFIDENCE_MEDIUM : CONFIDENCE_NONE;
}

/* How full, 0..255, <budget> octets are with <bits>. */
static inline uint8_t budget_weight(double bits, double budget)
{
	double full = bits / (budget * 8);

	if (!(full > 0)) /* nor a number, in a ledger that anything may have written */
		return 0;
	return full >= 1 ? UINT8_MAX : (uint8_t)(full * UINT8_MAX);
}

#endif
