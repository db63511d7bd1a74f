/* SPDX-License-Identifier: BSD-3-Clause */
/* lists - domains as operators write them, and as feeds bring them: one reader for all.
 *
 * A domain on a list stands for itself and for all names below it; .example.org and
 * *.example.org are the same as example.org. Which format a file has is told by its first line
 * that is neither blank nor a comment (# or ; at its start), and no option says so:
 *
 *     {                          a MISP warning list: JSON
 *     $TTL 300                   a directive, or a whole record (owner, TTL and class, type, and
 *     bad.test CNAME .           data that fits): an RPZ zone
 *     domain,flag                a comma in the first word, or a quote before it: CSV, as in a
 *     *.bad.test*,True           Splunk look-up
 *     bad.test  Whose it is      anything else: a domain a line, and a note behind it,
 *     0.0.0.0 a.test b.test      or a hosts file: the names count, the address does not
 *
 * No two of them look alike: a domain has neither brace nor dollar sign, comma nor quote in it,
 * and a note that is a record has yet to be seen.
 *
 * Lists come from elsewhere, so a bad line costs itself, never the file. What is kept in memory
 * is a line; of JSON, a file of bounded size.
 */
#ifndef ENGINE_LISTS_H
#define ENGINE_LISTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "name/name.h"

#define LIST_BAD_NAMED 20 /* bad lines of a file that are named; the others are counted */
#define LIST_NOTE_MAX  63 /* octets of a note that are kept */

/* Who gets what is in a list. */
struct list_sink {
	/* Takes a domain, and what is said of it: printable ASCII, "" without. Not 0 ends the
	 * reading with that, a -errno.
	 */
	int (*add)(void *arg, const struct name *domain, const char *note);

	/* Called for a bad line: "'foo/bar' is not a domain name"; <line> 0: for the file. */
	void (*bad)(void *arg, int line, const char *sentence);
	void *arg;
};

/* Parses one domain. False unless it is one: letters, digits, hyphen and underscore in
 * labels, no number at its end as addresses have, and not the root, which would mean everything.
 */
bool list_domain(struct name *name, const char *text);

/* Gives the domains of <in>, a regular file, to <sink>, and adds to <skipped> how many lines there
 * are that it could not take. Returns 0, or -errno when the file cannot be read to its end.
 */
int list_read(FILE *in, const struct list_sink *sink, uint32_t *skipped);

#endif
