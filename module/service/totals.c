/* SPDX-License-Identifier: BSD-3-Clause */
/* totals - what `stats_noreset` prints, for a door that shows it where there is little room.
 *
 * The same lines, the most important first, so that what does not fit is what is missed least:
 *
 *     1  warden.num.*           what was asked and what became of it
 *     2  the others             tables, events, times, memory
 *     3  warden.num.detector.*  but those that are 0
 *     4  warden.histogram.*     but those that are 0
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <warden/warden.h>

#include "engine/engine.h"
#include "report/stats.h"

#define RANK_COUNT 4

/* The first that a line begins with is its row. */
static const struct row {
	const char *prefix;
	unsigned rank;
	bool zeros; /* told even when there is nothing to tell */
} rows[] = {
	{ "warden.num.detector.", 2, false },
	{ "warden.num.", 0, true },
	{ "warden.histogram.", 3, false },
	{ "", 1, true },
};

static bool belongs(const char *line, unsigned rank)
{
	const struct row *row = rows;

	while (strncmp(line, row->prefix, strlen(row->prefix)))
		row++;
	return row->rank == rank && (row->zeros || strncmp(line + strcspn(line, "=\n"), "=0\n", 3));
}

/* Every line of <all> ends in a newline. */
static size_t order(const char *all, char *text, size_t len)
{
	size_t used = 0;

	for (unsigned rank = 0; rank < RANK_COUNT; rank++) {
		for (const char *line = all, *next; *line; line = next) {
			next = strchr(line, '\n') + 1;
			if (!belongs(line, rank))
				continue;
			if ((size_t)(next - line) > len - used)
				return used;
			memcpy(text + used, line, (size_t)(next - line));
			used += (size_t)(next - line);
		}
	}
	return used;
}

size_t warden_totals(struct warden *warden, char *text, size_t len)
{
	char *all = NULL;
	size_t all_len, used = 0;
	FILE *out = open_memstream(&all, &all_len);

	if (!out)
		return 0;
	stats_print(&warden->mapping, emitter_find("plain"), out);
	if (!fclose(out)) /* else the last line may be half a line */
		used = order(all, text, len);
	free(all);
	return used;
}
