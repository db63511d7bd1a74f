/* SPDX-License-Identifier: BSD-3-Clause */
/* manual - the parts of the manual that are printed from the tables. */
#include "report/manual.h"
#include "report/openmetrics.h"
#include "tool/command.h"
#include "tool/flag.h"

int command_manual(int argc, char **argv)
{
	bool wanted[MANUAL_COUNT] = { false }, mdoc = false, markdown = false, any = false;
	bool metrics = false; /* a chapter that the tool alone has */
	const struct flag flags[] = {
		{ .name = "example", .present = &wanted[MANUAL_EXAMPLE] },
		{ .name = "options", .present = &wanted[MANUAL_OPTIONS] },
		{ .name = "counters", .present = &wanted[MANUAL_COUNTERS] },
		{ .name = "events", .present = &wanted[MANUAL_EVENTS] },
		{ .name = "detectors", .present = &wanted[MANUAL_DETECTORS] },
		{ .name = "metrics", .present = &metrics },
		{ .name = "sources", .present = &wanted[MANUAL_SOURCES] },
		{ .name = "mdoc", .present = &mdoc },
		{ .name = "markdown", .present = &markdown },
		FLAG_END
	};
	enum manual_form form;

	if (flags_read(flags, argc, argv) != argc || (mdoc && markdown))
		return command_usage("manual");
	form = mdoc ? MANUAL_MDOC : markdown ? MANUAL_MARKDOWN : MANUAL_TEXT;
	for (size_t i = 0; i < MANUAL_COUNT; i++)
		any |= wanted[i];
	any |= metrics;
	/* Without a word: all chapters, but not the example, which is a file of its own, and the list for scripts. */
	for (size_t i = 0; i < MANUAL_COUNT; i++)
		if ((any ? wanted[i] : i < MANUAL_EXAMPLE) && manual_print(stdout, (enum manual_what)i, form))
			return STATUS_FOUND;
	if ((metrics || !any) && openmetrics_manual(&(struct page){ .out = stdout, .style = &manual_styles[form] }))
		return STATUS_FOUND;
	return fflush(stdout) ? STATUS_FOUND : STATUS_FINE;
}
