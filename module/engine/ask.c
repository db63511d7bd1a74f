/* SPDX-License-Identifier: BSD-3-Clause */
/* ask - gives an observation to the detectors that want it.
 *
 * They work on copies of the slots' data, which go back when all have been asked; a slot
 * that another thread holds too long makes us leave the detectors out this once. What they
 * need to know is worked out before, and only that.
 */
#include "base/invariant.h"
#include "engine/look.h"

#define FACTS_OF_LEDGERS (FACT_PAIR | FACT_CLIENT | FACT_DOMAIN | FACT_DELEGATION | FACT_ANSWERED)
#define FACTS_OF_NAMES   (FACT_NOVEL | FACT_PAIR | FACT_CLIENT | FACT_DOMAIN | FACT_DELEGATION)

bool states_edit(struct look *look, struct states *states, unsigned wanted)
{
	states->client_token = states->pair_token = states->domain_token = states->delegation_token = 0;
	if (wanted & 1u << SUBJECT_CLIENT && look->client_place.slot)
		states->client_token = slot_edit(look->client_place.slot, look->client_hash, look->second,
		                                 CLIENT_DATA, CLIENT_DATA_WORDS, states->client);
	if (wanted & 1u << SUBJECT_PAIR && look->pair_place.slot)
		states->pair_token = slot_edit(look->pair_place.slot, look->pair_hash, look->second,
		                               PAIR_DATA, PAIR_DATA_WORDS, states->pair);
	if (wanted & 1u << SUBJECT_DOMAIN && look->domain_place.slot)
		states->domain_token = slot_edit(look->domain_place.slot, look->domain_hash, look->second,
		                                 DOMAIN_DATA, DOMAIN_DATA_WORDS, states->domain);
	if (wanted & 1u << SUBJECT_DELEGATION && look->delegation_place.slot)
		states->delegation_token = slot_edit(look->delegation_place.slot, look->delegation_hash,
		                                     look->second, DELEGATION_DATA, DELEGATION_DATA_WORDS,
		                                     states->delegation);
	/* There is a delegation only for some. */
	return (states->client_token || !(wanted & 1u << SUBJECT_CLIENT)) &&
	       (states->pair_token || !(wanted & 1u << SUBJECT_PAIR)) &&
	       (states->domain_token || !(wanted & 1u << SUBJECT_DOMAIN));
}

void states_commit(struct look *look, const struct states *states)
{
	if (states->client_token)
		slot_commit(look->client_place.slot, states->client_token, CLIENT_DATA, CLIENT_DATA_WORDS,
		            states->client);
	if (states->pair_token)
		slot_commit(look->pair_place.slot, states->pair_token, PAIR_DATA, PAIR_DATA_WORDS,
		            states->pair);
	if (states->domain_token)
		slot_commit(look->domain_place.slot, states->domain_token, DOMAIN_DATA, DOMAIN_DATA_WORDS,
		            states->domain);
	if (states->delegation_token)
		slot_commit(look->delegation_place.slot, states->delegation_token, DELEGATION_DATA,
		            DELEGATION_DATA_WORDS, states->delegation);
}

static void *state_of(uint64_t *words, uint64_t own_words, uint16_t offset, uint16_t size)
{
	return size ? (uint8_t *)(words + own_words) + offset : NULL;
}

static void *client_state(const struct look *look, struct states *states, unsigned id)
{
	return state_of(states->client, CLIENT_OWN_WORDS, look->warden->layout.client[id],
	                detectors[id]->client_size);
}

static void *pair_state(const struct look *look, struct states *states, unsigned id)
{
	return state_of(states->pair, PAIR_OWN_WORDS, look->warden->layout.pair[id], detectors[id]->pair_size);
}

static void *domain_state(const struct look *look, struct states *states, unsigned id)
{
	return state_of(states->domain, DOMAIN_OWN_WORDS, look->warden->layout.domain[id],
	                detectors[id]->domain_size);
}

struct notes *notes_of(struct states *states, unsigned subject)
{
	return (struct notes *)(void *)(subject == SUBJECT_CLIENT ? states->client : states->pair);
}

static void note_first(struct look *look, struct states *states)
{
	uint64_t now = look->obs->now;

	if (states->client_token && !notes_of(states, SUBJECT_CLIENT)->first_seen)
		notes_of(states, SUBJECT_CLIENT)->first_seen = now;
	if (states->pair_token && !notes_of(states, SUBJECT_PAIR)->first_seen)
		notes_of(states, SUBJECT_PAIR)->first_seen = now;
	if (states->domain_token && !states->domain[0])
		states->domain[0] = now;
}

/* How much there is to lose with this pair, for the table. */
static void weigh(struct look *look, struct states *states)
{
	const struct plan *plan = &look->rules->plan;
	uint8_t weight = 0;

	for (unsigned i = 0; i < plan->weighers; i++) {
		unsigned id = plan->weigher[i];
		uint8_t w = detectors[id]->weight(look->config->detector[id],
		                                  states->client_token ? client_state(look, states, id) : NULL,
		                                  pair_state(look, states, id), pair_ledger_of(states));

		weight = w > weight ? w : weight;
	}
	place_weigh(&look->pair_place, weight);
	if (weight > TABLE_KEEP && look->client_place.slot)
		place_weigh(&look->client_place, weight);
}

/* Whether the name is new to the client, and whether the domain's servers hear it for the first time.
 * These are two: what was answered here before has not been told to anybody.
 */
static void novelty(struct look *look, struct facts *facts, unsigned needs)
{
	const struct filter *filter = &look->mapping->filter[FILTER_NAMES];
	uint64_t here;

	if (!look->upstream)
		identify_question(look);
	here = hash_pair(look->mapping->header->secret, HASH_NAME, look->asked, 0);
	if (look->upstream) {
		facts->unheard = !seen_before(look, FILTER_NAMES, look->asked);
		facts->novel = facts->unheard && !(needs & FACT_NOVEL && filter_has(filter, here));
	} else {
		facts->novel = !seen_before(look, FILTER_NAMES, here) && !filter_has(filter, look->asked);
	}
}

/* Works out what <needs> names. Not earlier than when all slots are locked: it makes a new name
 * a known one.
 */
static void facts_fill(struct look *look, struct states *states, struct facts *facts, unsigned needs)
{
	bool upstream = look->upstream || look->obs->path == WARDEN_PATH_JOINED;

	facts->clients = look->clients;
	facts->rare = look->rare;
	if (needs & FACTS_OF_NAMES && look->obs->what & WARDEN_QUESTION)
		novelty(look, facts, needs);
	if (!(needs & FACTS_OF_LEDGERS) || !upstream || !states->pair_token)
		return;
	/* A joined question went nowhere: somebody else's did. */
	if (look->obs->what & WARDEN_QUESTION && look->upstream)
		charge_question(look, states, facts, needs);
	if (look->obs->what & WARDEN_ANSWER)
		charge_answer(look, states, facts, needs);
}

/* Calls for the data of the slots, before waiting for the first of them. */
static void call_slots(const struct look *look, unsigned wanted)
{
	if (look->pair_place.slot)
		slot_call(look->pair_place.slot, PAIR_DATA, PAIR_WORDS);
	if (look->client_place.slot && wanted & 1u << SUBJECT_CLIENT)
		slot_call(look->client_place.slot, CLIENT_DATA, CLIENT_WORDS);
	if (look->domain_place.slot && wanted & 1u << SUBJECT_DOMAIN)
		slot_call(look->domain_place.slot, DOMAIN_DATA, DOMAIN_WORDS);
}

unsigned ask(struct look *look, struct finding finding[DETECTOR_COUNT])
{
	/* An old answer out of the cache that is fetched again is a miss in all but the waiting. */
	unsigned path = look->upstream ? WARDEN_PATH_MISS : look->obs->path;
	const struct plan_row *row = &look->rules->plan.row[look->obs->what & 3][path];
	struct facts facts = {
		.obs = look->obs,
		.now = look->obs->now,
		.name = &look->name,
		.payload_labels = (uint8_t)look->domain_label,
		.text_len = (uint8_t)name_text_len(&look->name),
		.question = look->obs->what & WARDEN_QUESTION,
		.answer = look->obs->what & WARDEN_ANSWER,
	};
	uint8_t asked[DETECTOR_COUNT];
	unsigned count = 0, needs = 0, wanted = 1u << SUBJECT_PAIR, found = 0;
	struct states states;

	for (unsigned i = 0; i < row->count; i++) {
		unsigned id = row->detector[i];
		const struct detector *detector = detectors[id];

		if (detector->relevant && !detector->relevant(look->config->detector[id], &facts))
			continue;
		asked[count++] = (uint8_t)id;
		needs |= detector->needs;
		wanted |= 1u << detector->subject;
		wanted |= detector->client_size ? 1u << SUBJECT_CLIENT : 0;
		wanted |= detector->domain_size ? 1u << SUBJECT_DOMAIN : 0;
	}
	if (!count)
		return 0;
	wanted |= needs & FACT_CLIENT ? 1u << SUBJECT_CLIENT : 0;
	wanted |= needs & FACT_DOMAIN ? 1u << SUBJECT_DOMAIN : 0;
	call_slots(look, wanted);
	look->delegation_place.slot = NULL;
	if (needs & FACT_DELEGATION)
		delegation_seen(look);
	if (look->delegation_place.slot)
		wanted |= 1u << SUBJECT_DELEGATION;

	if (!states_edit(look, &states, wanted)) {
		states_commit(look, &states);
		bank_add(look->bank, COUNTER_busy, 1);
		return 0;
	}
	facts_fill(look, &states, &facts, needs);
	note_first(look, &states);
	for (unsigned i = 0; i < count; i++) {
		unsigned id = asked[i];
		const struct detector *detector = detectors[id];
		struct opinion opinion = detector->observe(look->config->detector[id],
		                                           client_state(look, &states, id),
		                                           pair_state(look, &states, id),
		                                           domain_state(look, &states, id), &facts);
		struct finding *f = &finding[found];

		if (!opinion.confidence || BROKEN(opinion.confidence <= CONFIDENCE_HIGH))
			continue;
		*f = (struct finding){ .speaker = (uint8_t)id, .opinion = opinion };
		f->verdict = policy_verdict(look->config, id, &opinion);
		f->event = policy_speak(notes_of(&states, detector->subject), id, opinion.confidence,
		                        look->obs->now, look->config->settings.log_period, &f->suppressed);
		bank_add(look->bank, BANK_DETECTORS + id, 1);
		found++;
	}
	weigh(look, &states);
	states_commit(look, &states);
	return found;
}
