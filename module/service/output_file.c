/* SPDX-License-Identifier: BSD-3-Clause */
/* output_file - events as lines of a file: one write per event, so that each is lost or written as a whole.
 *
 * The file is opened anew when its path leads elsewhere (moved, removed) or on request. Every line is
 * whole: what was cut short by a full disk is taken back. There is no backlog: who reads a file has
 * the events of the past before its eyes, and a disk that is full stays so for longer than memory lasts.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "service/output.h"

static void file_close(struct output *output)
{
	if (output->fd >= 0)
		close(output->fd);
	output->fd = -1;
	output->torn = false;
}

/* Whether the path still leads to the open file. */
static bool file_is_current(const struct output *output)
{
	struct stat open_one, named;

	return output->fd >= 0 && !fstat(output->fd, &open_one) && !stat(output->path, &named) &&
	       open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}

/* Returns 0 or an errno. O_NONBLOCK: the path may be a FIFO, with a slow reader or none. */
static int file_ready(struct output *output)
{
	if (output->reopen || !file_is_current(output))
		file_close(output);
	output->reopen = false;
	if (output->fd < 0)
		output->fd = open(
			output->path,
			O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0640);
	return output->fd < 0 ? errno : 0;
}

/* Takes back what a full disk left of a line; a FIFO cannot. */
static void take_back(struct output *output, size_t written)
{
	struct stat file;

	output->torn = fstat(output->fd, &file) || !S_ISREG(file.st_mode) ||
	               ftruncate(output->fd, file.st_size - (off_t)written);
}

/* Returns 0 or an errno. */
static int line_write(struct output *output, const char *line)
{
	static char newline[] = "\n";
	struct iovec part[3] = {
		{ .iov_base = newline, .iov_len = output->torn },
		{ .iov_base = (void *)(uintptr_t)line, .iov_len = strlen(line) },
		{ .iov_base = newline, .iov_len = 1 },
	};
	size_t len = part[0].iov_len + part[1].iov_len + part[2].iov_len;
	ssize_t written = writev(output->fd, part, 3);

	if (written == (ssize_t)len) {
		output->torn = false;
		return 0;
	}
	if (written < 0)
		return errno;
	if (written)
		take_back(output, (size_t)written);
	return ENOSPC;
}

static const char *file_path(const struct settings *settings)
{
	return settings->event_file;
}

static void file_begin(struct output *output)
{
	int fault = file_ready(output);

	output->fault = fault ? fault : output->fault;
}

static void file_put(struct output *output, const struct event *event)
{
	int fault = ENOMEM;

	if (output->fd < 0)
		fault = output->fault;
	else if (event->line)
		fault = line_write(output, event->line);
	if (fault)
		output_lost(output, 1, fault);
	else
		output_written(output, 1);
}

static void file_tick(struct output *output, uint64_t now)
{
	(void)now;
	if (output->reopen)
		file_ready(output);
}

const struct output_kind output_file = {
	.option = "event-file",
	.wants_line = true,
	.written = COUNTER_events_written,
	.lost = COUNTER_events_lost,
	.path = file_path,
	.open = file_ready,
	.begin = file_begin,
	.put = file_put,
	.tick = file_tick,
	.close = file_close,
};
