/* SPDX-License-Identifier: BSD-3-Clause */
/* download - how much a domain has told a client in its answers.
 *
 * Commands and programs come down in answers to questions that tell nothing: the same name,
 * asked again and again. What is counted is what a pair had not got before, as many octets as
 * each kind of record can carry (detect/content.h). Answers out of the cache carry nothing new.
 *
 * A rare domain gets less: those that many clients ask for have long lists of addresses.
 */
#include <stdio.h>

#include "detect/budget.h"

struct download_config {
	struct detector_config common;
	uint64_t budget, rare_budget;
};

static const struct option download_options[] = {
	OPTION_NUMBER(struct download_config, budget, "budget", OPT_SIZE, 16384, 16, 1073741824,
	              "Octets that the answers of a domain may tell a client in a day. At half of it "
	              "confidence is medium, at all of it high."),
	OPTION_NUMBER(struct download_config, rare_budget, "rare-budget", OPT_SIZE, 4096, 16, 1073741824,
	              "The same for a domain that fewer than three clients ask for."),
	OPTION_END
};

static struct opinion download_observe(const void *config, void *client, void *pair, void *domain,
                                       const struct facts *facts)
{
	const struct download_config *conf = config;
	const struct pair_ledger *ledger = facts->pair;
	struct opinion opinion = NO_OPINION;

	(void)client, (void)pair, (void)domain;
	if (!ledger || !(facts->answered > 0))
		return opinion;
	opinion.confidence = budget_confidence(ledger->down,
	                                       (double)(facts->rare ? conf->rare_budget : conf->budget));
	if (opinion.confidence)
		pair_evidence(ledger, opinion.evidence);
	return opinion;
}

static bool download_check(const void *config, char *error, size_t error_len)
{
	const struct download_config *conf = config;

	if (conf->rare_budget <= conf->budget)
		return true;
	snprintf(error, error_len, "rare-budget is above budget: a rare domain gets less, not more");
	return false;
}

static const char *const download_attack[] = { "T1071.004", "T1105", "T1572", NULL };

static const char *const download_reasons[] = {
	"told one client more in answers than ordinary domains do",
	NULL
};

const struct detector detector_download = {
	.name = "download",
	.help = "Bounds how many octets a domain can send to a client in its answers.",
	.when = ON_ANSWER | ON_MISS,
	.needs = FACT_PAIR | FACT_ANSWERED | FACT_RECORDS,
	.subject = SUBJECT_PAIR,
	.action = ACTION_REFUSE,
	.hold = HOUR,

	.options = download_options,
	.config_size = sizeof(struct download_config),

	.category = "command-and-control",
	.attack = download_attack,
	.reasons = download_reasons,
	.evidence = { LEDGER_EVIDENCE },

	.observe = download_observe,
	.check = download_check,
};
