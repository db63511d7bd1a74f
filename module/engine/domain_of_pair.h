/* SPDX-License-Identifier: BSD-3-Clause */
/* domain_of_pair - what becomes of a verdict on a client and a domain where no client can be said: in a local zone of
 * Unbound, in a zone for subscribers. It is for everybody, or it is not there; so it depends on how many that would meet.
 */
#ifndef ENGINE_DOMAIN_OF_PAIR_H
#define ENGINE_DOMAIN_OF_PAIR_H

#include "detect/facts.h"
#include "engine/config.h"
#include "store/counts.h"
#include "store/mapping.h"
#include "store/table.h"

/* How many clients have asked for the domain since yesterday, as far as they are told apart; 0: none, or nobody knows. */
static inline unsigned domain_clients(const struct mapping *mapping, uint64_t domain, uint64_t now)
{
	struct place place = table_find(&mapping->domains, domain);
	uint64_t word[DOMAIN_WORDS];

	if (!domain || !place.slot)
		return 0;
	word[DOMAIN_DAY] = slot_get(place.slot, DOMAIN_DAY);
	word[DOMAIN_CLIENTS] = slot_get(place.slot, DOMAIN_CLIENTS);
	word[DOMAIN_CLIENTS_BEFORE] = slot_get(place.slot, DOMAIN_CLIENTS_BEFORE);
	return (unsigned)__builtin_popcountll(domain_client_bits(word, now / DAY));
}

/* Whether domain-of-pair: denies everybody a domain that so many ask for. One that nobody has asked for lately is not
 * known to be rare.
 */
static inline bool pair_denies_domain(const struct settings *settings, unsigned clients)
{
	return settings->domain_of_pair == DOMAIN_OF_PAIR_YES ||
	       (settings->domain_of_pair == DOMAIN_OF_PAIR_RARE && clients && clients < RARE_CLIENTS);
}

#endif
