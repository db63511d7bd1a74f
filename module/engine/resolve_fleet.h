/* SPDX-License-Identifier: BSD-3-Clause */
/* resolve_fleet - the options about sharing verdicts that no row can check by itself. */
#ifndef ENGINE_RESOLVE_FLEET_H
#define ENGINE_RESOLVE_FLEET_H

#include "engine/draft.h"

/* fleet-zone: and what it needs, fleet-node: or the host's name in its place, and fleet-never:. */
void resolve_fleet(struct draft *draft);

/* Whether <text> can be the name of a node: of FLEET_NODE_LEN letters, digits and hyphens at most, lower case. */
bool fleet_node_is_valid(const char *text);

#endif
