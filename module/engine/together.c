/* SPDX-License-Identifier: BSD-3-Clause */
/* together - who has told enough to be counted with what other nodes know of him.
 *
 *     charge.c --> ledger --> enough? --> outbox --> the thread that adds up for all nodes
 *     detectors <-- facts <-- elsewhere <--------------'
 *
 * Most clients tell most domains next to nothing, and of these nobody else need know. A ledger that has come to
 * fleet-count-from: is sent whole, once; from then on every charge is, for as long as the ledger remembers
 * enough of it. <together> of the ledger says which of the two. Between <from> and an eighth of it the
 * two differ, so that a sum at the threshold is not sent whole again and again: at most an eighth of it is.
 *
 * A domain that more clients ask for than one budget is for is judged by each node alone: through some node
 * nearly every popular domain is told as much as a tunnel's.
 *
 * Invariant: without fleet-redis: nothing here runs. What the outbox has no room for is counted, and a ledger
 * that was to be sent whole is tried again with the next charge.
 */
#include <string.h>

#include "detect/budget.h"
#include "engine/look.h"
#include "store/elsewhere.h"
#include "store/outbox.h"

#define DOMAIN_TIMES 8       /* fleet-count-from: so many times, of a domain: many tell it something */
#define FORGOTTEN    (1.0 / 8)

/* What is to be told of a ledger that <bits> were added to. */
static double share(const struct sums *up, uint8_t *together, double bits, double from)
{
	if (*together && (double)up->day - bits < from * FORGOTTEN)
		*together = 0;
	if (*together)
		return bits;
	return (double)up->day >= from ? (double)up->day : 0;
}

/* Notes that what is told of a ledger from now on are its charges. */
static void settle(const struct sums *up, uint8_t *together, double from)
{
	if ((double)up->day >= from)
		*together = 1;
}

/* Hands <shares> over. False when they are not on their way. */
static bool send(struct look *look, const struct told_now *shares, bool is_new)
{
	struct parcel parcel;

	/* Nobody takes parcels from private memory, nor from a copy that something is tried out with. */
	if (!mapping_is_shared(look->mapping))
		return false;
	parcel = (struct parcel){
		.now = look->obs->now,
		.pair = look->pair_hash,
		.client_key = look->client_hash,
		.domain = look->domain_hash,
		.pair_bits = (float)shares->pair,
		.client_bits = (float)shares->client,
		.domain_bits = (float)shares->domain,
		.domain_at = (uint8_t)(name_tail(&look->name, look->domain_label) - look->name.wire),
		.is_new = is_new,
		.qname_len = look->name.len,
	};
	memcpy(parcel.client, look->client, sizeof(parcel.client));
	memcpy(parcel.qname, look->name.wire, look->name.len);
	if (outbox_put(look->mapping, &parcel))
		return true;
	bank_add(look->bank, COUNTER_redis_lost, 1);
	return false;
}

static bool fetch(const struct look *look, uint64_t hash, struct told_elsewhere *told)
{
	struct elsewhere known;
	bool any = elsewhere_get(look->mapping, hash, look->obs->now, &known);

	*told = (struct told_elsewhere){ known.bits, known.nodes, known.names };
	return any;
}

static bool is_enough(const struct sums *up, uint8_t together, double from)
{
	return together || (double)up->day >= from;
}

void together_question(struct look *look, struct states *states, struct facts *facts, const struct told_now *charged)
{
	double from = look->config->together_from, from_domain = from * DOMAIN_TIMES;
	struct client_ledger *client = facts->client && look->rare ? client_ledger_of(states) : NULL;
	struct domain_ledger *domain = facts->domain && look->clients <= CLIENTS_OF_BUDGET ? domain_ledger_of(states)
	                                                                                   : NULL;
	struct pair_ledger *pair = pair_ledger_of(states);
	struct told_now shares = { 0 };
	bool any = false, sent = false;

	shares.pair = share(&pair->up, &pair->together, charged->pair, from);
	if (client)
		shares.client = share(&client->up, &client->together, charged->client, from);
	if (domain && charged->domain > 0) /* without a charge the ledger may be a copy that is only read */
		shares.domain = share(&domain->up, &domain->together, charged->domain, from_domain);
	if (shares.pair > 0 || shares.client > 0 || shares.domain > 0)
		sent = send(look, &shares, facts->unheard);
	look->elsewhere = (struct elsewheres){ 0 };
	if (is_enough(&pair->up, pair->together, from))
		any |= fetch(look, look->pair_hash, &look->elsewhere.pair);
	if (client && is_enough(&client->up, client->together, from))
		any |= fetch(look, look->client_hash, &look->elsewhere.client);
	if (domain && is_enough(&domain->up, domain->together, from_domain))
		any |= fetch(look, look->domain_hash, &look->elsewhere.domain);
	facts->elsewhere = any ? &look->elsewhere : NULL;
	if (!sent)
		return;
	settle(&pair->up, &pair->together, from);
	if (client)
		settle(&client->up, &client->together, from);
	if (domain && charged->domain > 0)
		settle(&domain->up, &domain->together, from_domain);
}

double together_pair_elsewhere(const struct look *look, const struct pair_ledger *pair)
{
	struct told_elsewhere told;

	return pair->together && fetch(look, look->pair_hash, &told) ? told.bits : 0;
}
