/* SPDX-License-Identifier: BSD-3-Clause */
/* stats - the walk and the formats. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "detect/detector.h"
#include "report/show.h"
#include "report/stats.h"
#include "store/counters.h"
#include "store/holds.h"

#define NAME_MAX_LEN 128
#define NANO         UINT64_C(1000000000)

static_assert(DETECTOR_COUNT <= BANK_HISTOGRAM - BANK_DETECTORS, "a word for each detector");
static_assert(BANK_HISTOGRAM + HISTOGRAM_WORDS <= BANK_WORDS, "a word for each duration");

/* --- formats ------------------------------------------------------------------------------- */

char *metric_text(char text[METRIC_TEXT_MAX], const struct metric *metric)
{
	if (metric->kind == METRIC_SECONDS)
		snprintf(text, METRIC_TEXT_MAX, "%" PRIu64 ".%09" PRIu64, metric->value / NANO,
		         metric->value % NANO);
	else
		snprintf(text, METRIC_TEXT_MAX, "%" PRIu64, metric->value);
	return text;
}

static void print_value(FILE *out, const struct metric *metric)
{
	char text[METRIC_TEXT_MAX];

	fputs(metric_text(text, metric), out);
}

static void nothing(FILE *out)
{
	(void)out;
}

static void plain_metric(FILE *out, const struct metric *metric, bool first)
{
	(void)first;
	fprintf(out, "%s=", metric->name);
	print_value(out, metric);
	putc('\n', out);
}

static void json_open(FILE *out)
{
	putc('{', out);
}

/* Names are ours and need no escapes. A number beyond what is signed would have readers refuse all of them
 * (count.h).
 */
static void json_metric(FILE *out, const struct metric *metric, bool first)
{
	struct metric fits = *metric;

	fits.value = fits.value < INT64_MAX ? fits.value : INT64_MAX;
	fprintf(out, "%s\"%s\":", first ? "" : ",", metric->name);
	print_value(out, &fits);
}

static void json_close(FILE *out)
{
	fputs("}\n", out);
}

const struct emitter emitters[] = {
	{ "plain", nothing, plain_metric, nothing },
	{ "json", json_open, json_metric, json_close },
	{ NULL, NULL, NULL, NULL }
};

const struct emitter *emitter_find(const char *name)
{
	for (const struct emitter *emitter = emitters; emitter->name; emitter++)
		if (!strcmp(emitter->name, name))
			return emitter;
	return NULL;
}

/* --- the walk ------------------------------------------------------------------------------ */

struct walk {
	stats_visit *visit; /* who is told, instead of an emitter */
	void *arg;
	FILE *out;
	const struct emitter *emitter;
	bool begun;
	uint64_t since[BANK_WORDS]; /* sums since the last reset */
};

static void emit_metric(struct walk *walk, const struct metric *metric)
{
	if (walk->visit)
		walk->visit(walk->arg, metric);
	else
		walk->emitter->metric(walk->out, metric, !walk->begun);
	walk->begun = true;
}

static void emit(struct walk *walk, enum metric_kind kind, const char *name, const char *help,
                 uint64_t value)
{
	struct metric metric = { .name = name, .help = help, .kind = kind, .value = value };

	emit_metric(walk, &metric);
}

static void walk_counters(struct walk *walk)
{
	const uint64_t *since = walk->since;
	char name[NAME_MAX_LEN];

	emit(walk, METRIC_COUNTER, "warden.num.queries",
	     "Questions seen, wherever they were answered.",
	     since[COUNTER_misses] + since[COUNTER_joined] + since[COUNTER_cachehits] +
	             since[COUNTER_local]);
	for (unsigned i = 0; i < COUNTER_COUNT; i++) {
		snprintf(name, sizeof(name), "warden.%s", counter_rows[i].name);
		emit(walk, METRIC_COUNTER, name, counter_rows[i].help, since[i]);
	}
	for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
		snprintf(name, sizeof(name), "warden.num.detector.%s", detectors[i]->name);
		emit(walk, METRIC_COUNTER, name, "Opinions of this detector.",
		     since[BANK_DETECTORS + i]);
	}
}

static void walk_gauges(struct walk *walk, const struct mapping *mapping)
{
	const struct segment_header *header = mapping->header;
	struct hold_counts holds = holds_count(mapping);
	char name[NAME_MAX_LEN];

	emit(walk, METRIC_GAUGE, "warden.clients.count", "Clients in memory.",
	     table_used(&mapping->clients));
	emit(walk, METRIC_GAUGE, "warden.pairs.count", "Pairs in memory.",
	     table_used(&mapping->pairs));
	emit(walk, METRIC_GAUGE, "warden.domains.count", "Domains in memory.",
	     table_used(&mapping->domains));
	emit(walk, METRIC_GAUGE, "warden.holds.count", "Holds in force.", holds.holds);
	emit(walk, METRIC_GAUGE, "warden.holds.clients", "Clients that detectors hold.",
	     atomic_load_explicit(&header->held_clients, memory_order_relaxed));
	emit(walk, METRIC_GAUGE, "warden.holds.tripped",
	     "1 when these were more than max-held-clients, so that mode is observe.",
	     atomic_load_explicit(&header->tripped, memory_order_relaxed));
	emit(walk, METRIC_GAUGE, "warden.exemptions.count", "Exemptions made by hand, in force.",
	     holds.exemptions);
	emit(walk, METRIC_GAUGE, "warden.config.generation",
	     "Number of the configuration in force, from 1.",
	     atomic_load_explicit(&header->generation, memory_order_relaxed));
	for (unsigned i = 0; i < GAUGE_COUNT; i++) {
		snprintf(name, sizeof(name), "warden.%s", gauge_rows[i].name);
		emit(walk, METRIC_GAUGE, name, gauge_rows[i].help,
		     atomic_load_explicit(&header->gauge[i], memory_order_relaxed));
	}
	emit(walk, METRIC_GAUGE, "mem.warden.shared", "Octets of the shared segment.",
	     mapping->size);
}

static void walk_times(struct walk *walk)
{
	const uint64_t *since = walk->since;
	uint64_t timed = since[COUNTER_timed];
	char name[NAME_MAX_LEN];

	emit(walk, METRIC_SECONDS, "warden.time.observe.avg",
	     "Mean duration of the measured observations.",
	     timed ? since[COUNTER_timed_ns] / timed : 0);
	for (unsigned i = 0; i < HISTOGRAM_WORDS; i++) {
		uint64_t from = i ? UINT64_C(1) << i : 0, to = UINT64_C(2) << i;
		struct metric metric = {
			.name = name,
			.help = "Measured observations that took so long, in seconds.",
			.kind = METRIC_BUCKET,
			.value = since[BANK_HISTOGRAM + i],
			.upto = to,
		};

		snprintf(name, sizeof(name),
		         "warden.histogram.%06" PRIu64 ".%09" PRIu64 ".to.%06" PRIu64 ".%09" PRIu64,
		         from / NANO, from % NANO, to / NANO, to % NANO);
		emit_metric(walk, &metric);
	}
}

static void walk_all(struct walk *walk, const struct mapping *mapping)
{
	walk_counters(walk);
	walk_gauges(walk, mapping);
	walk_times(walk);
}

static void print(struct walk *walk, const struct mapping *mapping)
{
	walk->emitter->open(walk->out);
	walk_all(walk, mapping);
	walk->emitter->close(walk->out);
}

static uint64_t baseline(const struct mapping *mapping, unsigned word)
{
	return atomic_load_explicit(&mapping->header->baseline[word], memory_order_relaxed);
}

static void since_reset(const struct mapping *mapping, struct walk *walk)
{
	for (unsigned word = 0; word < BANK_WORDS; word++)
		walk->since[word] = banks_sum(mapping->banks, word) - baseline(mapping, word);
}

void stats_print(const struct mapping *mapping, const struct emitter *emitter, FILE *out)
{
	struct walk walk = { .out = out, .emitter = emitter };

	since_reset(mapping, &walk);
	print(&walk, mapping);
}

void stats_print_and_reset(struct mapping *mapping, const struct emitter *emitter, FILE *out)
{
	struct walk walk = { .out = out, .emitter = emitter };

	/* The baseline is the sum we print: a second sum would lose what is counted in between. */
	for (unsigned word = 0; word < BANK_WORDS; word++) {
		uint64_t sum = banks_sum(mapping->banks, word);

		walk.since[word] = sum - baseline(mapping, word);
		atomic_store_explicit(&mapping->header->baseline[word], sum, memory_order_relaxed);
	}
	print(&walk, mapping);
}

void stats_walk(const struct mapping *mapping, stats_visit *visit, void *arg)
{
	struct walk walk = { .visit = visit, .arg = arg };

	since_reset(mapping, &walk);
	walk_all(&walk, mapping);
}

void stats_totals(const struct mapping *mapping, stats_visit *visit, void *arg)
{
	struct walk walk = { .visit = visit, .arg = arg };

	for (unsigned word = 0; word < BANK_WORDS; word++)
		walk.since[word] = banks_sum(mapping->banks, word);
	walk_all(&walk, mapping);
}
