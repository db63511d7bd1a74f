/* SPDX-License-Identifier: BSD-3-Clause */
/* length_outlier - names of a pair that are longer than nearly all others of their type.
 *
 * What is long depends on the network and the type of the question. The engine keeps a histogram of
 * lengths for each class of types (engine/norms.c); a name is an outlier when less than a given part
 * of it is as long. As the rule is written that is the upper one in a hundred; the default is one in
 * a thousand, because a name in a hundred is long in every network all the time.
 *
 * One long name says nothing. Different ones of a pair are counted, that the client had not asked
 * for before. Nothing is said as long as the norm is made of too few.
 */
#include "detect/detector.h"
#include "detect/fading.h"

struct length_outlier_config {
	struct detector_config common;
	uint64_t window, tail, known, count;
};

static const struct option length_outlier_options[] = {
	OPTION_NUMBER(struct length_outlier_config, window, "window", OPT_TIME, HOUR, MINUTE, 30 * DAY,
	              "Time over which outliers of a pair are counted."),
	OPTION_NUMBER(struct length_outlier_config, tail, "per-mille", OPT_COUNT, 1, 1, 50,
	              "A name is an outlier when fewer than this many of 1000 questions of its type are "
	              "as long."),
	OPTION_NUMBER(struct length_outlier_config, known, "least", OPT_COUNT, 10000, 1000, 100000,
	              "Questions of the type that the network must have shown before anything is an outlier."),
	OPTION_NUMBER(struct length_outlier_config, count, "count", OPT_COUNT, 10, 1, 60000,
	              "This many different outliers of a pair in the window are reported."),
	OPTION_END
};

static struct opinion length_outlier_observe(const void *config, void *client, void *pair, void *domain,
                                             const struct facts *facts)
{
	const struct length_outlier_config *conf = config;
	uint64_t outliers;

	(void)client, (void)domain;
	if (!facts->novel || facts->length_tail < 0 || facts->length_known < conf->known ||
	    facts->length_tail * 1000 >= (double)conf->tail)
		return NO_OPINION;
	outliers = fading_count(pair, conf->window, facts->now, 1);
	return (struct opinion){
		.confidence = outliers >= conf->count ? CONFIDENCE_LOW : CONFIDENCE_NONE,
		.evidence = { outliers, facts->text_len, (uint64_t)(facts->length_tail * 1e6), facts->length_known },
	};
}

static const char *const length_outlier_attack[] = { "T1071.004", "T1048.003", NULL };

static const char *const length_outlier_reasons[] = {
	"asked for names that are longer than nearly all others of their type",
	NULL
};

const struct detector detector_length_outlier = {
	.name = "length-outlier",
	.help = "Finds pairs whose names are longer than nearly all others of the same type in this "
	        "network.",
	.when = ON_QUESTION | ON_MISS,
	.needs = FACT_NOVEL | FACT_NORMS,
	.subject = SUBJECT_PAIR,
	.action = ACTION_LOG,
	.score = 10,
	.hold = HOUR,

	.options = length_outlier_options,
	.config_size = sizeof(struct length_outlier_config),
	.pair_size = sizeof(struct fading),

	.category = "tunnel",
	.attack = length_outlier_attack,
	.reasons = length_outlier_reasons,
	.evidence = { { "outliers" }, { "length" }, { "as_long_per_million" }, { "known_questions" } },

	.observe = length_outlier_observe,
};
