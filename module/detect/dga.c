/* SPDX-License-Identifier: BSD-3-Clause */
/* dga - a client that tries one domain after the other, most of which do not exist.
 *
 * Malware that makes the names of its servers by the calendar asks for hundreds until one is there.
 * Each domain that is new to a client is a draw: is there such a name or not? Wald's sequential test
 * (1945; Jung, Paxson, Berger, Balakrishnan 2004, for scans of ports) decides between a client
 * of which p0 of the draws fail and one of which p1 do:
 *
 *     walk  upper = ln(beta / alpha)  ------------------------------x   generated
 *              0                      \      /\  /   by ln(p1 / p0) up, or
 *           lower = ln((1 - beta) / (1 - alpha))  --x---             by ln((1 - p1) / (1 - p0)) down
 *
 * With 20 and 80 per cent, alpha 1e-6 and beta 0.99 ten failures in a row are enough, and seventeen
 * draws on average when every fifth succeeds. At the lower bound the test begins anew, so a day of
 * browsing is no wall to climb; and the walk halves in half a day, so that failures far between do
 * not add up in an ordinary client either.
 *
 * A domain is one draw, whatever its types and repetitions. A name that is missing below a domain
 * that is there counts for it: the zone that answered, or an alias, shows that. Names under TLDs that
 * do not exist, in local zones and in reverse zones are none: search lists and typing errors make these.
 */
#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "base/dns.h"
#include "detect/detector.h"
#include "name/model.h"

/* Questions of a pair by which its first answer has come: three types, each twice. Who asks on is
 * not looked at, for most answers are cached and must stay cheap.
 */
#define EARLY 6

static_assert(EARLY <= EARLY_QUERIES, "SIGN_EARLY comes in time");

struct dga_config {
	struct detector_config common;
	uint64_t ordinary, generated, alpha, beta, half_life;
};

struct dga_client {
	uint64_t last;            /* draw: milliseconds since 1970 */
	float walk;
	uint16_t failed, draws;   /* since the test began */
	float bits;               /* of the labels that failed, under the model of ordinary names */
	uint32_t characters;      /* in them */
};

static_assert(sizeof(struct dga_client) == 24, "no padding: the state is shared");

static const struct option dga_options[] = {
	OPTION_NUMBER(struct dga_config, ordinary, "ordinary", OPT_COUNT, 20, 1, 98,
	              "Per cent of new domains that do not exist, for an ordinary client."),
	OPTION_NUMBER(struct dga_config, generated, "generated", OPT_COUNT, 80, 2, 99,
	              "The same for a client that generates them."),
	OPTION_NUMBER(struct dga_config, alpha, "false-alarm", OPT_COUNT, 1000000, 10, 1000000000,
	              "One test of so many may accuse an ordinary client."),
	OPTION_NUMBER(struct dga_config, beta, "detection", OPT_COUNT, 990, 500, 999,
	              "Of 1000 tests of a client that generates names, so many must accuse it."),
	OPTION_NUMBER(struct dga_config, half_life, "half-life", OPT_TIME, 12 * HOUR, MINUTE, 30 * DAY,
	              "Time in which half of what was found out is forgotten."),
	OPTION_END
};

static bool dga_check(const void *config, char *error, size_t error_len)
{
	const struct dga_config *conf = config;

	if (conf->ordinary < conf->generated)
		return true;
	snprintf(error, error_len, "ordinary: %llu is not less than generated: %llu",
	         (unsigned long long)conf->ordinary, (unsigned long long)conf->generated);
	return false;
}

static bool dga_relevant(const void *config, const struct facts *facts)
{
	(void)config;
	return !facts->contacted && facts->queries <= EARLY &&
	       (!facts->obs->rcode || facts->obs->rcode == DNS_RCODE_NXDOMAIN) &&
	       facts->payload_labels < facts->name->labels && !name_is_reverse(facts->name);
}

/* Whether the domain is not there, as far as the answer shows. */
static bool is_missing(const struct facts *facts)
{
	const struct warden_observation *obs = facts->obs;

	return obs->rcode == DNS_RCODE_NXDOMAIN && !obs->answer_count &&
	       !(obs->zone && obs->zone_len >= name_tail_len(facts->name, facts->payload_labels));
}

/* Forgets with time, and all of it when the clock stepped back or the state makes no sense. */
static void move(const struct dga_config *conf, struct dga_client *state, double lower, double upper,
                 uint64_t now)
{
	uint64_t since = clock_since(now, state->last);

	/* As a float, <upper> may be a little more. */
	if (!state->last || since == CLOCK_LONG_AGO || !(state->walk > lower && state->walk < upper + 1))
		*state = (struct dga_client){ 0 };
	else
		state->walk = (float)(state->walk * exp2(-(double)since / (double)conf->half_life));
	if (!(state->bits >= 0 && state->bits < 1e9f))
		state->bits = 0;
	state->last = now;
}

/* Adds the domain's own label to what the failing ones look like. */
static void measure_label(struct dga_client *state, const struct facts *facts)
{
	const uint8_t *label = name_tail(facts->name, facts->payload_labels);

	state->bits += (float)model_label_cost(label) / MODEL_UNIT;
	state->characters += label[0];
}

static struct opinion dga_observe(const void *config, void *client, void *pair, void *domain,
                                  const struct facts *facts)
{
	const struct dga_config *conf = config;
	struct dga_client *state = client;
	double p0 = (double)conf->ordinary / 100, p1 = (double)conf->generated / 100;
	double alpha = 1 / (double)conf->alpha, beta = (double)conf->beta / 1000;
	struct opinion opinion = NO_OPINION;
	double upper, lower, walk;
	bool missing;

	(void)pair, (void)domain;
	if (!facts->contact)
		return opinion;
	upper = log(beta / alpha);
	lower = log((1 - beta) / (1 - alpha));
	missing = is_missing(facts);
	move(conf, state, lower, upper, facts->now);
	walk = state->walk + (missing ? log(p1 / p0) : log((1 - p1) / (1 - p0)));
	if (walk <= lower) {
		*state = (struct dga_client){ .last = facts->now };
		return opinion;
	}
	state->walk = (float)(walk < upper ? walk : upper);
	state->draws += state->draws < UINT16_MAX;
	state->failed += missing && state->failed < UINT16_MAX;
	if (!missing)
		return opinion;
	measure_label(state, facts);
	opinion.evidence[0] = state->failed;
	opinion.evidence[1] = state->draws;
	opinion.evidence[2] = state->characters ? (uint64_t)(state->bits * 10 / (float)state->characters) : 0;
	if (walk >= upper)
		opinion.confidence = CONFIDENCE_HIGH;
	return opinion;
}

static const char *const dga_attack[] = { "T1568.002", NULL };

static const char *const dga_reasons[] = {
	"tried one new domain after the other, most of which do not exist",
	NULL
};

const struct detector detector_dga = {
	.name = "dga",
	.help = "Finds clients that look for their server among generated names: of the domains that "
	        "are new to them most do not exist.",
	.when = ON_ANSWER | ON_MISS | ON_CACHE,
	.needs = FACT_CONTACT,
	.subject = SUBJECT_CLIENT,
	.action = ACTION_TAG,
	.score = 35,
	.hold = HOUR,

	.options = dga_options,
	.config_size = sizeof(struct dga_config),
	.client_size = sizeof(struct dga_client),

	.category = "command-and-control",
	.attack = dga_attack,
	.reasons = dga_reasons,
	/* Ordinary labels have about 47 tenths of a bit a character, random ones more than 50. */
	.evidence = { { "missing_domains" }, { "new_domains" }, { "tenth_bits_per_character" } },

	.signs = SIGN_EARLY,
	.relevant = dga_relevant,
	.observe = dga_observe,
	.check = dga_check,
};
