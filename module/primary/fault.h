/* SPDX-License-Identifier: BSD-3-Clause */
/* fault - what can be wrong with a primary, and how it is said. */
#ifndef PRIMARY_FAULT_H
#define PRIMARY_FAULT_H

#include <stdint.h>

#define FAULT_TEXT_MAX  160
#define FAULT_RCODE_MAX 16

enum fault {
	FAULT_NONE,
	FAULT_AWAY,      /* no connection; an errno, 0: it has ended it */
	FAULT_SILENT,    /* no answer in time */
	FAULT_KEY,       /* it does not take our key; the error of its TSIG record */
	FAULT_CLOCK,     /* nor our time; by how many seconds it is ahead */
	FAULT_UNSIGNED,  /* what it says all the same: a response code */
	FAULT_FALSE,     /* a signature that is not right */
	FAULT_RCODE,     /* that code where an answer was to be */
	FAULT_MALFORMED,
	FAULT_TOO_LARGE, /* the zone */
	FAULT_MEMORY
};

/* The rest of a sentence that begins with the primary; <detail> as above. */
void fault_text(char text[FAULT_TEXT_MAX], enum fault fault, int64_t detail);

/* The name of a response code. Returns <text>. */
const char *fault_rcode(char text[FAULT_RCODE_MAX], int rcode);

#endif
