/* SPDX-License-Identifier: BSD-3-Clause */
/* observe - the path of one observation, from the door to the verdict.
 *
 *     whom and what it is about        identify(); nothing more of what is no name
 *     count it with its client         client_seen()
 *     allow lists, exemptions          they win over everything, but some detectors see names all the same
 *     count it with pair and domain    pair_seen()
 *     hold in force?                   held(): denied before any detector
 *     ask the detectors                ask()
 *     verdict, hold, events            judge(), report()
 *
 * Invariant: no step can fail the query. What cannot be had (a slot, a lock) is counted
 * and the steps that need it are left out. Nothing here allocates, blocks or reads a clock.
 */
#include <string.h>

#include "base/clock.h"
#include "base/dns.h"
#include "base/invariant.h"
#include "engine/look.h"

static bool is_momentary(const struct finding *finding)
{
	return finding->speaker < DETECTOR_COUNT && detectors[finding->speaker]->momentary;
}

/* What <finding> amounts to for the observation at hand. Truncation and silence are for UDP only: a
 * stream has proven its address, and silence would end it with all its other questions. What is
 * answered on the spot cannot be left unanswered.
 */
static enum warden_verdict verdict_here(const struct look *look, const struct finding *finding)
{
	bool udp = look->obs->transport == WARDEN_TRANSPORT_UDP;

	if (finding->verdict == WARDEN_TRUNCATE && !udp)
		return WARDEN_TAG;
	if (finding->verdict == WARDEN_DROP && (!udp || !look->open))
		return WARDEN_REFUSE;
	return finding->verdict;
}

/* Whether <finding> keeps from the client what is at hand. An answer that was resolved goes to all who
 * wait for it, so only what it carries is a reason to keep it. Where nothing is answered, that is a
 * hold's doing in the resolver's own data, if there is one.
 */
static bool is_denied(const struct look *look, const struct finding *finding, bool dry_run)
{
	if (!warden_verdict_denies(verdict_here(look, finding)) || dry_run)
		return false;
	if (look->open || look->obs->flags & WARDEN_FLAG_EMPTIED)
		return true;
	if (look->obs->flags & WARDEN_FLAG_BARE)
		return finding->held;
	return look->obs->flags & WARDEN_FLAG_OPEN && is_momentary(finding);
}

/* The response code that a denied question goes with. */
static uint8_t rcode_of(enum warden_verdict verdict)
{
	switch (verdict) {
	case WARDEN_TRUNCATE:
	case WARDEN_NODATA:
		return DNS_RCODE_NOERROR;
	case WARDEN_NXDOMAIN:
		return DNS_RCODE_NXDOMAIN;
	default:
		return DNS_RCODE_REFUSED;
	}
}

/* Makes the event of <finding>, or counts it as held back. */
static void report(struct look *look, const struct finding *finding, const struct finding *strongest,
                   bool dry_run)
{
	const struct warden_observation *obs = look->obs;
	struct record record;

	if (!finding->event) {
		bank_add(look->bank, COUNTER_events_suppressed, 1);
		return;
	}
	record = (struct record){
		.now = obs->now,
		.hold_expires = finding->hold_expires,
		.at_query = look->queries,
		.queries = look->queries,
		.suppressed = finding->suppressed,
		.qtype = obs->qtype,
		.qclass = obs->qclass,
		.client_port = obs->client_port,
		.detector = finding->speaker,
		.verdict = (uint8_t)verdict_here(look, finding),
		.confidence = finding->opinion.confidence,
		.reason = finding->opinion.reason,
		.score = finding->score,
		.said = finding->said,
		.path = obs->path,
		.transport = obs->transport,
		.rcode = obs->rcode,
		.what = obs->what,
		.dry_run = dry_run,
		.scope = finding->scope,
		.payload_labels = (uint8_t)look->domain_label,
		.qname_len = look->name.len,
		.dynamic = listed_dynamic(look),
		.denied = is_denied(look, finding, dry_run),
	};
	if (obs->flags & WARDEN_FLAG_OPEN && is_denied(look, strongest, dry_run))
		record.rcode = rcode_of(verdict_here(look, strongest));
	memcpy(record.client, look->source, sizeof(record.client));
	memcpy(record.evidence, finding->opinion.evidence, sizeof(record.evidence));
	memcpy(record.qname, look->name.wire, look->name.len);
	if (journal_put(&look->mapping->journal, &record))
		bank_add(look->bank, COUNTER_events_queued, 1);
	else
		bank_add(look->bank, COUNTER_events_lost, 1);
}

static struct warden_decision pass(void)
{
	return (struct warden_decision){ .verdict = WARDEN_PASS, .ede = WARDEN_NO_EDE };
}

/* The Extended DNS Error that goes with what is denied because of <finding>. */
static uint16_t ede_of(const struct look *look, const struct finding *finding)
{
	uint64_t ede;

	if (finding->speaker >= DETECTOR_COUNT)
		return EDE_PROHIBITED;
	ede = look_options(look, finding->speaker)->ede;
	return finding->scope == HELD_CLIENT && ede == EDE_BLOCKED ? EDE_PROHIBITED : (uint16_t)ede;
}

/* What to do about <strongest>, counted. */
static struct warden_decision decide(struct look *look, const struct finding *strongest, bool dry_run)
{
	static const enum counter_id of_verdict[WARDEN_VERDICT_COUNT] = {
		[WARDEN_LOG] = COUNTER_verdict_log,
		[WARDEN_TAG] = COUNTER_verdict_tag,
		[WARDEN_TRUNCATE] = COUNTER_verdict_truncate,
		[WARDEN_NODATA] = COUNTER_verdict_nodata,
		[WARDEN_NXDOMAIN] = COUNTER_verdict_nxdomain,
		[WARDEN_REFUSE] = COUNTER_verdict_refuse,
		[WARDEN_DROP] = COUNTER_verdict_drop,
	};
	struct warden_decision decision = {
		.verdict = verdict_here(look, strongest),
		.content = is_momentary(strongest),
		.dry_run = dry_run,
		.ede = WARDEN_NO_EDE,
		.detector = strongest->speaker == HOLD_BY_FLEET ? "fleet" : "operator",
	};

	bank_add(look->bank, of_verdict[decision.verdict], 1);
	if (strongest->speaker < DETECTOR_COUNT)
		decision.detector = detectors[strongest->speaker]->name;
	if (decision.verdict == WARDEN_TAG && !dry_run && look->config->settings.tag_ede)
		decision.ede = EDE_OTHER;
	if (!is_denied(look, strongest, dry_run))
		return decision;
	if (look->open || look->obs->path == WARDEN_PATH_LOCAL)
		refused_seen(look);
	else
		bank_add(look->bank, COUNTER_withheld, 1);
	if (look->config->settings.ede)
		decision.ede = ede_of(look, strongest);
	return decision;
}

/* A denial is held, unless one is already, or the detector refuses what it sees and no more. What is
 * let through here, as who comes again over TCP is, changes no hold.
 */
static bool is_to_hold(const struct look *look, const struct finding *finding, bool is_held)
{
	return warden_verdict_denies(verdict_here(look, finding)) && !is_held && !is_momentary(finding);
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

/* Takes from what detectors want to deny where an operator has said that it is not to be. */
static void spare(const struct look *look, struct finding *finding, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (warden_verdict_denies(finding[i].verdict) && finding[i].speaker < DETECTOR_COUNT &&
		    config_never_holds(look->config, look->source))
			finding[i].verdict = WARDEN_TAG;
}

/* Makes one decision of what was found. */
static struct warden_decision judge(struct look *look, struct finding *finding, unsigned count,
                                    bool is_held, bool dry_run)
{
	struct finding *strongest = NULL;
	struct warden_decision decision;

	if (!count)
		return pass();
	spare(look, finding, count);
	for (unsigned i = 0; i < count; i++)
		if (is_stronger(look, &finding[i], strongest))
			strongest = &finding[i];
	/* First for what was found here: that is this node's word to others, too. */
	for (unsigned i = 0; i < 2 * count; i++) {
		struct finding *reason = &finding[i % count];

		if (reason->opinion.together == (i >= count) && is_to_hold(look, reason, is_held)) {
			hold_make(look, reason);
			is_held = true;
		}
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
	for (uint64_t left = row->detectors; left; left = PLAN_REST(left)) {
		unsigned id = PLAN_FIRST(left);
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

/* Who may have what others may not: they must not get it from the cache. */
static struct warden_decision pass_alone(struct look *look, bool dry_run)
{
	struct warden_decision decision = pass();

	decision.keep_out = look->open && !dry_run && denied_to_others(look);
	return decision;
}

static bool is_dry_run(const struct look *look)
{
	return engine_mode(look->warden, look->profile) != MODE_ENFORCE;
}

/* What holds and detectors make of it. */
static struct warden_decision look_closely(struct look *look, const struct call *call, bool dry_run)
{
	struct finding finding[FINDINGS_MAX];
	bool is_held = !look->allowed && held(look, &finding[0]);
	unsigned found = is_held;

	/* What is refused tells nothing new. In observe mode, and in recorded traffic, it was not. */
	if (!is_held || dry_run || look->warden->private_memory)
		found += ask(look, call, finding + found);
	return judge(look, finding, found, is_held, dry_run);
}

/* Where the path ends. */
enum end {
	END_PASSES,  /* here: there is nothing to think about */
	END_EXEMPT,  /* for who is exempted */
	END_CONTENT, /* with the content of an answer for nobody */
	END_CLOSELY, /* with a closer look */
};

/* Counts it, and finds out who is to be asked about it: mostly nobody. */
static inline enum end look_at(struct look *look, struct call *call)
{
	bool question = look->obs->what & WARDEN_QUESTION, exempt;

	if (look->obs->flags & WARDEN_FLAG_NOBODY)
		return END_CONTENT;
	identify(look);
	client_seen(look);
	if (!look->name.len) {
		bank_add(look->bank, COUNTER_malformed, 1);
		return END_PASSES;
	}
	exempt = config_allows_client(look->config, look->source) || exempted(look);
	look->exempt = look->allowed || exempt;
	if (look->exempt)
		bank_add(look->bank, COUNTER_allowed, question);
	if (exempt)
		return END_EXEMPT;
	if (look->allowed && !ask_wanted(look))
		return END_PASSES;
	pair_seen(look);
	if (look->obs->flags & WARDEN_FLAG_OWN) {
		/* Who waited for an answer that is withheld from the one who asked first. */
		bank_add(look->bank, COUNTER_withheld, question);
		return END_PASSES;
	}
	return call_whom(look, call) || holds_any(look->mapping) ? END_CLOSELY : END_PASSES;
}

/* What came of it. By itself, because the findings are large and most observations make none. */
static __attribute__((noinline)) struct warden_decision conclude(struct look *look, enum end end,
                                                                 const struct call *call)
{
	bool dry_run = is_dry_run(look);

	switch (end) {
	case END_EXEMPT:
		return pass_alone(look, dry_run);
	case END_CONTENT:
		return look_at_content(look, dry_run);
	default:
		return look_closely(look, call, dry_run);
	}
}

/* Begins to look at <obs>. rules_leave() is due with the <cell>. */
static inline void begin(struct look *look, struct warden *warden, const struct warden_observation *obs,
                  unsigned *cell)
{
	look->warden = warden;
	look->mapping = &warden->mapping;
	look->rules = rules_enter(warden, cell);
	look->config = look->rules->config;
	look->profile = NULL; /* until it is known who asks */
	look->detector = look->config->detector;
	look->plan = &look->rules->plan;
	look->bank = bank_mine(&look->mapping->counters);
	look->obs = obs;
	look->second = (uint32_t)(obs->now / SECOND);
	look->domain_looked_up = look->contacted = look->exempt = false;
	look->client_place.slot = look->domain_place.slot = look->pair_place.slot = NULL;
	look->delegation_place.slot = NULL;
	look->queries = look->nth = look->answers = 0;
	look->idle = 0;
	look->clients = 0; /* until its domain is seen */
	look->rare = false;
	look->upstream = obs->path == WARDEN_PATH_MISS ||
	                (obs->path == WARDEN_PATH_CACHE && obs->flags & WARDEN_FLAG_REFRESH);
	look->open = (obs->what & (WARDEN_QUESTION | WARDEN_ANSWER)) == WARDEN_QUESTION;
}

struct warden_decision warden_observe(struct warden *warden, const struct warden_observation *obs)
{
	struct warden_decision decision;
	struct call call;
	struct look look; /* not cleared as a whole: the name in it is large */
	unsigned cell;
	enum end end;

	if (BROKEN(obs->path < WARDEN_PATH_COUNT))
		return pass();
	begin(&look, warden, obs, &cell);
	end = look_at(&look, &call);
	decision = end == END_PASSES ? pass() : conclude(&look, end, &call);
	decision.exempt = look.exempt && look.open;
	rules_leave(warden, cell);
	return decision;
}

/* The hold that <look> meets, as a decision. */
static struct warden_decision still_held(struct look *look)
{
	struct finding finding = { .held = true };
	struct hold_hit hit;

	identify(look);
	if (is_dry_run(look) || !look->name.len || look->allowed || config_allows_client(look->config, look->source) ||
	    exempted(look) || !hold_in_force(look, &hit))
		return pass();
	finding.verdict = (enum warden_verdict)hit.verdict;
	finding.speaker = hit.detector;
	finding.scope = hit.scope;
	return is_denied(look, &finding, false) ? decide(look, &finding, false) : pass();
}

struct warden_decision warden_still_held(struct warden *warden, const struct warden_observation *obs)
{
	struct warden_decision decision;
	struct look look;
	unsigned cell;

	if (!engine_enforces(warden) || !atomic_load_explicit(&warden->mapping.header->holds, memory_order_relaxed) ||
	    BROKEN(obs->path < WARDEN_PATH_COUNT))
		return pass();
	begin(&look, warden, obs, &cell);
	decision = still_held(&look);
	rules_leave(warden, cell);
	return decision;
}
