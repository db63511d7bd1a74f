/* SPDX-License-Identifier: BSD-3-Clause */
/* known - what the configuration says of a name, remembered.
 *
 * Where its domain begins takes a walk through the Public Suffix List, and whether it is
 * allowed or listed a look-up per label, and its domain's hash is computed anew each time; yet most
 * questions are for names that came before. A slot of the memory is two words: the hash of
 * the domain, and 53 bits of the name's keyed hash with the answer, xor-ed with the first.
 * Any thread may read and write any slot, and the last one wins; two words of different
 * writers do not fit together, and then nothing is known (Hyatt's lockless hash table).
 *
 * Belongs to one configuration and goes with it, so nothing in it is ever out of date.
 */
#ifndef ENGINE_KNOWN_H
#define ENGINE_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "name/name.h"

struct config;
struct mapping;
struct known; /* the memory */

struct knowledge {
	uint64_t domain_hash; /* domain_hash() of it */
	uint8_t domain_label; /* where in the name its registrable domain begins */
	bool allowed;         /* below an allow-domain: or a line of an allow-list: */
	uint8_t signs;        /* SIGN_LISTED: on some list, which config->listed tells; SIGN_STRIKING: some detector's
	                       * .striking says so; SIGN_SIGNATURE: some pattern may fit, for some type */
};

/* NULL without memory. Freed with known_free(). */
struct known *known_new(void);
void known_free(struct known *known);
size_t known_memory(void);

/* Calls for the memory in which known_name() looks first. */
void known_call(const struct config *config, uint64_t hash);

/* What <config> says of <name>, whose hash under the secret of <mapping> is <hash>. Thread-safe,
 * allocates nothing.
 */
struct knowledge known_name(const struct config *config, const struct mapping *mapping,
                            const struct name *name, uint64_t hash);

#endif
