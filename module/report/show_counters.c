/* SPDX-License-Identifier: BSD-3-Clause */
/* show_counters - every number of stats.h as a listing: for people without the durations that nothing
 * took.
 */
#include <errno.h>
#include <string.h>

#include "report/grid.h"
#include "report/show.h"
#include "report/stats.h"

struct printing {
	struct grid *grid;
	FILE *out; /* NULL: to be measured */
};

static void visit(void *arg, const struct metric *metric)
{
	static const char durations[] = "warden.histogram.";
	const struct printing *printing = arg;
	char text[METRIC_TEXT_MAX];
	const char *cell[] = { metric->name, metric_text(text, metric) };

	if (!metric->value && !strncmp(metric->name, durations, sizeof(durations) - 1))
		return;
	if (printing->out)
		grid_row(printing->grid, cell, printing->out);
	else
		grid_measure(printing->grid, cell);
}

static void print_table(const struct mapping *mapping, FILE *out)
{
	struct grid grid = { .count = 2, .title = { "counter", "value" }, .right = 1u << 1 };
	struct printing printing = { .grid = &grid, .out = NULL };

	stats_walk(mapping, visit, &printing);
	grid_titles(&grid, out);
	printing.out = out;
	stats_walk(mapping, visit, &printing);
}

int show_counters(const struct mapping *mapping, const struct show *show)
{
	if (show->layout == SHOW_TABLE)
		print_table(mapping, show->out);
	else
		stats_print(mapping, emitter_find(show->layout == SHOW_JSON ? "json" : "plain"), show->out);
	return ferror(show->out) ? -EIO : 0;
}
