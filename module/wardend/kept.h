/* SPDX-License-Identifier: BSD-3-Clause */
/* kept - which local zones of Unbound are wardend's, in a file, for the one that comes after a crash.
 *
 *     mark wardend-0123456789abcdef.invalid.
 *     always_refuse example.org.
 *
 * The mark is a zone as well, the first that is set in an Unbound. Where it is gone, Unbound has
 * been started or reloaded since, so that none of the zones is ours, whatever they are called.
 *
 * Invariant: what is ours in Unbound is in the file, which is written first. What it says is
 * checked as a stranger's.
 */
#ifndef WARDEND_KEPT_H
#define WARDEND_KEPT_H

#include "wardend/zones.h"

#define KEPT_MARK ZONE_NXDOMAIN /* kind of the mark */

/* Reads <path> into <own> and <mark>, which is "" when there is no file, or none that can be believed. Returns 0, or -1
 * with errno when there is one that cannot be read.
 */
int kept_read(const char *path, struct zones *own, char mark[ZONE_NAME_MAX + 1]);

/* Writes them, all of <own> and <more>. Returns 0, or -1 with errno. */
int kept_write(const char *path, const struct zones *own, const struct zones *more, const char *mark);

/* A mark that no Unbound has yet. */
void kept_mark(char mark[ZONE_NAME_MAX + 1]);

#endif
