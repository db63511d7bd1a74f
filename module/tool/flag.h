/* SPDX-License-Identifier: BSD-3-Clause */
/* flag - what a command takes besides its arguments: a row each.
 *
 * Read by getopt_long(), whose `struct option` cannot meet that of base/option.h in one
 * file; so only flag.c sees it.
 */
#ifndef TOOL_FLAG_H
#define TOOL_FLAG_H

#include <stdbool.h>

#define FLAGS_MAX 16

struct flag {
	char letter;       /* -c; 0: none */
	const char *name;  /* --config; NULL: none */
	const char **text; /* where its value goes; NULL: it has none */
	bool *present;     /* set when it was there; may be NULL */
	const char **list; /* instead of <text>: where all its values go, in order, ... */
	unsigned *count;   /* ... and how many; as many as there are arguments must fit */
};

#define FLAG_END { .text = NULL }

/* Reads the flags of argv[1] and on, wherever they stand, and moves what else there is to
 * the end. Returns the index of the first of those, or -1 after a sentence on stderr.
 */
int flags_read(const struct flag *flags, int argc, char **argv);

#endif
