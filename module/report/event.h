/* SPDX-License-Identifier: BSD-3-Clause */
/* event - one record of the journal as one line of JSON, in Elastic Common Schema 9.
 *
 * Every field is a row of <warden/events.def>; a test compares both ways. Records come
 * out of shared memory, so any octet of one may be anything: the line is still one line
 * of valid JSON, and no octet of a name can break it or a terminal.
 *
 * Allocates: for the writer thread and the tool, never for a resolver's thread.
 */
#ifndef REPORT_EVENT_H
#define REPORT_EVENT_H

#include <jansson.h>

#include "store/journal.h"
#include "store/mapping.h"

/* Returns the line, without newline; the caller frees it. <hostname> is the observer's,
 * NULL to leave it out. <mapping> tells the names of other domains that are evidence; NULL leaves
 * them out. NULL when memory is short.
 */
char *event_line(const struct record *record, const char *hostname, const struct mapping *mapping);

/* The same as an object, for who makes something else of it. */
json_t *event_object(const struct record *record, const char *hostname, const struct mapping *mapping);

/* <event> as a line, which is then the caller's; <event>, which may be NULL, is given up. */
char *event_text(json_t *event);

#define REASON_MAX 512

/* Writes a sentence without full stop: why, with the numbers that it stands on. Of <record> it
 * reads the detector, its reason and its evidence.
 */
void event_reason(char reason[REASON_MAX], const struct record *record, const struct mapping *mapping);

#endif
