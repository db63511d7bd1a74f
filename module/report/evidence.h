/* SPDX-License-Identifier: BSD-3-Clause */
/* evidence - what a detector goes by, in words. */
#ifndef REPORT_EVIDENCE_H
#define REPORT_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "detect/detector.h"
#include "store/mapping.h"

#define EVIDENCE_VALUE_MAX 1024

/* Index of the first word of piece <i> of <detector>'s evidence. */
unsigned evidence_at(const struct detector *detector, unsigned i);

/* Prints piece <i>, whose words are among <word>. Domains are looked up in <mapping>, which may
 * be NULL. False when there is nothing to print: no such domain any more, or an empty text.
 */
bool evidence_value(char value[EVIDENCE_VALUE_MAX], const struct detector *detector, unsigned i,
                    const uint64_t word[EVIDENCE_MAX], const struct mapping *mapping);

#endif
