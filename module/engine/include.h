/* SPDX-License-Identifier: BSD-3-Clause */
/* include - the files of a configuration: found, opened, read, parsed.
 *
 *     include: "warden.d/ *.conf"   (without the blank) relative to the including file
 *
 * Invariant: a file never includes itself, however many files lie between, and no chain
 * is longer than INCLUDE_DEPTH.
 */
#ifndef ENGINE_INCLUDE_H
#define ENGINE_INCLUDE_H

#include <stdio.h>

#include "engine/draft.h"

#define INCLUDE_DEPTH 16

/* Reads <path> into <draft>. <parent> includes it at <at>; both may be nothing. */
void include_file(struct draft *draft, const struct source *parent, struct origin at,
                  const char *path);

/* Reads every file that <pattern> of `include:` matches, in the order of their names. */
void include_pattern(const struct source *parent, struct origin at, const char *pattern);

/* Adds <path> to the configuration's sources. Returns its copy there; NULL: out of memory. */
const char *include_keep(struct config *config, const char *path);

/* Frees them. */
void include_free(struct config *config);

/* <path> as written in <file>: relative paths begin at the folder of <file> (may be
 * NULL). The caller owns the result; NULL: out of memory.
 */
char *include_path(const char *file, const char *path);

/* Opens a text file. Returns NULL and sets errno. Only regular files are opened, and /dev/null: pipes may
 * keep the resolver waiting, and some devices have no end.
 */
FILE *include_open(const char *path);

/* What is wrong, in words, with a file that include_open() set <error> for. */
const char *include_why(int error);

#endif
