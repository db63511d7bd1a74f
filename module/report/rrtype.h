/* SPDX-License-Identifier: BSD-3-Clause */
/* rrtype - names of record types, classes and response codes (IANA DNS parameters).
 *
 * What has no name here is written as RFC 3597 says: TYPE65399, CLASS4; and RCODE24.
 */
#ifndef REPORT_RRTYPE_H
#define REPORT_RRTYPE_H

#include <stdbool.h>
#include <stdint.h>

#define RRTYPE_TEXT_MAX 16

/* Write into <text> and return it. */
char *rrtype_text(char text[RRTYPE_TEXT_MAX], uint16_t type);
char *rrclass_text(char text[RRTYPE_TEXT_MAX], uint16_t class_number);
char *rcode_text(char text[RRTYPE_TEXT_MAX], uint8_t rcode);

/* Reads a type: its name, in any case, a number, or both as TYPE65399. False on anything else. */
bool rrtype_from_text(uint16_t *type, const char *text);

#endif
