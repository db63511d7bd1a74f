/* SPDX-License-Identifier: BSD-3-Clause */
/* openmetrics - what Warden counts, for Prometheus and all that reads its formats.
 *
 * The numbers are those of stats.h. Each is told under a name that follows from its key:
 *
 *     warden.holds.lost     warden_holds_lost_total
 *     warden.num.withheld   warden_withheld_total        "num." says nothing
 *     warden.holds.count    warden_holds                 nor does ".count", of what is there
 *
 * unless a row of the table in openmetrics.c makes it one of a family with a label (warden_queries_total
 * {path="miss"}) or has a better name for it. So a new counter is told of without a change here.
 *
 * Counters count from the segment's beginning: `unbound-control stats` resets what it prints itself, not
 * these. They begin anew with a new segment, and go back when an older one is restored from its snapshot.
 *
 * Invariant: how many series there are follows from the tables of Warden and from <clients>, never from
 * what clients ask. A family's samples stand together, and no series is told twice.
 */
#ifndef REPORT_OPENMETRICS_H
#define REPORT_OPENMETRICS_H

#include <stdint.h>
#include <stdio.h>

#include "report/exposition.h"
#include "report/manual_form.h"
#include "store/mapping.h"

#define OPENMETRICS_CLIENTS_MAX 100

struct config;

struct openmetrics {
	enum exposition_dialect dialect;
	uint32_t clients;            /* so many of the most suspicious; at most OPENMETRICS_CLIENTS_MAX */
	const struct config *config; /* may be NULL when <clients> is 0 */
	uint64_t now;                /* milliseconds since 1970 */
};

/* Prints all of <mapping>; NULL when there is no segment, which warden_up says. Returns 0, -ENOMEM, or -EIO
 * when <out> could not be written.
 */
int openmetrics_print(const struct mapping *mapping, const struct openmetrics *how, FILE *out);

/* Writes every family into the manual: name, type, label and help. Returns the same. */
int openmetrics_manual(struct page *page);

/* openmetrics_clients.c: the families with a label `client`. Returns 0 or -ENOMEM. */
int openmetrics_clients(const struct mapping *mapping, const struct openmetrics *how,
                        const struct exposition *expo);
typedef void openmetrics_manual_family(struct page *page, const struct exposition_family *family,
                                       const char *label);
void openmetrics_clients_manual(struct page *page, openmetrics_manual_family *print);

#endif
