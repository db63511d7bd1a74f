/* SPDX-License-Identifier: BSD-3-Clause */
/* bytes_rate - a client whose questions are more than people and programs need.
 *
 *     client  octets of the names in a sliding minute    > octets
 *
 * What leaves by names takes names: a fast tunnel with long ones is here before it is at the
 * bound of query_rate. Counted in steps as there (rate.h): the name that is looked at stands for
 * those since the last one, so the sum is an estimate, good to a few per cent at the default.
 */
#include <assert.h>

#include "detect/detector.h"
#include "detect/rate.h"

#define NAME_MOST 253 /* octets of the longest name */

struct bytes_rate_config {
	struct detector_config common;
	uint64_t window, octets;
};

/* Like struct rate, for more than sixteen bits. */
struct bytes_rate_client {
	struct window window;
	uint32_t unused;
	uint32_t octets[WINDOW_BUCKETS];
};

static_assert(sizeof(struct bytes_rate_client) == 40, "client slots have no room to spare");

static const struct option bytes_rate_options[] = {
	OPTION_NUMBER(struct bytes_rate_config, window, "window", OPT_TIME, MINUTE, SECOND, HOUR,
	              "Time over which octets are counted. It slides."),
	OPTION_NUMBER(struct bytes_rate_config, octets, "octets", OPT_COUNT, 300000, 0, 1000000000,
	              "More than this many octets of names that a client asks for in the window are told. "
	              "An estimate from 210496 on: a name in 13 is looked at."),
	OPTION_END
};

static unsigned step_of(const struct bytes_rate_config *conf)
{
	return rate_step(conf->octets, NAME_MOST);
}

static uint32_t bytes_rate_signs(const void *config)
{
	return rate_sign(step_of(config));
}

static bool bytes_rate_relevant(const void *config, const struct facts *facts)
{
	return rate_due(facts->nth, step_of(config));
}

static struct opinion bytes_rate_observe(const void *config, void *client, void *pair, void *domain,
                                         const struct facts *facts)
{
	const struct bytes_rate_config *conf = config;
	struct bytes_rate_client *state = client;
	uint32_t expired, more = (uint32_t)facts->text_len * step_of(conf);
	unsigned at = window_move(&state->window, conf->window, facts->now, &expired);
	uint64_t octets = buckets_count32(state->octets, at, expired, more);

	(void)pair, (void)domain;
	return (struct opinion){
		.confidence = octets > conf->octets ? CONFIDENCE_HIGH : CONFIDENCE_NONE,
		.evidence = { octets },
	};
}

static const char *const bytes_rate_attack[] = { "T1071.004", "T1048.003", "T1572", NULL };

static const char *const bytes_rate_reasons[] = {
	"asked for names of more octets than a client does",
	NULL
};

const struct detector detector_bytes_rate = {
	.name = "bytes-rate",
	.help = "Finds clients whose questions together are very long in a short time.",
	.when = ON_QUESTION | ON_ANY_PATH,
	.subject = SUBJECT_CLIENT,
	.action = ACTION_LOG,
	.score = 10,
	.hold = HOUR,

	.options = bytes_rate_options,
	.config_size = sizeof(struct bytes_rate_config),
	.client_size = sizeof(struct bytes_rate_client),

	.category = "rate",
	.attack = bytes_rate_attack,
	.reasons = bytes_rate_reasons,
	.evidence = { { "client_name_octets" } },

	.signs = SIGN_DUE,
	.signs_for = bytes_rate_signs,
	.relevant = bytes_rate_relevant,
	.observe = bytes_rate_observe,
};
