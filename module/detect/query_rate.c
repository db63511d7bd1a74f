/* SPDX-License-Identifier: BSD-3-Clause */
/* query_rate - a client that asks for more than people and programs do.
 *
 *     client  questions in a sliding minute, whatever they are    > count
 *
 * Floods, loops, scans and fast tunnels alike; and resolvers or address translators with many
 * clients behind them, which is why it only tells. It would look at everything, so it does so in
 * steps: see rate.h.
 */
#include "detect/detector.h"
#include "detect/rate.h"

struct query_rate_config {
	struct detector_config common;
	uint64_t window, count;
};

static const struct option query_rate_options[] = {
	OPTION_NUMBER(struct query_rate_config, window, "window", OPT_TIME, MINUTE, SECOND, HOUR,
	              "Time over which questions are counted. It slides."),
	OPTION_NUMBER(struct query_rate_config, count, "count", OPT_COUNT, 1000, 0, 60000,
	              "More than this many questions of a client in the window are told. Counted in steps "
	              "of 13 from 832 on."),
	OPTION_END
};

static uint32_t query_rate_signs(const void *config)
{
	const struct query_rate_config *conf = config;

	return rate_sign(rate_step(conf->count, 1));
}

static bool query_rate_relevant(const void *config, const struct facts *facts)
{
	const struct query_rate_config *conf = config;

	return rate_due(facts->nth, rate_step(conf->count, 1));
}

static struct opinion query_rate_observe(const void *config, void *client, void *pair, void *domain,
                                         const struct facts *facts)
{
	const struct query_rate_config *conf = config;
	uint64_t questions = rate_count(client, conf->window, facts->now, rate_step(conf->count, 1));

	(void)pair, (void)domain;
	return (struct opinion){
		.confidence = questions > conf->count ? CONFIDENCE_HIGH : CONFIDENCE_NONE,
		.evidence = { questions },
	};
}

static const char *const query_rate_attack[] = { "T1071.004", "T1048.003", "T1572", NULL };

static const char *const query_rate_reasons[] = {
	"asked more questions than a client does",
	NULL
};

const struct detector detector_query_rate = {
	.name = "query-rate",
	.help = "Finds clients that ask very many questions in a short time.",
	.when = ON_QUESTION | ON_ANY_PATH,
	.subject = SUBJECT_CLIENT,
	.action = ACTION_LOG,
	.score = 5,
	.hold = HOUR,

	.options = query_rate_options,
	.config_size = sizeof(struct query_rate_config),
	.client_size = sizeof(struct rate),

	.category = "rate",
	.attack = query_rate_attack,
	.reasons = query_rate_reasons,
	.evidence = { { "client_queries" } },

	.signs = SIGN_DUE,
	.signs_for = query_rate_signs,
	.relevant = query_rate_relevant,
	.observe = query_rate_observe,
};
