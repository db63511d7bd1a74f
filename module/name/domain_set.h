/* SPDX-License-Identifier: BSD-3-Clause */
/* domain_set - a set of domains that also answers for all names below them.
 *
 * Open addressing over hashes of wire-format suffixes: 8 octets a member at a load
 * of at most one half. Two members that share a 64-bit hash are taken for one.
 * Read-only after it is filled.
 */
#ifndef NAME_DOMAIN_SET_H
#define NAME_DOMAIN_SET_H

#include "name/name.h"

struct domain_set;

struct domain_set *domain_set_new(void);
void domain_set_free(struct domain_set *set);

/* Adds <domain>. Returns 0 or -ENOMEM. */
int domain_set_add(struct domain_set *set, const struct name *domain);

size_t domain_set_count(const struct domain_set *set);
size_t domain_set_memory(const struct domain_set *set);

/* Index of the leftmost label at which a member begins that <name> is or is below
 * (the longest match), or -1. Thread-safe.
 */
int domain_set_match(const struct domain_set *set, const struct name *name);

#endif
