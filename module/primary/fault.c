/* SPDX-License-Identifier: BSD-3-Clause */
/* fault - a sentence for each thing that can be wrong, with what an operator needs to set it right. */
#include "primary/fault.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ldns/ldns.h>

#include "primary/transfer.h"
#include "primary/tsig.h"

const char *fault_rcode(char text[FAULT_RCODE_MAX], int rcode)
{
	const ldns_lookup_table *known = ldns_lookup_by_id(ldns_rcodes, rcode);

	if (known)
		snprintf(text, FAULT_RCODE_MAX, "%s", known->name);
	else
		snprintf(text, FAULT_RCODE_MAX, "RCODE%d", rcode);
	return text;
}

void fault_text(char text[FAULT_TEXT_MAX], enum fault fault, int64_t detail)
{
	static const char *const texts[] = {
		[FAULT_SILENT] = "does not answer in time",
		[FAULT_UNSIGNED] = "gives an answer without a signature",
		[FAULT_FALSE] = "gives an answer with a false signature",
		[FAULT_MALFORMED] = "gives a malformed answer",
		[FAULT_MEMORY] = "cannot be talked to: out of memory",
	};
	char name[FAULT_RCODE_MAX], why[FAULT_TEXT_MAX];

	switch (fault) {
	case FAULT_AWAY:
		snprintf(text, FAULT_TEXT_MAX, "cannot be reached: %s",
		         detail ? strerror_r((int)detail, why, sizeof(why)) : "it closes the connection");
		return;
	case FAULT_KEY:
		snprintf(text, FAULT_TEXT_MAX, "does not take the key of fleet-key-file, or not for this (%s)",
		         detail == TSIG_BADKEY ? "BADKEY" : "BADSIG");
		return;
	case FAULT_CLOCK:
		snprintf(text, FAULT_TEXT_MAX, "and this host differ by %" PRId64 " seconds, and signatures allow %d "
		         "(BADTIME)", detail, TSIG_FUDGE);
		return;
	case FAULT_RCODE:
		snprintf(text, FAULT_TEXT_MAX, "does not give the zone: %s", fault_rcode(name, (int)detail));
		return;
	case FAULT_TOO_LARGE:
		snprintf(text, FAULT_TEXT_MAX, "has a zone of more than %u MiB", (unsigned)(TRANSFER_OCTETS_MAX >> 20));
		return;
	default:
		snprintf(text, FAULT_TEXT_MAX, "%s", texts[fault]);
	}
}
