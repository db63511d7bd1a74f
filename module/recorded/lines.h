/* SPDX-License-Identifier: BSD-3-Clause */
/* lines - a text file, a line at a time, in bounded memory.
 *
 * What is said to be a log may be anything, and a small packed file may unpack to one line without
 * an end. So a line has a greatest length: a longer one is passed over, up to its end, and told.
 */
#ifndef RECORDED_LINES_H
#define RECORDED_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define LINE_MAX_OCTETS (1u << 20) /* an answer of 64 KiB, each octet as \xNN, with room to spare */

/* All zeros but <file> is one that has not begun. */
struct lines {
	FILE *file;
	char *text;      /* of the line at hand, ended by NUL instead of its newline */
	size_t len;      /* without them; a CR before the newline is cut off, too */
	uint64_t number; /* of the line at hand, from 1 */
	const char *fault; /* why the line at hand is of no use, or NULL */
	size_t size;     /* of <text>'s memory */
};

/* How many of the <len> octets at <text>, where a file begins, are a byte order mark of UTF-8, which some
 * editors put there. It is no part of the first line.
 */
size_t lines_mark_len(const void *text, size_t len);

/* Goes to the next line. False at the end of the file, and when it cannot be read or memory is
 * short: lines_end() knows which. A line that a damaged file ends in is not told.
 */
bool lines_next(struct lines *lines);

/* After the last line: gives the memory back and closes the file. Returns 0, or -1 with a sentence
 * in <error> when that was not the end of it.
 */
int lines_end(struct lines *lines, char *error, size_t error_len);

#endif
