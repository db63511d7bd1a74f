/* SPDX-License-Identifier: BSD-3-Clause */
/* manual_form - how a chapter of the manual is written down: text for a terminal, mdoc for a man page,
 * Markdown for doc/.
 *
 * A chapter (manual_chapters.c) is parts, and a part is entries; what these look like is a row here, as
 * formats of statistics are rows of emitters.
 *
 * Invariant: whatever a table says stands in the page as it is: nothing in it is taken for a macro, an
 * escape or the border of a table.
 */
#ifndef REPORT_MANUAL_FORM_H
#define REPORT_MANUAL_FORM_H

#include <stdbool.h>
#include <stdio.h>

#include "report/manual.h"

/* A page as it is written. All of it is zero but <out> and <form>. */
struct page {
	FILE *out;
	const struct manual_style *style;
	bool spaced;  /* text: a blank line behind each entry */
	bool listing; /* entries have been written that the part's end must close */
};

struct entry {
	const char *term; /* "mode: observe" */
	const char *note; /* "where it applies"; or NULL */
	const char *text; /* sentences */
	const char *more; /* more of them, on a line of their own; or NULL */
};

struct manual_style {
	/* What the page is called, where it is not called so already. */
	void (*title)(struct page *page, const char *title, const char *text);
	/* Begins a part, and ends the one before. */
	void (*part)(struct page *page, const char *title);
	/* Sentences about a part, before its entries. */
	void (*about)(struct page *page, const char *text);
	void (*entry)(struct page *page, const struct entry *entry);
	/* Ends the last part. */
	void (*end)(struct page *page);
	bool brief; /* what all detectors have is told once */
};

extern const struct manual_style manual_styles[MANUAL_FORM_COUNT];

/* Prints <text> in lines of at most 78 characters, each behind <prefix>. */
void print_wrapped(FILE *out, const char *prefix, const char *text);

#endif
