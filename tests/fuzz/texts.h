/* SPDX-License-Identifier: BSD-3-Clause */
/* texts - what Warden tells in words, checked: each event is one line of valid JSON, each report printable. */
#ifndef TEXTS_H
#define TEXTS_H

#include "engine/engine.h"
#include "store/journal.h"

/* Makes the event of <record>, and reads it back. <sound>: the record was made by the engine, not of any
 * octets, so that what comes back is all there.
 */
void texts_event(const struct record *record, const struct mapping *mapping, bool sound);

/* Takes all events out of the journal of <warden>, and checks them when they are to be <read>. Returns how
 * many.
 */
unsigned texts_drain(struct warden *warden, uint64_t now, bool sound, bool read);

/* Prints all that can be printed of <warden>'s segment; what there is to say of <client> and <name>, too. */
void texts_reports(struct warden *warden, const uint8_t client[16], const struct name *name, uint64_t now);

/* Checks that <text> is whole lines of printable ASCII. */
void texts_printable(const char *text, size_t len);

#endif
