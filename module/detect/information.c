/* SPDX-License-Identifier: BSD-3-Clause */
/* information - how much a client has told a domain that nobody could know before.
 *
 * Every name that is new to the client and goes upstream is charged the length of a lossless
 * code for it: its payload by the model of ordinary names, and 2 bits. Whatever the encoding,
 * what new names tell is at most the sum (Shannon 1948), up to the model's own word for it.
 *
 * A name asked before is not charged. Which of n known names is asked could tell log2(n) bits,
 * but so much is also "told" by every client that keeps asking for ten names of short TTL,
 * in a few hours a budget full: telling the two apart takes more than this first form knows.
 *
 * The sum fades as e^(-t / window), so a steady flow of r weighs as much as a window full
 * of it: r * window. At the budget there is an opinion.
 *
 * Invariant: a sum is exact but for rounding, under 2^-20 / 16 bit a question. When the
 * clock steps back the account is closed and a new one opened.
 */
#include <assert.h>
#include <math.h>

#include "base/clock.h"
#include "detect/detector.h"

#define COST_UNIT   16             /* of facts.cost: 1/16 bit */
#define CHOICE_COST (2 * COST_UNIT) /* says which of the codes follows */

#define BITS_ONE  (UINT64_C(1) << 20) /* a cost of 1/16 bit, in a sum */
#define COUNT_ONE (UINT64_C(1) << 20) /* one name, in a faded count */
#define SUM_MAX   (UINT64_C(1) << 56) /* saturation: 2 GiB */

struct information_config {
	struct detector_config common;
	uint64_t budget, window;
};

struct information_pair {
	uint64_t first, last; /* of the questions charged; <last> 0: none yet */
	uint64_t sum;         /* bits, faded: BITS_ONE is 1/16 bit */
	uint64_t names;       /* different ones, faded: COUNT_ONE is one */
	uint64_t length;      /* sum of their lengths, faded likewise */
};

static_assert(sizeof(struct information_pair) == 40, "pair slots have no room to spare");

static const struct option information_options[] = {
	OPTION_NUMBER(struct information_config, budget, "budget", OPT_SIZE, 512, 16, 1048576,
	              "Octets of information that a client may tell a domain within the window. "
	              "At half of it confidence is medium, at all of it high."),
	OPTION_NUMBER(struct information_config, window, "window", OPT_TIME, DAY, HOUR, 30 * DAY,
	              "Time over which information is summed. It fades: what is this old counts "
	              "for 37 per cent."),
	OPTION_END
};

static uint64_t budget_sum(const struct information_config *conf)
{
	return conf->budget * 8 * COST_UNIT * BITS_ONE;
}

static uint64_t faded(uint64_t value, double factor)
{
	if (value > SUM_MAX)
		value = SUM_MAX;
	return (uint64_t)((double)value * factor + 0.5);
}

/* Brings <state> to <now>. */
static void fade(struct information_pair *state, uint64_t window, uint64_t now)
{
	uint64_t since = clock_since(now, state->last);
	double factor;

	if (!state->last || since == CLOCK_LONG_AGO) {
		*state = (struct information_pair){ .first = now, .last = now };
		return;
	}
	if (since == 0)
		return; /* <last> stays: it may be a moment ahead */
	factor = exp(-(double)since / (double)window);
	state->sum = faded(state->sum, factor);
	state->names = faded(state->names, factor);
	state->length = faded(state->length, factor);
	state->last = now;
	if (since >= 2 * window)
		state->first = now; /* what was before is all but gone */
}

static struct opinion information_observe(const void *config, void *client, void *pair,
                                          void *domain, const struct facts *facts)
{
	const struct information_config *conf = config;
	struct information_pair *state = pair;
	uint64_t budget = budget_sum(conf), names;
	struct opinion opinion = NO_OPINION;

	(void)client, (void)domain;
	if (!facts->novel)
		return opinion;
	fade(state, conf->window, facts->now);
	state->sum += ((uint64_t)facts->cost + CHOICE_COST) * BITS_ONE;
	state->names += COUNT_ONE;
	state->length += facts->text_len * COUNT_ONE;
	if (state->sum < budget / 2)
		return opinion;

	names = (state->names + COUNT_ONE / 2) / COUNT_ONE;
	opinion.confidence = state->sum < budget ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH;
	opinion.evidence[0] = state->sum / (8 * COST_UNIT * BITS_ONE);
	opinion.evidence[1] = names;
	opinion.evidence[2] = (state->last - state->first) / MINUTE;
	opinion.evidence[3] = state->names ? (state->length + state->names / 2) / state->names : 0;
	return opinion;
}

static uint8_t information_weight(const void *config, const void *client, const void *pair)
{
	const struct information_config *conf = config;
	const struct information_pair *state = pair;
	uint64_t budget = budget_sum(conf);

	(void)client;
	return state->sum >= budget ? UINT8_MAX : (uint8_t)(state->sum / (budget / UINT8_MAX + 1));
}

static const char *const information_attack[] = {
	"T1048.003", "T1071.004", "T1132.001", "T1572", NULL
};

static const char *const information_reasons[] = {
	"told one domain more than ordinary questions carry",
	NULL
};

const struct detector detector_information = {
	.name = "information",
	.help = "Bounds how many octets of information a client can send to a domain in its "
	        "questions, whatever the encoding.",
	.when = ON_QUESTION | ON_MISS,
	.needs = FACT_NOVEL | FACT_COST,
	.subject = SUBJECT_PAIR,
	.action = ACTION_REFUSE,
	.hold = HOUR,

	.options = information_options,
	.config_size = sizeof(struct information_config),
	.pair_size = sizeof(struct information_pair),

	.category = "exfiltration",
	.attack = information_attack,
	.reasons = information_reasons,
	.evidence = { "bytes", "distinct_names", "minutes", "mean_length" },

	.observe = information_observe,
	.weight = information_weight,
};
