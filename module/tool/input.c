/* SPDX-License-Identifier: BSD-3-Clause */
/* input - see input.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/sentence.h"
#include "tool/input.h"

/* What the file system knows of it. A pipe is being written now. */
static void look_at(struct input_file *input, int fd)
{
	struct stat status;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	input->written = (uint64_t)now.tv_sec * 1000;
	if (fstat(fd, &status) || !S_ISREG(status.st_mode))
		return;
	input->size = (uint64_t)status.st_size;
	input->written = (uint64_t)status.st_mtime * 1000;
}

bool input_open(struct input_file *input, const char *path, const char *format_name)
{
	bool standard = !strcmp(path, "-");
	int fd = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);

	*input = (struct input_file){ .path = path, .name = standard ? "stdin" : path };
	if (fd >= 0)
		look_at(input, fd);
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
		sentence_error(input->error, sizeof(input->error), "of no known format: name it with -f");
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
	return !status;
}
