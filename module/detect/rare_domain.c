/* SPDX-License-Identifier: BSD-3-Clause */
/* rare_domain - a domain that is new to the network, or that one client of many asks for.
 *
 * What malware talks to was registered for it, and nobody else has a use for it. Nor has anybody for
 * most of the web; so this says little alone, and is a weight for what others say of the same client.
 *
 *     new     no client has got an answer for the domain for 30 days at least
 *     lonely  a client has come back to it a day after its first question, and in these two days it was
 *             the only one: a deviation from what its community does. Off by default, because
 *             an ordinary client of an office has half a dozen of these a day.
 *
 * Either needs a community: in a home of two, a dozen domains are new each day to everybody in it.
 *
 * The memory is the engine's (FILTER_MEMORY): it forgets by time alone, so a busy network remembers as
 * long as a quiet one. In a new one everything is new: nothing is said until it is `learn` old.
 * Only domains that answer are taken in. What does not exist costs nobody anything, and would be
 * the way to fill it; a domain that answers is not free, unless it is a wildcard below a public suffix.
 * When it is full all the same, new domains pass for known and `filter.memory.full` counts.
 */
#include "base/dns.h"
#include "detect/detector.h"

struct rare_domain_config {
	struct detector_config common;
	uint64_t learn, clients, lonely;
};

static const struct option rare_domain_options[] = {
	OPTION_NUMBER(struct rare_domain_config, learn, "learn", OPT_TIME, 7 * DAY, 0, 60 * DAY,
	              "Age of the memory below which no domain is called new: in the first days all are."),
	OPTION_NUMBER(struct rare_domain_config, clients, "clients", OPT_COUNT, 10, 1, 1000000,
	              "In a network of fewer clients than this nothing is rare."),
	OPTION_SWITCH(struct rare_domain_config, lonely, "lonely", 0,
	              "Whether a domain is rare as well that a client comes back to after a day, when "
	              "nobody else has asked for it. Ordinary clients have some."),
	OPTION_END
};

static bool rare_domain_relevant(const void *config, const struct facts *facts)
{
	(void)config;
	return !facts->obs->rcode && facts->obs->qtype != DNS_TYPE_PTR &&
	       facts->payload_labels < facts->name->labels && !name_is_reverse(facts->name);
}

static unsigned rare_domain_recall(const void *config, const struct facts *facts, uint64_t key[RECALL_MAX])
{
	(void)config;
	key[0] = facts->domain_hash;
	return 1;
}

enum rare_domain_reason { REASON_NEW, REASON_LONELY };

static const char *const rare_domain_reasons[] = {
	[REASON_NEW] = "asked for a domain that is new to the network",
	[REASON_LONELY] = "comes back to a domain that no other client asks for",
	NULL
};

/* Whether the client has come back after a day, and nobody else was there. */
static bool is_lonely(const struct rare_domain_config *conf, const struct facts *facts)
{
	uint64_t since = clock_since(facts->now, facts->first_asked);

	return conf->lonely && facts->clients == 1 && since != CLOCK_LONG_AGO && since >= DAY;
}

static struct opinion rare_domain_observe(const void *config, void *client, void *pair, void *domain,
                                          const struct facts *facts)
{
	const struct rare_domain_config *conf = config;
	uint64_t age = clock_since(facts->now, facts->began);
	bool is_new = !(facts->recalled & 1) && age != CLOCK_LONG_AGO && age >= conf->learn;

	(void)client, (void)pair, (void)domain;
	if (facts->network < conf->clients || (!is_new && !is_lonely(conf, facts)))
		return NO_OPINION;
	return (struct opinion){
		.confidence = CONFIDENCE_LOW,
		.reason = is_new ? REASON_NEW : REASON_LONELY,
		.evidence = { facts->domain_hash, facts->queries, facts->network },
	};
}

static const char *const rare_domain_attack[] = { "T1071.004", "T1568", NULL };

const struct detector detector_rare_domain = {
	.name = "rare-domain",
	.help = "Finds domains that are new to the network, and, if wanted, those that one client of many "
	        "asks for. A weight for other opinions: alone it says little.",
	.when = ON_ANSWER | ON_MISS,
	.subject = SUBJECT_CLIENT,
	.action = ACTION_LOG,
	.score = 12,
	.hold = HOUR,

	.options = rare_domain_options,
	.config_size = sizeof(struct rare_domain_config),

	.category = "command-and-control",
	.attack = rare_domain_attack,
	.reasons = rare_domain_reasons,
	.evidence = { { "domain", EVIDENCE_DOMAIN }, { "queries" }, { "network_clients" } },

	.relevant = rare_domain_relevant,
	.recall = rare_domain_recall,
	.observe = rare_domain_observe,
};
