/* SPDX-License-Identifier: BSD-3-Clause */
/* segment - opens it, or says why not. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tool/command.h"
#include "tool/segment.h"

/* What to do about it, after the sentence of why <path> cannot be opened. */
static void advise(const char *path, bool named)
{
	if (access(path, R_OK) == 0)
		return;
	if (errno == ENOENT && named)
		fprintf(stderr, "Is the name right? Without --file, the segment of the configuration is read.\n");
	else if (errno == ENOENT)
		fprintf(stderr, "Warden makes it when Unbound starts: is Unbound running, with the module in it "
		                "('unbound-warden check')? If its configuration is another file, name it with -c; for "
		                "a segment or snapshot elsewhere, there is --file.\n");
	else if (errno == EACCES)
		fprintf(stderr, "Only the user that Unbound runs as and its group may read it: try as root, or as a "
		                "member of the group unbound.\n");
}

const char *segment_path(const struct warden *warden, const char *file)
{
	return file ? file : atomic_load(&warden->rules)->config->settings.shared_memory;
}

struct warden *segment_open(const char *config_file, const char *file)
{
	struct config *config = command_config_load(config_file);
	struct warden *warden;
	char error[FAULT_MAX];
	const char *path;

	if (!config)
		return NULL;
	path = file ? file : config->settings.shared_memory;
	warden = engine_open_to_look(config, path, error, sizeof(error));
	if (!warden) {
		fprintf(stderr, "%s\n", error);
		advise(path, file);
		config_free(config);
	}
	return warden;
}

uint64_t segment_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
