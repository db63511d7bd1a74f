/* SPDX-License-Identifier: BSD-3-Clause */
/* page - what a replay found, as one HTML page for who has to judge it.
 *
 *     struct page *page = page_new(path, inputs, error, sizeof(error));
 *
 *     page_observe(page, warden, obs);     each observation, then
 *     page_record(page, warden, record);   each record that came of it
 *     page_write(page, warden, summary, error, sizeof(error));
 *     page_free(page);
 *
 * A finding is the strongest verdict for a client, a domain and a detector, as in the summary. The
 * page asks nobody for anything: no script, no picture, no font, and a policy in it that forbids
 * them. It is written beside its path and renamed, so there is a whole one or none.
 *
 * Invariant: memory is bounded, whatever is recorded. OFFENCES_MAX findings (about 30 MB) and the
 * timelines of timeline.h; beyond that the weaker half of the findings goes and is counted. The
 * FINDINGS_SHOWN strongest are told in full, and the rest in numbers.
 *
 * Clients are told in full, as in the summary: the page is for who has the recording.
 *
 * All functions take NULL for a page that nobody wants.
 */
#ifndef OUTCOME_PAGE_H
#define OUTCOME_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/engine.h"
#include "store/journal.h"
#include "outcome/summary.h"

struct page;

/* Opens a page that will be <path>, so that what is in the way is told before the work. <inputs>,
 * NULL at the end, are borrowed. NULL with a sentence in <error> on failure.
 */
struct page *page_new(const char *path, char *const *inputs, char *error, size_t error_len);

/* Without a page_write() before, nothing is left of the page. */
void page_free(struct page *page);

/* Takes note of what <warden> is shown. */
void page_observe(struct page *page, struct warden *warden, const struct warden_observation *obs);

/* Takes note of what it says. False without memory. */
bool page_record(struct page *page, struct warden *warden, const struct record *record);

/* Returns 0, or -1 with a sentence in <error>. */
int page_write(struct page *page, struct warden *warden, const struct summary *summary, char *error,
               size_t error_len);

#endif
