/* SPDX-License-Identifier: BSD-3-Clause */
/* show - clients, pairs and domains: three tables printed by one walk.
 *
 * A table is a row of <tables>: what identifies an entry, and columns. A column is the
 * sum of some counter words of the slot, so that `queries` of a client needs no code.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "name/name.h"
#include "report/address.h"
#include "report/count.h"
#include "report/domain_text.h"
#include "report/grid.h"
#include "report/ranking.h"
#include "report/show.h"
#include "store/counts.h"

#define WORDS_READ  12 /* key and counters of every kind of slot */
#define COLUMNS_MAX 8

static_assert(CLIENT_DATA <= WORDS_READ, "all counters of a client are read");
static_assert(PAIR_DATA <= WORDS_READ, "all counters of a pair are read");
static_assert(DOMAIN_DATA <= WORDS_READ, "all counters of a domain are read");

#define WORD(word) (1u << (word))
#define IDLE       0u /* no word: seconds since the last touch */

static const char *const client_keys[] = { "queries", "misses",  "joined",  "cachehits", "local",
	                                   "answers", "refused", "idle",    NULL };
static const uint32_t client_columns[] = {
	WORD(CLIENT_MISSES) | WORD(CLIENT_JOINED) | WORD(CLIENT_CACHEHITS) | WORD(CLIENT_LOCAL),
	WORD(CLIENT_MISSES), WORD(CLIENT_JOINED), WORD(CLIENT_CACHEHITS), WORD(CLIENT_LOCAL),
	WORD(CLIENT_ANSWERS) | WORD(CLIENT_CACHEHITS), WORD(CLIENT_REFUSED), IDLE
};

static const char *const pair_keys[] = { "queries", "answers", "refused", "idle", NULL };
static const uint32_t pair_columns[] = { WORD(PAIR_QUERIES) | WORD(PAIR_AT_ONCE),
	                                 WORD(PAIR_ANSWERS) | WORD(PAIR_AT_ONCE), WORD(PAIR_REFUSED), IDLE };

static const char *const domain_keys[] = { "queries", "refused", "idle", NULL };
static const uint32_t domain_columns[] = { WORD(DOMAIN_QUERIES), WORD(DOMAIN_REFUSED), IDLE };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static_assert(COUNT(client_keys) == COUNT(client_columns) + 1, "a name for each column");
static_assert(COUNT(pair_keys) == COUNT(pair_columns) + 1, "a name for each column");
static_assert(COUNT(domain_keys) == COUNT(domain_columns) + 1, "a name for each column");
static_assert(COUNT(client_columns) <= COLUMNS_MAX, "room for the numbers of an entry");

/* Who an entry is about; an empty text is not printed. */
struct identity {
	char client[ADDRESS_TEXT_MAX];
	char domain[NAME_TEXT_MAX];
};

enum who { WHO_CLIENT = 1, WHO_DOMAIN = 2 };

struct table_listing {
	size_t table; /* offset in struct mapping */
	unsigned who; /* enum who: what identifies an entry */
	const char *const *keys;
	const uint32_t *columns;
	void (*identify)(const struct mapping *mapping, const uint64_t *words,
	                 struct identity *who);
	void (*strip)(uint64_t *words); /* NULL: words count and do nothing else */
};

static void identify_client(const struct mapping *mapping, const uint64_t *words,
                            struct identity *who)
{
	uint8_t address[16];

	(void)mapping;
	memcpy(address, words + CLIENT_ADDRESS, sizeof(address));
	address_text(who->client, address);
}

static void identify_domain(const struct mapping *mapping, const uint64_t *words,
                            struct identity *who)
{
	(void)mapping;
	domain_text(who->domain, words);
}

/* Leaves of the words of a pair what they count. */
static void strip_pair(uint64_t *words)
{
	words[PAIR_AT_ONCE] &= AT_ONCE_COUNT;
}

static void identify_pair(const struct mapping *mapping, const uint64_t *words,
                          struct identity *who)
{
	uint8_t address[16];

	memcpy(address, words + PAIR_CLIENT, sizeof(address));
	address_text(who->client, address);
	domain_text_of_hash(who->domain, mapping, words[PAIR_DOMAIN]);
}

static const struct table_listing clients = { offsetof(struct mapping, clients), WHO_CLIENT, client_keys,
	                                      client_columns, identify_client, NULL };
static const struct table_listing pairs = { offsetof(struct mapping, pairs), WHO_CLIENT | WHO_DOMAIN,
	                                    pair_keys, pair_columns, identify_pair, strip_pair };
static const struct table_listing domains = { offsetof(struct mapping, domains), WHO_DOMAIN, domain_keys,
	                                      domain_columns, identify_domain, NULL };

static const struct table *table_of(const struct mapping *mapping,
                                    const struct table_listing *listing)
{
	return (const struct table *)(const void *)((const char *)mapping + listing->table);
}

/* Copies entry number <index>. False where there is none. */
static bool entry_read(const struct table *table, const struct table_listing *listing, uint32_t index,
                       uint64_t now, uint64_t *words, uint64_t *idle)
{
	struct place place = table_at(table, index);
	uint64_t hash, touched;

	if (!place.slot || !slot_read(place.slot, &hash, 0, table->shape.data_first, words))
		return false;
	if (listing->strip)
		listing->strip(words);
	touched = place_touched(&place);
	*idle = now / 1000 > touched ? now / 1000 - touched : 0;
	return hash == place.hash;
}

static uint64_t column_value(uint32_t column, const uint64_t *words, uint64_t idle)
{
	uint64_t sum = 0;

	if (column == IDLE)
		return idle;
	for (unsigned i = 0; i < WORDS_READ; i++)
		if (column & WORD(i))
			sum += words[i];
	return sum;
}

static void print_text(FILE *out, const struct table_listing *listing, const struct identity *who,
                       const uint64_t *number)
{
	fprintf(out, "%s%s%s", who->client, who->client[0] && who->domain[0] ? " " : "",
	        who->domain);
	for (unsigned i = 0; listing->keys[i]; i++)
		fprintf(out, " %s=%" PRIu64, listing->keys[i], number[i]);
	putc('\n', out);
}

/* Out of memory prints nothing: the caller's listing lacks a line, which it may anyway. */
static void print_json(FILE *out, const struct table_listing *listing, const struct identity *who,
                       const uint64_t *number)
{
	json_t *object = json_object();

	if (who->client[0])
		json_object_set_new(object, "client", json_string(who->client));
	if (who->domain[0])
		json_object_set_new(object, "domain", json_string(who->domain));
	for (unsigned i = 0; listing->keys[i]; i++)
		json_object_set_new(object, listing->keys[i], count_json(number[i]));
	if (object && !json_dumpf(object, out, JSON_COMPACT))
		putc('\n', out);
	json_decref(object);
}

/* Reads the entry whose place is <index>, and who it is about. */
static bool entry_load(const struct mapping *mapping, const struct table_listing *listing,
                       const struct show *show, uint32_t index, struct identity *who, uint64_t *number)
{
	uint64_t words[WORDS_READ], idle;

	if (!entry_read(table_of(mapping, listing), listing, index, show->now, words, &idle))
		return false;
	*who = (struct identity){ .client = "", .domain = "" };
	listing->identify(mapping, words, who);
	for (unsigned i = 0; listing->keys[i]; i++)
		number[i] = column_value(listing->columns[i], words, idle);
	return true;
}

/* Entries are read anew when they are printed: one may have changed hands since it was ranked, and is then
 * another whole one.
 */
static void print_each(const struct mapping *mapping, const struct table_listing *listing,
                       const struct show *show, const struct ranking *ranking)
{
	uint64_t number[COLUMNS_MAX];
	struct identity who;

	for (uint32_t i = 0; i < ranking->count && !ferror(show->out); i++)
		if (entry_load(mapping, listing, show, ranking->entry[i].index, &who, number))
			(show->layout == SHOW_JSON ? print_json : print_text)(show->out, listing, &who, number);
}

/* --- as a table ---------------------------------------------------------------------------- */

#define NUMBER_TEXT_MAX 21
#define IDENTITIES_MAX  2

static_assert(COLUMNS_MAX + IDENTITIES_MAX <= GRID_COLUMNS, "room for all columns of a table");

static struct grid grid_of(const struct table_listing *listing)
{
	struct grid grid = { .count = 0 };

	if (listing->who & WHO_CLIENT)
		grid.title[grid.count++] = "client";
	if (listing->who & WHO_DOMAIN)
		grid.title[grid.count++] = "domain";
	for (unsigned i = 0; listing->keys[i]; i++) {
		grid.right |= 1u << grid.count;
		grid.title[grid.count++] = listing->keys[i];
	}
	return grid;
}

/* Hands every entry to <grid>: to be printed, or with <out> NULL to be measured. */
static void grid_each(const struct mapping *mapping, const struct table_listing *listing,
                      const struct show *show, const struct ranking *ranking, struct grid *grid, FILE *out)
{
	char text[COLUMNS_MAX][NUMBER_TEXT_MAX];
	const char *cell[GRID_COLUMNS];
	uint64_t number[COLUMNS_MAX];
	struct identity who;

	for (uint32_t i = 0; i < ranking->count && !ferror(show->out); i++) {
		unsigned count = 0;

		if (!entry_load(mapping, listing, show, ranking->entry[i].index, &who, number))
			continue;
		if (listing->who & WHO_CLIENT)
			cell[count++] = who.client;
		if (listing->who & WHO_DOMAIN)
			cell[count++] = who.domain;
		for (unsigned k = 0; listing->keys[k]; k++) {
			snprintf(text[k], sizeof(text[k]), "%" PRIu64, number[k]);
			cell[count++] = text[k];
		}
		if (out)
			grid_row(grid, cell, out);
		else
			grid_measure(grid, cell);
	}
}

static void print_table(const struct mapping *mapping, const struct table_listing *listing,
                        const struct show *show, const struct ranking *ranking)
{
	struct grid grid = grid_of(listing);

	grid_each(mapping, listing, show, ranking, &grid, NULL);
	grid_titles(&grid, show->out);
	grid_each(mapping, listing, show, ranking, &grid, show->out);
}

static int table_show(const struct mapping *mapping, const struct table_listing *listing,
                      const struct show *show)
{
	const struct table *table = table_of(mapping, listing);
	uint32_t capacity = table_capacity(table);
	uint32_t limit = show->top && show->top < capacity ? show->top : table_used(table);
	uint64_t words[WORDS_READ], idle;
	struct ranking ranking;
	int error = ranking_init(&ranking, limit);

	if (error)
		return error;
	for (uint32_t i = 0; i < capacity; i++)
		if (entry_read(table, listing, i, show->now, words, &idle))
			ranking_offer(&ranking,
			              column_value(listing->columns[show->sort], words, idle), i);
	ranking_sort(&ranking);
	(show->layout == SHOW_TABLE ? print_table : print_each)(mapping, listing, show, &ranking);
	ranking_free(&ranking);
	return ferror(show->out) ? -EIO : 0;
}

int show_clients(const struct mapping *mapping, const struct show *show)
{
	return table_show(mapping, &clients, show);
}

int show_pairs(const struct mapping *mapping, const struct show *show)
{
	return table_show(mapping, &pairs, show);
}

int show_domains(const struct mapping *mapping, const struct show *show)
{
	return table_show(mapping, &domains, show);
}

static const char *const hold_keys[] = { "expires", "hits", NULL };
static const char *const counter_keys[] = { "name", NULL };

const struct show_listing show_listings[] = {
	{ "clients", "Who asked, and how much.", client_keys, show_clients },
	{ "pairs", "Clients and the registrable domains that they ask for.", pair_keys,
	  show_pairs },
	{ "domains", "Registrable domains, over all clients; of what the cache answers, up to 15 questions of each "
	  "client come later.", domain_keys, show_domains },
	{ "holds", "Verdicts that last.", hold_keys, show_holds },
	{ "counters", "Everything that is counted, as in `stats_noreset`.", counter_keys,
	  show_counters },
	{ NULL, NULL, NULL, NULL }
};

const struct show_listing *show_find(const char *name)
{
	for (const struct show_listing *listing = show_listings; listing->name; listing++)
		if (!strcmp(listing->name, name))
			return listing;
	return NULL;
}

int show_sort_key(const struct show_listing *listing, const char *key)
{
	for (int i = 0; listing->keys[i]; i++)
		if (!strcmp(listing->keys[i], key))
			return i;
	return -1;
}

int show_print(const struct show_listing *listing, const struct mapping *mapping,
               const struct show *show)
{
	return listing->print(mapping, show);
}
