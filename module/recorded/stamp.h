/* SPDX-License-Identifier: BSD-3-Clause */
/* stamp - the times that logs begin their lines with.
 *
 *     [1700000000]                       Unbound
 *     2026-11-21T03:00:00.123+01:00      Unbound (log-time-iso), syslog, Zeek
 *     Nov 21 03:00:00                    Unbound (log-time-ascii), syslog: no year, no zone
 *
 * What a time does not say is taken from around it: the zone is this host's; the year is the last
 * one in which the first line does not lie in the future of the file, and goes on from there.
 */
#ifndef RECORDED_STAMP_H
#define RECORDED_STAMP_H

#include <stdbool.h>
#include <stdint.h>

#define STAMP_TEXT 20 /* of a time up to its seconds, in any of these forms, ended by NUL */

/* All zeros but <written> at the beginning of a file. */
struct stamp {
	uint64_t written;       /* when the file was last written, milliseconds since 1970 */
	int year, month;        /* of the last time without a year; 0 before the first */
	uint64_t seconds;       /* of <text>: most times have the same seconds as the one before */
	char text[STAMP_TEXT];
};

/* Reads the time that *text begins with, which moves behind it. False, with *text as it was, when
 * there is none.
 */
bool stamp_read(struct stamp *stamp, const char **text, uint64_t *milliseconds);

#endif
