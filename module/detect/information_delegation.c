/* SPDX-License-Identifier: BSD-3-Clause */
/* information-delegation - how much a client has told all rare domains behind the same servers.
 *
 * Domains are cheap, servers that answer for them are not: who spreads a tunnel over hundreds
 * of domains has them served by the same few. Those are learned from the answers (engine/servers.c),
 * so what was asked before the first answer is charged with it. A domain's own label counts in
 * full here: one whose every question is a new name below the same cut is caught.
 */
#include "detect/budget.h"

struct information_delegation_config {
	struct detector_config common;
	uint64_t budget;
};

static const struct option information_delegation_options[] = {
	OPTION_NUMBER(struct information_delegation_config, budget, "budget", OPT_SIZE, 1024, 16, 1048576,
	              "Octets of information that a client may tell all rare domains behind the same "
	              "name servers in a day. A forwarder gets a multiple of it."),
	OPTION_END
};

static struct opinion information_delegation_observe(const void *config, void *client, void *pair,
                                                     void *domain, const struct facts *facts)
{
	const struct information_delegation_config *conf = config;
	const struct delegation_ledger *ledger = facts->delegation;
	struct opinion opinion = NO_OPINION;

	(void)client, (void)pair, (void)domain;
	if (!ledger || (facts->question && !facts->answer && facts->told_whole < TELLING_BITS))
		return opinion;
	opinion.confidence = budget_confidence(ledger->up.day, (double)conf->budget * facts->crowd.clients);
	if (!opinion.confidence)
		return opinion;
	opinion.evidence[0] = octets(ledger->up.day);
	opinion.evidence[1] = (uint64_t)(ledger->domains + 0.5f);
	opinion.evidence[2] = (uint64_t)(ledger->up.names + 0.5f);
	opinion.evidence[3] = span_minutes(&ledger->span);
	opinion.evidence[4] = mean_length(&ledger->up);
	opinion.evidence[5] = (uint64_t)(facts->crowd.clients + 0.5);
	return opinion;
}

static const char *const information_delegation_attack[] = { "T1048.003", "T1071.004", "T1568", NULL };

static const char *const information_delegation_reasons[] = {
	"told domains behind the same name servers more than ordinary questions carry",
	NULL
};

const struct detector detector_information_delegation = {
	.name = "information-delegation",
	.help = "Bounds how many octets of information a client can send to all rare domains that "
	        "the same name servers answer for.",
	.when = ON_QUESTION | ON_ANSWER | ON_MISS,
	.needs = FACT_PAIR | FACT_CLIENT | FACT_DELEGATION,
	.subject = SUBJECT_CLIENT,
	.action = ACTION_REFUSE,
	.hold = HOUR,

	.options = information_delegation_options,
	.config_size = sizeof(struct information_delegation_config),

	.category = "exfiltration",
	.attack = information_delegation_attack,
	.reasons = information_delegation_reasons,
	.evidence = { { "bytes_up" }, { "domains" }, { "distinct_names" }, { "minutes" }, { "mean_length" }, { "crowd" } },

	.observe = information_delegation_observe,
};
