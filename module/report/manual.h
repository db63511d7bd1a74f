/* SPDX-License-Identifier: BSD-3-Clause */
/* manual - what is printed from the tables: there is no other list of options, counters
 * or event fields to keep in step.
 *
 *     example   conf/warden.conf, octet for octet
 *     options   one paragraph an option, with type, default and bounds
 *     counters  one paragraph a counter
 *     events    one paragraph an event field
 *     detectors one paragraph a detector
 *     sources   a line for each rule that others publish, and who here answers to it
 */
#ifndef REPORT_MANUAL_H
#define REPORT_MANUAL_H

#include <stdio.h>

enum manual_what {
	MANUAL_OPTIONS,
	MANUAL_COUNTERS,
	MANUAL_EVENTS,
	MANUAL_DETECTORS,
	MANUAL_EXAMPLE, /* from here on a form of their own */
	MANUAL_SOURCES,
	MANUAL_COUNT
};

/* What the first four are written in; scripts/make-pages puts mdoc and Markdown where they belong. */
enum manual_form { MANUAL_TEXT, MANUAL_MDOC, MANUAL_MARKDOWN, MANUAL_FORM_COUNT };

/* Prints one of them to <out>. Returns 0, or -1 when memory was short or <out> is broken. */
int manual_print(FILE *out, enum manual_what what, enum manual_form form);

#endif
