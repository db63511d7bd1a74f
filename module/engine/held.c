/* SPDX-License-Identifier: BSD-3-Clause */
/* held - holds and exemptions on the path of an observation.
 *
 *     exempted()       an operator lets it pass
 *     held()           a hold is in force: nobody needs to be asked
 *     hold_make()      a verdict that lasts, for whom its evidence goes
 *
 * Holds that detectors make are of registrable domains, which questions are sorted by: three
 * look-ups. An operator's may be of any name; as long as there are such, every label is looked at.
 *
 * Invariant: a client is held as a whole only when all that it asked in the last day came from where
 * its address is, or the operator trusts UDP. Forged packets can make a client look bad at the domains
 * that they name; and where a detector sums over all rare domains of a client, at each rare one that it
 * asks for next.
 */
#include <string.h>

#include "base/clock.h"
#include "base/dns.h"
#include "engine/look.h"

#define HOLDS_A_CLIENT 64 /* made by detectors in an hour */

static_assert((int)HELD_PAIR == (int)SCOPE_PAIR && (int)HELD_DOMAIN == (int)SCOPE_DOMAIN &&
              (int)HELD_CLIENT == (int)SCOPE_CLIENT, "a hold's scope is the one that scope: says");

static uint64_t tail_hash(const struct look *look, unsigned label)
{
	return domain_hash(look->mapping, name_tail(&look->name, label), name_tail_len(&look->name, label));
}

/* Asks <met> for the domain, and where some are deep for every other tail of the name that one may be of. */
static bool at_any_label(struct look *look, bool (*met)(struct look *look, uint64_t domain, void *arg),
                         void *arg)
{
	if (met(look, look->domain_hash, arg))
		return true;
	if (!holds_are_deep(look->mapping))
		return false;
	for (unsigned label = 0; label < look->name.labels; label++) {
		uint64_t domain;

		if (label == look->domain_label)
			continue;
		domain = tail_hash(look, label);
		if (holds_may_be_of(look->mapping, domain) && met(look, domain, arg))
			return true;
	}
	return false;
}

static bool is_exempted(struct look *look, uint64_t domain, void *arg)
{
	(void)arg;
	return exemption_met(look->mapping, look->client_hash, domain, look->obs->now);
}

bool exempted_by_hand(struct look *look)
{
	return at_any_label(look, is_exempted, NULL);
}

static bool is_held(struct look *look, uint64_t domain, void *arg)
{
	/* Who comes over a stream has done what truncation asks for. */
	uint8_t but = look->obs->transport == WARDEN_TRANSPORT_UDP ? 0 : WARDEN_TRUNCATE;

	return hold_met(look->mapping, look->client_hash, domain, but, look->obs->now, arg);
}

bool hold_in_force(struct look *look, struct hold_hit *hit)
{
	/* Whoever asks what resolver this is, is told: that name is of no domain. */
	if (!holds_any(look->mapping) || look->obs->qclass == DNS_CLASS_CH || !at_any_label(look, is_held, hit))
		return false;
	if (!warden_verdict_denies(hit->verdict) || hit->verdict >= WARDEN_VERDICT_COUNT)
		hit->verdict = WARDEN_REFUSE; /* the segment may hold anything */
	return true;
}

bool held(struct look *look, struct finding *finding)
{
	uint64_t log_period = look->config->settings.log_period;
	struct states states;
	struct hold_hit hit;
	unsigned speaker;

	if (!(look->obs->what & WARDEN_QUESTION) || !hold_in_force(look, &hit))
		return false;
	bank_add(look->bank, COUNTER_held, 1);
	*finding = (struct finding){
		.verdict = (enum warden_verdict)hit.verdict,
		.hold_expires = hit.expires,
		.scope = hit.scope,
		.held = true,
	};
	finding->speaker = hit.detector < DETECTOR_COUNT || hit.detector == HOLD_BY_FLEET ? hit.detector :
	                                                                                    HOLD_BY_OPERATOR;
	finding->opinion.confidence = hit.confidence <= CONFIDENCE_HIGH ? hit.confidence : CONFIDENCE_HIGH;
	finding->opinion.reason = hit.reason;
	memcpy(finding->opinion.evidence, hit.evidence, sizeof(finding->opinion.evidence));
	speaker = finding->speaker == HOLD_BY_OPERATOR ? SPEAKER_OPERATOR :
	          finding->speaker == HOLD_BY_FLEET ? SPEAKER_FLEET : finding->speaker;
	if (states_edit(look, &states, LINES_PAIR_NOTES, false)) {
		struct notes *notes = notes_of(&states, SUBJECT_PAIR);

		finding->event = policy_speak(notes, speaker, finding->opinion.confidence, look->obs->now,
		                              log_period, &finding->suppressed);
		finding->score = policy_risk(look->detector, notes, &finding->said);
	}
	states_commit(look, &states);
	return true;
}

static bool is_held_for_all(struct look *look, uint64_t domain, void *arg)
{
	return hold_find(look->mapping, 0, domain, look->obs->now, arg);
}

static bool is_on_denying_list(const struct look *look)
{
	struct listing listing[LISTED_MAX];
	struct facts facts;

	listed_fill(look, &facts, listing);
	for (unsigned i = 0; i < facts.listed_count; i++)
		if (listing[i].detector == DETECTOR_list && listing[i].action >= ACTION_TRUNCATE)
			return config_enables(look->config, DETECTOR_list);
	return false;
}

bool denied_to_others(struct look *look)
{
	struct hold hold;

	return (holds_any(look->mapping) &&
	        at_any_label(look, is_held_for_all, &hold)) ||
	       (look->name_signs & SIGN_LISTED && is_on_denying_list(look));
}

/* Whether everything that the client asked since yesterday proved its address. */
static bool is_client_proven(const struct look *look)
{
	uint64_t last;

	if (look->config->settings.trust_udp)
		return true;
	if (!look->proven || !look->client_place.slot)
		return false;
	last = slot_get(look->client_place.slot, CLIENT_UNPROVEN);
	return !last || clock_since(look->obs->now, last * SECOND) >= DAY;
}

/* How long: the detector's time, doubled for every time that this happened before. */
static uint64_t duration(const struct look *look, uint64_t hold, uint8_t strikes)
{
	uint64_t most = look->config->settings.hold_max;

	if (hold >= most)
		return hold;
	return strikes < 32 && hold << strikes < most ? hold << strikes : most;
}

/* Whether the table has a hold more for this client: one client, or many who do not exist, must not fill it.
 * The word is the hour and how many came about in it; without one more each question is judged for itself.
 */
static bool has_room(const struct look *look)
{
	const struct mapping *mapping = look->mapping;
	struct slot *slot = look->client_place.slot;
	uint64_t hour = look->obs->now / HOUR, word, taken;

	taken = atomic_load_explicit(&mapping->header->holds, memory_order_relaxed);
	if (!slot || taken >= table_capacity(&mapping->holds) / 8 * 7) /* the rest is for operators */
		return false;
	word = slot_get(slot, CLIENT_HOLDS);
	if (word >> 32 != hour)
		word = hour << 32;
	if ((uint32_t)word >= HOLDS_A_CLIENT)
		return false;
	slot_put(slot, CLIENT_HOLDS, word + 1);
	return true;
}

void hold_make(struct look *look, struct finding *finding)
{
	const struct detector_config *config = look_options(look, finding->speaker);
	uint64_t scope = config->scope, now = look->obs->now, client_key = 0;
	struct hold made = {
		.verdict = (uint8_t)finding->verdict,
		.detector = finding->speaker,
		.confidence = finding->opinion.confidence,
		.reason = finding->opinion.reason,
		.together = finding->opinion.together,
		.made = now,
	};

	if (scope == SCOPE_CLIENT && !is_client_proven(look))
		scope = SCOPE_PAIR;
	/* Names under TLDs that do not exist are a pair in name only: holding it would refuse all of them
	 * for the sake of one.
	 */
	if (scope != SCOPE_CLIENT && look->domain_label >= look->name.labels)
		return;
	if (scope != SCOPE_DOMAIN) {
		memcpy(made.client, look->client, sizeof(made.client));
		client_key = look->client_hash;
	}
	if (scope != SCOPE_CLIENT) {
		made.domain_hash = look->domain_hash;
		made.name_len = (uint8_t)name_tail_len(&look->name, look->domain_label);
		memcpy(made.name, name_tail(&look->name, look->domain_label), made.name_len);
	}
	memcpy(made.evidence, finding->opinion.evidence, sizeof(made.evidence));
	made.strikes = hold_strikes(look->mapping, client_key, made.domain_hash, now);
	made.expires = now + duration(look, config->hold, made.strikes);
	if (!has_room(look) || !hold_set(look->mapping, client_key, &made, now)) {
		bank_add(look->bank, COUNTER_holds_lost, 1);
		return;
	}
	finding->hold_expires = made.expires;
	finding->scope = (uint8_t)scope;
	finding->event = true; /* a new hold is always told */
}
