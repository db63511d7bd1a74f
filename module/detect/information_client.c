/* SPDX-License-Identifier: BSD-3-Clause */
/* information-client - how much a client has told all rare domains together.
 *
 * Against a tunnel that is spread over many domains, or that puts its payload into the domain's
 * own label, so that each question is for a new one. Domains that several clients ask for do not
 * count: nobody's tunnel. A new domain costs what its name is above an ordinary one.
 *
 * An address that many clients stand behind asks for the rare domains of all of them, and gets
 * their budgets; so does, in a network of a handful of clients, where every domain is rare, one
 * that asks for many: struct crowd. Through each other node that counts the client, such a crowd is taken to
 * ask for as many more: of its domains this node sees a part.
 */
#include "detect/budget.h"

struct information_client_config {
	struct detector_config common;
	uint64_t budget;
};

static const struct option information_client_options[] = {
	OPTION_NUMBER(struct information_client_config, budget, "budget", OPT_SIZE, 1024, 16, 1048576,
	              "Octets of information that a client may tell all rare domains in a day. A "
	              "forwarder gets a multiple of it, by the number of domains it asks for."),
	OPTION_END
};

static struct opinion information_client_observe(const void *config, void *client, void *pair,
                                                 void *domain, const struct facts *facts)
{
	const struct information_client_config *conf = config;
	const struct told_elsewhere *elsewhere = &elsewheres_of(facts)->client;
	const struct client_ledger *ledger = facts->client;
	struct opinion opinion = NO_OPINION;
	double everywhere = budgets_everywhere(facts->crowd.budgets, elsewhere);

	(void)client, (void)pair, (void)domain;
	if (!ledger || !facts->rare || facts->told_whole < TELLING_BITS)
		return opinion;
	opinion.confidence = budget_confidence(ledger->up.day, (double)conf->budget * facts->crowd.budgets);
	judge_together(&opinion, ledger->up.day, elsewhere, (double)conf->budget * everywhere, 1);
	if (!opinion.confidence)
		return opinion;
	opinion.evidence[0] = octets(ledger->up.day);
	opinion.evidence[1] = (uint64_t)(ledger->up.names + 0.5f);
	opinion.evidence[2] = span_minutes(&ledger->span);
	opinion.evidence[3] = mean_length(&ledger->up);
	opinion.evidence[4] = (uint64_t)(ledger->domains + 0.5f);
	opinion.evidence[5] = (uint64_t)(facts->crowd.clients + 0.5);
	elsewhere_evidence(elsewhere, &opinion.evidence[6]);
	return opinion;
}

static const char *const information_client_attack[] = { "T1048.003", "T1071.004", "T1568", NULL };

static const char *const information_client_reasons[] = {
	"told rare domains together more than ordinary questions carry",
	"told rare domains together, through this and other nodes, more than ordinary questions carry",
	NULL
};

const struct detector detector_information_client = {
	.name = "information-client",
	.help = "Bounds how many octets of information a client can send to all rare domains "
	        "together: a tunnel spread over many domains.",
	.when = ON_QUESTION | ON_MISS,
	.needs = FACT_PAIR | FACT_CLIENT,
	.subject = SUBJECT_CLIENT,
	.action = ACTION_REFUSE,
	.hold = HOUR,

	.options = information_client_options,
	.config_size = sizeof(struct information_client_config),

	.category = "exfiltration",
	.attack = information_client_attack,
	.reasons = information_client_reasons,
	.evidence = { { "bytes_up" }, { "distinct_names" }, { "minutes" }, { "mean_length" }, { "ordinary_domains" }, { "crowd" },
	              ELSEWHERE_EVIDENCE },

	.observe = information_client_observe,
};
