/* SPDX-License-Identifier: BSD-3-Clause */
/* small - engines with every detector, on a segment so small that everything in it is soon full.
 *
 * The engine's code and its detectors are the real ones; what is small are the tables, so that a few
 * questions are enough to push somebody out, and a fresh one costs no more than some pages of memory.
 */
#ifndef SMALL_H
#define SMALL_H

#include "engine/engine.h"

#define SMALL_NOW UINT64_C(1790000000000)

/* How an engine is set up. */
enum small_kind {
	SMALL_WATCHFUL,  /* mode observe, all defaults */
	SMALL_SENSITIVE, /* mode enforce; every action and scope; all bounds of detectors as low as they go */
	SMALL_PARTIAL,   /* mode enforce; profiles, lists, exemptions, forwarders; no hold for some */
	SMALL_KINDS
};

extern const struct segment_sizes small_sizes;

/* The engine of this <kind>, opened at the first call. */
struct warden *small_engine(enum small_kind kind);

/* Gives <warden> a segment of this process alone, in which nothing has happened yet. */
void small_fresh(struct warden *warden);

/* Gives <warden> the segment <mapping>, and its mode back. */
void small_use(struct warden *warden, const struct mapping *mapping);

/* Makes the secret of <mapping> the same in each run: what fails once then fails again. */
void small_secret(struct mapping *mapping);

#endif
