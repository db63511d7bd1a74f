/* SPDX-License-Identifier: BSD-3-Clause */
/* check - reads a configuration as the module would, and says what it will cost. */
#ifndef REPORT_CHECK_H
#define REPORT_CHECK_H

#include <stdbool.h>
#include <stdio.h>

/* Checks <file> (NULL: the defaults). Faults and skipped list lines go to stderr; what
 * the configuration means goes to <out>, as text or as one JSON object. Returns the exit
 * status: 0 when it is right, 1 when it is not.
 */
int check_print(const char *file, bool json, FILE *out);

#endif
