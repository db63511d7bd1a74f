/* SPDX-License-Identifier: BSD-3-Clause */
/* flag - rows in, getopt_long() behind. */
#include <getopt.h>
#include <stddef.h>

#include "tool/flag.h"

#define FIRST_VALUE 256 /* getopt's values for rows: above every letter */

int flags_read(const struct flag *flags, int argc, char **argv)
{
	struct option longs[FLAGS_MAX + 1] = { 0 };
	char shorts[2 * FLAGS_MAX + 1] = "";
	unsigned count = 0, long_count = 0, length = 0;
	int value;

	for (; count < FLAGS_MAX && (flags[count].letter || flags[count].name); count++) {
		const struct flag *flag = &flags[count];

		if (flag->name)
			longs[long_count++] = (struct option){
				.name = flag->name,
				.has_arg = flag->text || flag->list ? required_argument : no_argument,
				.val = FIRST_VALUE + (int)count,
			};
		if (flag->letter)
			shorts[length++] = flag->letter;
		if (flag->letter && (flag->text || flag->list))
			shorts[length++] = ':';
	}
	while ((value = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct flag *flag = NULL;

		for (unsigned i = 0; i < count; i++)
			if (value == FIRST_VALUE + (int)i || (value && value == flags[i].letter))
				flag = &flags[i];
		if (!flag)
			return -1;
		if (flag->text)
			*flag->text = optarg;
		if (flag->list)
			flag->list[(*flag->count)++] = optarg;
		if (flag->present)
			*flag->present = true;
	}
	return optind;
}
