/* SPDX-License-Identifier: BSD-3-Clause */
/* sequence - how many events are missing between those that were read.
 *
 * Warden numbers its events, lost ones included. Numbers come in runs: a run ends with its file,
 * and where an observer begins anew (a fresh segment). Runs of one observer are put in the order
 * of their times, so files may be given in any order, and each is held against the one before.
 *
 *     file 2   |5 6 7|         |1 2|        a new segment
 *     file 1            |9 10|              8 is missing
 *
 * Threads number and write events at the same time, so a number may come a little late: it then
 * fills the gap that it seemed to leave.
 */
#ifndef REPORT_SEQUENCE_H
#define REPORT_SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEQUENCE_LATE 256 /* a number this much behind is late; one further back is a new beginning */

struct sequence_run {
	uint64_t observer, file;   /* whose, by hash; and where it was read */
	uint64_t began;            /* time of its first event */
	uint64_t first, highest;   /* numbers */
	uint64_t missing;          /* in between */
};

/* All zeros is an empty one. */
struct sequence {
	struct sequence_run *run;
	size_t count, capacity;
	uint64_t file;
};

/* What follows is another file. */
void sequence_file(struct sequence *sequence);

/* Event <number> of <observer> at <now>. False without memory. */
bool sequence_add(struct sequence *sequence, const char *observer, uint64_t number, uint64_t now);

/* How many are missing of all. Puts the runs in order: no more can be added. */
uint64_t sequence_missing(struct sequence *sequence);

void sequence_free(struct sequence *sequence);

#endif
