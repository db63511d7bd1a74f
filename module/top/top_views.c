/* SPDX-License-Identifier: BSD-3-Clause */
/* top_views - what the five tables consist of, and how an entry of each is read. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "detect/budget.h"
#include "engine/look.h" /* where in a slot its ledger lies */
#include "report/domain_text.h"
#include "report/held.h"
#include "report/stats.h"
#include "report/suspicion.h"
#include "store/counts.h"
#include "top/top_rows.h"

static const struct config *config_of(const struct rows *rows)
{
	return atomic_load(&rows->warden->rules)->config;
}

/* Reads the first <words> words of the slot at <index>. */
static bool slot_words(const struct rows *rows, const struct table *table, uint32_t index, unsigned words,
                      uint64_t *word, struct entry *entry)
{
	struct place place = table_at(table, index);
	uint64_t touched;

	if (!place.slot || !slot_read(place.slot, &entry->hash, 0, words, word) || entry->hash != place.hash)
		return false;
	touched = place_touched(&place);
	entry->index = index;
	entry->number[NUMBER_IDLE] = rows->now / SECOND > touched ? rows->now / SECOND - touched : 0;
	return true;
}

/* Most are not suspected at all, and then their opinions need not be added up. */
static void add_risk(const struct rows *rows, struct entry *entry, const uint64_t *word)
{
	struct suspicion suspicion = { .risk = 0, .said = 0 };
	struct notes notes;

	memcpy(&notes, word, sizeof(notes));
	if (notes.risk[0] | notes.risk[1])
		suspicion = suspicion_of(config_of(rows), entry->client, word, rows->now);
	entry->number[NUMBER_RISK] = suspicion.risk;
	entry->said = suspicion.said;
}

/* "information,long-names", into the words of <entry>. */
static void describe_risk(struct entry *entry)
{
	size_t used = 0;

	entry->words[0] = '\0';
	for (unsigned id = 0; id < DETECTOR_COUNT && used < WORDS_MAX; id++)
		if (entry->said >> id & 1)
			used += (size_t)snprintf(entry->words + used, WORDS_MAX - used, "%s%s", used ? "," : "",
			                         detectors[id]->name);
	entry->text[TEXT_WORDS] = entry->words;
}

static void describe_client(struct entry *entry)
{
	entry->text[TEXT_CLIENT] = address_text(entry->client_text, entry->client);
}

/* --- clients ------------------------------------------------------------------------------- */

#define CLIENT_READ (CLIENT_DATA + NOTES_WORDS)

static uint32_t clients_capacity(const struct rows *rows)
{
	return table_capacity(&rows->warden->mapping.clients);
}

static bool client_load(const struct rows *rows, uint32_t index, struct entry *entry)
{
	uint64_t word[CLIENT_READ], *number = entry->number;

	if (!slot_words(rows, &rows->warden->mapping.clients, index, CLIENT_READ, word, entry))
		return false;
	memcpy(entry->client, word + CLIENT_ADDRESS, sizeof(entry->client));
	number[NUMBER_MISSES] = word[CLIENT_MISSES];
	number[NUMBER_JOINED] = word[CLIENT_JOINED];
	number[NUMBER_CACHED] = word[CLIENT_CACHEHITS];
	number[NUMBER_LOCAL] = word[CLIENT_LOCAL];
	number[NUMBER_QUERIES] = word[CLIENT_MISSES] + word[CLIENT_JOINED] + word[CLIENT_CACHEHITS] +
	                         word[CLIENT_LOCAL];
	number[NUMBER_ANSWERS] = client_answers(word);
	number[NUMBER_REFUSED] = word[CLIENT_REFUSED];
	add_risk(rows, entry, word + CLIENT_DATA);
	return true;
}

static void client_describe(const struct rows *rows, struct entry *entry)
{
	(void)rows;
	describe_client(entry);
	describe_risk(entry);
}

static const char client_help[] = "who asked; the network where clients are told apart by networks";
static const char risk_help[] = "0 to 100: what the detectors' opinions of the last hours add up to";
static const char rate_help[] = "questions a second since the last look";
static const char idle_help[] = "since the last question or answer";
static const char said_help[] = "the detectors with a part in RISK";
static const char queries_help[] = "questions since Warden knows the entry";
static const char refused_help[] = "of these, those refused";
static const char told_help[] = "octets in a day that nobody could have known before, told in questions";

static const struct column client_columns[] = {
	{ "CLIENT", COLUMN_TEXT, TEXT_CLIENT, 12, 0, false, client_help },
	{ "RISK", COLUMN_COUNT, NUMBER_RISK, 4, 0, false, risk_help },
	{ "Q/S", COLUMN_RATE, NUMBER_RATE, 6, 0, false, rate_help },
	{ "QUERIES", COLUMN_COUNT, NUMBER_QUERIES, 7, 2, false, queries_help },
	{ "MISSES", COLUMN_COUNT, NUMBER_MISSES, 7, 4, false, "of these, those that were resolved for this client" },
	{ "CACHE", COLUMN_COUNT, NUMBER_CACHED, 7, 6, false, "those answered from the cache" },
	{ "LOCAL", COLUMN_COUNT, NUMBER_LOCAL, 7, 7, false, "those answered from local data" },
	{ "JOINED", COLUMN_COUNT, NUMBER_JOINED, 7, 9, false, "those that waited for the same question of another" },
	{ "ANSWERS", COLUMN_COUNT, NUMBER_ANSWERS, 7, 8, false, "answers sent" },
	{ "REFUSED", COLUMN_COUNT, NUMBER_REFUSED, 7, 1, false, refused_help },
	{ "IDLE", COLUMN_TIME, NUMBER_IDLE, 4, 3, true, idle_help },
	{ "SAID BY", COLUMN_TEXT, TEXT_WORDS, 11, 5, false, said_help },
};

/* --- pairs --------------------------------------------------------------------------------- */

#define PAIR_READ (PAIR_DATA + NOTES_WORDS + sizeof(struct pair_ledger) / sizeof(uint64_t))

static uint32_t pairs_capacity(const struct rows *rows)
{
	return table_capacity(&rows->warden->mapping.pairs);
}

static bool pair_load(const struct rows *rows, uint32_t index, struct entry *entry)
{
	uint64_t word[PAIR_READ], *number = entry->number;
	struct pair_ledger ledger;

	if (!slot_words(rows, &rows->warden->mapping.pairs, index, PAIR_READ, word, entry))
		return false;
	memcpy(entry->client, word + PAIR_CLIENT, sizeof(entry->client));
	entry->domain = word[PAIR_DOMAIN];
	number[NUMBER_QUERIES] = pair_queries(word);
	number[NUMBER_ANSWERS] = pair_answers(word);
	number[NUMBER_REFUSED] = word[PAIR_REFUSED];
	memcpy(&ledger, word + PAIR_DATA + NOTES_WORDS, sizeof(ledger));
	pair_ledger_move(&ledger, rows->now);
	number[NUMBER_TOLD] = octets((double)ledger.up.day);
	number[NUMBER_DOWN] = octets((double)ledger.down);
	add_risk(rows, entry, word + PAIR_DATA);
	return true;
}

static void pair_describe(const struct rows *rows, struct entry *entry)
{
	describe_client(entry);
	describe_risk(entry);
	entry->text[TEXT_NAME] = domain_text_of_hash(entry->name, &rows->warden->mapping, entry->domain);
}

static const struct column pair_columns[] = {
	{ "CLIENT", COLUMN_TEXT, TEXT_CLIENT, 12, 0, false, client_help },
	{ "DOMAIN", COLUMN_TEXT, TEXT_NAME, 12, 0, false, "whose names it asked for: the registrable domain" },
	{ "RISK", COLUMN_COUNT, NUMBER_RISK, 4, 0, false, risk_help },
	{ "Q/S", COLUMN_RATE, NUMBER_RATE, 6, 2, false, rate_help },
	{ "QUERIES", COLUMN_COUNT, NUMBER_QUERIES, 7, 3, false, queries_help },
	{ "ANSWERS", COLUMN_COUNT, NUMBER_ANSWERS, 7, 8, false, "answers sent" },
	{ "REFUSED", COLUMN_COUNT, NUMBER_REFUSED, 7, 5, false, refused_help },
	{ "TOLD", COLUMN_COUNT, NUMBER_TOLD, 6, 1, false, told_help },
	{ "GOT", COLUMN_COUNT, NUMBER_DOWN, 6, 7, false, "the same, told in answers" },
	{ "IDLE", COLUMN_TIME, NUMBER_IDLE, 4, 4, true, idle_help },
	{ "SAID BY", COLUMN_TEXT, TEXT_WORDS, 11, 6, false, said_help },
};

/* --- domains ------------------------------------------------------------------------------- */

#define DOMAIN_READ (DOMAIN_DATA + DOMAIN_OWN_WORDS)

static uint32_t domains_capacity(const struct rows *rows)
{
	return table_capacity(&rows->warden->mapping.domains);
}

static bool domain_load(const struct rows *rows, uint32_t index, struct entry *entry)
{
	uint64_t word[DOMAIN_READ], *number = entry->number;
	struct domain_ledger ledger;

	if (!slot_words(rows, &rows->warden->mapping.domains, index, DOMAIN_READ, word, entry))
		return false;
	entry->any_client = true;
	entry->domain = entry->hash;
	number[NUMBER_QUERIES] = word[DOMAIN_QUERIES];
	number[NUMBER_REFUSED] = word[DOMAIN_REFUSED];
	number[NUMBER_CLIENTS] = (uint64_t)__builtin_popcountll(domain_client_bits(word, rows->now / DAY));
	memcpy(&ledger, word + DOMAIN_DATA + DOMAIN_NOTES_WORDS, sizeof(ledger));
	domain_ledger_move(&ledger, rows->now);
	number[NUMBER_TOLD] = octets((double)ledger.up.day);
	number[NUMBER_WEEK] = octets((double)ledger.week);
	return true;
}

static void domain_describe(const struct rows *rows, struct entry *entry)
{
	entry->text[TEXT_NAME] = domain_text_of_hash(entry->name, &rows->warden->mapping, entry->domain);
}

static const struct column domain_columns[] = {
	{ "DOMAIN", COLUMN_TEXT, TEXT_NAME, 12, 0, false, "a registrable domain" },
	{ "TOLD", COLUMN_COUNT, NUMBER_TOLD, 7, 0, false, told_help },
	{ "WEEK", COLUMN_COUNT, NUMBER_WEEK, 7, 5, false, "the same in a week" },
	{ "CLIENTS", COLUMN_COUNT, NUMBER_CLIENTS, 7, 1, false, "that asked since yesterday, up to 64: few are rare" },
	{ "Q/S", COLUMN_RATE, NUMBER_RATE, 6, 0, false, rate_help },
	{ "QUERIES", COLUMN_COUNT, NUMBER_QUERIES, 7, 2, false, queries_help },
	{ "REFUSED", COLUMN_COUNT, NUMBER_REFUSED, 7, 3, false, refused_help },
	{ "IDLE", COLUMN_TIME, NUMBER_IDLE, 4, 4, true, idle_help },
};

/* --- holds --------------------------------------------------------------------------------- */

static uint32_t holds_capacity(const struct rows *rows)
{
	return table_capacity(&rows->warden->mapping.holds);
}

static bool hold_load(const struct rows *rows, uint32_t index, struct entry *entry)
{
	struct hold hold;

	if (!hold_read(&rows->warden->mapping, index, rows->now, &hold))
		return false;
	entry->index = index;
	entry->hash = hold.made ^ hold.domain_hash;
	memcpy(entry->client, hold.client, sizeof(entry->client));
	entry->any_client = hold.any_client;
	entry->any_name = !hold.name_len;
	entry->number[NUMBER_HITS] = hold.hits;
	entry->number[NUMBER_LEFT] =
		hold.expires == UINT64_MAX ? UINT64_MAX : (hold.expires - rows->now + SECOND - 1) / SECOND;
	return true;
}

static void hold_describe(const struct rows *rows, struct entry *entry)
{
	struct hold hold;
	struct held held;

	for (unsigned i = 0; i < TEXT_COUNT; i++)
		entry->text[i] = "";
	if (!hold_read(&rows->warden->mapping, entry->index, rows->now, &hold))
		return;
	held_describe(&held, &hold, rows->now);
	snprintf(entry->client_text, sizeof(entry->client_text), "%s", held.client);
	snprintf(entry->name, sizeof(entry->name), "%s", held.domain);
	snprintf(entry->words, sizeof(entry->words), "%s", held.comment);
	entry->text[TEXT_CLIENT] = entry->client_text;
	entry->text[TEXT_NAME] = entry->name;
	entry->text[TEXT_VERDICT] = hold.verdict ? held.verdict : "allowed";
	entry->text[TEXT_DETECTOR] = hold.verdict ? held.detector : "operator";
	entry->text[TEXT_WORDS] = entry->words;
}

static const struct column hold_columns[] = {
	{ "CLIENT", COLUMN_TEXT, TEXT_CLIENT, 12, 0, false, "whom it is for" },
	{ "DOMAIN", COLUMN_TEXT, TEXT_NAME, 12, 0, false, "and which domain" },
	{ "VERDICT", COLUMN_TEXT, TEXT_VERDICT, 7, 0, false, "what becomes of the question; allowed: an exemption" },
	{ "LEFT", COLUMN_TIME, NUMBER_LEFT, 5, 1, true, "until it ends" },
	{ "HITS", COLUMN_COUNT, NUMBER_HITS, 7, 3, false, "questions that met it" },
	{ "HITS/S", COLUMN_RATE, NUMBER_RATE, 6, 5, false, "these a second since the last look" },
	{ "DETECTOR", COLUMN_TEXT, TEXT_DETECTOR, 11, 2, false, "who made it" },
	{ "COMMENT", COLUMN_TEXT, TEXT_WORDS, 8, 4, false, "what the operator said" },
};

/* --- counters ------------------------------------------------------------------------------ */

static uint32_t counters_capacity(const struct rows *rows)
{
	return rows->metrics;
}

static bool counter_load(const struct rows *rows, uint32_t index, struct entry *entry)
{
	const struct kept_metric *metric = &rows->metric[index];

	if (index >= rows->metrics)
		return false;
	entry->index = index;
	entry->hash = hash_octets_plain(metric->name, strlen(metric->name));
	entry->any_client = true;
	entry->number[NUMBER_VALUE] = metric->value;
	/* Durations that nothing took are many, and tell nothing. */
	return metric->value || strncmp(metric->name, "histogram.", 10);
}

static void counter_describe(const struct rows *rows, struct entry *entry)
{
	const struct kept_metric *metric = &rows->metric[entry->index];

	snprintf(entry->name, sizeof(entry->name), "%s", metric->name);
	entry->text[TEXT_NAME] = entry->name;
	entry->text[TEXT_WORDS] = metric->help;
	if (metric->kind != METRIC_COUNTER)
		entry->rated = false;
}

static const struct column counter_columns[] = {
	{ "COUNTER", COLUMN_TEXT, TEXT_NAME, 12, 0, false, "as stats_noreset names it, without \"warden.\"" },
	{ "VALUE", COLUMN_COUNT, NUMBER_VALUE, 12, 0, false, "since the last stats; of times, nanoseconds" },
	{ "EACH S", COLUMN_RATE, NUMBER_RATE, 7, 0, false, "by how much it grows a second" },
	{ "MEANING", COLUMN_TEXT, TEXT_WORDS, 11, 1, false, "the sentence of the manual" },
};

/* ------------------------------------------------------------------------------------------- */

#define COLUMNS(array) array, sizeof(array) / sizeof((array)[0])

const struct view views[VIEW_COUNT] = {
	[VIEW_CLIENTS] = { "clients", 'c', COLUMNS(client_columns), 1, clients_capacity, client_load,
	                   NUMBER_QUERIES, client_describe },
	[VIEW_PAIRS] = { "pairs", 'p', COLUMNS(pair_columns), 2, pairs_capacity, pair_load, NUMBER_QUERIES,
	                 pair_describe },
	[VIEW_DOMAINS] = { "domains", 'd', COLUMNS(domain_columns), 1, domains_capacity, domain_load,
	                   NUMBER_QUERIES, domain_describe },
	[VIEW_HOLDS] = { "holds", 'h', COLUMNS(hold_columns), 3, holds_capacity, hold_load, NUMBER_HITS,
	                 hold_describe },
	[VIEW_COUNTERS] = { "counters", 'n', COLUMNS(counter_columns), 0, counters_capacity, counter_load,
	                    NUMBER_VALUE, counter_describe },
};
