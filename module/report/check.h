/* SPDX-License-Identifier: BSD-3-Clause */
/* check - reads a configuration as the module would, and says what it will cost. */
#ifndef REPORT_CHECK_H
#define REPORT_CHECK_H

#include <jansson.h>
#include <stdio.h>

#include "engine/config.h"

/* Loads <file> (NULL: the defaults). Faults and skipped list lines go to stderr, and faults to <faults> as
 * well. NULL when there are any; the caller gives the result to config_free().
 */
struct config *check_load(const char *file, json_t *faults);

/* What the configuration means and takes, for people and as one object. */
void check_print(const struct config *config, FILE *out);
json_t *check_json(const struct config *config);

#endif
