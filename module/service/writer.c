/* SPDX-License-Identifier: BSD-3-Clause */
/* writer - a walk over the records, and for each a walk over the outputs. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "report/event.h"
#include "report/ocsf.h"
#include "service/writer.h"

#define SAY_PERIOD (5 * MINUTE)
#define SLOW       MINUTE /* a reader is, when it has not caught up for so long */

/* The file first: without any other output all is as if there were none. */
static const struct output_kind *const kinds[OUTPUT_COUNT] = {
	&output_file, &output_syslog, &output_socket, &output_dnstap,
};

static void count(const struct output *output, enum counter_id counter, uint64_t n)
{
	struct mapping *mapping = &output->warden->mapping;

	bank_add(bank_mine(&mapping->counters), counter, n);
}

void output_written(struct output *output, uint64_t n)
{
	count(output, output->kind->written, n);
}

void output_lost(struct output *output, uint64_t n, int fault)
{
	count(output, output->kind->lost, n);
	output->lost += n;
	output->lost_to = fault;
}

void output_abandon(struct output *output)
{
	/* Without a fault its reader has been waited for, but not for long. */
	if (output->backlog.count)
		output_lost(output, output->backlog.count, output->fault ? output->fault : ETIMEDOUT);
}

static bool is_wanted(const struct output *output)
{
	return output->path && *output->path;
}

static const char *reason(int fault)
{
	return fault == EAGAIN ? "the reader is slow" : strerror(fault);
}

/* Says what was lost since it was last said. */
static void say_lost(struct output *output)
{
	if (output->lost)
		sentence_say(output->warden->log, 1, "%s: %" PRIu64 " events lost: %s", output->path, output->lost,
		             reason(output->lost_to));
	if (output->skipped)
		sentence_say(output->warden->log, 1, "%s: %" PRIu64 " events lost: a worker died over them",
		             output->path, output->skipped);
	output->lost = output->skipped = 0;
}

static void say_waiting(const struct output *output)
{
	sentence_say(output->warden->log, 1, "%s: %s: %u events wait: %s", output->kind->option, output->path,
	             output->backlog.count, reason(output->fault));
}

/* Says, each at most once a period, what was lost, and that events wait in vain; a reader that is merely busy for
 * a moment is not worth a sentence.
 */
static void say_troubles(struct output *output, uint64_t now)
{
	if ((output->lost || output->skipped) && clock_due(&output->said_lost, now, SAY_PERIOD))
		say_lost(output);
	if (!output->backlog.count)
		output->waiting = now;
	else if (output->fault && (output->fault != EAGAIN || clock_since(now, output->waiting) >= SLOW) &&
	         clock_due(&output->said_waiting, now, SAY_PERIOD))
		say_waiting(output);
}

/* ---- start and end ----------------------------------------------------------------- */

/* After a reload clients are shown as it says. What is in the journal by then is shown so, too. */
static void privacy_renew(struct writer *writer)
{
	unsigned cell;
	const struct rules *rules = rules_enter(writer->warden, &cell);

	if (writer->generation != rules->config->generation) {
		bool whole = privacy_is_of(&writer->privacy, rules->config);

		if (!whole) {
			privacy_close(&writer->privacy);
			whole = privacy_open(&writer->privacy, rules->config);
		}
		writer->generation = whole ? rules->config->generation : 0;
	}
	rules_leave(writer->warden, cell);
}

bool writer_init(struct writer *writer, struct warden *warden)
{
	const struct settings *settings;
	bool whole = true;
	unsigned cell;

	*writer = (struct writer){ .warden = warden };
	if (gethostname(writer->hostname, sizeof(writer->hostname) - 1))
		strcpy(writer->hostname, "localhost");
	settings = &rules_enter(warden, &cell)->config->settings;
	writer->format = settings->event_format;
	for (unsigned i = 0; i < OUTPUT_COUNT; i++) {
		struct output *output = &writer->output[i];

		*output = (struct output){ .kind = kinds[i], .warden = warden, .fd = -1,
		                           .facility = settings->event_syslog };
		output->path = strdup(kinds[i]->path(settings));
		whole &= output->path != NULL;
	}
	rules_leave(warden, cell);
	return whole;
}

void writer_open(struct writer *writer, uint64_t now)
{
	privacy_renew(writer);
	for (unsigned i = 0; i < OUTPUT_COUNT; i++) {
		struct output *output = &writer->output[i];
		int fault = is_wanted(output) ? output->kind->open(output) : 0;

		output->waiting = now;
		if (!fault)
			continue;
		output->fault = fault;
		output->said_lost = output->said_waiting = now;
		sentence_say(writer->warden->log, 1, "%s: cannot open %s: %s", output->kind->option, output->path,
		             strerror(fault));
	}
}

/* The memory and the descriptors of a process that has forked, which are another's to use. */
static void output_forget(struct output *output)
{
	backlog_close(&output->backlog);
	if (output->fd >= 0)
		close(output->fd);
	output->fd = -1;
}

void writer_close(struct writer *writer, bool ours)
{
	for (unsigned i = 0; i < OUTPUT_COUNT; i++) {
		struct output *output = &writer->output[i];

		if (is_wanted(output) && ours) {
			output->kind->close(output);
			say_lost(output); /* whenever it was last said: there is no later */
		} else if (is_wanted(output)) {
			output_forget(output);
		}
		free(output->path);
		output->path = NULL;
	}
	privacy_close(&writer->privacy);
}

/* ---- events ------------------------------------------------------------------------ */

static void record_put(struct writer *writer, const struct record *record)
{
	char *(*const line)(const struct record *, const char *, const struct mapping *) =
		writer->format == FORMAT_OCSF ? ocsf_line : event_line;
	struct event event = { .record = record, .hostname = writer->hostname };
	bool needed = false;
	char *text = NULL;

	for (unsigned i = 0; i < OUTPUT_COUNT; i++)
		needed |= is_wanted(&writer->output[i]) && kinds[i]->wants_line;
	if (needed)
		event.line = text = line(record, writer->hostname, &writer->warden->mapping);
	for (unsigned i = 0; i < OUTPUT_COUNT; i++)
		if (is_wanted(&writer->output[i]))
			kinds[i]->put(&writer->output[i], &event);
	free(text);
}

static void begin(struct writer *writer)
{
	for (unsigned i = 0; i < OUTPUT_COUNT; i++)
		if (is_wanted(&writer->output[i]) && kinds[i]->begin)
			kinds[i]->begin(&writer->output[i]);
}

/* <skipped>: records that the journal gave up. */
static void tick(struct writer *writer, uint64_t skipped, uint64_t now)
{
	for (unsigned i = 0; i < OUTPUT_COUNT; i++) {
		struct output *output = &writer->output[i];

		if (!is_wanted(output))
			continue;
		/* The journal's losses are not the output's: they have nothing to do with its faults. */
		if (skipped)
			count(output, output->kind->lost, skipped);
		output->skipped += skipped;
		output->kind->tick(output, now);
		say_troubles(output, now);
	}
}

void writer_drain(struct writer *writer, uint64_t now)
{
	struct journal *journal = &writer->warden->mapping.journal;
	struct record record;
	uint64_t skipped = 0;

	privacy_renew(writer);
	if (atomic_exchange(&writer->reopen, false))
		for (unsigned i = 0; i < OUTPUT_COUNT; i++)
			writer->output[i].reopen = true;
	/* At most one ring full, so that a flood does not keep us from all else. */
	for (uint32_t i = 0; i <= journal->ring.mask && journal_get(journal, &record, now, &skipped); i++) {
		if (i == 0)
			begin(writer);
		privacy_record(&writer->privacy, &record);
		record_put(writer, &record);
	}
	tick(writer, skipped, now);
}
