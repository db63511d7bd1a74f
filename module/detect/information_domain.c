/* SPDX-License-Identifier: BSD-3-Clause */
/* information-domain - how much all clients together have told a domain.
 *
 * Against a tunnel that many clients share, each below its own budget, and, over seven days,
 * against one that drips below every daily budget. Only names that are new to all clients are
 * in the sum, so what many of them ask for counts once.
 *
 * A domain that very many clients ask for is popular, not a tunnel: the budget grows with their
 * number, and beyond what can be counted there is no opinion; each client's own budget holds. Through each other
 * node that counts it, as many clients are taken to ask for it as here: so what is popular through all
 * nodes together is judged by what was told here alone.
 */
#include "detect/budget.h"

struct information_domain_config {
	struct detector_config common;
	uint64_t budget, week_budget;
};

static const struct option information_domain_options[] = {
	OPTION_NUMBER(struct information_domain_config, budget, "budget", OPT_SIZE, 4096, 16, 16777216,
	              "Octets of information that all clients together may tell a domain in a day; "
	              "more when over 16 of them ask for it."),
	OPTION_NUMBER(struct information_domain_config, week_budget, "week-budget", OPT_SIZE, 512, 16,
	              16777216,
	              "Octets that a domain which fewer than three clients ask for may be told in a "
	              "week; above it there is a tag."),
	OPTION_END
};

static struct opinion information_domain_observe(const void *config, void *client, void *pair,
                                                 void *domain, const struct facts *facts)
{
	const struct information_domain_config *conf = config;
	const struct told_elsewhere *elsewhere = &elsewheres_of(facts)->domain;
	const struct domain_ledger *ledger = facts->domain;
	unsigned everywhere = clients_everywhere(facts->clients, elsewhere);
	struct opinion opinion = NO_OPINION;

	(void)client, (void)pair, (void)domain;
	if (!ledger || facts->told < TELLING_BITS || facts->clients >= CLIENTS_COUNTED)
		return opinion;
	opinion.confidence = budget_confidence(ledger->up.day, budget_of_clients(conf->budget, facts->clients));
	if (everywhere < CLIENTS_COUNTED)
		judge_together(&opinion, ledger->up.day, elsewhere, budget_of_clients(conf->budget, everywhere), 2);
	if (!opinion.confidence && facts->rare && ledger->week >= (double)conf->week_budget * 8) {
		opinion.confidence = CONFIDENCE_MEDIUM;
		opinion.reason = 1;
	}
	if (!opinion.confidence)
		return opinion;
	opinion.evidence[0] = octets(ledger->up.day);
	opinion.evidence[1] = octets(ledger->week);
	opinion.evidence[2] = (uint64_t)(ledger->up.names + 0.5f);
	opinion.evidence[3] = span_minutes(&ledger->span);
	opinion.evidence[4] = mean_length(&ledger->up);
	opinion.evidence[5] = facts->clients;
	elsewhere_evidence(elsewhere, &opinion.evidence[6]);
	return opinion;
}

static const char *const information_domain_attack[] = { "T1048.003", "T1071.004", "T1572", NULL };

static const char *const information_domain_reasons[] = {
	"told by all clients together more than ordinary questions carry",
	"told by one or two clients in a week more than ordinary questions carry",
	"told by all clients together, through this and other nodes, more than ordinary questions carry",
	NULL
};

const struct detector detector_information_domain = {
	.name = "information-domain",
	.help = "Bounds how many octets of information all clients together can send to a domain, "
	        "and what one or two of them can in a week.",
	.when = ON_QUESTION | ON_MISS,
	.needs = FACT_PAIR | FACT_DOMAIN,
	.subject = SUBJECT_DOMAIN,
	.action = ACTION_REFUSE,
	.hold = HOUR,

	.options = information_domain_options,
	.config_size = sizeof(struct information_domain_config),

	.category = "exfiltration",
	.attack = information_domain_attack,
	.reasons = information_domain_reasons,
	.evidence = { { "bytes_up" }, { "bytes_week" }, { "distinct_names" }, { "minutes" }, { "mean_length" }, { "clients" },
	              ELSEWHERE_EVIDENCE },

	.observe = information_domain_observe,
};
