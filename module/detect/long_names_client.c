/* SPDX-License-Identifier: BSD-3-Clause */
/* long_names_client - a client that asks for many different long names, whatever their domains.
 *
 * The rule of long_names.h over all domains of a client together: it also finds what is spread
 * over many of them, and for the same reason what ordinary long names come to in a day. So it
 * counts as many labels what long_names.c counts one more of, as its rule is written, and only
 * tells of it.
 */
#include "detect/detector.h"
#include "detect/long_names.h"

struct long_names_client_config {
	struct detector_config common;
	uint64_t window, length, labels, count, distinct, mean_length;
};

static const struct option long_names_client_options[] = {
	OPTION_NUMBER(struct long_names_client_config, window, "window", OPT_TIME, DAY, MINUTE, 30 * DAY,
	              "Time over which names are counted. It slides."),
	OPTION_NUMBER(struct long_names_client_config, length, "length", OPT_COUNT, 50, 0, 253,
	              "A name of more than this many characters counts."),
	OPTION_NUMBER(struct long_names_client_config, labels, "labels", OPT_COUNT, 5, 0, 127,
	              "A name of more than this many labels counts as well."),
	OPTION_NUMBER(struct long_names_client_config, count, "count", OPT_COUNT, 20, 0, 60000,
	              "More than this many such questions are needed for an opinion."),
	OPTION_NUMBER(struct long_names_client_config, distinct, "distinct", OPT_COUNT, 10, 0, 60000,
	              "More than this many different names are needed for an opinion."),
	OPTION_NUMBER(struct long_names_client_config, mean_length, "mean-length", OPT_COUNT, 40, 0, 253,
	              "The names must on average be longer than this many characters."),
	OPTION_END
};

static bool long_names_client_striking(const void *config, const struct name *name)
{
	const struct long_names_client_config *conf = config;

	return name_text_len(name) > conf->length || name->labels > conf->labels;
}

static bool long_names_client_relevant(const void *config, const struct facts *facts)
{
	return long_names_counts_type(facts->obs->qtype) && long_names_client_striking(config, facts->name);
}

static struct opinion long_names_client_observe(const void *config, void *client, void *pair,
                                                void *domain, const struct facts *facts)
{
	const struct long_names_client_config *conf = config;
	const struct long_names_bounds bounds = { conf->count, conf->distinct, conf->mean_length };
	struct long_names_sum sum = long_names_count(client, conf->window, facts);

	(void)pair, (void)domain;
	return long_names_judge(&bounds, &sum);
}

static const char *const long_names_client_attack[] = { "T1071.004", "T1048.003", "T1572", NULL };

static const char *const long_names_client_reasons[] = {
	"asked for many different long names",
	NULL
};

const struct detector detector_long_names_client = {
	.name = "long-names-client",
	.help = "Finds clients that ask for many different long names, or names of many labels, "
	        "whatever their domains.",
	.when = ON_QUESTION | ON_ANY_PATH,
	.needs = FACT_NOVEL,
	.subject = SUBJECT_CLIENT,
	.action = ACTION_LOG,
	.score = 5,
	.hold = HOUR,

	.options = long_names_client_options,
	.config_size = sizeof(struct long_names_client_config),
	.client_size = sizeof(struct long_names_state),

	.category = "tunnel",
	.attack = long_names_client_attack,
	.reasons = long_names_client_reasons,
	.evidence = { { "queries" }, { "distinct_names" }, { "mean_length" } },

	.signs = SIGN_STRIKING,
	.striking = long_names_client_striking,
	.relevant = long_names_client_relevant,
	.observe = long_names_client_observe,
};
