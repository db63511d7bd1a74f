/* SPDX-License-Identifier: BSD-3-Clause */
/* report - who was refused what: each client, domain and detector counts once a day.
 *
 * Knows no detector: names come from the decisions.
 */
#ifndef TRAFFIC_REPORT_H
#define TRAFFIC_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include <warden/warden.h>

struct report;

/* What is told: a decision that was not pass. */
struct offence {
	uint32_t day, client, domain; /* numbers of the caller's */
	const char *detector;         /* static */
	enum warden_verdict verdict;
	uint32_t host, type;          /* the first question of it */
	uint64_t times;               /* how often */
};

/* NULL without memory. */
struct report *report_new(void);
void report_free(struct report *report);

/* Tells of one decision; <offence>->times is ignored. Ends the program when there are too many. */
void report_add(struct report *report, const struct offence *offence);

/* The offences in the order in which they first came. */
uint32_t report_count(const struct report *report);
const struct offence *report_offence(const struct report *report, uint32_t n);

/* How many there are of <verdict>, by <detector> or, if NULL, by any. */
uint32_t report_total(const struct report *report, enum warden_verdict verdict, const char *detector);

/* The <n>th detector that was heard of, or NULL. */
const char *report_detector(const struct report *report, unsigned n);

#endif
