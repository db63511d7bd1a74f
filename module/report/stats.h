/* SPDX-License-Identifier: BSD-3-Clause */
/* stats - every number that Warden counts, for every output format.
 *
 * One walk over counters.def, the detectors, the gauges and the histogram calls an
 * emitter for each; an output format is a row of <emitters>. `plain` is Unbound's own:
 * key=value, lower case, dotted, integers or seconds.
 *
 * Counters count from the last reset, gauges from nothing. Reset takes exactly what
 * was printed, so that the sum over all prints loses no count.
 */
#ifndef REPORT_STATS_H
#define REPORT_STATS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "store/mapping.h"

enum metric_kind {
	METRIC_COUNTER, /* only grows */
	METRIC_GAUGE,
	METRIC_SECONDS, /* a gauge; <value> is nanoseconds, printed as seconds */
};

struct metric {
	const char *name; /* whole key: "warden.num.queries" */
	const char *help;
	enum metric_kind kind;
	uint64_t value;
};

struct emitter {
	const char *name;
	void (*open)(FILE *out);
	void (*metric)(FILE *out, const struct metric *metric, bool first);
	void (*close)(FILE *out);
};

/* Writes the value as `plain` has it. */
#define METRIC_TEXT_MAX 32
char *metric_text(char text[METRIC_TEXT_MAX], const struct metric *metric);

/* Calls <visit> with every number, in the order in which all emitters print them. */
typedef void stats_visit(void *arg, const struct metric *metric);
void stats_walk(const struct mapping *mapping, stats_visit *visit, void *arg);

/* NULL name at the end. */
extern const struct emitter emitters[];

/* The emitter called <name>, or NULL. */
const struct emitter *emitter_find(const char *name);

/* Prints all of <mapping>'s numbers to <out>. */
void stats_print(const struct mapping *mapping, const struct emitter *emitter, FILE *out);

/* The same, and resets the counters by what was printed. <mapping> is writable. */
void stats_print_and_reset(struct mapping *mapping, const struct emitter *emitter, FILE *out);

#endif
