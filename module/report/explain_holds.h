/* SPDX-License-Identifier: BSD-3-Clause */
/* explain_holds - the part of explain.h about what is held and what is let through by hand. */
#ifndef REPORT_EXPLAIN_HOLDS_H
#define REPORT_EXPLAIN_HOLDS_H

#include <stdbool.h>
#include <stdio.h>

#include "name/name.h"
#include "store/mapping.h"

/* Whom to look for: a client, and a name whose registrable domain begins at <domain_label>. */
struct explained {
	uint64_t client; /* its hash */
	const struct name *name;
	unsigned domain_label;
	uint64_t now;
	bool observes;   /* mode observe: nothing is enforced */
};

/* Prints a line for each exemption, beginning with "allowed: ". Returns how many. */
unsigned explain_exemptions(const struct mapping *mapping, const struct explained *whom, FILE *out);

/* Prints a line for each hold in force that a question for the name meets, beginning with "hold: ", or
 * "hold: none".
 */
void explain_holds(const struct mapping *mapping, const struct explained *whom, FILE *out);

#endif
