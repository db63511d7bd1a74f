/* SPDX-License-Identifier: BSD-3-Clause */
/* check - a configuration, looked at as the module would. */
#include "report/check.h"
#include "tool/command.h"
#include "tool/flag.h"

int command_check(int argc, char **argv)
{
	bool json = false;
	const struct flag flags[] = { { .name = "json", .present = &json }, FLAG_END };
	int first = flags_read(flags, argc, argv);

	if (first < 0 || argc - first > 1)
		return command_usage("check");
	return check_print(command_config(first < argc ? argv[first] : NULL), json, stdout);
}
