/* SPDX-License-Identifier: BSD-3-Clause */
/* input - see input.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/sentence.h"
#include "recorded/input.h"

/* What the file system knows of it. A pipe is being written now. */
static void look_at(struct input_file *input, int fd)
{
	struct stat status;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	input->written = (uint64_t)now.tv_sec * 1000;
	if (fstat(fd, &status))
		return;
	input->folder = S_ISDIR(status.st_mode);
	if (!S_ISREG(status.st_mode))
		return;
	/* It is read, and said to be: a log that was just rotated is, and so is one that nobody has written. */
	if (!status.st_size)
		fprintf(stderr, "%s: is empty\n", input->name);
	input->size = (uint64_t)status.st_size;
	input->written = (uint64_t)status.st_mtime * 1000;
}

/* Of no format that is known: these are. */
static void name_formats(struct input_file *input)
{
	size_t len = (size_t)snprintf(input->error, sizeof(input->error),
	                              "of no known format: name it with -f; the formats are:");

	for (const struct format *const *f = replay_formats; *f && len < sizeof(input->error); f++)
		len += (size_t)snprintf(input->error + len, sizeof(input->error) - len, " %s", (*f)->name);
}

bool input_open(struct input_file *input, const char *path, const char *format_name, unsigned count)
{
	bool standard = !strcmp(path, "-");
	int fd = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);

	*input = (struct input_file){ .path = path, .name = standard ? "stdin" : path };
	input->packed.memory = packed_share(count);
	if (fd >= 0)
		look_at(input, fd);
	if (input->folder) {
		sentence_error(input->error, sizeof(input->error), "is a folder: name the files in it, as %s/*",
		               path);
		close(fd);
		return false;
	}
	input->file = fd < 0 ? NULL : packed_open(&input->packed, fd);
	if (!input->file) {
		sentence_error(input->error, sizeof(input->error), "cannot be read: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	input->format = replay_format(format_name, path, input->file);
	if (input->format)
		return true;
	if (*input->packed.fault)
		snprintf(input->error, sizeof(input->error), "%s", input->packed.fault);
	else
		name_formats(input);
	fclose(input->file);
	input->file = NULL;
	return false;
}

bool input_read(struct input_file *input, struct sink *sink)
{
	int status;

	sink->written = input->written;
	status = input->format->read(input->file, sink, input->error, sizeof(input->error));
	input->file = NULL;
	/* A reader sees that no more came; why, and where in the file, is known here. */
	if (*input->packed.fault) {
		snprintf(input->error, sizeof(input->error), "%s", input->packed.fault);
		return false;
	}
	if (status)
		return false;
	memcpy(input->remark, input->error, sizeof(input->remark));
	*input->error = '\0';
	return true;
}
