/* SPDX-License-Identifier: BSD-3-Clause */
/* report - the burn-in report: from events and shared memory to lines of an allow list.
 *
 * What is named is read, and nothing else: events of another host are not to be mixed with the
 * segment of this one. Where nothing is named, it is both that the configuration names, and one
 * of them may be missing.
 *
 * Invariant: where nothing could be read there is no report: it would say that nobody is to be refused.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "detect/detector.h"
#include "engine/config.h"
#include "report/burn_in.h"
#include "report/timestamp.h"
#include "tool/command.h"
#include "tool/flag.h"

/* False, with a sentence on stderr, when <path> cannot be read to its end. */
static bool read_events(struct burn_in *burn, const char *path)
{
	bool standard = !strcmp(path, "-");
	FILE *file = standard ? stdin : fopen(path, "r");
	int error = file ? burn_in_events(burn, file, standard ? "stdin" : path) : -errno;

	if (error)
		fprintf(stderr, "%s: cannot be read: %s\n", standard ? "stdin" : path, strerror(-error));
	if (file && !standard)
		fclose(file);
	return !error;
}

static bool read_holds(struct burn_in *burn, const char *path)
{
	struct detector_layout layout;
	struct mapping mapping = { 0 };
	char error[512];

	detector_layout(&layout);
	if (mapping_read(&mapping, path, layout.digest, error, sizeof(error))) {
		fprintf(stderr, "%s\n", error);
		return false;
	}
	burn_in_holds(burn, &mapping);
	mapping_detach(&mapping);
	return true;
}

/* What there is to read. */
struct sources {
	const char **events; /* paths of event files, NULL at the end */
	const char *segment; /* NULL: none */
};

/* How many there were, and could be read. */
struct taken {
	unsigned wanted, read;
};

static void take(struct taken *taken, bool read)
{
	taken->wanted++;
	taken->read += read;
}

/* Reads what is named, all of which has to be there. */
static bool read_named(struct burn_in *burn, const struct sources *sources, struct taken *taken)
{
	for (const char **path = sources->events; *path; path++)
		take(taken, read_events(burn, *path));
	if (sources->segment)
		take(taken, read_holds(burn, sources->segment));
	return taken->read == taken->wanted;
}

/* Reads what the configuration names, one of which is enough. */
static bool read_default(struct burn_in *burn, const struct settings *settings, struct taken *taken)
{
	if (*settings->event_file)
		take(taken, read_events(burn, settings->event_file));
	take(taken, read_holds(burn, settings->shared_memory));
	return taken->read;
}

static int print(struct burn_in *burn, bool json)
{
	int error = burn_in_finish(burn);

	if (!error)
		error = (json ? burn_in_json : burn_in_print)(burn, stdout);
	if (error)
		fprintf(stderr, "the report could not be made: %s\n", strerror(-error));
	return error || !burn_in_sound(burn) ? STATUS_FOUND : STATUS_FINE;
}

static int report(const struct config *config, const struct sources *sources, uint64_t since,
                  bool json)
{
	struct burn_in *burn = burn_in_new(config, since);
	struct taken taken = { 0, 0 };
	int status = STATUS_FOUND;
	bool fine;

	if (!burn) {
		fputs("memory is short\n", stderr);
		return STATUS_FOUND;
	}
	fine = *sources->events || sources->segment ? read_named(burn, sources, &taken) :
	                                              read_default(burn, &config->settings, &taken);
	/* A report of half of what was asked for is better than none, and says so by its status. */
	if (taken.read)
		status = print(burn, json);
	else
		fputs("nothing could be read, so there is no report: nobody knows what would have been refused\n", stderr);
	burn_in_free(burn);
	return fine ? status : STATUS_FOUND;
}

/* Reads argv[1] and on into <sources>, whose <events> have room for them all. */
static int run(int argc, char **argv, struct sources *sources)
{
	const char *config_file = NULL, *since_text = NULL;
	unsigned count = 0;
	uint64_t since = 0;
	bool json = false;
	const struct flag flags[] = {
		{ .letter = 'c', .name = "config", .text = &config_file },
		{ .name = "file", .text = &sources->segment },
		{ .name = "events", .list = sources->events, .count = &count },
		{ .name = "since", .text = &since_text },
		{ .name = "json", .present = &json },
		FLAG_END
	};
	int first = flags_read(flags, argc, argv), status;
	struct config *config;

	if (first < 0)
		return command_usage("report");
	if (since_text && !timestamp_read(since_text, &since)) {
		fprintf(stderr, "--since: '%s' is not a time like 2026-11-21T03:00:00Z or a date\n",
		        since_text);
		return command_usage("report");
	}
	while (first < argc) /* --events events.json* */
		sources->events[count++] = argv[first++];
	config = command_config_load(config_file);
	if (!config)
		return STATUS_FOUND;
	status = report(config, sources, since, json);
	config_free(config);
	return status;
}

int command_report(int argc, char **argv)
{
	struct sources sources = { .events = calloc((size_t)argc + 1, sizeof(*sources.events)) };
	int status;

	if (!sources.events) {
		fputs("memory is short\n", stderr);
		return STATUS_FOUND;
	}
	status = run(argc, argv, &sources);
	free(sources.events);
	return status;
}
