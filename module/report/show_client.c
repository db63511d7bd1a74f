/* SPDX-License-Identifier: BSD-3-Clause */
/* show_client - gathers the slots that bear the client's address. */
#include <inttypes.h>
#include <string.h>

#include "report/address.h"
#include "report/domain_text.h"
#include "report/held.h"
#include "report/ranking.h"
#include "report/show_client.h"
#include "report/suspicion.h"
#include "report/timestamp.h"
#include "store/counts.h"
#include "store/elsewhere.h"

#define READ_ATTEMPTS 100 /* an edit is over in a microsecond */
#define CLIENT_READ   (CLIENT_DATA + NOTES_WORDS)
#define PAIR_READ     (PAIR_DATA + NOTES_WORDS)

/* Whom it is about. */
struct shown {
	const struct mapping *mapping;
	const struct config *config;
	uint8_t client[16]; /* masked */
	uint64_t now;
	FILE *out;
};

static void print_counts(const struct shown *shown, const struct place *place, const uint64_t *word)
{
	struct suspicion suspicion = suspicion_of(shown->config, shown->client, word + CLIENT_DATA, shown->now);
	uint64_t touched = place_touched(place), second = shown->now / 1000;
	char first[TIMESTAMP_TEXT_MAX];

	fprintf(shown->out, "first seen: %s, %" PRIu64 " seconds ago for the last time\n",
	        suspicion.first_seen ? timestamp_text(first, suspicion.first_seen) : "not known",
	        second > touched ? second - touched : 0);
	fprintf(shown->out,
	        "questions: %" PRIu64 ": %" PRIu64 " resolved, %" PRIu64 " joined, %" PRIu64
	        " from the cache, %" PRIu64 " local; answers %" PRIu64 ", refused %" PRIu64 "\n",
	        word[CLIENT_MISSES] + word[CLIENT_JOINED] + word[CLIENT_CACHEHITS] + word[CLIENT_LOCAL],
	        word[CLIENT_MISSES], word[CLIENT_JOINED], word[CLIENT_CACHEHITS], word[CLIENT_LOCAL],
	        client_answers(word), word[CLIENT_REFUSED]);
	fprintf(shown->out, "risk: %u of 100, said by ", suspicion.risk);
	suspicion_print_said(&suspicion, shown->out);
	putc('\n', shown->out);
}

/* What the client has told rare domains through other nodes, where it has. */
static void print_elsewhere(const struct shown *shown, uint64_t hash)
{
	struct elsewhere told;

	if (!shown->config->together_from || !elsewhere_get(shown->mapping, hash, shown->now, &told))
		return;
	fprintf(shown->out, "elsewhere: %" PRIu64 " bytes told rare domains in a day through %" PRIu32 " other nodes",
	        octets(told.bits), told.nodes);
	if (told.names)
		fprintf(shown->out, ", %" PRIu64 " distinct names through all", told.names);
	putc('\n', shown->out);
}

static void print_client(const struct shown *shown)
{
	uint64_t hash = client_hash(shown->mapping, shown->client), whose = 0, word[CLIENT_READ];
	struct place place = table_find(&shown->mapping->clients, hash);
	bool read = false;

	for (unsigned attempt = 0; place.slot && !read && attempt < READ_ATTEMPTS; attempt++)
		read = slot_read(place.slot, &whose, 0, CLIENT_READ, word);
	if (!place.slot || (read && whose != hash))
		fputs("nothing is known of this client\n", shown->out);
	else if (!read)
		fputs("the client is busy, ask again\n", shown->out);
	else
		print_counts(shown, &place, word);
	print_elsewhere(shown, hash);
}

/* --- holds --------------------------------------------------------------------------------- */

/* Reads hold number <index>, if it is one for the client: an exemption or not. */
static bool hold_of(const struct shown *shown, uint32_t index, bool exemption, struct hold *hold)
{
	return hold_read(shown->mapping, index, shown->now, hold) && !hold->any_client &&
	       !memcmp(hold->client, shown->client, sizeof(hold->client)) &&
	       exemption == (hold->verdict == WARDEN_PASS);
}

static void print_hold(const struct shown *shown, const struct hold *hold)
{
	struct held held;

	held_describe(&held, hold, shown->now);
	fprintf(shown->out, "%s: %s ", hold->verdict ? "hold" : "allowed", held.domain);
	if (hold->verdict)
		fprintf(shown->out, "verdict=%s ", held.verdict);
	if (hold->expires == UINT64_MAX)
		fputs("expires=never ", shown->out);
	else
		fprintf(shown->out, "expires=%" PRIu64 " ", held.expires);
	if (hold->verdict)
		fprintf(shown->out, "detector=%s ", held.detector);
	fprintf(shown->out, "hits=%" PRIu64 " comment=\"%s\"\n", hold->hits, held.comment);
}

/* Prints the client's holds, or its exemptions. Returns how many there are. */
static uint32_t print_holds(const struct shown *shown, bool exemptions)
{
	uint32_t found = 0;
	struct hold hold;

	for (uint32_t i = 0; i < table_capacity(&shown->mapping->holds); i++)
		if (hold_of(shown, i, exemptions, &hold) && found++ < SHOW_CLIENT_HOLDS)
			print_hold(shown, &hold);
	if (found > SHOW_CLIENT_HOLDS)
		fprintf(shown->out, "%s: and %" PRIu32 " more, see %s\n", exemptions ? "allowed" : "hold",
		        found - SHOW_CLIENT_HOLDS, exemptions ? "list_allow" : "list_holds");
	return found;
}

/* --- pairs --------------------------------------------------------------------------------- */

/* Reads pair number <index>, if it is the client's. */
static bool pair_read(const struct shown *shown, uint32_t index, uint64_t word[PAIR_READ])
{
	struct place place = table_at(&shown->mapping->pairs, index);
	uint64_t hash;

	return place.slot && slot_read(place.slot, &hash, 0, PAIR_READ, word) && hash == place.hash &&
	       !memcmp(word + PAIR_CLIENT, shown->client, sizeof(shown->client));
}

/* What the pair has told through other nodes, in octets. */
static uint64_t pair_elsewhere(const struct shown *shown, uint64_t domain)
{
	uint64_t client = client_hash(shown->mapping, shown->client);
	struct elsewhere told;

	if (!shown->config->together_from)
		return 0;
	elsewhere_get(shown->mapping, pair_hash(shown->mapping, client, domain), shown->now, &told);
	return octets(told.bits);
}

static void print_pair(const struct shown *shown, const uint64_t *word)
{
	uint64_t elsewhere = pair_elsewhere(shown, word[PAIR_DOMAIN]);
	struct suspicion suspicion = suspicion_of(shown->config, shown->client, word + PAIR_DATA, shown->now);
	char domain[NAME_TEXT_MAX];

	fprintf(shown->out,
	        "pair: %s queries=%" PRIu64 " answers=%" PRIu64 " refused=%" PRIu64 " risk=%u said=",
	        domain_text_of_hash(domain, shown->mapping, word[PAIR_DOMAIN]), pair_queries(word),
	        pair_answers(word), word[PAIR_REFUSED], suspicion.risk);
	suspicion_print_said(&suspicion, shown->out);
	if (elsewhere)
		fprintf(shown->out, " elsewhere=%" PRIu64, elsewhere);
	putc('\n', shown->out);
}

static void print_pairs(const struct shown *shown)
{
	uint64_t word[PAIR_READ];
	struct ranking ranking;
	uint32_t found = 0;

	if (ranking_init(&ranking, SHOW_CLIENT_PAIRS)) {
		fputs("pairs: no memory to sort them\n", shown->out);
		return;
	}
	for (uint32_t i = 0; i < table_capacity(&shown->mapping->pairs); i++)
		if (pair_read(shown, i, word)) {
			ranking_offer(&ranking, pair_queries(word), i);
			found++;
		}
	ranking_sort(&ranking);
	fprintf(shown->out, "pairs: %" PRIu32 "%s\n", found,
	        found > SHOW_CLIENT_PAIRS ? ", the busiest of them:" : "");
	for (uint32_t i = 0; i < ranking.count; i++)
		if (pair_read(shown, ranking.entry[i].index, word))
			print_pair(shown, word);
	ranking_free(&ranking);
}

void show_client(struct warden *warden, const uint8_t client[16], uint64_t now, FILE *out)
{
	struct shown shown = { .mapping = &warden->mapping, .now = now, .out = out };
	const struct client_profile *profile;
	char text[ADDRESS_TEXT_MAX];
	unsigned cell;

	shown.config = rules_enter(warden, &cell)->config;
	memcpy(shown.client, client, sizeof(shown.client));
	client_mask(&shown.config->settings, shown.client);
	fprintf(out, "client: %s", address_text(text, shown.client));
	if (memcmp(shown.client, client, sizeof(shown.client)))
		fprintf(out, " (network of %s)", address_text(text, client));
	putc('\n', out);
	profile = config_profile(shown.config, shown.client);
	if (profile)
		fprintf(out, "profile: %s, mode %s\n", profile->name,
		        engine_mode(warden, profile) == MODE_ENFORCE ? "enforce" : "observe");
	print_client(&shown);
	if (config_allows_client(shown.config, client))
		fputs("allowed: by allow-client\n", out);
	if (config_never_holds(shown.config, client))
		fputs("never held by detectors: by never-hold\n", out);
	print_holds(&shown, true);
	if (!print_holds(&shown, false))
		fputs("hold: none\n", out);
	print_pairs(&shown);
	rules_leave(warden, cell);
}
