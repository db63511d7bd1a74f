/* SPDX-License-Identifier: BSD-3-Clause */
/* long_names - a client that asks for many different long names below one domain.
 *
 * Names that carry data are long, or have many labels. Questions for such names, of the
 * types that tunnels use, are counted over a sliding day, with how many were different
 * and how long they were: long_names.h has the rule.
 */
#include <math.h>

#include "detect/detector.h"
#include "detect/long_names.h"

struct long_names_config {
	struct detector_config common;
	uint64_t window, length, dots, count, distinct, mean_length, entropy;
};

static const struct option long_names_options[] = {
	OPTION_NUMBER(struct long_names_config, window, "window", OPT_TIME, DAY, MINUTE, 30 * DAY,
	              "Time over which names are counted. It slides."),
	OPTION_NUMBER(struct long_names_config, length, "length", OPT_COUNT, 50, 0, 253,
	              "A name of more than this many characters counts."),
	OPTION_NUMBER(struct long_names_config, dots, "dots", OPT_COUNT, 5, 0, 126,
	              "A name with more than this many dots between its labels counts as well."),
	OPTION_NUMBER(struct long_names_config, count, "count", OPT_COUNT, 20, 0, 60000,
	              "More than this many such questions are needed for an opinion."),
	OPTION_NUMBER(struct long_names_config, distinct, "distinct", OPT_COUNT, 10, 0, 60000,
	              "More than this many different names are needed for an opinion."),
	OPTION_NUMBER(struct long_names_config, mean_length, "mean-length", OPT_COUNT, 40, 0, 253,
	              "The names must on average be longer than this many characters."),
	OPTION_NUMBER(struct long_names_config, entropy, "entropy", OPT_COUNT, 0, 0, 100,
	              "Names count only if the characters left of their domain have at least "
	              "this many per cent of the highest entropy possible. 0: all count."),
	OPTION_END
};

/* Entropy of the payload's characters, in per cent of that of as many different ones. */
static unsigned payload_entropy(const struct facts *facts)
{
	const struct name *name = facts->name;
	uint8_t times[256] = { 0 };
	unsigned total = 0;
	double sum = 0; /* of n log2 n */

	for (unsigned i = 0; i < facts->payload_labels && i < name->labels; i++) {
		const uint8_t *label = name->wire + name->label[i];

		for (unsigned j = 1; j <= label[0]; j++)
			times[label[j]]++;
		total += label[0];
	}
	if (total < 2)
		return 0;
	for (unsigned i = 0; i < 256; i++)
		if (times[i] > 1)
			sum += times[i] * log2(times[i]);

	/* H = log2(total) - sum / total, and log2(total) is the highest. */
	return (unsigned)(100 - 100 * sum / (total * log2(total)));
}

static bool long_names_striking(const void *config, const struct name *name)
{
	const struct long_names_config *conf = config;

	return name_text_len(name) > conf->length || name->labels > conf->dots + 1;
}

static bool long_names_relevant(const void *config, const struct facts *facts)
{
	const struct long_names_config *conf = config;

	return long_names_counts_type(facts->obs->qtype) &&
	       long_names_striking(conf, facts->name) &&
	       (!conf->entropy || payload_entropy(facts) >= conf->entropy);
}

static struct opinion long_names_observe(const void *config, void *client, void *pair, void *domain,
                                         const struct facts *facts)
{
	const struct long_names_config *conf = config;
	const struct long_names_bounds bounds = { conf->count, conf->distinct, conf->mean_length };
	struct long_names_sum sum = long_names_count(pair, conf->window, facts);

	(void)client, (void)domain;
	return long_names_judge(&bounds, &sum);
}

static uint8_t long_names_weight(const void *config, const void *pair, const struct pair_ledger *ledger,
                                 double elsewhere)
{
	const struct long_names_config *conf = config;
	struct long_names_sum sum = long_names_sum_up(pair);

	(void)ledger, (void)elsewhere;
	if (sum.count > conf->count)
		return UINT8_MAX;
	return (uint8_t)(sum.count * UINT8_MAX / (conf->count + 1));
}

static const char *const long_names_attack[] = { "T1071.004", "T1048.003", "T1572", NULL };

static const char *const long_names_reasons[] = {
	"asked for many different long names below one domain",
	NULL
};

const struct detector detector_long_names = {
	.name = "long-names",
	.help = "Finds clients that ask for many different long names, or names of many labels, "
	        "below one domain, as tunnels do.",
	.when = ON_QUESTION | ON_ANY_PATH,
	.needs = FACT_NOVEL,
	.subject = SUBJECT_PAIR,
	.action = ACTION_TAG,
	.hold = HOUR,

	.options = long_names_options,
	.config_size = sizeof(struct long_names_config),
	.pair_size = sizeof(struct long_names_state),

	.category = "tunnel",
	.attack = long_names_attack,
	.reasons = long_names_reasons,
	.evidence = { { "queries" }, { "distinct_names" }, { "mean_length" } },

	.signs = SIGN_STRIKING,
	.striking = long_names_striking,
	.relevant = long_names_relevant,
	.observe = long_names_observe,
	.weight = long_names_weight,
};
