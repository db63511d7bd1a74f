/* SPDX-License-Identifier: BSD-3-Clause */
/* show - the state in shared memory, or in a snapshot of it, as lines or JSON.
 *
 * The segment is mapped read-only and the resolver is not asked, so this works beside
 * one that is busy, hangs or is gone.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "detect/detector.h"
#include "engine/config.h"
#include "report/show.h"
#include "tool/command.h"
#include "tool/flag.h"
#include "tool/meant.h"

static void fault(void *arg, const char *sentence)
{
	(void)arg;
	fprintf(stderr, "%s\n", sentence);
}

/* A bad line in a list of domains is no concern of a listing. */
static void ignore(void *arg, const char *sentence)
{
	(void)arg;
	(void)sentence;
}

/* What the configuration says of where to look, and how to read it. */
struct place_to_look {
	char *segment; /* owned */
	bool dry_run;
};

static bool read_config(const char *path, struct place_to_look *look)
{
	struct config *config = config_load(command_config(path), fault, ignore, NULL);

	if (!config)
		return false;
	look->segment = strdup(config->settings.shared_memory);
	look->dry_run = config->settings.mode == MODE_OBSERVE;
	config_free(config);
	return look->segment;
}

/* Reads "20" into <top>. */
static bool read_top(const char *text, uint32_t *top)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || number > UINT32_MAX)
		return false;
	*top = (uint32_t)number;
	return true;
}

static uint64_t wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Prints <listing> of the segment or snapshot at <path>. Returns an exit status. */
static int print(const struct show_listing *listing, const char *path, const struct show *show)
{
	struct detector_layout layout;
	struct mapping mapping = { 0 };
	char error[512];
	int status;

	detector_layout(&layout);
	if (mapping_read(&mapping, path, layout.digest, error, sizeof(error))) {
		fprintf(stderr, "%s\n", error);
		return STATUS_FOUND;
	}
	status = show_print(listing, &mapping, show);
	mapping_detach(&mapping);
	if (status || fflush(stdout)) {
		fprintf(stderr, "%s: could not be printed: %s\n", path, strerror(-status));
		return STATUS_FOUND;
	}
	return STATUS_FINE;
}

static bool fill(struct show *show, const struct show_listing *listing, const char *top,
                 const char *sort)
{
	int key = sort ? show_sort_key(listing, sort) : SHOW_SORT_DEFAULT;

	if (top && !read_top(top, &show->top)) {
		fprintf(stderr, "--top: '%s' is not a number\n", top);
		return false;
	}
	if (key < 0) {
		fprintf(stderr, "--sort: '%s' is not a key of %s; these are:", sort, listing->name);
		for (const char *const *k = listing->keys; *k; k++)
			fprintf(stderr, " %s", *k);
		fputc('\n', stderr);
		return false;
	}
	show->sort = (unsigned)key;
	return true;
}

int command_show(int argc, char **argv)
{
	struct show show = { .out = stdout, .now = wall_clock() };
	const char *top = NULL, *sort = NULL, *file = NULL, *config = NULL;
	const struct flag flags[] = {
		{ .letter = 'c', .name = "config", .text = &config },
		{ .name = "top", .text = &top },
		{ .name = "sort", .text = &sort },
		{ .name = "file", .text = &file },
		{ .name = "json", .present = &show.json },
		FLAG_END
	};
	int first = flags_read(flags, argc, argv);
	const struct show_listing *listing;
	struct place_to_look look = { NULL, false };
	int status;

	if (first < 0 || argc - first > 1)
		return command_usage("show");
	listing = show_find(first < argc ? argv[first] : "clients");
	if (!listing) {
		meant_say(argv[first], "a listing", &show_listings[0].name, sizeof(show_listings[0]));
		return command_usage("show");
	}
	if (!fill(&show, listing, top, sort))
		return command_usage("show");
	if (!read_config(config, &look))
		return STATUS_FOUND;
	show.dry_run = look.dry_run;
	status = print(listing, file ? file : look.segment, &show);
	free(look.segment);
	return status;
}
