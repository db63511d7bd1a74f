/* SPDX-License-Identifier: BSD-3-Clause */
/* replay - recorded traffic in, events and a summary out.
 *
 *     input.c --+-- one: as it comes --+--> observe() --> engine --> journal --> events, summary
 *               +-- several: merge.c --+
 *
 * One engine with private memory sees all inputs as one, on their own clock. After each
 * observation the journal is emptied, so events come out as they happen, in order, and none is
 * lost.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <warden/warden.h>

#include "engine/engine.h"
#include "report/event.h"
#include "report/privacy.h"
#include "tool/command.h"
#include "tool/flag.h"
#include "recorded/input.h"
#include "recorded/merge.h"
#include "outcome/page.h"
#include "tool/progress.h"
#include "recorded/format.h"
#include "outcome/summary.h"

#define NAMED_SKIPS 10 /* so many are named, the rest is counted */

struct replay {
	struct warden *warden;
	struct privacy privacy; /* of the events; the summary is for who has the recording */
	struct summary summary;
	struct page *page;  /* of --report; NULL: none. Raw addresses, too */
	struct progress progress;
	struct input_file *inputs;
	unsigned count;     /* of inputs */
	unsigned current;   /* the input at hand */
	uint64_t size;      /* octets of all inputs; 0: not known */
	uint64_t lost;      /* events and counts that could not be kept */
};

static void show_progress(struct replay *replay)
{
	uint64_t taken = 0;

	for (unsigned i = 0; i < replay->count; i++)
		taken += atomic_load_explicit(&replay->inputs[i].packed.taken, memory_order_relaxed);
	progress_show(&replay->progress, replay->summary.observations, taken, replay->size);
}

/* Events go to a terminal, too, as often as not: the line is out of their way. */
static void print_event(struct replay *replay, const struct record *record)
{
	struct record shown = *record;
	char *line;

	privacy_record(&replay->privacy, &shown);
	line = event_line(&shown, NULL, &replay->warden->mapping);
	progress_clear(&replay->progress);
	if (line)
		puts(line);
	if (!summary_record(&replay->summary, replay->warden, record) ||
	    !page_record(replay->page, replay->warden, record) || !line)
		replay->lost++;
	free(line);
}

/* A file may hold nothing but what is skipped, and be long. */
static void show_progress_in_time(struct replay *replay)
{
	if (progress_due(&replay->progress, replay->summary.observations + replay->summary.skipped))
		show_progress(replay);
}

static void observe(void *arg, const struct warden_observation *obs)
{
	struct replay *replay = arg;
	struct record record;
	uint64_t given_up = 0;

	warden_observe(replay->warden, obs);
	if (!summary_observe(&replay->summary, replay->warden, obs))
		replay->lost++;
	page_observe(replay->page, replay->warden, obs);
	while (journal_get(&replay->warden->mapping.journal, &record, obs->now, &given_up))
		print_event(replay, &record);
	replay->lost += given_up;
	show_progress_in_time(replay);
}

static void skip(void *arg, uint64_t number, const char *reason)
{
	struct replay *replay = arg;

	if (replay->summary.skipped++ >= NAMED_SKIPS) {
		show_progress_in_time(replay);
		return;
	}
	progress_clear(&replay->progress);
	fprintf(stderr, "%s:%" PRIu64 ": %s\n", replay->inputs[replay->current].name, number, reason);
}

static void about(void *arg, unsigned input)
{
	struct replay *replay = arg;

	replay->current = input;
}

/* --- the inputs ------------------------------------------------------------------------------ */

/* One that cannot be opened does not keep the others from being read. */
static void open_all(struct replay *replay, char **path, const char *format_name)
{
	bool known = true;

	for (unsigned i = 0; i < replay->count; i++) {
		struct input_file *input = &replay->inputs[i];

		if (!input_open(input, path[i], format_name, replay->count))
			continue;
		known &= input->size > 0;
		replay->size += input->size;
	}
	if (!known)
		replay->size = 0;
}

/* Returns whether all inputs were read to their end; which were not, and why, stderr says. */
static bool read_all(struct replay *replay)
{
	struct sink sink = { .observe = observe, .skip = skip, .arg = replay };
	bool fine = true;

	if (replay->count > 1)
		fine = merge(replay->inputs, replay->count, &sink, about);
	else if (replay->inputs->file)
		input_read(replay->inputs, &sink);
	progress_clear(&replay->progress);
	if (!fine)
		fprintf(stderr, "nothing can be read: memory is short\n");
	for (unsigned i = 0; i < replay->count; i++) {
		const struct input_file *input = &replay->inputs[i];

		if (*input->remark)
			fprintf(stderr, "%s: %s\n", input->name, input->remark);
		if (!*input->error)
			continue;
		fprintf(stderr, "%s: %s\n", input->name, input->error);
		fine = false;
	}
	return fine;
}

/* Plays all inputs and tells what is left to tell. Returns an exit status. */
static int play_all(struct replay *replay, const char *summary_file)
{
	bool fine;
	char error[512];

	progress_begin(&replay->progress);
	fine = read_all(replay);
	if (replay->summary.skipped > NAMED_SKIPS)
		fprintf(stderr, "%" PRIu64 " more were skipped\n", replay->summary.skipped - NAMED_SKIPS);
	/* A wrong -f, or a recording of something else: whoever looks at the status alone is to know. */
	if (fine && !replay->summary.observations) {
		fprintf(stderr, "nothing was observed\n");
		fine = false;
	}
	if (replay->lost) {
		fprintf(stderr, "%" PRIu64 " events or counts were lost: memory is short\n", replay->lost);
		fine = false;
	}
	if (summary_file &&
	    summary_write(&replay->summary, replay->warden, summary_file, error, sizeof(error))) {
		fprintf(stderr, "%s\n", error);
		fine = false;
	}
	if (page_write(replay->page, replay->warden, &replay->summary, error, sizeof(error))) {
		fprintf(stderr, "%s\n", error);
		fine = false;
	}
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "events could not be written\n");
		fine = false;
	}
	return fine ? STATUS_FINE : STATUS_FOUND;
}

static bool format_exists(const char *name)
{
	if (replay_format(name, "", NULL))
		return true;
	fprintf(stderr, "'%s' is not a format; these are:", name);
	for (const struct format *const *f = replay_formats; *f; f++)
		fprintf(stderr, " %s", (*f)->name);
	fputc('\n', stderr);
	return false;
}

static void log_sentence(int is_error, const char *sentence)
{
	if (is_error)
		fprintf(stderr, "%s\n", sentence);
}

int command_replay(int argc, char **argv)
{
	struct warden_setup setup = { .private_memory = 1, .log = log_sentence };
	const char *config = NULL, *format = NULL, *summary = NULL, *report = NULL;
	const struct flag flags[] = {
		{ .letter = 'c', .name = "config", .text = &config },
		{ .letter = 'f', .name = "format", .text = &format },
		{ .name = "summary", .text = &summary },
		{ .name = "report", .text = &report },
		FLAG_END
	};
	int first = flags_read(flags, argc, argv);
	struct replay replay = { 0 };
	char error[512];
	int status = STATUS_FOUND;

	if (first < 0 || first == argc || (format && !format_exists(format)))
		return command_usage("replay");
	setup.config_file = command_config(config);
	replay.warden = warden_open(&setup, error, sizeof(error));
	if (!replay.warden) {
		fprintf(stderr, "%s\n", error);
		return STATUS_FOUND;
	}
	if (report && !(replay.page = page_new(report, argv + first, error, sizeof(error)))) {
		fprintf(stderr, "%s\n", error);
		warden_close(replay.warden);
		return STATUS_FOUND;
	}
	replay.count = (unsigned)(argc - first);
	replay.inputs = calloc(replay.count, sizeof(*replay.inputs));
	if (replay.inputs && privacy_open(&replay.privacy, atomic_load(&replay.warden->rules)->config)) {
		open_all(&replay, argv + first, format);
		status = play_all(&replay, summary);
	} else {
		fprintf(stderr, "memory is short\n");
	}
	privacy_close(&replay.privacy);
	free(replay.inputs);
	page_free(replay.page);
	summary_free(&replay.summary);
	warden_close(replay.warden);
	return status;
}
