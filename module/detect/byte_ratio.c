/* SPDX-License-Identifier: BSD-3-Clause */
/* byte_ratio - a pair whose answers are larger for their questions than nearly all others.
 *
 * What comes down for what goes up tells a download from look-ups. How much is much depends on the
 * type: a TXT record is larger than an address. The engine keeps a histogram of response octets over
 * question octets for each class of types (engine/norms.c), and an answer is an outlier when less than
 * a given part of it is as large, and a quarter of it is new to the pair: the same long record
 * every minute brings nothing, and one in two hundred popular domains has one. Far from the norm is
 * a pair half of whose answers are outliers, and not a few of them.
 *
 * Only what came from upstream counts: a cached answer has been brought before.
 */
#include <assert.h>

#include "detect/detector.h"
#include "detect/fading.h"

#define HALF 2 /* one answer in so many */
#define NEW  4 /* one octet in so many */

struct byte_ratio_config {
	struct detector_config common;
	uint64_t window, tail, known, count;
};

struct byte_ratio_pair {
	struct fading answers, outliers;
};

static_assert(sizeof(struct byte_ratio_pair) == 16, "no padding: the state is shared");

static const struct option byte_ratio_options[] = {
	OPTION_NUMBER(struct byte_ratio_config, window, "window", OPT_TIME, HOUR, MINUTE, 30 * DAY,
	              "Time over which answers of a pair are counted."),
	OPTION_NUMBER(struct byte_ratio_config, tail, "per-mille", OPT_COUNT, 5, 1, 50,
	              "An answer that is new to the pair is an outlier when fewer than this many of 1000 "
	              "of its type are as large for their question."),
	OPTION_NUMBER(struct byte_ratio_config, known, "least", OPT_COUNT, 10000, 1000, 100000,
	              "Answers to questions of the type that the network must have shown before anything is an outlier."),
	OPTION_NUMBER(struct byte_ratio_config, count, "count", OPT_COUNT, 20, 1, 60000,
	              "This many outliers of a pair in the window are reported, if they are half of its "
	              "answers or more."),
	OPTION_END
};

static struct opinion byte_ratio_observe(const void *config, void *client, void *pair, void *domain,
                                         const struct facts *facts)
{
	const struct byte_ratio_config *conf = config;
	struct byte_ratio_pair *state = pair;
	bool outlier = facts->bulk_tail >= 0 && facts->bulk_known >= conf->known &&
	               facts->bulk_tail * 1000 < (double)conf->tail &&
	               facts->answered * NEW >= facts->obs->answer_size * 8.0;
	uint64_t answers = fading_count(&state->answers, conf->window, facts->now, 1);
	uint64_t outliers;

	(void)client, (void)domain;
	if (!outlier)
		return NO_OPINION;
	outliers = fading_count(&state->outliers, conf->window, facts->now, 1);
	return (struct opinion){
		.confidence = outliers >= conf->count && outliers * HALF >= answers ? CONFIDENCE_LOW : CONFIDENCE_NONE,
		.evidence = { outliers, answers, facts->obs->answer_size, facts->obs->qname_len,
		              (uint64_t)(facts->bulk_tail * 1e6), facts->bulk_known },
	};
}

static const char *const byte_ratio_attack[] = { "T1071.004", "T1572", NULL };

static const char *const byte_ratio_reasons[] = {
	"got answers that are larger for their questions than nearly all others of their type",
	NULL
};

const struct detector detector_byte_ratio = {
	.name = "byte-ratio",
	.help = "Finds pairs whose answers are larger for their questions than nearly all others of the "
	        "same type in this network.",
	.when = ON_ANSWER | ON_MISS,
	.needs = FACT_NORMS | FACT_ANSWERED | FACT_RECORDS,
	.subject = SUBJECT_PAIR,
	.action = ACTION_LOG,
	.score = 10,
	.hold = HOUR,

	.options = byte_ratio_options,
	.config_size = sizeof(struct byte_ratio_config),
	.pair_size = sizeof(struct byte_ratio_pair),

	.category = "tunnel",
	.attack = byte_ratio_attack,
	.reasons = byte_ratio_reasons,
	.evidence = {
		[0] = { "outliers" }, { "answers" }, { "response_bytes" }, { "name_bytes" },
		{ "as_large_per_million" }, { "known_answers" },
	},

	.observe = byte_ratio_observe,
};
