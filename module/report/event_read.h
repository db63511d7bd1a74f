/* SPDX-License-Identifier: BSD-3-Clause */
/* event_read - the way back from an event file: lines in, what they tell out.
 *
 * Reads what event.c writes, and only of that what a report needs. A file is whatever somebody
 * found on a disk: a line that is not all there, of another kind, too long or hostile is a fault
 * with a reason, and the next line is read.
 *
 * Invariant: all text in struct told is safe to print, names are checked and in wire format, and
 * the domain is a tail of the name.
 */
#ifndef REPORT_EVENT_READ_H
#define REPORT_EVENT_READ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <warden/warden.h>

#include "detect/detector.h"
#include "name/name.h"

#define EVENT_LINE_MAX    65535 /* octets; an event with the longest name of escapes has 12000 */
#define EVENT_WORD_MAX    32    /* name of a detector or of a number, NUL included */
#define EVENT_OBSERVER_MAX 64

/* A detector's numbers by name. */
struct numbers {
	unsigned count;
	struct {
		char name[EVENT_WORD_MAX];
		uint64_t value;
	} number[EVIDENCE_MAX];
};

struct told {
	uint64_t now, sequence, suppressed;
	enum warden_verdict verdict;
	bool dry_run;
	uint8_t client[16]; /* not masked */
	struct name name;
	unsigned domain_label; /* where in the name its registrable domain begins */
	char detector[EVENT_WORD_MAX];
	char observer[EVENT_OBSERVER_MAX]; /* host that numbers its events; cut, not for printing */
	struct numbers evidence;
};

/* Reads one line, without its newline. Returns NULL, or what is wrong with it. */
const char *event_read(struct told *told, const char *line, size_t len);

/* Who is told of a file. */
struct event_sink {
	void (*event)(void *arg, const struct told *told);
	void (*bad)(void *arg, uint64_t line, const char *fault); /* lines count from 1 */
	void *arg;
};

/* Reads <in> to its end, in memory for one line. Returns 0 or a negative errno. */
int event_file_read(FILE *in, const struct event_sink *sink);

#endif
