/* SPDX-License-Identifier: BSD-3-Clause */
/* null_rate - a client that asks for NULL records.
 *
 * Nothing ordinary asks for type NULL (10), nor for type 65399, which tunnels use in
 * its place. Two rates over a sliding minute:
 *
 *     client  questions of type NULL, whatever the domain           > count
 *     pair    different names of type NULL or 65399 of one domain   >= distinct
 *
 * Names of the mail and key infrastructure (_dmarc and so on) are not counted: some
 * software asks for all types there.
 */
#include "base/dns.h"
#include "detect/detector.h"
#include "detect/infrastructure.h"
#include "detect/rate.h"

struct null_rate_config {
	struct detector_config common;
	uint64_t window, count, distinct;
};

static const struct option null_rate_options[] = {
	OPTION_NUMBER(struct null_rate_config, window, "window", OPT_TIME, MINUTE, SECOND, HOUR,
	              "Time over which questions are counted. It slides."),
	OPTION_NUMBER(struct null_rate_config, count, "count", OPT_COUNT, 50, 0, 60000,
	              "More than this many NULL questions of a client in the window are refused."),
	OPTION_NUMBER(struct null_rate_config, distinct, "distinct", OPT_COUNT, 3, 0, 60000,
	              "This many different names of type NULL or 65399 below one domain in the "
	              "window are refused. 0: names are not counted."),
	OPTION_END
};

static bool null_rate_relevant(const void *config, const struct facts *facts)
{
	(void)config;
	return (facts->obs->qtype == DNS_TYPE_NULL || facts->obs->qtype == DNS_TYPE_PRIVATE) &&
	       !is_infrastructure(facts->name);
}

enum null_rate_reason { REASON_RATE, REASON_DISTINCT };

static const char *const null_rate_reasons[] = {
	[REASON_RATE] = "asked for NULL records at a rate that nothing ordinary has",
	[REASON_DISTINCT] = "asked for NULL records of several different names below one domain",
	NULL
};

static struct opinion null_rate_observe(const void *config, void *client, void *pair, void *domain,
                                        const struct facts *facts)
{
	const struct null_rate_config *conf = config;
	struct rate *client_rate = client, *pair_rate = pair;
	struct opinion opinion = NO_OPINION;
	uint64_t questions, names;

	(void)domain;
	questions = rate_count(client_rate, conf->window, facts->now,
	                       facts->obs->qtype == DNS_TYPE_NULL);
	names = rate_count(pair_rate, conf->window, facts->now, facts->novel);

	opinion.evidence[0] = questions;
	opinion.evidence[1] = names;
	if (conf->distinct && names >= conf->distinct) {
		opinion.confidence = CONFIDENCE_HIGH;
		opinion.reason = REASON_DISTINCT;
	} else if (facts->obs->qtype == DNS_TYPE_NULL && questions > conf->count) {
		opinion.confidence = CONFIDENCE_HIGH;
		opinion.reason = REASON_RATE;
	}
	return opinion;
}

static const char *const null_rate_attack[] = { "T1071.004", "T1048.003", "T1572", NULL };

const struct detector detector_null_rate = {
	.name = "null-rate",
	.help = "Finds clients that ask for NULL records, which only tunnels have a use for.",
	.when = ON_QUESTION | ON_ANY_PATH | BUT_ADDRESSES,
	.needs = FACT_NOVEL,
	.subject = SUBJECT_PAIR,
	.action = ACTION_REFUSE,
	.hold = HOUR,

	.options = null_rate_options,
	.config_size = sizeof(struct null_rate_config),
	.client_size = sizeof(struct rate),
	.pair_size = sizeof(struct rate),

	.category = "tunnel",
	.attack = null_rate_attack,
	.reasons = null_rate_reasons,
	.evidence = { { "client_null_queries" }, { "distinct_names" } },

	.relevant = null_rate_relevant,
	.observe = null_rate_observe,
};
