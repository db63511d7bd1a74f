/* SPDX-License-Identifier: BSD-3-Clause */
/* distinct_names - many different names below one domain.
 *
 * What carries data is new each time. Names are counted when a client asks for them for the
 * first time in a day, in three measures:
 *
 *     domain  names that nobody had asked for, by all clients, in an hour    > domain-count
 *             of a client with so many of its own, the confidence is medium  >= domain-share
 *     pair    names that are new to the client, in 15 minutes                > count
 *             those of them with 24 or more characters of payload            >= dense-count
 *
 * A host name is read and typed by people: it takes fewer of them to see that these are not.
 * What the cache answers is somebody else's name and goes nowhere, so it is not counted.
 *
 * A domain can have a thousand names of a thousand clients, one each. So a client that has asked for few of
 * them is only logged.
 *
 * TLDs that do not exist are no domain: what browsers try and search lists leave behind in a
 * whole network comes to more than the first bound.
 *
 * A bucket of dense names is one octet and takes no more than 255: hence the most that can be
 * asked of dense-count.
 */
#include <assert.h>

#include "detect/detector.h"
#include "detect/rate.h"

struct distinct_names_config {
	struct detector_config common;
	uint64_t window, count, dense_count, dense_length, domain_window, domain_count, domain_share;
};

/* A rate of names, and of the dense ones in the same buckets. */
struct distinct_names_pair {
	struct window window;
	uint16_t names[WINDOW_BUCKETS];
	uint8_t dense[WINDOW_BUCKETS];
	uint8_t unused[2];
};

static_assert(sizeof(struct distinct_names_pair) == 32, "pair slots have no room to spare");

static const struct option distinct_names_options[] = {
	OPTION_NUMBER(struct distinct_names_config, window, "window", OPT_TIME, 15 * MINUTE, SECOND, DAY,
	              "Time over which the names of a client below one domain are counted. It slides."),
	OPTION_NUMBER(struct distinct_names_config, count, "count", OPT_COUNT, 200, 0, 60000,
	              "A client speaks up that asks for more than this many different names below one "
	              "domain in the window."),
	OPTION_NUMBER(struct distinct_names_config, dense_count, "dense-count", OPT_COUNT, 80, 0, 255,
	              "So many of them are enough when they are dense. 0: these are not counted."),
	OPTION_NUMBER(struct distinct_names_config, dense_length, "dense-length", OPT_COUNT, 24, 1, 253,
	              "A name is dense with at least this many characters left of its domain, dots not "
	              "counted."),
	OPTION_NUMBER(struct distinct_names_config, domain_window, "domain-window", OPT_TIME, HOUR, SECOND,
	              DAY, "Time over which the names below a domain are counted. It slides."),
	OPTION_NUMBER(struct distinct_names_config, domain_count, "domain-count", OPT_COUNT, 1000, 0, 60000,
	              "All clients together may ask for this many different names below one domain "
	              "in that time."),
	OPTION_NUMBER(struct distinct_names_config, domain_share, "domain-share", OPT_COUNT, 20, 0, 60000,
	              "Of a domain with more, the confidence in a client is medium from this many different "
	              "names of its own in its window on; before that it is low."),
	OPTION_END
};

/* Characters left of the domain, without the dots behind each label. */
static unsigned payload_length(const struct facts *facts)
{
	const struct name *name = facts->name;
	unsigned labels = facts->payload_labels;
	unsigned end = labels < name->labels ? name->label[labels] : name->len - 1u;

	return end - labels; /* each label begins with its length octet */
}

/* A domain by itself is no name below it. */
static bool distinct_names_relevant(const void *config, const struct facts *facts)
{
	(void)config;
	return facts->payload_labels && facts->name->labels;
}

enum distinct_names_reason { REASON_PAIR, REASON_DENSE, REASON_DOMAIN };

static const char *const distinct_names_reasons[] = {
	[REASON_PAIR] = "asked for very many different names below one domain",
	[REASON_DENSE] = "asked for many different names below one domain that are full of something",
	[REASON_DOMAIN] = "asked for one of very many different names below one domain",
	NULL
};

static struct opinion distinct_names_observe(const void *config, void *client, void *pair, void *domain,
                                             const struct facts *facts)
{
	const struct distinct_names_config *conf = config;
	struct distinct_names_pair *state = pair;
	bool fresh = facts->fresh && facts->payload_labels < facts->name->labels;
	bool is_dense = facts->novel && payload_length(facts) >= conf->dense_length;
	uint32_t expired;
	unsigned at = window_move(&state->window, conf->window, facts->now, &expired);
	uint64_t names = buckets_count16(state->names, at, expired, facts->novel);
	uint64_t dense = buckets_count8(state->dense, at, expired, is_dense);
	uint64_t of_domain = rate_count(domain, conf->domain_window, facts->now, fresh);
	struct opinion opinion = { .evidence = { names, dense, of_domain } };

	(void)client;
	if (names > conf->count) {
		opinion.confidence = CONFIDENCE_HIGH;
		opinion.reason = REASON_PAIR;
	} else if (conf->dense_count && dense >= conf->dense_count) {
		opinion.confidence = CONFIDENCE_HIGH;
		opinion.reason = REASON_DENSE;
	} else if (fresh && of_domain > conf->domain_count) {
		opinion.confidence = names >= conf->domain_share ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
		opinion.reason = REASON_DOMAIN;
	}
	return opinion;
}

static const char *const distinct_names_attack[] = { "T1071.004", "T1048.003", "T1572", NULL };

const struct detector detector_distinct_names = {
	.name = "distinct-names",
	.help = "Finds domains below which a client, or all of them, ask for very many different names.",
	.when = ON_QUESTION | ON_MISS | ON_LOCAL,
	.needs = FACT_NOVEL | FACT_FRESH,
	.subject = SUBJECT_PAIR,
	.action = ACTION_TAG,
	.score = 35,
	.hold = HOUR,

	.options = distinct_names_options,
	.config_size = sizeof(struct distinct_names_config),
	.pair_size = sizeof(struct distinct_names_pair),
	.domain_size = sizeof(struct rate),
	.domain_if_fresh = true, /* but for the grid of its window, which can as well begin at the first name that counts */

	.category = "tunnel",
	.attack = distinct_names_attack,
	.reasons = distinct_names_reasons,
	.evidence = { { "distinct_names" }, { "dense_names" }, { "distinct_names_of_domain" } },

	.relevant = distinct_names_relevant,
	.observe = distinct_names_observe,
};
