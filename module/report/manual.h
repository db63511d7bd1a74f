/* SPDX-License-Identifier: BSD-3-Clause */
/* manual - what is printed from the tables: there is no other list of options, counters
 * or event fields to keep in step.
 *
 *     example   conf/warden.conf, octet for octet
 *     options   one paragraph an option, with type, default and bounds
 *     counters  one paragraph a counter
 *     events    one paragraph an event field
 *     sources   a line for each rule that others publish, and who here answers to it
 */
#ifndef REPORT_MANUAL_H
#define REPORT_MANUAL_H

#include <stdio.h>

enum manual_what { MANUAL_EXAMPLE, MANUAL_OPTIONS, MANUAL_COUNTERS, MANUAL_EVENTS, MANUAL_SOURCES };

/* Prints one of them to <out>. Returns 0, or -1 when memory was short or <out> is broken. */
int manual_print(FILE *out, enum manual_what what);

#endif
