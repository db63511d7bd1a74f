/* SPDX-License-Identifier: BSD-3-Clause */
/* table - what a play came to, a line each. */
#ifndef TRAFFIC_TABLE_H
#define TRAFFIC_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "leak.h"

/* Octets in 24 hours: a flow of less may be refused for what its code costs, but need not be. */
#define FLOOR 512

void table_head(void);

/* What the marks of the rows mean. */
void table_foot(void);

/* Prints the row <name>. Below one that is slower than the floor stands who else tagged it, as
 * a tag is all it can get (the sum of a domain over seven days); when <verbose>, below any row
 * all who tagged or refused.
 */
void table_row(const char *name, bool beyond, const struct plan *plan, const struct leak *leak,
               bool verbose);

#endif
