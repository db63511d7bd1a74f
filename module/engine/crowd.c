/* SPDX-License-Identifier: BSD-3-Clause */
/* crowd - how many clients stand behind an address.
 *
 * A forwarder or an address translator asks for the domains of many and has the share of the
 * questions of many; who has only one of both is a single client in a hurry, or one with time.
 * Of the few clients of a small network nobody can tell by the share: there every domain is rare,
 * and who asks for many has more to tell them.
 *
 * Invariant: what is taken for a crowd gets more room over all its domains, never more for one.
 */
#include "engine/look.h"

#define CROWD_DOMAINS 32.0 /* ordinary new domains of a day that one budget is for */
#define CROWD_CLIENTS 10   /* in a network with fewer, shares of the questions say nothing */
#define CROWD_MAX     1024.0
#define SMALL_MAX     8.0  /* budgets in such a network: nothing but the number of domains speaks for them */
#define SHARE_EVERY   256   /* questions of a client after which its share is worked out */

/* A walk over all banks, so it is done now and then. */
void crowd_update(const struct look *look, struct client_ledger *client)
{
	static const enum counter_id counters[] = { COUNTER_misses, COUNTER_joined, COUNTER_cachehits,
		                                    COUNTER_local };
	const struct slot *slot = look->client_place.slot;
	uint64_t own = slot_get(slot, CLIENT_MISSES) + slot_get(slot, CLIENT_JOINED) +
	               slot_get(slot, CLIENT_CACHEHITS) + slot_get(slot, CLIENT_LOCAL);
	uint64_t all = 0, share;

	if (slot_get(slot, CLIENT_MISSES) % SHARE_EVERY)
		return;
	for (unsigned i = 0; i < sizeof(counters) / sizeof(*counters); i++)
		all += banks_sum(look->mapping->banks, counters[i]);
	share = all ? own * UINT16_MAX / all : 0;
	client->share = (uint16_t)(share < UINT16_MAX ? share : UINT16_MAX);
}

struct crowd client_crowd(const struct mapping *mapping, const struct client_ledger *client)
{
	uint64_t clients = atomic_load_explicit(&mapping->header->clients, memory_order_relaxed);
	double by_domains = client->domains / CROWD_DOMAINS;
	double share = (double)client->share / (UINT16_MAX + 1.0);
	double by_share = share / (1 - share) * (double)(clients ? clients - 1 : 0);
	double both = by_share < by_domains ? by_share : by_domains;

	by_domains = by_domains < 1 ? 1 : by_domains > SMALL_MAX ? SMALL_MAX : by_domains;
	both = both < 1 ? 1 : both > CROWD_MAX ? CROWD_MAX : both;
	if (clients < CROWD_CLIENTS)
		return (struct crowd){ .clients = 1, .budgets = by_domains };
	return (struct crowd){ .clients = both, .budgets = both };
}
