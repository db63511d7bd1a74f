/* SPDX-License-Identifier: BSD-3-Clause */
/* failures - a client whose questions fail all the time.
 *
 * Malware that looks for a server that is gone, or for one of thousands of names that a generator
 * made, and software that is set up wrong, get more errors than anybody else. Answers that are not
 * NOERROR are counted over a sliding hour, each kind for itself:
 *
 *     NXDOMAIN  the name is not there         REFUSED  nobody may know
 *     SERVFAIL  nobody could be asked         other    FORMERR, NOTIMP and what else there is
 *     NODATA    NOERROR without an answer: only with the option, as ordinary clients ask for
 *               AAAA and HTTPS all day where there are none
 *
 * Not counted: reverse zones, names of one label, and what is answered here. Which domains
 * failed most is kept in the four counters of a space-saving list (Metwally, Agrawal, Abbadi 2005):
 * a domain with more than a quarter of the failures is always in it. They fade as the window moves.
 *
 * How many answers of any kind there were is not counted here, for most of them are cached and must
 * stay cheap. The engine knows how many the client ever got, and <mark> is what that was when the
 * window began; when it moves on, what it leaves behind is taken for a bucket's share.
 */
#include <assert.h>

#include "base/dns.h"
#include "detect/detector.h"
#include "detect/window.h"

#define TOP  4 /* counters */
#define TOLD 3 /* of them in evidence: the last one is the least certain */

enum failure { FAILED_NXDOMAIN, FAILED_SERVFAIL, FAILED_REFUSED, FAILED_OTHER, FAILED_NODATA, FAILED_COUNT };

struct failures_config {
	struct detector_config common;
	uint64_t window, count, ratio, nodata;
};

struct failures_client {
	struct window window;
	uint32_t mark; /* answers of the client before the window's first; the lower half */
	uint16_t count[WINDOW_BUCKETS][FAILED_COUNT];
	uint8_t often[TOP];
	uint64_t domain[TOP];
};

static_assert(sizeof(struct failures_client) == 112, "client slots have no room to spare");

static const struct option failures_options[] = {
	OPTION_NUMBER(struct failures_config, window, "window", OPT_TIME, HOUR, MINUTE, 30 * DAY,
	              "Time over which failures are counted. It slides."),
	OPTION_NUMBER(struct failures_config, count, "count", OPT_COUNT, 50, 0, 60000,
	              "More than this many failures of a client in the window are reported."),
	OPTION_NUMBER(struct failures_config, ratio, "ratio", OPT_COUNT, 0, 0, 100,
	              "And only if at least this many per cent of the client's answers failed. 0: any "
	              "share."),
	OPTION_SWITCH(struct failures_config, nodata, "nodata", 0,
	              "Whether NOERROR without an answer is a failure. Ordinary clients get many of them."),
	OPTION_END
};

static bool failures_relevant(const void *config, const struct facts *facts)
{
	const struct failures_config *conf = config;
	const struct warden_observation *obs = facts->obs;

	if (!obs->rcode && (!conf->nodata || obs->answer_count))
		return false;
	return facts->name->labels > 1 && !name_is_reverse(facts->name);
}

static enum failure failure_of(uint8_t rcode)
{
	switch (rcode) {
	case DNS_RCODE_NOERROR:
		return FAILED_NODATA;
	case DNS_RCODE_NXDOMAIN:
		return FAILED_NXDOMAIN;
	case DNS_RCODE_SERVFAIL:
		return FAILED_SERVFAIL;
	case DNS_RCODE_REFUSED:
		return FAILED_REFUSED;
	default:
		return FAILED_OTHER;
	}
}

/* Moves <state> to now and returns the bucket to count in. */
static uint16_t *move(struct failures_client *state, uint64_t window, const struct facts *facts)
{
	const struct window before = state->window;
	uint32_t expired, answers = (uint32_t)facts->answers;
	unsigned at = window_move(&state->window, window, facts->now, &expired);

	if (window_origin(&before) != window_origin(&state->window))
		*state = (struct failures_client){ .window = state->window, .mark = answers - 1 };
	for (unsigned i = 0; i < WINDOW_BUCKETS; i++)
		for (unsigned kind = 0; kind < FAILED_COUNT && expired >> i & 1; kind++)
			state->count[i][kind] = 0;
	for (uint32_t step = before.current; step < state->window.current; step++) {
		for (unsigned i = 0; i < TOP; i++)
			state->often[i] = (uint8_t)(state->often[i] * (WINDOW_BUCKETS - 1u) / WINDOW_BUCKETS);
		if (step + 1 >= WINDOW_BUCKETS)
			state->mark += (answers - state->mark) / WINDOW_BUCKETS;
	}
	return state->count[at];
}

/* Counts a failure below <domain>: in its own counter, or in the one that has least. */
static void count_domain(struct failures_client *state, uint64_t domain)
{
	unsigned at = 0;

	for (unsigned i = 1; i < TOP && state->domain[at] != domain; i++)
		if (state->domain[i] == domain || state->often[i] < state->often[at])
			at = i;
	if (state->often[at] == UINT8_MAX)
		for (unsigned i = 0; i < TOP; i++)
			state->often[i] /= 2;
	state->domain[at] = domain;
	state->often[at]++;
}

/* The domains that failed most, the first one most often. */
static void tell_domains(struct failures_client state, uint64_t *evidence)
{
	for (unsigned n = 0; n < TOLD; n++) {
		unsigned most = 0;

		for (unsigned i = 1; i < TOP; i++)
			if (state.often[i] > state.often[most])
				most = i;
		evidence[n] = state.often[most] ? state.domain[most] : 0;
		state.often[most] = 0;
	}
}

enum failures_evidence { EVIDENCE_FAILURES, EVIDENCE_KINDS, EVIDENCE_PERCENT = EVIDENCE_KINDS + FAILED_COUNT, EVIDENCE_TOP };

static struct opinion failures_observe(const void *config, void *client, void *pair, void *domain,
                                       const struct facts *facts)
{
	const struct failures_config *conf = config;
	struct failures_client *state = client;
	struct opinion opinion = NO_OPINION;
	uint64_t *evidence = opinion.evidence, answers;
	uint16_t *count = move(state, conf->window, facts);
	enum failure failed = failure_of(facts->obs->rcode);

	(void)pair, (void)domain;
	count[failed] = count[failed] < UINT16_MAX ? (uint16_t)(count[failed] + 1) : UINT16_MAX;
	count_domain(state, facts->domain_hash);

	for (unsigned kind = 0; kind < FAILED_COUNT; kind++) {
		for (unsigned i = 0; i < WINDOW_BUCKETS; i++)
			evidence[EVIDENCE_KINDS + kind] += state->count[i][kind];
		evidence[EVIDENCE_FAILURES] += evidence[EVIDENCE_KINDS + kind];
	}
	answers = (uint32_t)facts->answers - state->mark;
	if (answers < evidence[EVIDENCE_FAILURES])
		answers = evidence[EVIDENCE_FAILURES];
	evidence[EVIDENCE_PERCENT] = evidence[EVIDENCE_FAILURES] * 100 / answers;
	tell_domains(*state, evidence + EVIDENCE_TOP);
	if (evidence[EVIDENCE_FAILURES] > conf->count && evidence[EVIDENCE_PERCENT] >= conf->ratio)
		opinion.confidence = CONFIDENCE_MEDIUM;
	return opinion;
}

static const char *const failures_attack[] = { "T1071.004", "T1568", NULL };

static const char *const failures_reasons[] = {
	"got more failures in answer than ordinary software does",
	NULL
};

const struct detector detector_failures = {
	.name = "failures",
	.help = "Counts a client's answers that are not NOERROR, by kind, and tells which domains "
	        "failed most.",
	.when = ON_ANSWER | ON_MISS | ON_CACHE,
	.subject = SUBJECT_CLIENT,
	.action = ACTION_LOG,
	.score = 10,
	.hold = HOUR,

	.options = failures_options,
	.config_size = sizeof(struct failures_config),
	.client_size = sizeof(struct failures_client),

	.category = "behaviour",
	.attack = failures_attack,
	.reasons = failures_reasons,
	.evidence = {
		[0] = { "failures" }, { "nxdomain" }, { "servfail" }, { "refused" }, { "other" },
		{ "nodata" }, { "failed_percent" },
		{ "domain_1", EVIDENCE_DOMAIN }, { "domain_2", EVIDENCE_DOMAIN }, { "domain_3", EVIDENCE_DOMAIN },
	},

	.signs = SIGN_FAILED,
	.relevant = failures_relevant,
	.observe = failures_observe,
};
