/* SPDX-License-Identifier: BSD-3-Clause */
/* allowed - the domains that the configuration allows, for look-ups and for telling.
 *
 * A look-up needs hashes only (domain_map.h). But a door that mirrors holds has to be told which names
 * below a held domain, or of a held client, are allowed all the same: so the names themselves are kept,
 * as long as there are few, and what is above them.
 *
 * Read-only after it is filled.
 */
#ifndef ENGINE_ALLOWED_H
#define ENGINE_ALLOWED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "name/domain_map.h"

#define ALLOWED_TOLD_MAX 4096

struct allowed {
	struct domain_map *map;    /* all of them */
	struct domain_map *above;  /* every name that has one of them below it, but for those of one label */
	uint8_t *names;            /* in wire format, one behind the other, while there are few */
	size_t used, room;
	uint32_t told;             /* how many are in <names> */
};

/* Both return 0 or -ENOMEM. allowed_free() is due either way. */
int allowed_init(struct allowed *allowed);
int allowed_add(struct allowed *allowed, const struct name *domain);
void allowed_free(struct allowed *allowed);

size_t allowed_memory(const struct allowed *allowed);

/* Whether <names> has all of them. */
bool allowed_are_told(const struct allowed *allowed);

/* The name at <at> of names, and where the next one begins; false at the end. Begin with 0. */
bool allowed_next(const struct allowed *allowed, size_t *at, struct name *name);

#endif
