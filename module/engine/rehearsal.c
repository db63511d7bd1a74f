/* SPDX-License-Identifier: BSD-3-Clause */
/* rehearsal - an engine of one question, made of a copy of the real one's memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/rehearsal.h"

#define ATTEMPTS      5   /* a slot may be caught in the middle of an edit */
#define READ_ATTEMPTS 100 /* which is over in a microsecond */

static_assert(FINDINGS_MAX <= COPY_JOURNAL, "everybody who speaks has room in the journal");

/* Puts the slot of <hash> into the copy <to> as it is, whole: page by page it might be torn. <words> is
 * what is in it, all zeros when there is none. False when it is busy.
 */
static bool settle(struct table *to, const struct table *from, uint64_t hash, uint64_t *words)
{
	struct place place = table_find(from, hash);
	uint64_t whose = 0;
	struct slot *slot;
	bool whole = false;

	memset(words, 0, from->shape.words * sizeof(*words));
	if (!place.slot)
		return true;
	for (unsigned attempt = 0; !whole && attempt < READ_ATTEMPTS; attempt++)
		whole = slot_read(place.slot, &whose, 0, from->shape.words, words);
	if (!whole || whose != hash)
		return false;
	slot = (struct slot *)(void *)(to->slots + ((unsigned char *)place.slot - from->slots));
	atomic_store_explicit(&slot->seq, 0, memory_order_relaxed);
	atomic_store_explicit(&slot->hash, hash, memory_order_relaxed);
	for (unsigned i = 0; i < from->shape.words; i++)
		atomic_store_explicit(&slot->word[i], words[i], memory_order_relaxed);
	return true;
}

/* Lets everybody speak again: <first> is the first word of the notes in the slot of <hash>. */
static void forget_events(const struct table *table, uint64_t hash, unsigned first)
{
	struct place place = table_find(table, hash);
	unsigned period = first + offsetof(struct notes, period) / sizeof(uint64_t);

	if (place.slot)
		atomic_store_explicit(&place.slot->word[period], 0, memory_order_relaxed);
}

/* Brings what the question is about into <copy> whole. False when something of it is busy. */
static bool settle_all(struct mapping *copy, const struct mapping *mapping, const struct rehearsal *rehearsal,
                       const struct name *name)
{
	uint64_t client[CLIENT_WORDS], pair[PAIR_WORDS], domain[DOMAIN_WORDS], delegation[DELEGATION_WORDS];
	uint64_t of_domain = domain_hash(mapping, name_tail(name, rehearsal->domain_label),
	                                 name_tail_len(name, rehearsal->domain_label));
	uint64_t of_client = rehearsal->client_hash, of_pair = pair_hash(mapping, of_client, of_domain);

	if (!settle(&copy->clients, &mapping->clients, of_client, client) ||
	    !settle(&copy->pairs, &mapping->pairs, of_pair, pair) ||
	    !settle(&copy->domains, &mapping->domains, of_domain, domain) ||
	    !settle(&copy->delegations, &mapping->delegations,
	            delegation_hash(mapping, of_client, domain[DOMAIN_DELEGATION]), delegation))
		return false;
	forget_events(&copy->clients, of_client, CLIENT_DATA);
	forget_events(&copy->pairs, of_pair, PAIR_DATA);
	return true;
}

static void note_lists(struct rehearsal *rehearsal, const struct config *config, const struct name *name)
{
	struct listing listing[LISTED_MAX];
	struct look look = { .config = config, .name = *name, .name_signs = SIGN_LISTED };
	struct facts facts;

	listed_fill(&look, &facts, listing);
	rehearsal->lists = facts.listed_count;
	for (unsigned i = 0; i < rehearsal->lists; i++) {
		struct rehearsed_list *list = &rehearsal->list[i];

		snprintf(list->name, sizeof(list->name), "%s", listing[i].list);
		snprintf(list->note, sizeof(list->note), "%s", listing[i].note);
		list->detector = listing[i].detector;
		list->action = listing[i].action;
		list->label = listing[i].label;
	}
}

/* What the configuration says of the question. */
static void note_rules(struct rehearsal *rehearsal, const struct warden *warden, const struct rules *rules,
                       const struct warden_observation *obs, const struct name *name)
{
	const struct config *config = rules->config;
	const struct client_profile *profile;
	const struct plan_row *answers;

	*rehearsal = (struct rehearsal){ .records = 0 };
	memcpy(rehearsal->client, obs->client, sizeof(rehearsal->client));
	client_mask(&config->settings, rehearsal->client);
	rehearsal->client_hash = client_hash(&warden->mapping, rehearsal->client);
	profile = config_profile(config, rehearsal->client);
	snprintf(rehearsal->profile, sizeof(rehearsal->profile), "%s", profile ? profile->name : "");
	rehearsal->observes = engine_mode(warden, profile) != MODE_ENFORCE;
	answers = &(profile ? &profile->plan : &rules->plan)->row[WARDEN_ANSWER][WARDEN_PATH_MISS];
	rehearsal->domain_label = suffix_domain(config->suffixes, name);
	rehearsal->allows_client = config_allows_client(config, obs->client);
	rehearsal->allows_domain = domain_map_next(config->allowed.map, name, 0).label;
	rehearsal->of_answers = answers->detectors;
	note_lists(rehearsal, config, name);
}

static uint64_t word_of(const struct bank *bank, unsigned word)
{
	return atomic_load_explicit(&bank->word[word], memory_order_relaxed);
}

/* Plays the question to <player>, whose memory is the copy. False when somebody was in the way. */
static bool play(struct warden *player, const struct warden_observation *obs, struct rehearsal *rehearsal)
{
	struct mapping *copy = &player->mapping;
	struct bank *bank = bank_mine(&copy->counters);
	uint64_t before[BANK_WORDS], skipped = 0;

	/* To write to it makes it ours: nobody else counts there from now on. */
	for (unsigned i = 0; i < BANK_WORDS; i++) {
		bank_add(bank, i, 0);
		before[i] = word_of(bank, i);
	}
	rehearsal->decision = warden_observe(player, obs);
	for (unsigned id = 0; id < DETECTOR_COUNT; id++)
		if (word_of(bank, BANK_DETECTORS + id) != before[BANK_DETECTORS + id])
			rehearsal->spoke |= UINT64_C(1) << id;
	for (rehearsal->records = 0; rehearsal->records < FINDINGS_MAX; rehearsal->records++)
		if (!journal_get(&copy->journal, &rehearsal->record[rehearsal->records], obs->now, &skipped))
			break;
	return word_of(bank, COUNTER_busy) == before[COUNTER_busy];
}

/* A player with the real one's rules and a copy of its memory. NULL with a sentence in <error>. */
static struct warden *player_new(struct warden *warden, const struct rules *rules, char *error,
                                 size_t error_len)
{
	struct warden *player = aligned_alloc(_Alignof(struct warden), sizeof(*player));

	if (!player) {
		snprintf(error, error_len, "out of memory");
		return NULL;
	}
	memset(player, 0, sizeof(*player));
	if (mapping_copy(&player->mapping, &warden->mapping, error, error_len)) {
		free(player);
		return NULL;
	}
	readers_init(&player->readers);
	atomic_store(&player->rules, (struct rules *)(uintptr_t)rules);
	atomic_store(&player->mode, atomic_load(&warden->mode));
	atomic_store(&player->alone, atomic_load(&warden->alone));
	atomic_store(&player->stopped, atomic_load(&warden->stopped));
	atomic_store(&player->profiles_enforce, atomic_load(&warden->profiles_enforce));
	player->layout = warden->layout;
	memcpy(player->reach, warden->reach, sizeof(player->reach));
	player->log = warden->log;
	player->private_memory = true; /* so detectors are asked although it is held */
	return player;
}

static void player_free(struct warden *player)
{
	mapping_detach(&player->mapping);
	free(player);
}

bool engine_rehearse(struct warden *warden, const struct warden_observation *obs, const struct name *name,
                     struct rehearsal *rehearsal, char *error, size_t error_len)
{
	/* The thread keeps the places that it has with the real engine. */
	struct reader_seat seat;
	struct bank_seat bank = bank_seat;
	bool done = false;
	unsigned cell;
	const struct rules *rules = rules_enter(warden, &cell);

	seat = reader_seat;
	note_rules(rehearsal, warden, rules, obs, name);
	snprintf(error, error_len, "what is known of them changes all the time: ask again");
	for (unsigned attempt = 0; attempt < ATTEMPTS && !done; attempt++) {
		struct warden *player = player_new(warden, rules, error, error_len);

		if (!player)
			break;
		done = settle_all(&player->mapping, &warden->mapping, rehearsal, name) &&
		       play(player, obs, rehearsal);
		player_free(player);
	}
	reader_seat = seat;
	bank_seat = bank;
	rules_leave(warden, cell);
	return done;
}
