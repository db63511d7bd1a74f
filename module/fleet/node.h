/* SPDX-License-Identifier: BSD-3-Clause */
/* node - what this node is called among the others: fleet-node:. */
#ifndef FLEET_NODE_H
#define FLEET_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "fleet/vote.h"

/* Whether <text> is a node's name: letters, digits and hyphens, none of these at an end, 1 to FLEET_NODE_MAX. */
bool node_is_name(const char *text);

/* Makes <name> of <wanted>, or where that is "" of the host's name up to its first dot; in lower case. False with a
 * sentence in <error> when it is none.
 */
bool node_name(char name[FLEET_NODE_MAX + 1], const char *wanted, char *error, size_t error_len);

#endif
