/* SPDX-License-Identifier: BSD-3-Clause */
/* progress - how far a replay is, in one line of a terminal.
 *
 *     [############--------------------------]  31%  1234567 observations, 512k/s, 1m20s left
 *     1234567 observations, 512k/s                                  when an input is a pipe
 *
 * The line is at most PROGRESS_WIDTH columns wide, is written over itself, and is wiped before
 * anything else is said.
 */
#ifndef TOOL_PROGRESS_H
#define TOOL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#define PROGRESS_WIDTH 79 /* of 80: in the last column some terminals begin a new line */

struct progress {
	bool terminal;    /* whether stderr is one; else nothing is ever written */
	bool visible;     /* a line is there */
	uint64_t started, shown; /* milliseconds */
};

void progress_begin(struct progress *progress);

/* Whether it is time to look how far we are. Asked for all that is observed or skipped, <count> so far. */
bool progress_due(struct progress *progress, uint64_t count);

/* Shows <count> observations and <taken> of <size> octets; size 0: nobody knows. */
void progress_show(struct progress *progress, uint64_t count, uint64_t taken, uint64_t size);

/* Wipes it. */
void progress_clear(struct progress *progress);

/* Writes what is shown after <elapsed> milliseconds into <line>. Returns <line>. */
char *progress_line(char line[PROGRESS_WIDTH + 1], uint64_t count, uint64_t taken, uint64_t size,
                    uint64_t elapsed);

#endif
