/* SPDX-License-Identifier: BSD-3-Clause */
/* manual - the parts of the manual that are printed from the tables. */
#include "report/manual.h"
#include "report/openmetrics.h"
#include "tool/command.h"
#include "tool/flag.h"

int command_manual(int argc, char **argv)
{
	bool wanted[] = {
		[MANUAL_EXAMPLE] = false, [MANUAL_OPTIONS] = false,
		[MANUAL_COUNTERS] = false, [MANUAL_EVENTS] = false,
		[MANUAL_SOURCES] = false,
	};
	bool metrics = false; /* known to the tool alone */
	const struct flag flags[] = {
		{ .name = "example", .present = &wanted[MANUAL_EXAMPLE] },
		{ .name = "options", .present = &wanted[MANUAL_OPTIONS] },
		{ .name = "counters", .present = &wanted[MANUAL_COUNTERS] },
		{ .name = "events", .present = &wanted[MANUAL_EVENTS] },
		{ .name = "metrics", .present = &metrics },
		{ .name = "sources", .present = &wanted[MANUAL_SOURCES] },
		FLAG_END
	};
	int first = flags_read(flags, argc, argv);
	const size_t count = sizeof(wanted) / sizeof(*wanted);
	bool any = false;

	if (first != argc)
		return command_usage("manual");
	for (size_t i = 0; i < count; i++)
		any |= wanted[i];
	any |= metrics;
	/* Without a word: all of it but the example, which is a file of its own, and the list for scripts. */
	for (size_t i = 0; i < count; i++)
		if ((any ? wanted[i] : i != MANUAL_EXAMPLE && i != MANUAL_SOURCES) && manual_print(stdout, (enum manual_what)i))
			return STATUS_FOUND;
	if ((metrics || !any) && openmetrics_manual(stdout))
		return STATUS_FOUND;
	return fflush(stdout) ? STATUS_FOUND : STATUS_FINE;
}
