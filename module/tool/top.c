/* SPDX-License-Identifier: BSD-3-Clause */
/* top - the shared memory, live: look, paint, wait for a key.
 *
 * The segment is mapped read-only and the resolver is not asked, so it is not held up by this, and this works
 * beside one that is busy, hangs or is gone. A look at a large table takes its time: between two of them there
 * is at least nine times as much, so that looking never takes more than a tenth of a processor.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "report/show.h"
#include "tool/command.h"
#include "tool/flag.h"
#include "tool/meant.h"
#include "tool/segment.h"
#include "top/top_screen.h"
#include "top/top_state.h"

#define INTERVAL_DEFAULT 2.0
#define INTERVAL_LEAST   0.1
#define INTERVAL_MOST    3600.0
#define REST             9 /* times as long as a look took */
#define FOREVER          3600000

static volatile sig_atomic_t ended; /* the signal that wants us to */

static void on_signal(int number)
{
	ended = number;
}

static uint64_t monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* The segment is made anew, or a snapshot replaced: then what is mapped is no longer what is there. */
static void follow(struct top *top)
{
	struct warden *warden = top->rows.warden;
	struct stat mapped, there;
	char error[FAULT_MAX];

	if (stat(top->path, &there) != 0) {
		snprintf(top->message, sizeof(top->message), "The file is gone: this is what was in it when it went");
		return;
	}
	if (fstat(warden->mapping.file, &mapped) == 0 && mapped.st_ino == there.st_ino && mapped.st_dev == there.st_dev)
		return;
	if (engine_look_anew(warden, top->path, error, sizeof(error)) < 0) {
		snprintf(top->message, sizeof(top->message), "%.150s", error);
		return;
	}
	rows_view(&top->rows, top->rows.view);
	snprintf(top->message, sizeof(top->message), "Another segment has taken the place of the one before");
}

/* Looks when an interval has passed. Returns when the next one has. */
static uint64_t look_in_time(struct top *top, uint64_t due)
{
	uint64_t began = monotonic(), took, wait;

	if (top->paused || began < due)
		return due;
	follow(top);
	top_look(top, segment_clock(), true);
	took = monotonic() - began;
	wait = took * REST > top->interval ? took * REST : top->interval;
	return began + took + wait;
}

/* Takes all keys that there are, so that a slow look comes once after them and not after each. */
static bool take_keys(struct top *top, int wait)
{
	bool gone = false;
	int key = screen_key(wait, &gone);

	while (key != PRESS_NONE && !top->quit && !gone && !ended) {
		top_press(top, key);
		key = screen_key(0, &gone);
	}
	return !gone;
}

static void run(struct top *top, struct canvas *canvas)
{
	bool there = true;
	uint64_t due = 0;

	while (there && !top->quit && !ended) {
		uint64_t now;
		int width, height;

		due = look_in_time(top, due);
		if (top->look)
			top_look(top, segment_clock(), false);
		screen_size(&width, &height);
		canvas_clear(canvas, width, height);
		top_paint(top, canvas);
		screen_show(canvas);
		now = monotonic();
		there = take_keys(top, top->paused ? FOREVER : due > now ? (int)(due - now) : 0);
	}
}

static void catch_signals(void)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	struct sigaction action = { .sa_handler = on_signal };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		sigaction(numbers[i], &action, NULL);
}

static int live(struct top *top, struct canvas *canvas)
{
	char error[256];

	catch_signals();
	if (!screen_open(error, sizeof(error))) {
		fprintf(stderr, "%s\n", error);
		return STATUS_USAGE;
	}
	run(top, canvas);
	screen_close();
	return STATUS_FINE;
}

static int number_of(const char *variable, int otherwise)
{
	const char *text = getenv(variable);
	long number = text ? strtol(text, NULL, 10) : 0;

	return number > 0 && number < 10000 ? (int)number : otherwise;
}

/* One screen as text. Rates take two looks. */
static int once(struct top *top, struct canvas *canvas)
{
	struct timespec pause = { (time_t)(top->interval / 1000), (long)(top->interval % 1000) * 1000000 };
	int width = number_of("COLUMNS", 80), height = number_of("LINES", 24);
	struct winsize size;

	if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col) {
		width = size.ws_col;
		height = size.ws_row;
	}
	top_look(top, segment_clock(), true);
	nanosleep(&pause, NULL);
	top_look(top, segment_clock(), true);
	canvas_clear(canvas, width, height);
	top_paint(top, canvas);
	canvas_print(canvas, stdout);
	return fflush(stdout) ? STATUS_FOUND : STATUS_FINE;
}

/* Reads the seconds in <text> into <milliseconds>. */
static bool read_interval(const char *text, uint64_t *milliseconds)
{
	char *end;
	double seconds = text ? strtod(text, &end) : INTERVAL_DEFAULT;

	if (text && (end == text || *end || !(seconds >= INTERVAL_LEAST && seconds <= INTERVAL_MOST))) {
		fprintf(stderr, "--interval: '%s' is not a number of seconds from %g to %g\n", text, INTERVAL_LEAST,
		        INTERVAL_MOST);
		return false;
	}
	*milliseconds = (uint64_t)(seconds * 1000);
	return true;
}

/* The view called <name>, or VIEW_COUNT after a sentence. */
static enum view_id read_view(const char *name)
{
	unsigned view = 0;

	while (view < VIEW_COUNT && strcmp(views[view].name, name))
		view++;
	if (view == VIEW_COUNT)
		meant_say(name, "a listing", &show_listings[0].name, sizeof(show_listings[0])); /* of the same names */
	return (enum view_id)view;
}

int command_top(int argc, char **argv)
{
	const char *file = NULL, *config = NULL, *interval = NULL;
	bool print_once = false;
	const struct flag flags[] = {
		{ .letter = 'c', .name = "config", .text = &config },
		{ .name = "file", .text = &file },
		{ .name = "interval", .text = &interval },
		{ .name = "once", .present = &print_once },
		FLAG_END
	};
	int first = flags_read(flags, argc, argv), status;
	struct top top = { .path = NULL };
	enum view_id view = VIEW_CLIENTS;
	struct canvas *canvas;
	struct warden *warden;

	if (first < 0 || argc - first > 1 || !read_interval(interval, &top.interval))
		return command_usage("top");
	if (first < argc && (view = read_view(argv[first])) == VIEW_COUNT)
		return command_usage("top");
	warden = segment_open(config, file);
	if (!warden)
		return STATUS_FOUND;
	canvas = malloc(sizeof(*canvas));
	if (!canvas || rows_open(&top.rows, warden)) {
		fprintf(stderr, "out of memory\n");
		free(canvas);
		warden_close(warden);
		return STATUS_FOUND;
	}
	top.path = segment_path(warden, file);
	top.observes = engine_mode(warden, NULL) == MODE_OBSERVE;
	rows_view(&top.rows, view);
	status = (print_once ? once : live)(&top, canvas);
	free(top.sheet.text);
	rows_close(&top.rows);
	free(canvas);
	warden_close(warden);
	if (ended) { /* as whoever sent it expects: the terminal is restored by now */
		signal(ended, SIG_DFL);
		raise(ended);
	}
	return status;
}
