/* SPDX-License-Identifier: BSD-3-Clause */
/* timestamp - our times as text and back: RFC 3339, UTC, milliseconds.
 *
 *     2026-11-21T03:00:00.123Z
 */
#ifndef REPORT_TIMESTAMP_H
#define REPORT_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

#define TIMESTAMP_TEXT_MAX 32

/* Writes <when>, milliseconds since 1970, into <text>; "" for one beyond any calendar. Returns
 * <text>.
 */
char *timestamp_text(char text[TIMESTAMP_TEXT_MAX], uint64_t when);

/* Reads a time in UTC, or a date, which is its midnight. Digits behind milliseconds are dropped.
 * False, with <when> untouched, on anything else.
 */
bool timestamp_read(const char *text, uint64_t *when);

#endif
