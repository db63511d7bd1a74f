/* SPDX-License-Identifier: BSD-3-Clause */
/* progress - see progress.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tool/progress.h"

#define LOOK 4096 /* observed or skipped between two looks at the clock */
#define GAP  250  /* milliseconds between two lines */
#define BAR  20   /* columns of the bar */

static uint64_t clock_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* "950", "12k", "3M": as many as a human reads at a glance. */
static char *short_number(char text[24], uint64_t number)
{
	if (number < 1000)
		snprintf(text, 24, "%" PRIu64, number);
	else if (number < 1000000)
		snprintf(text, 24, "%" PRIu64 "k", number / 1000);
	else
		snprintf(text, 24, "%" PRIu64 "M", number / 1000000);
	return text;
}

static char *short_time(char text[24], uint64_t seconds)
{
	if (seconds < 60)
		snprintf(text, 24, "%" PRIu64 "s", seconds);
	else if (seconds < 3600)
		snprintf(text, 24, "%" PRIu64 "m%02" PRIu64 "s", seconds / 60, seconds % 60);
	else
		snprintf(text, 24, "%" PRIu64 "h%02" PRIu64 "m", seconds / 3600, seconds / 60 % 60);
	return text;
}

char *progress_line(char line[PROGRESS_WIDTH + 1], uint64_t count, uint64_t taken, uint64_t size,
                    uint64_t elapsed)
{
	/* A file may grow while it is read. */
	double part = !size ? 0 : taken < size ? (double)taken / (double)size : 1;
	double rate = elapsed ? (double)count * 1000 / (double)elapsed : 0;
	double left = part > 0 ? (double)elapsed / 1000 * (1 - part) / part : 0;
	int done = (int)(part * BAR);
	char bar[BAR + 1], speed[24], time[24], remaining[32] = "", whole[192];

	memset(bar, '#', (size_t)done);
	memset(bar + done, '-', (size_t)(BAR - done));
	bar[BAR] = '\0';
	if (part > 0 && part < 1 && left < 1e6)
		snprintf(remaining, sizeof(remaining), ", %s left", short_time(time, (uint64_t)left + 1));
	short_number(speed, (uint64_t)rate);
	if (size)
		snprintf(whole, sizeof(whole), "[%s] %3d%%  %" PRIu64 " observations, %s/s%s", bar,
		         (int)(part * 100), count, speed, remaining);
	else
		snprintf(whole, sizeof(whole), "%" PRIu64 " observations, %s/s", count, speed);
	snprintf(line, PROGRESS_WIDTH + 1, "%.*s", PROGRESS_WIDTH, whole);
	return line;
}

void progress_begin(struct progress *progress)
{
	*progress = (struct progress){ .terminal = isatty(STDERR_FILENO) };
	if (progress->terminal)
		progress->started = progress->shown = clock_milliseconds();
}

bool progress_due(struct progress *progress, uint64_t count)
{
	return progress->terminal && count % LOOK == 0 && clock_milliseconds() - progress->shown >= GAP;
}

void progress_show(struct progress *progress, uint64_t count, uint64_t taken, uint64_t size)
{
	char line[PROGRESS_WIDTH + 1];

	progress->shown = clock_milliseconds();
	progress->visible = true;
	fprintf(stderr, "\r%s\033[K",
	        progress_line(line, count, taken, size, progress->shown - progress->started));
}

void progress_clear(struct progress *progress)
{
	if (progress->visible)
		fputs("\r\033[K", stderr);
	progress->visible = false;
}
