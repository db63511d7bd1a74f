/* SPDX-License-Identifier: BSD-3-Clause */
/* ask - gives an observation to the detectors that want it: call.c says who they may be.
 *
 * They work on copies of the slots' data, which go back when all have been asked; a slot
 * that another thread holds too long makes us leave the detectors out this once. What they
 * need to know is worked out before, and only that.
 */
#include "base/dns.h"
#include "base/invariant.h"
#include "detect/signature_row.h"
#include "engine/look.h"
#include "store/audience.h"
#include "store/counts.h"

#define SIGNATURES ((unsigned)__builtin_ctz(SIGN_SIGNATURE)) /* where a plan has those who go by it */

#define FACTS_OF_LEDGERS (FACT_PAIR | FACT_CLIENT | FACT_DOMAIN | FACT_DELEGATION | FACT_ANSWERED)
#define FACTS_OF_NAMES   (FACT_NOVEL | FACT_FRESH | FACT_PAIR | FACT_CLIENT | FACT_DOMAIN | FACT_DELEGATION)

/* Of a pair that somebody suspects: it is kept when there are many new ones. Not for an opinion of low confidence:
 * a single forged question is enough for some, and then a packet each would fill the tables for a day.
 */
#define SUSPECT_WEIGHT (TABLE_KEEP + 1)

/* Notes what is seen for the first time. A client whose ledger has something in it was seen before. */
static void note_first(struct look *look, struct states *states)
{
	uint64_t now = look->obs->now;

	if (states->client_token && !client_ledger_of(states)->span.last) {
		states_fetch(look, states, LINES_CLIENT_NOTES);
		if (!notes_of(states, SUBJECT_CLIENT)->first_seen)
			notes_of(states, SUBJECT_CLIENT)->first_seen = now;
	}
	if (!notes_of(states, SUBJECT_PAIR)->first_seen)
		notes_of(states, SUBJECT_PAIR)->first_seen = now;
	if (states->domain_token && !*domain_notes_of(states))
		*domain_notes_of(states) = now;
}

/* What the enabled detectors say of the pair that weigh it. False when the state of one of them is not at
 * hand: it has nothing to say.
 */
static bool weights(const struct look *look, struct states *states, uint8_t *weight)
{
	const struct plan *plan = look->plan;
	double elsewhere = look->config->together_from && states_have(states, LINES_PAIR_OWN)
	                   ? together_pair_elsewhere(look, pair_ledger_of(states)) : 0;
	bool whole = true;

	for (unsigned i = 0; i < plan->weighers; i++) {
		unsigned id = plan->weigher[i];
		const struct reach *reach = &look->warden->reach[id];
		uint8_t w;

		if (!states_have(states, reach->lines & LINES_OF_PAIR)) {
			whole = false;
			continue;
		}
		w = detectors[id]->weight(look->detector[id], state_at(states, reach->pair), pair_ledger_of(states),
		                          elsewhere);
		*weight = w > *weight ? w : *weight;
	}
	return whole;
}

/* How much there is to lose with this pair, for the table. What is not at hand has not changed, so it is
 * asked for only when the others have less to say than the table knows.
 */
static void weigh(struct look *look, struct states *states)
{
	uint8_t weight = policy_is_suspect(notes_of(states, SUBJECT_PAIR)) ? SUSPECT_WEIGHT : 0;
	uint8_t known = place_weight(&look->pair_place);

	if (!weights(look, states, &weight) && weight < known) {
		states_fetch(look, states, LINES_OF_PAIR);
		weights(look, states, &weight);
	}
	weight = weight < TABLE_PINNED ? weight : TABLE_PINNED - 1; /* what is sure may be forgotten, too */
	if (weight != known)
		place_weigh(&look->pair_place, weight);
	if (weight <= TABLE_KEEP)
		return;
	if (look->client_place.slot)
		place_weigh(&look->client_place, weight);
	if (look->domain_place.slot) /* its name, and what all clients have told it */
		place_weigh(&look->domain_place, weight);
}

/* By which the filter knows the name as one that the client was answered here. */
static uint64_t hash_here(const struct look *look)
{
	return hash_pair(look->mapping->header->secret, HASH_NAME, look->asked, 0);
}

/* Whether the name is new to the client, and whether the domain's servers hear it for the first time.
 * These are two: what was answered here before has not been told to anybody.
 */
static void novelty(struct look *look, struct facts *facts, uint32_t needs)
{
	const struct filter *filter = &look->mapping->filter[FILTER_NAMES];
	struct filter *audience = &look->mapping->filter[FILTER_AUDIENCE];

	if (look->upstream) {
		facts->unheard = !look->heard && !seen_before(look, FILTER_NAMES, look->asked);
		facts->novel = facts->unheard &&
		               !(needs & (FACT_NOVEL | FACT_NOVEL_UNCACHED | FACT_FRESH) &&
		                 filter_has(filter, hash_here(look)));
	} else {
		identify_question(look);
		facts->novel = !seen_before(look, FILTER_NAMES, hash_here(look)) &&
		               !filter_has(filter, look->asked);
	}
	/* Only questions that go upstream make an audience: it tells what is no news to the domain's servers. */
	if (look->upstream && facts->unheard && needs & (FACTS_OF_LEDGERS | FACT_FRESH))
		look->others = audience_join(audience, look->name_hash, look->client_hash, look->obs->now);
	else if (needs & FACT_FRESH && facts->novel)
		look->others = audience_size(audience, look->name_hash);
	facts->fresh = needs & FACT_FRESH && facts->novel && !look->others;
}

/* Whether the answer is the first that tells the client of the domain, and anybody that there is no
 * such name. The filter of names remembers both under hashes of their own.
 */
static void firsts(struct look *look, struct facts *facts, uint32_t needs)
{
	const uint8_t *secret = look->mapping->header->secret;
	bool missing = look->obs->rcode == DNS_RCODE_NXDOMAIN;

	if (look->obs->rcode && !missing)
		return;
	if (needs & FACT_CONTACT)
		facts->contact = !seen_before(look, FILTER_NAMES,
		                              hash_pair(secret, HASH_DOMAIN, look->pair_hash, FACT_CONTACT)) &&
		                 !suffix_is_local(look->config->suffixes, &look->name);
	if (needs & FACT_CONTACT && look->pair_place.slot)
		slot_set(look->pair_place.slot, PAIR_AT_ONCE, AT_ONCE_CONTACT); /* nobody need ask again today */
	if (needs & FACT_ABSENT && missing)
		facts->absent = !seen_before(look, FILTER_NAMES,
		                             hash_pair(secret, HASH_DOMAIN, look->name_hash, FACT_ABSENT));
}

/* Works out what <needs> names. Not earlier than when all slots are locked: it makes a new name
 * a known one.
 */
static void facts_fill(struct look *look, struct states *states, struct facts *facts, uint32_t needs)
{
	bool upstream = look->upstream || look->obs->path == WARDEN_PATH_JOINED;
	bool cached = look->obs->path == WARDEN_PATH_CACHE && !look->upstream;

	if (needs & (cached ? FACTS_OF_NAMES : FACTS_OF_NAMES | FACT_NOVEL_UNCACHED) && look->obs->what & WARDEN_QUESTION)
		novelty(look, facts, needs);
	if (needs & (FACT_CONTACT | FACT_ABSENT) && look->obs->what & WARDEN_ANSWER)
		firsts(look, facts, needs);
	if (needs & FACT_SIGNATURE && facts->match.tool)
		facts->signature = signature_confirm(sightings_of(states), facts);
	if (!(needs & FACTS_OF_LEDGERS) || !states->pair_token)
		return;
	if (look->obs->path == WARDEN_PATH_LOCAL && look->obs->what & WARDEN_QUESTION && needs & FACT_PAIR)
		charge_here(look, states, facts);
	if (!upstream)
		return;
	/* A joined question went nowhere: somebody else's did. */
	if (look->obs->what & WARDEN_QUESTION && look->upstream)
		charge_question(look, states, facts, needs);
	if (look->obs->what & WARDEN_ANSWER)
		charge_answer(look, states, facts, needs);
}

/* The detectors that look at this observation, and what they need. */
struct round {
	uint8_t detector[DETECTOR_COUNT];
	unsigned count;
	uint32_t needs;
	uint32_t lines;      /* of the slots, as in struct reach */
	bool domain_changes;
};

/* Who of <called>, a bit for each, takes part. */
static void call_round(const struct look *look, uint64_t called, const struct facts *facts,
                       struct round *round)
{
	void *const *options = look->detector;

	round->count = 0;
	round->needs = 0;
	round->lines = LINES_PAIR_NOTES;
	round->domain_changes = false;
	for (; called; called = PLAN_REST(called)) {
		unsigned id = PLAN_FIRST(called);
		const struct detector *detector = detectors[id];

		if (detector->relevant && !detector->relevant(options[id], facts))
			continue;
		round->detector[round->count++] = (uint8_t)id;
		round->needs |= detector->needs;
		round->lines |= look->warden->reach[id].lines;
		round->domain_changes |= look->warden->reach[id].domain_changes;
	}
}

/* Bit i: key i of the detector had come up before. All have now; or it is the month's memory and full,
 * and nobody can say whether they had, so they count as if.
 */
static uint32_t recalled(struct look *look, unsigned id, const struct facts *facts)
{
	enum filter_id memory = detectors[id]->recalls_a_day ? FILTER_NAMES : FILTER_MEMORY;
	const struct filter *filter = &look->mapping->filter[memory];
	uint64_t key[RECALL_MAX];
	unsigned count = detectors[id]->recall(look->detector[id], facts, key);
	uint32_t bits = 0;

	if (BROKEN(count <= RECALL_MAX))
		return 0;
	if (count && filter->keeps && filter_is_full(filter))
		bank_add(look->bank, COUNTER_memory_full, 1);
	for (unsigned i = 0; i < count; i++) {
		key[i] = hash_pair(look->mapping->header->secret, HASH_NAME, key[i], id);
		filter_prefetch(filter, key[i]);
	}
	for (unsigned i = 0; i < count; i++)
		bits |= (uint32_t)seen_before(look, memory, key[i]) << i;
	return bits;
}

/* What becomes of an <opinion> of detector <id>: <finding>, and an event perhaps. */
static void take_in(struct look *look, struct states *states, unsigned id, const struct opinion *opinion,
                    struct finding *finding)
{
	const struct detector *detector = detectors[id];

	*finding = (struct finding){ .speaker = (uint8_t)id, .opinion = *opinion };
	finding->verdict = policy_verdict(look->config, look->detector[id], opinion);
	if (look->allowed && finding->verdict > WARDEN_LOG)
		finding->verdict = WARDEN_LOG;
	if (detector->subject == SUBJECT_CLIENT)
		states_fetch(look, states, LINES_CLIENT_NOTES);
	finding->event = policy_speak(notes_of(states, detector->subject), id, opinion->confidence,
	                              look->obs->now, look->config->settings.log_period,
	                              &finding->suppressed);
	bank_add(look->bank, BANK_DETECTORS + id, 1);
}

/* Asks detector <id>. True when it speaks, with <finding>. Most have nothing to say most of the time. */
static inline bool hear(struct look *look, struct states *states, struct facts *facts, unsigned id,
                        struct finding *finding)
{
	const struct detector *detector = detectors[id];
	const struct reach *reach = &look->warden->reach[id];
	struct opinion opinion;

	facts->recalled = detector->recall ? recalled(look, id, facts) : 0;
	opinion = detector->observe(look->detector[id], state_at(states, reach->client),
	                            state_at(states, reach->pair), state_at(states, reach->domain), facts);
	if (!opinion.confidence || BROKEN(opinion.confidence <= CONFIDENCE_HIGH))
		return false;
	take_in(look, states, id, &opinion, finding);
	return true;
}

/* What was found, all together. Asks `risk`, which may be one more. */
static unsigned sum_up(struct look *look, struct states *states, struct facts *facts,
                       struct finding *finding, unsigned found)
{
	const struct settings *settings = &look->config->settings;
	struct notes *pair = notes_of(states, SUBJECT_PAIR), *client;

	/* Seldom: so the client's notes are fetched only now. */
	if (look->client_place.slot)
		states_fetch(look, states, LINES_CLIENT_NOTES);
	client = states->client_token ? notes_of(states, SUBJECT_CLIENT) : NULL;
	for (unsigned i = 0; i < found; i++) {
		const struct opinion *opinion = &finding[i].opinion;
		/* Or what other nodes were told would come back as `risk`, as if it had been found here. */
		uint8_t confidence = opinion->together ? opinion->here : opinion->confidence;

		if (detectors[finding[i].speaker]->momentary || !confidence)
			continue;
		policy_add_risk(pair, finding[i].speaker, confidence, look->obs->now);
		if (client)
			policy_add_risk(client, finding[i].speaker, confidence, look->obs->now);
	}
	facts->risk = (struct risk){
		.warn = (uint16_t)settings->warn_score,
		.refuse = (uint16_t)settings->refuse_score,
	};
	facts->risk.pair = policy_risk(look->detector, pair, &facts->risk.pair_said);
	facts->risk.sure = policy_risk_is_sure(pair);
	if (client)
		facts->risk.client = policy_risk(look->detector, client, &facts->risk.client_said);
	if (look_options(look, DETECTOR_risk)->enable)
		found += hear(look, states, facts, DETECTOR_risk, &finding[found]);
	for (unsigned i = 0; i < found; i++) {
		finding[i].score = (uint8_t)facts->risk.pair;
		finding[i].said = facts->risk.pair_said;
	}
	return found;
}

struct facts facts_begin(const struct look *look)
{
	return (struct facts){
		.obs = look->obs,
		.now = look->obs->now,
		.name = &look->name,
		.payload_labels = (uint8_t)look->domain_label,
		.text_len = (uint8_t)name_text_len(&look->name),
		.question = look->obs->what & WARDEN_QUESTION,
		.answer = look->obs->what & WARDEN_ANSWER,
		.client_hash = look->client_hash,
		.domain_hash = look->domain_hash,
		.name_hash = look->name_hash,
		.queries = look->queries,
		.contacted = look->contacted,
		.began = look->mapping->header->created,
		.nth = look->nth,
		.idle = look->idle,
		.answers = look->answers,
		.network = atomic_load_explicit(&look->mapping->header->clients, memory_order_relaxed),
		.clients = look->clients,
		.rare = look->rare,
	};
}

unsigned ask(struct look *look, const struct call *call, struct finding finding[DETECTOR_COUNT])
{
	const struct plan_row *row = call->row;
	uint64_t called = call->detectors;
	struct facts facts = facts_begin(look);
	struct listing listing[LISTED_MAX];
	struct location location[LOCATIONS_MAX];
	struct states states;
	struct round round;
	unsigned found = 0;

	if (row->needs & FACT_LISTED)
		listed_fill(look, &facts, listing);
	if (call->signature)
		facts.match = signature_match(&look->plan->signatures, &facts);
	if (facts.match.tool)
		called |= row->by_sign[SIGNATURES] & UINT64_C(1) << tool_detector[facts.match.tool - 1];
	call_round(look, called, &facts, &round);
	if (!round.count)
		return 0;
	if (round.lines & LINES_OF_DOMAIN)
		domain_seen(look);
	states_prefetch(look, round.lines);
	look->delegation_place.slot = NULL;
	if (round.needs & FACT_DELEGATION)
		delegation_seen(look);
	/* What its servers have heard before tells the domain nothing. */
	look->heard = look->upstream && look->obs->what & WARDEN_QUESTION &&
	              filter_has_young(&look->mapping->filter[FILTER_NAMES], look->asked, look->obs->now);
	if (!states_edit(look, &states, round.lines, round.domain_changes || !look->heard)) {
		bank_add(look->bank, COUNTER_busy, states.busy);
		states_commit(look, &states);
		return 0;
	}
	note_first(look, &states);
	facts_fill(look, &states, &facts, round.needs);
	if (round.needs & FACT_NORMS)
		norms_fill(look, &facts);
	if (round.needs & FACT_PLACES)
		places_fill(look, &facts, location);
	facts.first_asked = notes_of(&states, SUBJECT_PAIR)->first_seen;
	for (unsigned i = 0; i < round.count; i++)
		found += hear(look, &states, &facts, round.detector[i], &finding[found]);
	if (found)
		found = sum_up(look, &states, &facts, finding, found);
	weigh(look, &states);
	states_commit(look, &states);
	return found;
}
