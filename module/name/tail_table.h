/* SPDX-License-Identifier: BSD-3-Clause */
/* tail_table - what is known about the tails of names, as flags.
 *
 * Invariant: with a tail all its own tails are in the table. Who walks a name from the
 * right may therefore stop at the first tail that is not: nothing longer is.
 * Read-only after it is filled.
 */
#ifndef NAME_TAIL_TABLE_H
#define NAME_TAIL_TABLE_H

#include "name/name.h"

enum tail_flag {
	TAIL_KNOWN = 1,        /* it is in the table */
	TAIL_SUFFIX = 2,       /* is a public suffix */
	TAIL_ASK_CHILDREN = 4, /* a rule may be about any child of it */
	TAIL_ASK_IDN = 8,      /* ... about a child that begins with xn--, or about what is below one */
	TAIL_ASK_BELOW = 16,   /* ... about any name below it */
	TAIL_LOCAL = 32,       /* a network's own zone, or nobody's */
};

struct tail_table;

struct tail_table *tail_table_new(void);
void tail_table_free(struct tail_table *table);

/* Adds <flags> to the tail of <name> from label <first> on; <first> == labels is the
 * root. Returns 0 or -ENOMEM. Longer tails of a name are added after shorter ones.
 */
int tail_table_add(struct tail_table *table, const struct name *name, unsigned first,
                   unsigned flags);

/* The flags of that tail, 0 when it is not in the table; the root always is. Two tails
 * that share 58 bits of their hashes are taken for one. Thread-safe.
 */
unsigned tail_table_find(const struct tail_table *table, const struct name *name, unsigned first);

#endif
