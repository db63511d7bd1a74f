/* SPDX-License-Identifier: BSD-3-Clause */
/* suffix_rules - the rules of the Public Suffix List: libpsl's, and which tails they are about.
 *
 * libpsl says what a public suffix is, but not which names there are no rules about.
 * The file that it read tells that.
 */
#ifndef NAME_SUFFIX_RULES_H
#define NAME_SUFFIX_RULES_H

#include <stdio.h>

#include <libpsl.h>

#include "name/name.h"
#include "name/tail_table.h"

/* The first label of the longest tail of <name> that a rule could be about and that begins at
 * label <limit> or to the right of it: few labels, of letters, digits and hyphens.
 */
unsigned suffix_rules_reach(const struct name *name, unsigned limit);

/* Whether the list has the tail of <name> from label <first> on, in the section <type>
 * (PSL_TYPE_ANY, PSL_TYPE_ICANN). Only for tails within reach: text cannot tell a dot in a
 * label from one between labels. Thread-safe, allocates nothing.
 */
bool suffix_rules_have(const psl_ctx_t *list, const struct name *name, unsigned first, int type);

/* Adds to <tails> all tails that a rule in <file> is about, with what <list>, which was loaded
 * from the same text, says about them: a tail that is not there and that no flag of its
 * parents is for is not in <list>. Returns 0, -EINVAL when <file> is no text, -EIO or
 * -ENOMEM, and <tails> is then of no use.
 */
int suffix_rules_collect(FILE *file, const psl_ctx_t *list, struct tail_table *tails);

#endif
