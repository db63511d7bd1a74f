/* SPDX-License-Identifier: BSD-3-Clause */
/* suspicion - what the detectors' opinions of the last hours add up to, for a client or a pair.
 *
 *     risk=45 said=information,long-names
 */
#ifndef REPORT_SUSPICION_H
#define REPORT_SUSPICION_H

#include <stdint.h>
#include <stdio.h>

#include "engine/policy.h"

struct suspicion {
	uint64_t first_seen; /* milliseconds since 1970; 0: not known */
	unsigned risk;       /* 0..100 */
	uint64_t said;       /* a bit for each detector with a part in it */
};

/* Of the notes of <client>, or of a pair of its, that begin at <words>, at <now>. */
struct suspicion suspicion_of(const struct config *config, const uint8_t client[16],
                              const uint64_t words[NOTES_WORDS], uint64_t now);

/* Prints the names of the detectors, with commas; "-" for none. */
void suspicion_print_said(const struct suspicion *suspicion, FILE *out);

#endif
