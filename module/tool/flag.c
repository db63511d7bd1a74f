/* SPDX-License-Identifier: BSD-3-Clause */
/* flag - rows in, getopt_long() behind. */
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "tool/flag.h"

#define FIRST_VALUE 256 /* getopt's values for rows: above every letter */

/* Says which flag was probably meant by one that getopt has just complained of. */
static void say_nearest(const struct flag *flags, unsigned count, const char *typed)
{
	struct nearest nearest;
	char name[64];

	if (!typed || strncmp(typed, "--", 2) != 0)
		return;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(typed + 2, "="), typed + 2);
	nearest_begin(&nearest, name);
	for (unsigned i = 0; i < count; i++)
		if (flags[i].name)
			nearest_consider(&nearest, flags[i].name);
	if (nearest.best)
		fprintf(stderr, "did you mean '--%s'?\n", nearest.best);
}

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
		if (!flag) {
			/* A long one that getopt knows lacks or has a value: that it has said. */
			if (optopt < FIRST_VALUE)
				say_nearest(flags, count, argv[optind - 1]);
			return -1;
		}
		if (flag->text)
			*flag->text = optarg;
		if (flag->list)
			flag->list[(*flag->count)++] = optarg;
		if (flag->present)
			*flag->present = true;
	}
	return optind;
}
