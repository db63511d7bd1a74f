/* SPDX-License-Identifier: BSD-3-Clause */
/* txt_rate - a client that asks for TXT records as fast as nothing ordinary does.
 *
 * TXT carries the most of all types that every resolver passes on, so tunnels and scripts like
 * it. Two rates over a sliding minute:
 *
 *     client  questions of type TXT, whatever the domain     > count
 *     pair    different names of type TXT of one domain      >= distinct
 *
 * Mail servers ask for TXT too: for one name of a domain (SPF), or for names of the mail and key
 * infrastructure, which are not counted. So the first bound finds the busy ones among them, as
 * its rule does; it is no more than a hint. The second does not.
 */
#include "base/dns.h"
#include "detect/detector.h"
#include "detect/infrastructure.h"
#include "detect/rate.h"

struct txt_rate_config {
	struct detector_config common;
	uint64_t window, count, distinct;
};

static const struct option txt_rate_options[] = {
	OPTION_NUMBER(struct txt_rate_config, window, "window", OPT_TIME, MINUTE, SECOND, HOUR,
	              "Time over which questions are counted. It slides."),
	OPTION_NUMBER(struct txt_rate_config, count, "count", OPT_COUNT, 50, 0, 60000,
	              "More than this many TXT questions of a client in the window are told."),
	OPTION_NUMBER(struct txt_rate_config, distinct, "distinct", OPT_COUNT, 10, 0, 60000,
	              "This many different names of type TXT below one domain in the window are told. "
	              "0: names are not counted."),
	OPTION_END
};

static bool txt_rate_relevant(const void *config, const struct facts *facts)
{
	(void)config;
	return facts->obs->qtype == DNS_TYPE_TXT && !is_infrastructure(facts->name);
}

enum txt_rate_reason { REASON_RATE, REASON_DISTINCT };

static const char *const txt_rate_reasons[] = {
	[REASON_RATE] = "asked for TXT records at a high rate",
	[REASON_DISTINCT] = "asked for TXT records of many different names below one domain",
	NULL
};

static struct opinion txt_rate_observe(const void *config, void *client, void *pair, void *domain,
                                       const struct facts *facts)
{
	const struct txt_rate_config *conf = config;
	struct opinion opinion = NO_OPINION;
	uint64_t questions, names;

	(void)domain;
	questions = rate_count(client, conf->window, facts->now, 1);
	names = rate_count(pair, conf->window, facts->now, facts->novel);

	opinion.evidence[0] = questions;
	opinion.evidence[1] = names;
	if (conf->distinct && names >= conf->distinct) {
		opinion.confidence = CONFIDENCE_HIGH;
		opinion.reason = REASON_DISTINCT;
	} else if (questions > conf->count) {
		opinion.confidence = CONFIDENCE_MEDIUM;
		opinion.reason = REASON_RATE;
	}
	return opinion;
}

static const char *const txt_rate_attack[] = { "T1071.004", "T1048.003", "T1572", NULL };

const struct detector detector_txt_rate = {
	.name = "txt-rate",
	.help = "Finds clients that ask for many TXT records in a short time.",
	.when = ON_QUESTION | ON_ANY_PATH | BUT_ADDRESSES,
	.needs = FACT_NOVEL,
	.subject = SUBJECT_PAIR,
	.action = ACTION_LOG,
	.score = 15,
	.hold = HOUR,

	.options = txt_rate_options,
	.config_size = sizeof(struct txt_rate_config),
	.client_size = sizeof(struct rate),
	.pair_size = sizeof(struct rate),

	.category = "tunnel",
	.attack = txt_rate_attack,
	.reasons = txt_rate_reasons,
	.evidence = { { "client_txt_queries" }, { "distinct_names" } },

	.relevant = txt_rate_relevant,
	.observe = txt_rate_observe,
};
