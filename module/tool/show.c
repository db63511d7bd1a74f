/* SPDX-License-Identifier: BSD-3-Clause */
/* show - the state in shared memory, or in a snapshot of it, as a table or JSON.
 *
 * The segment is mapped read-only and the resolver is not asked, so this works beside
 * one that is busy, hangs or is gone.
 */
#include <stdlib.h>
#include <string.h>

#include "report/address.h"
#include "report/show.h"
#include "tool/at_socket.h"
#include "tool/command.h"
#include "tool/flag.h"
#include "tool/meant.h"
#include "tool/segment.h"

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

/* Prints <listing> of the segment or snapshot that <warden> looks at. Returns an exit status. */
static int print(const struct show_listing *listing, const struct warden *warden, const char *path,
                 const struct show *show)
{
	int status = show_print(listing, &warden->mapping, show);

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
	struct show show = { .out = stdout, .now = segment_clock() };
	const char *top = NULL, *sort = NULL, *file = NULL, *config = NULL;
	bool json = false;
	const struct flag flags[] = {
		{ .letter = 'c', .name = "config", .text = &config },
		{ .name = "top", .text = &top },
		{ .name = "sort", .text = &sort },
		{ .name = "file", .text = &file },
		{ .name = "json", .present = &json },
		FLAG_END
	};
	int first = flags_read(flags, argc, argv);
	const struct show_listing *listing;
	struct warden *warden;
	uint8_t client[16];
	int status;

	if (first < 0 || argc - first > 1)
		return command_usage("show");
	listing = show_find(first < argc ? argv[first] : "clients");
	if (!listing && address_from_text(client, argv[first])) {
		fprintf(stderr, "'%s' is a client, and this shows all of them: unbound-warden show clients. About one:\n  ",
		        argv[first]);
		at_socket_begin(config);
		fprintf(stderr, " show %s\n", argv[first]);
		return STATUS_USAGE;
	}
	if (!listing) {
		meant_say(argv[first], "a listing", &show_listings[0].name, sizeof(show_listings[0]));
		return command_usage("show");
	}
	if (!fill(&show, listing, top, sort))
		return command_usage("show");
	show.layout = json ? SHOW_JSON : SHOW_TABLE;
	warden = segment_open(config, file);
	if (!warden)
		return STATUS_FOUND;
	show.dry_run = engine_mode(warden, NULL) == MODE_OBSERVE;
	status = print(listing, warden, segment_path(warden, file), &show);
	warden_close(warden);
	return status;
}
