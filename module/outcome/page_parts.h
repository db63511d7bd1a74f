/* SPDX-License-Identifier: BSD-3-Clause */
/* page_parts - what the files that make a page share.
 *
 *     page.c          gathers, opens, writes and closes
 *     page_head.c     the result and what it was made of
 *     page_finding.c  one finding
 *     page_tables.c   by client and by detector
 *     page_chart.c    questions over time as SVG
 *     page_allow.c    the lines of a configuration
 *     page_text.c     times, spans and counts for people
 */
#ifndef OUTCOME_PAGE_PARTS_H
#define OUTCOME_PAGE_PARTS_H

#include <stdio.h>

#include "report/address.h"
#include "report/burn_in.h"
#include "report/timestamp.h"
#include "outcome/offence.h"
#include "outcome/page.h"
#include "outcome/timeline.h"

#define FINDINGS_SHOWN 500 /* in full */
#define ROWS_SHOWN     200 /* of a table */
#define SHORT_TEXT_MAX 64

/* A page while it is written. */
struct sheet {
	FILE *out;
	const struct timelines *lines;
	const struct summary *summary;
	const struct warden *warden;
	const struct config *config;
	char *const *inputs;
	struct offence **finding; /* strongest first */
	size_t count;
	const struct offences *findings;
	struct burn_in *burn;            /* of those that are not about the client as such */
	struct burn_in_domain **domain;  /* its domains, in the order of their names */
};

/* --- text ------------------------------------------------------------------------------------ */

/* "1,234,567". All of these return their first argument. */
char *count_text(char text[SHORT_TEXT_MAX], uint64_t n);

/* "2026-11-21 03:00:00.123"; "" beyond any calendar. */
char *moment_text(char text[SHORT_TEXT_MAX], uint64_t when);

/* The part of that which tells two moments <span> apart from each other. */
char *short_moment_text(char text[SHORT_TEXT_MAX], uint64_t when, uint64_t span);

/* "6.5 s", "3 h 12 min". */
char *span_text(char text[SHORT_TEXT_MAX], uint64_t milliseconds);

/* The client as a page tells it: all of a page's clients come through here. */
char *client_text(char text[ADDRESS_TEXT_MAX], const uint8_t client[16]);

/* "s" unless <n> is 1. */
const char *plural(uint64_t n);

/* "high", and "High" at the beginning of a sentence. */
const char *severity_word(unsigned confidence);
const char *severity_title(unsigned confidence);

/* The questions over time of a finding's pair; NULL when they were forgotten. */
struct timeline *page_timeline(const struct timelines *lines, const struct mapping *mapping,
                               const struct offence *finding);

/* --- parts ----------------------------------------------------------------------------------- */

void page_head(const struct sheet *sheet);

/* Questions of everybody with the moments of findings, and of one pair, which <count> of them are about. */
void chart_all(const struct sheet *sheet);
void chart_pair(const struct sheet *sheet, struct offence *const *finding, size_t count,
                const struct timeline *line);

void page_findings(const struct sheet *sheet);
void page_clients(const struct sheet *sheet);
void page_detectors(const struct sheet *sheet);

/* Gathers what the lines are made of. False without memory. */
bool allow_gather(struct sheet *sheet);
void allow_free(struct sheet *sheet);

/* The line that silences <finding>. */
void allow_finding(const struct sheet *sheet, const struct offence *finding, struct allow_line *line);

/* All lines as one block to copy. */
void page_allow(const struct sheet *sheet);

#endif
