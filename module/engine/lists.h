/* SPDX-License-Identifier: BSD-3-Clause */
/* lists - domains as operators write them: one a line, or in hosts files.
 *
 *     spamhaus.org            the domain and all names below it; so do .spamhaus.org
 *                             and *.spamhaus.org
 *     0.0.0.0 a.test b.test   a hosts file: the names count, the address does not
 *     # to the end of the line is a comment
 *
 * Lists come from elsewhere, so a bad line costs itself, never the file.
 */
#ifndef ENGINE_LISTS_H
#define ENGINE_LISTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "name/domain_set.h"

/* Parses one domain. False unless it is one: letters, digits, hyphen and underscore in
 * labels, not an address, and not the root, which would mean everything.
 */
bool list_domain(struct name *name, const char *text);

/* Called for each bad line: "'foo/bar' is not a domain name". */
typedef void list_bad_line(void *arg, int line, const char *sentence);

/* Adds the domains of <in> to <set>. Returns 0, or -errno when it cannot be read to its end. */
int list_read(FILE *in, struct domain_set *set, list_bad_line *bad, void *arg);

#endif
