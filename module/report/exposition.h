/* SPDX-License-Identifier: BSD-3-Clause */
/* exposition - the text that Prometheus and its kin read: how it is written, not what is in it.
 *
 *     # TYPE warden_queries counter
 *     # HELP warden_queries Questions, by where their answer came from.
 *     warden_queries_total{path="miss"} 17
 *
 * Two dialects. OpenMetrics 1.0 names a counter's family without its _total, knows units, when a counter
 * began, and an end (# EOF). The older text format of Prometheus has none of these, and is what
 * `promtool check metrics` reads.
 *
 * Invariant: whatever is in a label's value or a help text, a sample is one line.
 */
#ifndef REPORT_EXPOSITION_H
#define REPORT_EXPOSITION_H

#include <stdint.h>
#include <stdio.h>

enum exposition_dialect { EXPOSITION_OPENMETRICS, EXPOSITION_PROMETHEUS };

enum exposition_type { EXPOSITION_COUNTER, EXPOSITION_GAUGE, EXPOSITION_HISTOGRAM, EXPOSITION_INFO };

struct exposition {
	FILE *out;
	enum exposition_dialect dialect;
	uint64_t created; /* when the counters began, milliseconds since 1970; 0: not known */
};

/* What samples have in common. */
struct exposition_family {
	const char *name; /* whole, without the suffix of its type: "warden_queries" */
	const char *help;
	const char *unit; /* the end of <name>; NULL: none */
	enum exposition_type type;
};

/* A label. NULL name: none. */
struct exposition_label {
	const char *name, *value;
};

/* The name that a dialect gives the content: of HTTP. */
const char *exposition_content_type(enum exposition_dialect dialect);

/* Begins a family: all its samples come next. */
void exposition_family(const struct exposition *expo, const struct exposition_family *family);

/* A sample of a counter, a gauge or an info, whose value is 1. */
void exposition_sample(const struct exposition *expo, const struct exposition_family *family,
                       struct exposition_label label, uint64_t value);

/* A histogram of durations: bucket i counts those below <upto>[i] nanoseconds that none before it counts;
 * the last one takes what is longer as well. <sum> is that of all, in nanoseconds.
 */
void exposition_histogram(const struct exposition *expo, const struct exposition_family *family,
                          const uint64_t *buckets, const uint64_t *upto, unsigned count, uint64_t sum);

void exposition_end(const struct exposition *expo);

#endif
