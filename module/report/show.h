/* SPDX-License-Identifier: BSD-3-Clause */
/* show - the content of the segment, as lines for people or JSON for programs.
 *
 * One listing is one row of show_listings: clients, pairs, domains, holds, counters.
 * The control socket and `unbound-warden show` print through the same rows, in one of three layouts:
 * a line an entry, `WHO name=value name=value`; a table with a line of titles, for people; and an
 * object a line, for programs.
 *
 *     const struct show_listing *listing = show_find("clients");
 *     struct show show = { .out = stdout, .now = now, .top = 20, .sort = SHOW_SORT_DEFAULT };
 *
 *     error = show_print(listing, &mapping, &show);
 *
 * Reads only, also from a read-only mapping that others write to at the same time:
 * every entry is consistent in itself, the whole need not be.
 */
#ifndef REPORT_SHOW_H
#define REPORT_SHOW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "store/mapping.h"

#define SHOW_SORT_DEFAULT 0

enum show_layout { SHOW_LINES, SHOW_TABLE, SHOW_JSON };

/* How to print a listing. */
struct show {
	FILE *out;
	enum show_layout layout;
	bool dry_run;  /* holds are not enforced (mode observe): said in each hold's line */
	uint64_t now;  /* milliseconds since 1970: `idle` and `expires` count from here */
	uint32_t top;  /* at most so many entries, the largest first; 0: all of them */
	unsigned sort; /* index into show_listing.keys, by show_sort_key() */
};

struct show_listing {
	const char *name;        /* "clients" */
	const char *help;        /* one sentence */
	const char *const *keys; /* what it can be sorted by, default first; NULL at the end */
	int (*print)(const struct mapping *mapping, const struct show *show);
};

/* NULL name at the end. */
extern const struct show_listing show_listings[];

/* The listing called <name>, or NULL. */
const struct show_listing *show_find(const char *name);

/* Index of <key> among the keys of <listing>, or -1. */
int show_sort_key(const struct show_listing *listing, const char *key);

/* Prints <listing>. Takes 16 octets of memory for each entry to be sorted. Returns 0, -ENOMEM,
 * or -EIO when <show>->out could not be written.
 */
int show_print(const struct show_listing *listing, const struct mapping *mapping,
               const struct show *show);

/* The rows, for whoever wants one without its name. */
int show_clients(const struct mapping *mapping, const struct show *show);
int show_pairs(const struct mapping *mapping, const struct show *show);
int show_domains(const struct mapping *mapping, const struct show *show);
int show_holds(const struct mapping *mapping, const struct show *show);
int show_counters(const struct mapping *mapping, const struct show *show);

/* What is let through by hand, as text only. */
int show_exemptions(const struct mapping *mapping, const struct show *show);

#endif
