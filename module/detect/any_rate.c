/* SPDX-License-Identifier: BSD-3-Clause */
/* any_rate - a client that asks for ANY again and again.
 *
 *     client  questions of type ANY in a sliding hour    > count
 *
 * Resolvers answer ANY with as little as they can (RFC 8482), so little software is left that
 * asks for it: old mail servers, people with dig; and whoever wants a large answer for a small
 * question, to collect what a zone has or to have it sent to somebody else.
 */
#include "base/dns.h"
#include "detect/detector.h"
#include "detect/rate.h"

struct any_rate_config {
	struct detector_config common;
	uint64_t window, count;
};

static const struct option any_rate_options[] = {
	OPTION_NUMBER(struct any_rate_config, window, "window", OPT_TIME, HOUR, SECOND, DAY,
	              "Time over which questions are counted. It slides."),
	OPTION_NUMBER(struct any_rate_config, count, "count", OPT_COUNT, 200, 0, 60000,
	              "More than this many ANY questions of a client in the window are told."),
	OPTION_END
};

static bool any_rate_relevant(const void *config, const struct facts *facts)
{
	(void)config;
	return facts->obs->qtype == DNS_TYPE_ANY;
}

static struct opinion any_rate_observe(const void *config, void *client, void *pair, void *domain,
                                       const struct facts *facts)
{
	const struct any_rate_config *conf = config;
	uint64_t questions = rate_count(client, conf->window, facts->now, 1);

	(void)pair, (void)domain;
	return (struct opinion){
		.confidence = questions > conf->count ? CONFIDENCE_HIGH : CONFIDENCE_NONE,
		.evidence = { questions },
	};
}

/* Reflection amplification; gathering of what there is to know about a network, from its DNS. */
static const char *const any_rate_attack[] = { "T1498.002", "T1590.002", NULL };

static const char *const any_rate_reasons[] = {
	"asked for all records of names again and again",
	NULL
};

const struct detector detector_any_rate = {
	.name = "any-rate",
	.help = "Finds clients that ask many questions of type ANY.",
	.when = ON_QUESTION | ON_ANY_PATH | BUT_ADDRESSES,
	.subject = SUBJECT_CLIENT,
	.action = ACTION_LOG,
	.score = 5,
	.hold = HOUR,

	.options = any_rate_options,
	.config_size = sizeof(struct any_rate_config),
	.client_size = sizeof(struct rate),

	.category = "rate",
	.attack = any_rate_attack,
	.reasons = any_rate_reasons,
	.evidence = { { "client_any_queries" } },

	.relevant = any_rate_relevant,
	.observe = any_rate_observe,
};
