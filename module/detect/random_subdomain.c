/* SPDX-License-Identifier: BSD-3-Clause */
/* random_subdomain - a domain below which one new name after the other does not exist.
 *
 * Random names below a victim's domain pass every cache and load its servers ("water torture");
 * and data leaves in names below a domain whose server keeps silent or denies everything. Counted are
 * different names of which the resolver learned from upstream that they are not there, by whichever
 * client, over a sliding window: `distinct-names` asks for five times as many, but of any kind.
 *
 * The default is a new one every six seconds for ten minutes: the weakest flood that a server would
 * feel is ten times that, and ordinary domains stay a tenth below it; names that carry data by
 * design are on the allow list that is shipped. A search list appends a domain to whatever a
 * client looks up, and makes such names: the network's own domain belongs into `allow-domain`.
 */
#include "base/dns.h"
#include "detect/detector.h"
#include "detect/rate.h"

struct random_subdomain_config {
	struct detector_config common;
	uint64_t window, count;
};

static const struct option random_subdomain_options[] = {
	OPTION_NUMBER(struct random_subdomain_config, window, "window", OPT_TIME, 10 * MINUTE, SECOND, DAY,
	              "Time over which names are counted. It slides."),
	OPTION_NUMBER(struct random_subdomain_config, count, "count", OPT_COUNT, 100, 0, 60000,
	              "More than this many different names below one domain that do not exist, in the "
	              "window and of all clients, are reported."),
	OPTION_END
};

static bool random_subdomain_relevant(const void *config, const struct facts *facts)
{
	(void)config;
	return facts->obs->rcode == DNS_RCODE_NXDOMAIN && facts->payload_labels < facts->name->labels &&
	       !name_is_reverse(facts->name);
}

static struct opinion random_subdomain_observe(const void *config, void *client, void *pair, void *domain,
                                               const struct facts *facts)
{
	const struct random_subdomain_config *conf = config;
	uint64_t names = rate_count(domain, conf->window, facts->now, facts->absent);

	(void)client, (void)pair;
	return (struct opinion){
		.confidence = facts->absent && names > conf->count ? CONFIDENCE_MEDIUM : CONFIDENCE_NONE,
		.evidence = { names, facts->clients },
	};
}

static const char *const random_subdomain_attack[] = { "T1048.003", "T1499", NULL };

static const char *const random_subdomain_reasons[] = {
	"one name after the other below this domain does not exist",
	NULL
};

const struct detector detector_random_subdomain = {
	.name = "random-subdomain",
	.help = "Counts the different names below a domain that do not exist, over all clients: random "
	        "ones that load its servers, or data for a server that keeps silent.",
	.when = ON_ANSWER | ON_MISS,
	.needs = FACT_ABSENT,
	.subject = SUBJECT_DOMAIN,
	.action = ACTION_LOG,
	.score = 10,
	.hold = HOUR,

	.options = random_subdomain_options,
	.config_size = sizeof(struct random_subdomain_config),
	.domain_size = sizeof(struct rate),

	.category = "denial-of-service",
	.attack = random_subdomain_attack,
	.reasons = random_subdomain_reasons,
	.evidence = { { "missing_names" }, { "clients" } },

	.signs = SIGN_FAILED,
	.relevant = random_subdomain_relevant,
	.observe = random_subdomain_observe,
};
