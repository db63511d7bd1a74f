/* SPDX-License-Identifier: BSD-3-Clause */
/* replay - recorded traffic in, events and a summary out.
 *
 * One engine with private memory sees all inputs, one after the other, on their own
 * clock. After each observation the journal is emptied, so events come out as they
 * happen, in order, and none is lost.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <warden/warden.h>

#include "engine/engine.h"
#include "report/event.h"
#include "tool/command.h"
#include "tool/flag.h"
#include "tool/page.h"
#include "tool/replay.h"
#include "tool/summary.h"

#define NAMED_SKIPS   10   /* so many are named, the rest is counted */
#define PROGRESS_LOOK 4096 /* observations between two looks at the clock */
#define PROGRESS_GAP  250  /* milliseconds between two progress lines */

struct replay {
	struct warden *warden;
	struct summary summary;
	struct page *page;  /* of --report; NULL: none */
	const char *path;   /* of the input at hand */
	bool terminal;      /* stderr is one: show progress */
	uint64_t shown;     /* when progress was last shown */
	uint64_t lost;      /* events and counts that could not be kept */
};

static uint64_t clock_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void show_progress(struct replay *replay)
{
	uint64_t now = clock_milliseconds();

	if (now - replay->shown < PROGRESS_GAP)
		return;
	replay->shown = now;
	fprintf(stderr, "\r\033[K%s: %" PRIu64 " observations, %" PRIu64 " skipped", replay->path,
	        replay->summary.observations, replay->summary.skipped);
}

static void clear_progress(const struct replay *replay)
{
	if (replay->terminal && replay->shown)
		fputs("\r\033[K", stderr);
}

static void print_event(struct replay *replay, const struct record *record)
{
	char *line = event_line(record, NULL, &replay->warden->mapping);

	if (line)
		puts(line);
	if (!summary_record(&replay->summary, replay->warden, record) ||
	    !page_record(replay->page, replay->warden, record) || !line)
		replay->lost++;
	free(line);
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
	if (replay->terminal && replay->summary.observations % PROGRESS_LOOK == 0)
		show_progress(replay);
}

static void skip(void *arg, uint64_t number, const char *reason)
{
	struct replay *replay = arg;

	if (replay->summary.skipped++ >= NAMED_SKIPS)
		return;
	clear_progress(replay);
	fprintf(stderr, "%s:%" PRIu64 ": %s\n", replay->path, number, reason);
}

/* Plays one input. False, with a sentence on stderr, when it cannot be read. */
static bool play(struct replay *replay, const char *path, const char *format_name)
{
	const struct sink sink = { .observe = observe, .skip = skip, .arg = replay };
	bool standard = !strcmp(path, "-");
	FILE *file = standard ? stdin : fopen(path, "r");
	const struct format *format;
	char error[512];
	int status;

	replay->path = standard ? "stdin" : path;
	if (!file) {
		fprintf(stderr, "%s: cannot be read: %s\n", path, strerror(errno));
		return false;
	}
	format = replay_format(format_name, path, file);
	if (!format) {
		fprintf(stderr, "%s: of no known format: name it with -f\n", replay->path);
		fclose(file);
		return false;
	}
	status = format->read(file, &sink, error, sizeof(error));
	clear_progress(replay);
	if (status)
		fprintf(stderr, "%s: %s\n", replay->path, error);
	return !status;
}

/* Plays all inputs and tells what is left to tell. Returns an exit status. */
static int play_all(struct replay *replay, char **path, const char *format_name,
                    const char *summary_file)
{
	bool fine = true;
	char error[512];

	replay->terminal = isatty(STDERR_FILENO);
	for (; *path; path++)
		fine &= play(replay, *path, format_name);
	if (replay->summary.skipped > NAMED_SKIPS)
		fprintf(stderr, "%" PRIu64 " more were skipped\n", replay->summary.skipped - NAMED_SKIPS);
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
	int status;

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
	status = play_all(&replay, argv + first, format, summary);
	page_free(replay.page);
	summary_free(&replay.summary);
	warden_close(replay.warden);
	return status;
}
