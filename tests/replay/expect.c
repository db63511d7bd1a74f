/* SPDX-License-Identifier: BSD-3-Clause */
/* expect - what a scenario may ask about the engine, compared and said. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/address.h"
#include "store/counters.h"
#include "store/holds.h"

#include "scenario.h"

int find_word(const char *word, const char *const *list)
{
	for (int i = 0; list[i]; i++)
		if (!strcmp(list[i], word))
			return i;
	return -1;
}

static bool expect_number(struct scenario *scenario, const char *what, uint64_t seen, char **word)
{
	static const char *const operators[] = { "==", "!=", "<", "<=", ">", ">=", NULL };
	int operator = find_word(word[0], operators);
	uint64_t wanted;

	if (operator < 0 || !read_number(word[1], &wanted))
		return false;
	const bool holds[] = {
		seen == wanted, seen != wanted, seen < wanted, seen <= wanted, seen > wanted, seen >= wanted,
	};

	if (!holds[operator])
		scenario_fail(scenario, "expected %s %s %" PRIu64 ", saw %" PRIu64, what, word[0], wanted, seen);
	return true;
}

static bool expect_client(struct scenario *scenario, char **word, unsigned count)
{
	static const char *const words[] = {
		"misses", "cachehits", "local", "answers", "joined", "refused", NULL
	};
	static const enum client_word places[] = { CLIENT_MISSES, CLIENT_CACHEHITS, CLIENT_LOCAL,
	                                           CLIENT_ANSWERS, CLIENT_JOINED, CLIENT_REFUSED };
	const struct mapping *mapping = &scenario->warden->mapping;
	uint8_t client[16];
	struct place place;
	uint64_t seen;
	int which;

	if (count != 5 || !address_from_text(client, word[1]))
		return false;
	which = find_word(word[2], words);
	if (which < 0)
		return false;
	scenario_mask(scenario, client);
	place = table_find(&mapping->clients, client_hash(mapping, client));
	seen = place.slot ? slot_get(place.slot, places[which]) : 0;
	if (place.slot && places[which] == CLIENT_ANSWERS)
		seen += slot_get(place.slot, CLIENT_CACHEHITS);
	return expect_number(scenario, word[2], seen, word + 3);
}

static bool expect_counter(struct scenario *scenario, char **word, unsigned count)
{
	if (count != 4)
		return false;
	for (unsigned i = 0; i < COUNTER_COUNT; i++)
		if (!strcmp(counter_rows[i].name, word[1]))
			return expect_number(scenario, word[1],
			                     banks_sum(scenario->warden->mapping.banks, i), word + 2);
	return false;
}

/* As in enum warden_verdict. */
static const char *const verdict_words[] = {
	"pass", "log", "tag", "truncate", "nodata", "nxdomain", "refuse", "drop", NULL
};
static_assert(sizeof(verdict_words) / sizeof(*verdict_words) == WARDEN_VERDICT_COUNT + 1, "a word each");

static bool expect_last(struct scenario *scenario, char **word, unsigned count)
{
	int verdict = count > 1 ? find_word(word[1], verdict_words) : -1;
	bool dry_run = count == 3 && !strcmp(word[2], "dry_run");
	const struct warden_decision *last = &scenario->last;

	if (verdict < 0 || count > 3 || (count == 3 && !dry_run))
		return false;
	if ((int)last->verdict != verdict || (verdict != WARDEN_PASS && !last->dry_run == dry_run))
		scenario_fail(scenario, "expected last %s%s, saw %s%s of %s", word[1], dry_run ? " dry_run" : "",
		     warden_verdict_name(last->verdict), last->dry_run ? " dry_run" : "",
		     last->detector ? last->detector : "nobody");
	return true;
}

/* CLIENT DOMAIN DETECTOR VERDICT [CONFIDENCE] */
static bool expect_verdict(struct scenario *scenario, char **word, unsigned count)
{
	static const struct told nothing;
	uint8_t client[16];
	struct name domain;
	const struct told *told;
	int detector, verdict, confidence = -1;

	if (count < 4 || count > 5 || !address_from_text(client, word[0]) ||
	    !name_from_text(&domain, word[1]))
		return false;
	detector = detector_find(word[2]);
	verdict = strcmp(word[3], "none") ? find_word(word[3], verdict_words) : WARDEN_PASS;
	if (count == 5)
		confidence = find_word(word[4], confidence_words);
	if (detector < 0 || verdict < 0 || (count == 5 && confidence < 0))
		return false;
	scenario_mask(scenario, client);
	told = scenario_told(scenario, client, domain.wire, domain.len, (unsigned)detector);
	if (!told)
		told = &nothing;
	if (told->verdict != verdict || (confidence >= 0 && told->confidence != confidence))
		scenario_fail(scenario, "expected %s %s %s, saw %s %s", word[2], word[3],
		              count == 5 ? word[4] : "",
		              told->verdict ? warden_verdict_name(told->verdict) : "none",
		              confidence_words[told->confidence]);
	return true;
}

static uint64_t count_holds(const struct scenario *scenario)
{
	const struct mapping *mapping = &scenario->warden->mapping;
	struct hold hold;
	uint64_t count = 0;

	for (uint32_t i = 0; i < table_capacity(&mapping->holds); i++)
		count += hold_read(mapping, i, scenario->now, &hold);
	return count;
}

bool expect(struct scenario *scenario, char **word, unsigned count)
{
	const struct mapping *mapping = &scenario->warden->mapping;

	word++;
	count--;
	if (!count)
		return false;
	if (!strcmp(word[0], "client"))
		return expect_client(scenario, word, count);
	if (!strcmp(word[0], "counter"))
		return expect_counter(scenario, word, count);
	if (!strcmp(word[0], "last"))
		return expect_last(scenario, word, count);
	if (count != 3)
		return expect_verdict(scenario, word, count);
	if (!strcmp(word[0], "events"))
		return expect_number(scenario, word[0], scenario->events, word + 1);
	if (!strcmp(word[0], "holds"))
		return expect_number(scenario, word[0], count_holds(scenario), word + 1);
	if (!strcmp(word[0], "clients"))
		return expect_number(scenario, word[0], table_used(&mapping->clients), word + 1);
	if (!strcmp(word[0], "pairs"))
		return expect_number(scenario, word[0], table_used(&mapping->pairs), word + 1);
	if (!strcmp(word[0], "domains"))
		return expect_number(scenario, word[0], table_used(&mapping->domains), word + 1);
	return false;
}
