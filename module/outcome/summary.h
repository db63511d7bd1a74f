/* SPDX-License-Identifier: BSD-3-Clause */
/* summary - what a replay amounts to, as one JSON object.
 *
 * Verdicts are taken from the engine's records: one for a client, a domain and a
 * detector, with the strongest verdict reached and when it was first reached. Records
 * come at every rise of a verdict, so none that matters is missed. Clients and pairs are
 * counted here, exactly, since the engine may have to forget some.
 */
#ifndef OUTCOME_SUMMARY_H
#define OUTCOME_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "store/journal.h"
#include "outcome/tally.h"

struct summary {
	uint64_t observations, skipped;
	uint64_t first, last; /* earliest and latest time observed, milliseconds since 1970 */
	struct tally clients, pairs; /* observations of clients, questions of pairs */
	void *verdicts;       /* tree of struct verdict */
};

/* Takes note of what <warden> is shown. False without memory. */
bool summary_observe(struct summary *summary, struct warden *warden,
                     const struct warden_observation *obs);

/* Takes note of what it says. False without memory. */
bool summary_record(struct summary *summary, struct warden *warden, const struct record *record);

/* Writes the object to <path>. <warden> is the engine that said it all. Returns 0, or -1 with
 * a sentence in <error>.
 */
int summary_write(const struct summary *summary, const struct warden *warden, const char *path,
                  char *error, size_t error_len);

void summary_free(struct summary *summary);

#endif
