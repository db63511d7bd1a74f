/* SPDX-License-Identifier: BSD-3-Clause */
/* resolve - makes of texts in a configuration what the engine can use at once. */
#ifndef ENGINE_RESOLVE_H
#define ENGINE_RESOLVE_H

#include "engine/draft.h"

/* Reads the texts of <list>, an option called <key>, into <networks>: those that are networks, in their
 * order. The others are faults.
 */
void resolve_networks(struct draft *draft, const char *key, const struct option_list *list,
                      struct networks *networks);

/* allow-domain: and local-domain:, the latter into the Public Suffix List, which this opens. */
void resolve_domains(struct draft *draft);

/* max-held-clients:, which is a number or a share. */
void resolve_held_limit(struct draft *draft);

/* Where an item was written. */
static inline struct origin origin_of_item(const struct option_item *item)
{
	return (struct origin){ item->file, item->line };
}

#endif
