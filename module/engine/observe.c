/* SPDX-License-Identifier: BSD-3-Clause */
/* observe - the path of one observation, from the door to the verdict.
 *
 *     count it with its client         client_seen()
 *     check the name, find its domain  name_seen()
 *     allow lists                      they win over everything, but some detectors see names all the same
 *     count it with pair and domain    pair_seen()
 *     hold in force?                   held(): refused before any detector
 *     ask the detectors                ask()
 *     verdict, hold, events            judge(), report()
 *
 * Invariant: no step can fail the query. What cannot be had (a slot, a lock) is counted
 * and the steps that need it are left out. Nothing here allocates, blocks or reads a clock.
 */
#include <string.h>

#include "base/clock.h"
#include "base/invariant.h"
#include "engine/look.h"

#define RCODE_REFUSED 5

/* Whether <finding> keeps from the client what is at hand. An answer that was resolved goes to all who
 * wait for it, so only what it carries is a reason to keep it.
 */
static bool is_refused(const struct look *look, const struct finding *finding, bool dry_run)
{
	if (finding->verdict != WARDEN_REFUSE || dry_run)
		return false;
	if (look->open || look->obs->flags & WARDEN_FLAG_EMPTIED)
		return true;
	return look->obs->flags & WARDEN_FLAG_OPEN && finding->speaker < DETECTOR_COUNT &&
	       detectors[finding->speaker]->momentary;
}

/* Makes the event of <finding>, or counts it as held back. */
static void report(struct look *look, const struct finding *finding, const struct finding *strongest,
                   bool dry_run)
{
	const struct warden_observation *obs = look->obs;
	struct record record = {
		.now = obs->now,
		.hold_expires = finding->hold_expires,
		.at_query = look->queries,
		.queries = look->queries,
		.suppressed = finding->suppressed,
		.qtype = obs->qtype,
		.qclass = obs->qclass,
		.client_port = obs->client_port,
		.detector = finding->speaker,
		.verdict = (uint8_t)finding->verdict,
		.confidence = finding->opinion.confidence,
		.reason = finding->opinion.reason,
		.score = finding->score,
		.said = finding->said,
		.path = obs->path,
		.transport = obs->transport,
		.rcode = obs->rcode,
		.what = obs->what,
		.dry_run = dry_run,
		.scope = SCOPE_PAIR,
		.payload_labels = (uint8_t)look->domain_label,
		.qname_len = look->name.len,
		.dynamic = listed_dynamic(look),
	};

	record.denied = is_refused(look, finding, dry_run);
	if (obs->flags & WARDEN_FLAG_OPEN && is_refused(look, strongest, dry_run))
		record.rcode = RCODE_REFUSED;
	if (!finding->event) {
		bank_add(look->bank, COUNTER_events_suppressed, 1);
		return;
	}
	memcpy(record.client, look->source, sizeof(record.client));
	memcpy(record.evidence, finding->opinion.evidence, sizeof(record.evidence));
	memcpy(record.qname, look->name.wire, look->name.len);
	if (journal_put(&look->mapping->journal, &record))
		bank_add(look->bank, COUNTER_events_queued, 1);
	else
		bank_add(look->bank, COUNTER_events_lost, 1);
}

/* Holds this client's questions below this domain from now on. */
static void hold(struct look *look, struct finding *finding)
{
	struct hold made = {
		.domain_hash = look->domain_hash,
		.name_len = (uint8_t)name_tail_len(&look->name, look->domain_label),
		.verdict = WARDEN_REFUSE,
		.detector = finding->speaker,
		.confidence = finding->opinion.confidence,
		.reason = finding->opinion.reason,
		.made = look->obs->now,
		.expires = look->obs->now + look_options(look, finding->speaker)->hold,
	};

	memcpy(made.client, look->client, sizeof(made.client));
	memcpy(made.name, name_tail(&look->name, look->domain_label), made.name_len);
	memcpy(made.evidence, finding->opinion.evidence, sizeof(made.evidence));
	if (hold_set(look->mapping, look->client_hash, &made, look->obs->now)) {
		finding->hold_expires = made.expires;
		finding->event = true; /* a new hold is always told */
	} else {
		bank_add(look->bank, COUNTER_holds_lost, 1);
	}
}

static struct warden_decision pass(void)
{
	return (struct warden_decision){ .verdict = WARDEN_PASS, .ede = WARDEN_NO_EDE };
}

/* What to do about <strongest>, counted. */
static struct warden_decision decide(struct look *look, const struct finding *strongest, bool dry_run)
{
	static const enum counter_id of_verdict[WARDEN_VERDICT_COUNT] = {
		[WARDEN_LOG] = COUNTER_verdict_log,
		[WARDEN_TAG] = COUNTER_verdict_tag,
		[WARDEN_REFUSE] = COUNTER_verdict_refuse,
	};
	struct warden_decision decision = {
		.verdict = strongest->verdict,
		.dry_run = dry_run,
		.ede = WARDEN_NO_EDE,
		.detector = "operator",
	};
	uint64_t ede = EDE_PROHIBITED;

	bank_add(look->bank, of_verdict[strongest->verdict], 1);
	if (strongest->speaker < DETECTOR_COUNT) {
		decision.detector = detectors[strongest->speaker]->name;
		decision.content = detectors[strongest->speaker]->momentary;
		ede = look_options(look, strongest->speaker)->ede;
	}
	if (!is_refused(look, strongest, dry_run))
		return decision;
	if (look->open)
		refused_seen(look);
	else
		bank_add(look->bank, COUNTER_withheld, 1);
	if (look->config->settings.ede)
		decision.ede = (uint16_t)ede;
	return decision;
}

/* Whether a hold is in force; then <finding> is what it says. */
static bool held(struct look *look, struct finding *finding)
{
	uint64_t log_period = look->config->settings.log_period;
	const struct wanted pair = { .slots = 1u << SUBJECT_PAIR };
	struct states states;
	struct hold_hit hit;
	unsigned speaker;

	if (!look->open ||
	    !hold_met(look->mapping, look->client_hash, look->domain_hash, look->obs->now, &hit))
		return false;
	bank_add(look->bank, COUNTER_held, 1);
	*finding = (struct finding){ .verdict = WARDEN_REFUSE, .hold_expires = hit.expires };
	finding->speaker = hit.detector < DETECTOR_COUNT ? hit.detector : HOLD_BY_OPERATOR;
	finding->opinion.confidence = hit.confidence <= CONFIDENCE_HIGH ? hit.confidence : CONFIDENCE_HIGH;
	finding->opinion.reason = hit.reason;
	memcpy(finding->opinion.evidence, hit.evidence, sizeof(finding->opinion.evidence));
	speaker = finding->speaker == HOLD_BY_OPERATOR ? SPEAKER_OPERATOR : finding->speaker;
	if (states_edit(look, &states, &pair)) {
		struct notes *notes = notes_of(&states, SUBJECT_PAIR);

		finding->event = policy_speak(notes, speaker, finding->opinion.confidence, look->obs->now,
		                              log_period, &finding->suppressed);
		finding->score = policy_risk(look->detector, notes, &finding->said);
	}
	states_commit(look, &states);
	return true;
}

static bool is_momentary(const struct finding *finding)
{
	return finding->speaker < DETECTOR_COUNT && detectors[finding->speaker]->momentary;
}

/* A refusal is held for the pair, unless one is already, or the detector refuses what it sees and no
 * more. The names of a client under TLDs that
 * do not exist are a pair in name only: a hold would refuse all of them for the sake of one.
 */
static bool is_to_hold(const struct look *look, const struct finding *finding, bool is_held)
{
	return finding->verdict == WARDEN_REFUSE && !is_held && !is_momentary(finding) &&
	       look->domain_label < look->name.labels;
}

/* Whether <finding> is the one to go by. Of an answer that is what it carries, for only that keeps it
 * from everybody.
 */
static bool is_stronger(const struct look *look, const struct finding *finding, const struct finding *than)
{
	if (!than || finding->verdict != than->verdict)
		return !than || finding->verdict > than->verdict;
	return !look->open && is_momentary(finding) && !is_momentary(than);
}

/* Makes one decision of what was found. */
static struct warden_decision judge(struct look *look, struct finding *finding, unsigned count,
                                    bool is_held, bool dry_run)
{
	struct finding *strongest = NULL;
	struct warden_decision decision = pass();

	for (unsigned i = 0; i < count; i++)
		if (is_stronger(look, &finding[i], strongest))
			strongest = &finding[i];
	if (!strongest)
		return decision;
	for (unsigned i = 0; i < count; i++)
		if (is_to_hold(look, &finding[i], is_held)) {
			hold(look, &finding[i]);
			is_held = true;
		}
	decision = decide(look, strongest, dry_run);
	for (unsigned i = 0; i < count; i++)
		report(look, &finding[i], strongest, dry_run);
	return decision;
}

static bool has_state(const struct detector *detector)
{
	return detector->client_size || detector->pair_size || detector->domain_size;
}

/* An answer that no client waits for: what it carries, and nothing else. There is nobody to count it
 * with, and no event: whoever asks for it next is told of.
 */
static struct warden_decision look_at_content(struct look *look, bool dry_run)
{
	const struct plan_row *row = &look->plan->row[WARDEN_ANSWER][WARDEN_PATH_MISS];
	struct facts facts = { .obs = look->obs, .now = look->obs->now, .name = &look->name, .answer = true };
	struct finding strongest = { .verdict = WARDEN_PASS };
	struct knowledge known;
	uint64_t hash;

	if (!look->obs->qname || !name_parse(&look->name, look->obs->qname, look->obs->qname_len))
		return pass();
	hash = hash_octets(look->mapping->header->secret, HASH_NAME, look->name.wire, look->name.len);
	known = known_name(look->config, look->mapping, &look->name, hash);
	if (known.allowed)
		return pass();
	facts.payload_labels = known.domain_label;
	facts.text_len = (uint8_t)name_text_len(&look->name);
	for (unsigned i = 0; i < row->count; i++) {
		unsigned id = row->detector[i];
		const struct detector *detector = detectors[id];
		struct opinion opinion;
		enum warden_verdict verdict;

		if (!detector->momentary || has_state(detector) ||
		    (detector->relevant && !detector->relevant(look->detector[id], &facts)))
			continue;
		opinion = detector->observe(look->detector[id], NULL, NULL, NULL, &facts);
		if (!opinion.confidence || BROKEN(opinion.confidence <= CONFIDENCE_HIGH))
			continue;
		verdict = policy_verdict(look->config, look->detector[id], &opinion);
		if (verdict > strongest.verdict)
			strongest = (struct finding){ .speaker = (uint8_t)id, .verdict = verdict };
	}
	return strongest.verdict == WARDEN_PASS ? pass() : decide(look, &strongest, dry_run);
}

static struct warden_decision look_at(struct look *look)
{
	bool question = look->obs->what & WARDEN_QUESTION;
	struct finding finding[FINDINGS_MAX];
	unsigned found = 0;
	bool is_held, allowed_client, dry_run;

	if (look->obs->flags & WARDEN_FLAG_NOBODY)
		return look_at_content(look, engine_mode(look->warden, NULL) != MODE_ENFORCE);
	client_seen(look);
	dry_run = engine_mode(look->warden, look->profile) != MODE_ENFORCE;
	if (!name_seen(look))
		return pass();
	allowed_client = config_allows_client(look->config, look->source);
	if (look->allowed || allowed_client)
		bank_add(look->bank, COUNTER_allowed, question);
	if (allowed_client || (look->allowed && !ask_wanted(look)))
		return pass();
	pair_seen(look);
	if (look->obs->flags & WARDEN_FLAG_OWN) {
		/* Who waited for an answer that is withheld from the one who asked first. */
		bank_add(look->bank, COUNTER_withheld, question);
		return pass();
	}
	is_held = !look->allowed && held(look, &finding[0]);
	found = is_held;
	/* What is refused tells nothing new. In observe mode, and in recorded traffic, it was not. */
	if (!is_held || dry_run || look->warden->private_memory)
		found += ask(look, finding + found);
	return judge(look, finding, found, is_held, dry_run);
}

struct warden_decision warden_observe(struct warden *warden, const struct warden_observation *obs)
{
	struct warden_decision decision;
	struct look look; /* not cleared as a whole: the name in it is large */
	unsigned cell;

	if (BROKEN(obs->path < WARDEN_PATH_COUNT))
		return pass();
	look.warden = warden;
	look.mapping = &warden->mapping;
	look.rules = rules_enter(warden, &cell);
	look.config = look.rules->config;
	look.profile = NULL;
	look.detector = look.config->detector;
	look.plan = &look.rules->plan;
	look.bank = bank_mine(&look.mapping->counters);
	look.obs = obs;
	look.second = (uint32_t)(obs->now / SECOND);
	look.client_place.slot = look.domain_place.slot = look.pair_place.slot = NULL;
	look.delegation_place.slot = NULL;
	look.queries = look.nth = look.answers = 0;
	look.idle = 0;
	look.clients = 0; /* until its domain is seen */
	look.rare = false;
	look.upstream = obs->path == WARDEN_PATH_MISS ||
	                (obs->path == WARDEN_PATH_CACHE && obs->flags & WARDEN_FLAG_REFRESH);
	look.open = (obs->what & (WARDEN_QUESTION | WARDEN_ANSWER)) == WARDEN_QUESTION;
	decision = look_at(&look);
	rules_leave(warden, cell);
	return decision;
}
