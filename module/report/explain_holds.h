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
	bool allows_client; /* the configuration does; */
	int allows_domain;  /* and the label at which the entry for the name begins, or -1 */
	uint64_t now;
	bool observes;   /* mode observe: nothing is enforced */
};

/* Prints a line for each that lets a question for the name pass, beginning with "allowed: ", or
 * "allowed: no". Whether something does.
 */
bool explain_allowed(const struct mapping *mapping, const struct explained *whom, FILE *out);

/* Prints a line for each hold in force that a question for the name meets, beginning with "hold: ", or
 * "hold: none". Whether there is one.
 */
bool explain_holds(const struct mapping *mapping, const struct explained *whom, FILE *out);

#endif
