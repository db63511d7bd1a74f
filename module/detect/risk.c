/* SPDX-License-Identifier: BSD-3-Clause */
/* risk - what several detectors think of a pair, or a client, together.
 *
 * Each opinion adds the score of its detector (`score:`; two thirds at medium confidence, one third
 * at low), at most 100 in all. One that is not repeated counts for less every hour. The sum is
 * what events tell as risk_score. From `warn-score:` on the pair or the client is tagged; from
 * `refuse-score:` on the pair is refused if one of them is sure, the client is not: what makes one
 * suspicious with one domain says little of the next. However many are not sure, a hold would make
 * of them what each took care not to say: a web page can make its visitor ask for names like those of
 * three tools. Momentary detectors go by one answer and say nothing of the next question, so
 * they add nothing.
 *
 * The engine asks this detector after all others, and only when one of them has spoken.
 */
#include "base/clock.h"
#include "detect/detector.h"

struct risk_config {
	struct detector_config common;
};

static const struct option risk_options[] = { OPTION_END };

enum risk_reason { REASON_PAIR, REASON_CLIENT };

static const char *const risk_reasons[] = {
	[REASON_PAIR] = "several detectors suspect what this client asks below this domain",
	[REASON_CLIENT] = "several detectors suspect this client",
	NULL
};

/* One detector alone has its own action. */
static bool reaches(uint16_t score, uint16_t bound, uint64_t said)
{
	return bound && score >= bound && __builtin_popcountll(said) > 1;
}

static struct opinion risk_observe(const void *config, void *client, void *pair, void *domain,
                                   const struct facts *facts)
{
	const struct risk *risk = &facts->risk;
	bool refuse = risk->sure && reaches(risk->pair, risk->refuse, risk->pair_said);
	bool by_pair = refuse || reaches(risk->pair, risk->warn, risk->pair_said) ||
	               reaches(risk->pair, risk->refuse, risk->pair_said);
	struct opinion opinion = NO_OPINION;

	(void)config, (void)client, (void)pair, (void)domain;
	if (!by_pair && !reaches(risk->client, risk->warn, risk->client_said))
		return opinion;
	opinion.confidence = refuse ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
	opinion.reason = by_pair ? REASON_PAIR : REASON_CLIENT;
	opinion.evidence[0] = risk->pair;
	opinion.evidence[1] = risk->client;
	opinion.evidence[2] = by_pair ? risk->pair_said : risk->client_said;
	return opinion;
}

static const char *const risk_attack[] = { "T1071.004", NULL };

const struct detector detector_risk = {
	.name = "risk",
	.help = "Adds up what the other detectors think of a pair and of a client: see warn-score and "
	        "refuse-score.",
	.subject = SUBJECT_PAIR,
	.action = ACTION_REFUSE,
	.hold = HOUR,

	.options = risk_options,
	.config_size = sizeof(struct risk_config),

	.category = "risk",
	.attack = risk_attack,
	.reasons = risk_reasons,
	.evidence = { { "score" }, { "client_score" }, { "detectors", EVIDENCE_DETECTORS } },

	.observe = risk_observe,
};
