/* SPDX-License-Identifier: BSD-3-Clause */
/* top - two walks: one over clients, one over domains after one over pairs. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "detect/budget.h"
#include "engine/look.h" /* where in a slot its ledger lies */
#include "report/address.h"
#include "report/domain_text.h"
#include "report/ranking.h"
#include "report/suspicion.h"
#include "report/top.h"
#include "store/counts.h"

#define COUNT_BITS 28 /* of a count in a key; larger ones are alike */

static uint64_t capped(uint64_t count)
{
	uint64_t most = (UINT64_C(1) << COUNT_BITS) - 1;

	return count < most ? count : most;
}

static uint64_t badness(unsigned risk, uint64_t refused, uint64_t queries)
{
	return (uint64_t)risk << 2 * COUNT_BITS | capped(refused) << COUNT_BITS | capped(queries);
}

/* Reads the first <words> words of entry number <index>. */
static bool entry_read(const struct table *table, uint32_t index, unsigned words, uint64_t *word)
{
	struct place place = table_at(table, index);
	uint64_t hash;

	return place.slot && slot_read(place.slot, &hash, 0, words, word) && hash == place.hash;
}

static uint64_t idle_seconds(const struct table *table, uint32_t index, uint64_t now)
{
	struct place place = table_at(table, index);
	uint64_t touched = place.slot ? place_touched(&place) : 0;

	return now / SECOND > touched ? now / SECOND - touched : 0;
}

/* Of the notes of a client or a pair: both begin with the address. */
static struct suspicion suspicion_at(const struct config *config, const uint64_t *word, unsigned notes,
                                     uint64_t now)
{
	uint8_t client[16];

	memcpy(client, word, sizeof(client));
	return suspicion_of(config, client, word + notes, now);
}

static_assert(CLIENT_ADDRESS == 0 && PAIR_CLIENT == 0, "the address is what a key begins with");

/* --- clients ------------------------------------------------------------------------------- */

#define CLIENT_READ (CLIENT_DATA + NOTES_WORDS)

static uint64_t client_queries(const uint64_t *word)
{
	return word[CLIENT_MISSES] + word[CLIENT_JOINED] + word[CLIENT_CACHEHITS] + word[CLIENT_LOCAL];
}

static void print_client(const struct mapping *mapping, const struct config *config, uint32_t index,
                         uint64_t now, FILE *out)
{
	uint64_t word[CLIENT_READ];
	char text[ADDRESS_TEXT_MAX];
	struct suspicion suspicion;
	uint8_t address[16];

	if (!entry_read(&mapping->clients, index, CLIENT_READ, word))
		return;
	suspicion = suspicion_at(config, word, CLIENT_DATA, now);
	memcpy(address, word + CLIENT_ADDRESS, sizeof(address));
	fprintf(out, "%s risk=%u refused=%" PRIu64 " queries=%" PRIu64 " idle=%" PRIu64 " said=",
	        address_text(text, address), suspicion.risk, word[CLIENT_REFUSED], client_queries(word),
	        idle_seconds(&mapping->clients, index, now));
	suspicion_print_said(&suspicion, out);
	putc('\n', out);
}

int top_clients(struct warden *warden, uint32_t count, uint64_t now, FILE *out)
{
	const struct mapping *mapping = &warden->mapping;
	const struct config *config;
	uint64_t word[CLIENT_READ];
	struct ranking ranking;
	unsigned cell;

	if (ranking_init(&ranking, count < TOP_MAX ? count : TOP_MAX))
		return -ENOMEM;
	config = rules_enter(warden, &cell)->config;
	for (uint32_t i = 0; i < table_capacity(&mapping->clients); i++)
		if (entry_read(&mapping->clients, i, CLIENT_READ, word))
			ranking_offer(&ranking,
			              badness(suspicion_at(config, word, CLIENT_DATA, now).risk,
			                      word[CLIENT_REFUSED], client_queries(word)), i);
	ranking_sort(&ranking);
	fputs("# clients by risk of the last hours (0..100), then questions refused, then questions\n", out);
	for (uint32_t i = 0; i < ranking.count; i++)
		print_client(mapping, config, ranking.entry[i].index, now, out);
	rules_leave(warden, cell);
	ranking_free(&ranking);
	return 0;
}

/* --- domains ------------------------------------------------------------------------------- */

#define PAIR_READ   (PAIR_DATA + NOTES_WORDS)
#define DOMAIN_READ (DOMAIN_DATA + DOMAIN_OWN_WORDS)

/* The worst pair of each domain, by the domain's place in its table. */
struct worst {
	uint8_t risk;
	uint32_t pair;
};

static uint32_t place_index(const struct table *table, const struct place *place)
{
	return (uint32_t)((size_t)((const unsigned char *)place->slot - table->slots) / table->slot_size);
}

/* Most pairs are not suspected at all, so few are looked up. */
static void find_worst(const struct mapping *mapping, const struct config *config, uint64_t now,
                       struct worst *worst)
{
	uint64_t word[PAIR_READ];

	for (uint32_t i = 0; i < table_capacity(&mapping->pairs); i++) {
		struct place place;
		unsigned risk;

		if (!entry_read(&mapping->pairs, i, PAIR_READ, word))
			continue;
		risk = suspicion_at(config, word, PAIR_DATA, now).risk;
		if (!risk)
			continue;
		place = table_find(&mapping->domains, word[PAIR_DOMAIN]);
		if (place.slot && worst[place_index(&mapping->domains, &place)].risk < risk)
			worst[place_index(&mapping->domains, &place)] =
				(struct worst){ .risk = (uint8_t)risk, .pair = i };
	}
}

static void print_domain(const struct mapping *mapping, const struct config *config, uint32_t index,
                         const struct worst *worst, uint64_t now, FILE *out)
{
	uint64_t word[DOMAIN_READ], pair[PAIR_READ];
	struct suspicion suspicion = { .risk = 0 };
	struct domain_ledger ledger;
	char text[NAME_TEXT_MAX];

	if (!entry_read(&mapping->domains, index, DOMAIN_READ, word))
		return;
	memcpy(&ledger, word + DOMAIN_DATA + DOMAIN_NOTES_WORDS, sizeof(ledger));
	domain_ledger_move(&ledger, now);
	if (worst->risk && entry_read(&mapping->pairs, worst->pair, PAIR_READ, pair))
		suspicion = suspicion_at(config, pair, PAIR_DATA, now);
	fprintf(out,
	        "%s risk=%u refused=%" PRIu64 " queries=%" PRIu64 " idle=%" PRIu64 " clients=%u told=%" PRIu64
	        " said=",
	        domain_text(text, word), suspicion.risk, word[DOMAIN_REFUSED], word[DOMAIN_QUERIES],
	        idle_seconds(&mapping->domains, index, now),
	        (unsigned)__builtin_popcountll(domain_client_bits(word, now / DAY)),
	        octets((double)ledger.up.day));
	suspicion_print_said(&suspicion, out);
	putc('\n', out);
}

int top_domains(struct warden *warden, uint32_t count, uint64_t now, FILE *out)
{
	const struct mapping *mapping = &warden->mapping;
	uint32_t capacity = table_capacity(&mapping->domains);
	struct worst *worst = calloc(capacity, sizeof(*worst));
	const struct config *config;
	uint64_t word[DOMAIN_DATA];
	struct ranking ranking;
	unsigned cell;

	if (!worst || ranking_init(&ranking, count < TOP_MAX ? count : TOP_MAX)) {
		free(worst);
		return -ENOMEM;
	}
	config = rules_enter(warden, &cell)->config;
	find_worst(mapping, config, now, worst);
	for (uint32_t i = 0; i < capacity; i++)
		if (entry_read(&mapping->domains, i, DOMAIN_DATA, word))
			ranking_offer(&ranking, badness(worst[i].risk, word[DOMAIN_REFUSED], word[DOMAIN_QUERIES]),
			              i);
	ranking_sort(&ranking);
	fputs("# domains by risk of the last hours (0..100), then questions refused, then questions\n", out);
	for (uint32_t i = 0; i < ranking.count; i++)
		print_domain(mapping, config, ranking.entry[i].index, &worst[ranking.entry[i].index], now, out);
	rules_leave(warden, cell);
	ranking_free(&ranking);
	free(worst);
	return 0;
}
