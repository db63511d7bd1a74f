/* SPDX-License-Identifier: BSD-3-Clause */
/* openmetrics_clients - the few clients that are told of by address, when they are asked for.
 *
 * Gauges, all of them: a client's counts are gone when it is forgotten, and which clients are told of
 * changes with every look. Addresses are shown as client-privacy: says. Those of the few that are shown
 * alike, as truncated ones are, are one series: their questions are added up, and the risk is the highest.
 */
#include <errno.h>
#include <string.h>

#include "engine/config.h"
#include "report/address.h"
#include "report/openmetrics.h"
#include "report/privacy.h"
#include "report/ranking.h"
#include "report/suspicion.h"
#include "store/slot.h"

#define CLIENT_READ (CLIENT_DATA + NOTES_WORDS)
#define COUNT_BITS  28 /* of a count in a key; larger ones are alike */

enum { RISK, REFUSED, QUERIES, KINDS };

static const struct exposition_family families[KINDS] = {
	[RISK] = { .name = "warden_client_risk", .type = EXPOSITION_GAUGE,
	           .help = "Risk of a client from its detectors' opinions of the last hours, 0 to 100." },
	[REFUSED] = { .name = "warden_client_refused", .type = EXPOSITION_GAUGE,
	              .help = "Questions refused to a client since it became known." },
	[QUERIES] = { .name = "warden_client_queries", .type = EXPOSITION_GAUGE,
	              .help = "Questions of a client since it became known." },
};

/* A client as it is shown. */
struct shown {
	uint8_t address[16];
	uint64_t number[KINDS];
};

/* Reads client number <index>, with its true address. */
static bool client_read(const struct mapping *mapping, const struct openmetrics *how, uint32_t index,
                        struct shown *client)
{
	struct place place = table_at(&mapping->clients, index);
	uint64_t hash, word[CLIENT_READ];

	if (!place.slot || !slot_read(place.slot, &hash, 0, CLIENT_READ, word) || hash != place.hash)
		return false;
	memcpy(client->address, word + CLIENT_ADDRESS, sizeof(client->address));
	client->number[RISK] = suspicion_of(how->config, client->address, word + CLIENT_DATA, how->now).risk;
	client->number[REFUSED] = word[CLIENT_REFUSED];
	client->number[QUERIES] = word[CLIENT_MISSES] + word[CLIENT_JOINED] + word[CLIENT_CACHEHITS] +
	                          word[CLIENT_LOCAL];
	return true;
}

static uint64_t capped(uint64_t count)
{
	uint64_t most = (UINT64_C(1) << COUNT_BITS) - 1;

	return count < most ? count : most;
}

/* As in `top clients`: by risk, then by what was refused, then by questions. */
static uint64_t rank(const struct shown *client)
{
	return client->number[RISK] << 2 * COUNT_BITS | capped(client->number[REFUSED]) << COUNT_BITS |
	       capped(client->number[QUERIES]);
}

/* Adds <client> to the <count> in <shown>, to one of them where it is shown like that. Returns how many now. */
static unsigned add(struct shown *shown, unsigned count, const struct shown *client)
{
	unsigned i = 0;

	while (i < count && memcmp(shown[i].address, client->address, sizeof(client->address)) != 0)
		i++;
	if (i == count) {
		shown[count] = *client;
		return count + 1;
	}
	for (unsigned kind = 0; kind < KINDS; kind++)
		if (kind != RISK)
			shown[i].number[kind] += client->number[kind];
		else if (shown[i].number[kind] < client->number[kind])
			shown[i].number[kind] = client->number[kind];
	return count;
}

int openmetrics_clients(const struct mapping *mapping, const struct openmetrics *how,
                        const struct exposition *expo)
{
	struct shown shown[OPENMETRICS_CLIENTS_MAX], client;
	struct privacy privacy;
	struct ranking ranking;
	unsigned count = 0;

	if (!privacy_open(&privacy, how->config))
		return -ENOMEM;
	if (ranking_init(&ranking, how->clients < OPENMETRICS_CLIENTS_MAX ? how->clients : OPENMETRICS_CLIENTS_MAX)) {
		privacy_close(&privacy);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < table_capacity(&mapping->clients); i++)
		if (client_read(mapping, how, i, &client))
			ranking_offer(&ranking, rank(&client), i);
	ranking_sort(&ranking);
	/* Read anew: an entry may have changed hands since, and is then another whole one. */
	for (uint32_t i = 0; i < ranking.count; i++)
		if (client_read(mapping, how, ranking.entry[i].index, &client)) {
			privacy_client(&privacy, client.address, client.address);
			count = add(shown, count, &client);
		}
	ranking_free(&ranking);
	privacy_close(&privacy);
	for (unsigned kind = 0; kind < KINDS; kind++) {
		exposition_family(expo, &families[kind]);
		for (unsigned i = 0; i < count; i++) {
			char text[ADDRESS_TEXT_MAX];
			struct exposition_label label = { "client", address_text(text, shown[i].address) };

			exposition_sample(expo, &families[kind], label, shown[i].number[kind]);
		}
	}
	return 0;
}

void openmetrics_clients_manual(struct page *page, openmetrics_manual_family *print)
{
	for (unsigned kind = 0; kind < KINDS; kind++)
		print(page, &families[kind], "client");
}
