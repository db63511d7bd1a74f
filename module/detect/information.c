/* SPDX-License-Identifier: BSD-3-Clause */
/* information - how much a client has told a domain that nobody could know before.
 *
 * The engine charges each question that goes upstream the length of a lossless code for it
 * (engine/charge.c) and keeps the sums (detect/ledger.h). So whatever the encoding, what was told
 * is at most the sum; this detector compares it with a budget, which makes the whole
 * difference between a client that asks and one that tells: the best published inline
 * method stops at 0.7 octets a second and domain, 512 octets a day are 0.006.
 */
#include "detect/budget.h"

/* What a name under a TLD that does not exist may tell when all of these are too many: less than
 * which one of a thousand known names it is, rested.
 */
#define BUCKET_BITS 2.0

struct information_config {
	struct detector_config common;
	uint64_t budget, fast_budget;
};

static const struct option information_options[] = {
	OPTION_NUMBER(struct information_config, budget, "budget", OPT_SIZE, 512, 16, 1048576,
	              "Octets of information that a client may tell a domain in a day. At half of it "
	              "confidence is medium, at all of it high."),
	OPTION_NUMBER(struct information_config, fast_budget, "fast-budget", OPT_SIZE, 384, 16, 1048576,
	              "The same within ten minutes: who is in a hurry is stopped earlier."),
	OPTION_END
};

enum information_reason { REASON_DAY, REASON_FAST, REASON_HERE, REASON_TOGETHER };

/* What local data answers has told nobody: it is worth a line in the log, never more. */
static struct opinion told_here(const struct information_config *conf, const struct pair_ledger *ledger)
{
	struct opinion opinion = NO_OPINION;

	if (ledger->here < (float)conf->budget * 8)
		return opinion;
	opinion.confidence = CONFIDENCE_LOW;
	opinion.reason = REASON_HERE;
	pair_evidence(ledger, opinion.evidence);
	opinion.evidence[0] = octets((double)ledger->here);
	return opinion;
}

static struct opinion information_observe(const void *config, void *client, void *pair, void *domain,
                                          const struct facts *facts)
{
	const struct information_config *conf = config;
	const struct told_elsewhere *elsewhere = &elsewheres_of(facts)->pair;
	const struct pair_ledger *ledger = facts->pair;
	struct opinion opinion = NO_OPINION;
	uint8_t day, fast;

	(void)client, (void)pair, (void)domain;
	if (ledger && facts->told_here > 0)
		return told_here(conf, ledger);
	if (!ledger || !(facts->told > 0))
		return opinion;
	/* Names under TLDs that do not exist are no domain, and not held: what is known may be asked. */
	if (facts->payload_labels == facts->name->labels && facts->told < BUCKET_BITS)
		return opinion;
	day = budget_confidence(ledger->up.day, (double)conf->budget);
	fast = budget_confidence(ledger->up.fast, (double)conf->fast_budget);
	opinion.confidence = day > fast ? day : fast;
	opinion.reason = day < fast ? REASON_FAST : REASON_DAY;
	judge_together(&opinion, ledger->up.day, elsewhere, (double)conf->budget, REASON_TOGETHER);
	if (opinion.confidence) {
		pair_evidence(ledger, opinion.evidence);
		elsewhere_evidence(elsewhere, &opinion.evidence[PAIR_EVIDENCE]);
	}
	return opinion;
}

static uint8_t information_weight(const void *config, const void *pair,
                                  const struct pair_ledger *ledger, double elsewhere)
{
	const struct information_config *conf = config;

	(void)pair;
	return ledger ? budget_weight(ledger->up.day + elsewhere, (double)conf->budget) : 0;
}

static const char *const information_attack[] = {
	"T1048.003", "T1071.004", "T1132.001", "T1572", NULL
};

static const char *const information_reasons[] = {
	[REASON_DAY] = "told one domain more than ordinary questions carry",
	[REASON_FAST] = "told one domain in ten minutes more than ordinary questions carry",
	[REASON_HERE] = "asked local data for names that would tell more than ordinary questions carry",
	[REASON_TOGETHER] = "told one domain through this and other nodes more than ordinary questions carry",
	NULL
};

const struct detector detector_information = {
	.name = "information",
	.help = "Bounds how many octets of information a client can send to a domain in its "
	        "questions, whatever the encoding.",
	.when = ON_QUESTION | ON_MISS | ON_LOCAL,
	.needs = FACT_PAIR,
	.subject = SUBJECT_PAIR,
	.action = ACTION_REFUSE,
	.hold = HOUR,

	.options = information_options,
	.config_size = sizeof(struct information_config),

	.category = "exfiltration",
	.attack = information_attack,
	.reasons = information_reasons,
	.evidence = { LEDGER_EVIDENCE, ELSEWHERE_EVIDENCE },

	.observe = information_observe,
	.weight = information_weight,
};
