/* SPDX-License-Identifier: BSD-3-Clause */
/* states - who needs what of the slots, and their copies. */
#include <stddef.h>

#include "engine/look.h"

#define LINES_OF_DELEGATION ((1u << SLOT_LINES(DELEGATION_WORDS)) - 1)

static_assert(sizeof(struct states) <= UINT16_MAX, "offsets are 16 bits");
static_assert(!(SLOT_IMAGE(CLIENT_WORDS) % SLOT_LINE_WORDS || SLOT_IMAGE(PAIR_WORDS) % SLOT_LINE_WORDS ||
                SLOT_IMAGE(DOMAIN_WORDS) % SLOT_LINE_WORDS || SLOT_IMAGE(DELEGATION_WORDS) % SLOT_LINE_WORDS),
              "slots are whole lines");

/* ---- with the engine ----------------------------------------------------------- */

/* Where a state of <size> at <offset> of those behind <own> words of the data lies; <data> is where the data
 * is in struct states.
 */
static uint16_t place_of(size_t data, size_t own, uint16_t offset, uint16_t size)
{
	return size ? (uint16_t)(data + own * sizeof(uint64_t) + offset) : 0;
}

static unsigned words(uint16_t octets)
{
	return (octets + 7u) / 8;
}

/* Lines of the ledgers. Of a pair's there is hardly a word that no question or answer changes. */
static uint32_t lines_of_ledgers(uint32_t needs)
{
	uint32_t lines = 0;

	lines |= needs & (FACT_PAIR | FACT_CLIENT | FACT_DOMAIN | FACT_DELEGATION | FACT_ANSWERED | FACT_SIGNATURE)
	         ? LINES_PAIR_OWN : 0;
	lines |= needs & FACT_CLIENT ? LINES_CLIENT_LEDGER : 0;
	lines |= needs & FACT_DOMAIN ? LINES_DOMAIN_OWN : 0;
	return lines;
}

void states_plan(struct warden *warden)
{
	const struct detector_layout *layout = &warden->layout;

	for (unsigned id = 0; id < DETECTOR_COUNT; id++) {
		const struct detector *d = detectors[id];
		struct reach *reach = &warden->reach[id];

		*reach = (struct reach){
			.lines = lines_of_ledgers(d->needs),
			.domain_changes = d->domain_size && !d->domain_if_fresh,
			.client = place_of(offsetof(struct states, client) + SLOT_AT(CLIENT_DATA) * sizeof(uint64_t),
			                   CLIENT_OWN_WORDS, layout->client[id], d->client_size),
			.pair = place_of(offsetof(struct states, pair) + SLOT_AT(PAIR_DATA) * sizeof(uint64_t),
			                 PAIR_OWN_WORDS, layout->pair[id], d->pair_size),
			.domain = place_of(offsetof(struct states, domain) + SLOT_AT(DOMAIN_DATA) * sizeof(uint64_t),
			                   DOMAIN_OWN_WORDS, layout->domain[id], d->domain_size),
		};
		if (d->client_size || d->subject == SUBJECT_CLIENT)
			reach->lines |= LINES_CLIENT_LEDGER; /* for note_first(); the notes are seldom needed */
		if (d->client_size)
			reach->lines |= LINES_CLIENT(CLIENT_OWN_WORDS + layout->client[id] / 8u, words(d->client_size));
		if (d->pair_size)
			reach->lines |= LINES_PAIR(PAIR_OWN_WORDS + layout->pair[id] / 8u, words(d->pair_size));
		if (d->domain_size || d->subject == SUBJECT_DOMAIN)
			reach->lines |= LINES_DOMAIN_OWN;
		if (d->domain_size)
			reach->lines |= LINES_DOMAIN(DOMAIN_OWN_WORDS + layout->domain[id] / 8u, words(d->domain_size));
	}
}

/* ---- for an observation -------------------------------------------------------- */

static uint32_t client_lines(uint32_t lines)
{
	return (lines & LINES_OF_CLIENT) >> LINES_AT_CLIENT;
}

static uint32_t pair_lines(uint32_t lines)
{
	return (lines & LINES_OF_PAIR) >> LINES_AT_PAIR;
}

static uint32_t domain_lines(uint32_t lines)
{
	return (lines & LINES_OF_DOMAIN) >> LINES_AT_DOMAIN;
}

void states_call(const struct look *look, uint32_t lines)
{
	if (look->pair_place.slot)
		slot_call(look->pair_place.slot, pair_lines(lines));
	if (look->client_place.slot)
		slot_call(look->client_place.slot, client_lines(lines));
	if (look->domain_place.slot)
		slot_call(look->domain_place.slot, domain_lines(lines));
}

/* Locks the slot at <place> if <token> says that it is not, and copies <lines>. False when it cannot be had;
 * one that there was no room for is no reason to call it <busy>.
 */
static bool fetch(const struct look *look, const struct place *place, unsigned first, uint32_t lines,
                  uint64_t *image, uint64_t *token, bool *busy)
{
	if (!*token && place->slot) {
		*token = slot_take(place->slot, place->hash, look->second);
		*busy |= !*token;
	}
	if (*token)
		slot_load(place->slot, first, lines, image);
	return *token;
}

bool states_fetch(struct look *look, struct states *states, uint32_t lines)
{
	uint32_t client, pair, domain;
	bool all = true;

	lines &= ~states->lines;
	client = client_lines(lines);
	pair = pair_lines(lines);
	domain = domain_lines(lines);
	if (client)
		all &= fetch(look, &look->client_place, CLIENT_DATA, client, states->client, &states->client_token,
		             &states->busy);
	if (pair)
		all &= fetch(look, &look->pair_place, PAIR_DATA, pair, states->pair, &states->pair_token,
		             &states->busy);
	if (domain)
		all &= fetch(look, &look->domain_place, DOMAIN_DATA, domain, states->domain, &states->domain_token,
		             &states->busy);
	states->lines |= lines;
	return all;
}

/* Reads the domain's <lines>. False when it has to be locked nevertheless. */
static bool read_domain(const struct look *look, struct states *states, uint32_t lines)
{
	const struct place *place = &look->domain_place;

	return place->slot && slot_peek(place->slot, place->hash, DOMAIN_DATA, domain_lines(lines), states->domain) &&
	       *domain_notes_of(states); /* when it was first seen is still to be noted */
}

bool states_edit(struct look *look, struct states *states, uint32_t lines, bool domain_changes)
{
	states->client_token = states->pair_token = states->domain_token = states->delegation_token = 0;
	states->lines = 0;
	states->busy = false;
	if (look->delegation_place.slot) /* there is one only for some: it may be missing */
		fetch(look, &look->delegation_place, DELEGATION_DATA, LINES_OF_DELEGATION, states->delegation,
		      &states->delegation_token, &states->busy);
	if (lines & LINES_OF_DOMAIN && !domain_changes && read_domain(look, states, lines))
		states->lines |= lines & LINES_OF_DOMAIN;
	return states_fetch(look, states, lines);
}

void states_commit(struct look *look, const struct states *states)
{
	if (states->client_token)
		slot_give(look->client_place.slot, states->client_token, CLIENT_DATA, client_lines(states->lines),
		          states->client);
	if (states->pair_token)
		slot_give(look->pair_place.slot, states->pair_token, PAIR_DATA, pair_lines(states->lines),
		          states->pair);
	if (states->domain_token)
		slot_give(look->domain_place.slot, states->domain_token, DOMAIN_DATA, domain_lines(states->lines),
		          states->domain);
	if (states->delegation_token)
		slot_give(look->delegation_place.slot, states->delegation_token, DELEGATION_DATA, LINES_OF_DELEGATION,
		          states->delegation);
}
