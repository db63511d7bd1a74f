/* SPDX-License-Identifier: BSD-3-Clause */
/* writer - one write per event, so that each is lost or written as a whole. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "report/event.h"
#include "service/writer.h"

#define SAY_PERIOD (5 * MINUTE)

static void count(struct writer *writer, enum counter_id counter, uint64_t n)
{
	struct mapping *mapping = &writer->warden->mapping;

	bank_add(bank_mine(&mapping->counters), counter, n);
}

static void lose(struct writer *writer, uint64_t n, int fault)
{
	count(writer, COUNTER_events_lost, n);
	writer->lost += n;
	writer->fault = fault;
}

/* Says at most once a period what was lost since it was last said. */
static void say_losses(struct writer *writer, uint64_t now)
{
	char sentence[FAULT_MAX];

	if (!writer->lost || clock_since(now, writer->said) < SAY_PERIOD)
		return;
	snprintf(sentence, sizeof(sentence), "%s: %" PRIu64 " events lost: %s", writer->path,
	         writer->lost, writer->fault ? strerror(writer->fault) : "a worker died over them");
	writer->warden->log(1, sentence);
	writer->said = now;
	writer->lost = 0;
}

static void file_close(struct writer *writer)
{
	if (writer->file >= 0)
		close(writer->file);
	writer->file = -1;
	writer->torn = false;
}

/* Whether the path still leads to the open file. */
static bool file_is_current(const struct writer *writer)
{
	struct stat open_one, named;

	return writer->file >= 0 && !fstat(writer->file, &open_one) &&
	       !stat(writer->path, &named) && open_one.st_dev == named.st_dev &&
	       open_one.st_ino == named.st_ino;
}

/* Returns 0 or an errno. O_NONBLOCK: the path may be a FIFO, with a slow reader or none. */
static int file_ready(struct writer *writer)
{
	if (atomic_exchange(&writer->reopen, false) || !file_is_current(writer))
		file_close(writer);
	if (writer->file < 0)
		writer->file = open(
			writer->path,
			O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0640);
	return writer->file < 0 ? errno : 0;
}

/* Takes back what a full disk left of a line; a FIFO cannot. */
static void take_back(struct writer *writer, size_t written)
{
	struct stat file;

	writer->torn = fstat(writer->file, &file) || !S_ISREG(file.st_mode) ||
	               ftruncate(writer->file, file.st_size - (off_t)written);
}

/* Returns 0 or an errno. */
static int line_write(struct writer *writer, char *line)
{
	static char newline[] = "\n";
	struct iovec part[3] = {
		{ .iov_base = newline, .iov_len = writer->torn },
		{ .iov_base = line, .iov_len = strlen(line) },
		{ .iov_base = newline, .iov_len = 1 },
	};
	size_t len = part[0].iov_len + part[1].iov_len + part[2].iov_len;
	ssize_t written = writev(writer->file, part, 3);

	if (written == (ssize_t)len) {
		writer->torn = false;
		return 0;
	}
	if (written < 0)
		return errno;
	if (written)
		take_back(writer, (size_t)written);
	return ENOSPC;
}

/* After a reload clients are shown as it says. What is in the journal by then is shown so, too. */
static void privacy_renew(struct writer *writer)
{
	unsigned cell;
	const struct rules *rules = rules_enter(writer->warden, &cell);

	if (writer->generation != rules->config->generation) {
		privacy_close(&writer->privacy);
		writer->generation = privacy_open(&writer->privacy, rules->config) ?
		                             rules->config->generation : 0;
	}
	rules_leave(writer->warden, cell);
}

static void record_write(struct writer *writer, const struct record *record)
{
	char *line = event_line(record, writer->hostname, &writer->warden->mapping);
	int fault = line ? line_write(writer, line) : ENOMEM;

	if (fault)
		lose(writer, 1, fault);
	else
		count(writer, COUNTER_events_written, 1);
	free(line);
}

void writer_init(struct writer *writer, struct warden *warden, const char *path, uint64_t now)
{
	char sentence[FAULT_MAX];
	int fault;

	*writer = (struct writer){ .warden = warden, .path = path, .file = -1 };
	if (gethostname(writer->hostname, sizeof(writer->hostname) - 1))
		strcpy(writer->hostname, "localhost");
	privacy_renew(writer);
	if (!*path)
		return;
	fault = file_ready(writer);
	if (fault) {
		snprintf(sentence, sizeof(sentence), "event-file: cannot open %s: %s", path,
		         strerror(fault));
		warden->log(1, sentence);
		writer->said = now;
	}
}

void writer_drain(struct writer *writer, uint64_t now)
{
	struct journal *journal = &writer->warden->mapping.journal;
	bool first = true, wanted = *writer->path;
	struct record record;
	uint64_t skipped = 0;
	int fault = 0;

	privacy_renew(writer);
	if (wanted && atomic_load(&writer->reopen))
		file_ready(writer);
	/* At most one ring full, so that a flood does not keep us from all else. */
	for (uint32_t i = 0; i <= journal->mask && journal_get(journal, &record, now, &skipped);
	     i++) {
		if (!wanted)
			continue;
		privacy_record(&writer->privacy, &record);
		if (first)
			fault = file_ready(writer);
		first = false;
		if (fault)
			lose(writer, 1, fault);
		else
			record_write(writer, &record);
	}
	if (wanted && skipped)
		lose(writer, skipped, 0);
	if (wanted)
		say_losses(writer, now);
}

void writer_close(struct writer *writer)
{
	file_close(writer);
	privacy_close(&writer->privacy);
}
