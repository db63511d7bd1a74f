/* SPDX-License-Identifier: BSD-3-Clause */
/* manual_chapters - the chapters of the manual that are walks over tables: options, counters, fields of
 * events, detectors. What a chapter looks like is manual_form's.
 */
#ifndef REPORT_MANUAL_CHAPTERS_H
#define REPORT_MANUAL_CHAPTERS_H

#include <stddef.h>

#include "engine/config.h"
#include "report/manual_form.h"

extern const char manual_about_list[], manual_about_profile[];

/* What may be written for an option, as a sentence: "A number from 8 to 32.". Returns <text>. */
char *manual_bounds(const struct option *row, char *text, size_t len);

/* <config> has the defaults. */
void chapter_options(struct page *page, const struct config *config);
void chapter_events(struct page *page);
void chapter_detectors(struct page *page, const struct config *config);

/* Returns 0, or -1 when memory was short. */
int chapter_counters(struct page *page);

#endif
