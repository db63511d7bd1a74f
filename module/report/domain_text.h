/* SPDX-License-Identifier: BSD-3-Clause */
/* domain_text - domains as they are kept in the segment, as text. */
#ifndef REPORT_DOMAIN_TEXT_H
#define REPORT_DOMAIN_TEXT_H

#include <stdint.h>

#include "name/name.h"
#include "store/mapping.h"

/* Writes the name in the <words> of a domain's slot; one too long to be kept whole ends in dots. */
char *domain_text(char text[NAME_TEXT_MAX], const uint64_t *words);

/* The same of the domain with this hash, "?" when its slot is gone. */
char *domain_text_of_hash(char text[NAME_TEXT_MAX], const struct mapping *mapping, uint64_t hash);

#endif
