/* SPDX-License-Identifier: BSD-3-Clause */
/* resolver_bypass - clients that are about to ask somebody else.
 *
 * Who uses another resolver is not seen here any more; but to find it, most have to ask for its name
 * first. Four signs:
 *
 *     a name on the list          a public resolver over HTTPS, TLS or QUIC, a proxy or a relay
 *     use-application-dns.net     Firefox, whether it may; refusing it, or any other error, says no
 *     _dns.resolver.arpa SVCB     which encrypted resolver stands for the one that is asked: RFC 9462
 *     silence                     a client that asked steadily, then for one of these names, and then
 *                                 nothing for long
 *
 *     questions  |||||||||| ||||||||| ||||||||||*|                               |
 *     windows    ----20---- ----20--- ----20----  <= SOON ------- quiet ------>  speaks here
 *
 * There are no timers: silence is told when it ends. It is told with low confidence, for somebody who
 * closes a notebook is silent too; and after GONE it is sleep.
 *
 * Steadiness is not worth a look at each question. It is measured in those that the cache does not answer,
 * by a look at every STEP-th of a client. Silence is of all kinds: how long a client was idle is a fact.
 *
 * Invariant: any octets in the state are survived; a clock that steps back starts it anew.
 */
#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/dns.h"
#include "detect/detector.h"

#define STEP           5         /* of 16 to 19 questions it may take some for 20 */
#define STEADY_WINDOWS 3         /* in a row, with enough questions in each */
#define SOON           MINUTE    /* from the name to the last question before the silence */
#define GONE           (12 * HOUR)

struct resolver_bypass_config {
	struct detector_config common;
	struct option_list file;
	uint64_t canary, quiet, window, steady;
};

/* Times in seconds since 1970. */
struct resolver_bypass_client {
	uint32_t window; /* when it began; 0: never */
	uint32_t named;  /* when it last asked, steadily until then, for a way around us; 0: never */
	uint16_t count;  /* of questions in the window that went upstream */
	uint8_t steady;  /* windows in a row before this one that had enough */
	uint8_t unused;
};

static_assert(sizeof(struct resolver_bypass_client) == 12, "no padding: the state is shared");

static const struct option resolver_bypass_options[] = {
	OPTION_PRESET_LIST(struct resolver_bypass_config, file, "file", "warden.d/resolvers.list",
	                   "File of names of resolvers, proxies and relays, each with all names below it: one a line, "
	                   "and whose it is behind it. A relative path begins at the folder of this file. May be "
	                   "repeated. \"\": none."),
	OPTION_SWITCH(struct resolver_bypass_config, canary, "canary", 1,
	              "Whether use-application-dns.net counts, by which Firefox asks if it may use another "
	              "resolver. To say no, answer it: action: refuse does so, and so does local-zone: "
	              "\"use-application-dns.net.\" always_nxdomain in unbound.conf. Apple's relay takes the "
	              "same for mask.icloud.com and mask-h2.icloud.com as a no."),
	OPTION_NUMBER(struct resolver_bypass_config, quiet, "quiet", OPT_TIME, HOUR, 0, 11 * HOUR,
	              "A client that asks nothing for this long after such a name is told of when it comes back, "
	              "unless it takes it 12 hours. 0: silence is not looked for."),
	OPTION_NUMBER(struct resolver_bypass_config, window, "window", OPT_TIME, 10 * MINUTE, MINUTE, HOUR,
	              "Before, it must have asked steadily: in each of three of these windows in a row,"),
	OPTION_NUMBER(struct resolver_bypass_config, steady, "steady", OPT_COUNT, 20, 1, 60000,
	              "at least this many questions that the cache did not answer, counted in steps of 5."),
	OPTION_END
};

enum resolver_bypass_reason { REASON_LISTED, REASON_CANARY, REASON_DISCOVERY, REASON_SILENCE, REASON_NONE };

static const char *const resolver_bypass_reasons[] = {
	[REASON_LISTED] = "asked for the name of another resolver, a proxy or a relay",
	[REASON_CANARY] = "asked whether it may use another resolver",
	[REASON_DISCOVERY] = "asked for an encrypted resolver that stands for this one",
	[REASON_SILENCE] = "asked nothing for long after it had asked for another resolver",
	NULL
};

static bool name_is(const struct name *name, const char *wire, size_t len)
{
	return name->len == len && !memcmp(name->wire, wire, len);
}

/* With the root label, which is the literal's own NUL. */
#define NAME_IS(name, wire) name_is(name, wire, sizeof(wire))

static const struct listing *resolver_of(const struct facts *facts)
{
	for (unsigned i = 0; i < facts->listed_count; i++)
		if (facts->listed[i].detector == DETECTOR_resolver_bypass)
			return &facts->listed[i];
	return NULL;
}

static bool resolver_bypass_striking(const void *config, const struct name *name)
{
	const struct resolver_bypass_config *conf = config;

	return conf->canary && NAME_IS(name, "\x13use-application-dns\3net");
}

/* What the name says, REASON_NONE for nothing. */
static uint8_t sign_of(const struct resolver_bypass_config *conf, const struct facts *facts,
                       const struct listing *resolver)
{
	if (resolver)
		return REASON_LISTED;
	if (resolver_bypass_striking(conf, facts->name))
		return REASON_CANARY;
	if (facts->obs->qtype == DNS_TYPE_SVCB && NAME_IS(facts->name, "\4_dns\10resolver\4arpa"))
		return REASON_DISCOVERY;
	return REASON_NONE;
}

/* Whether the client was silent for so long. */
static bool is_back(const struct resolver_bypass_config *conf, const struct facts *facts)
{
	return conf->quiet && facts->idle >= conf->quiet / SECOND && facts->idle < GONE / SECOND;
}

/* Whether it was silent because it had asked for a way around us. <second> is now. */
static bool was_silent(const struct resolver_bypass_config *conf, const struct resolver_bypass_client *state,
                       const struct facts *facts, uint32_t second)
{
	/* From the name to the last thing that was seen of it. */
	return is_back(conf, facts) && state->named && second - facts->idle - state->named <= SOON / SECOND;
}

static void move_window(const struct resolver_bypass_config *conf, struct resolver_bypass_client *state,
                        uint64_t now)
{
	uint64_t since = clock_since(now, state->window * SECOND);

	if (since >= 2 * conf->window || (since >= conf->window && state->count < conf->steady)) {
		*state = (struct resolver_bypass_client){ .window = (uint32_t)(now / SECOND) };
	} else if (since >= conf->window) {
		state->window += (uint32_t)(conf->window / SECOND);
		state->steady += state->steady < UINT8_MAX;
		state->count = 0;
	}
}

/* Whether it is time to count. */
static bool is_due(const struct resolver_bypass_config *conf, const struct facts *facts)
{
	return conf->quiet && facts->obs->path == WARDEN_PATH_MISS && facts->nth && facts->nth % STEP == 0;
}

static uint32_t resolver_bypass_signs(const void *config)
{
	const struct resolver_bypass_config *conf = config;

	if (conf->quiet && conf->quiet < BACK_AFTER * SECOND)
		return SIGN_ALWAYS;
	return SIGN_LISTED | SIGN_STRIKING | SIGN_BACK | SIGN_MISS | SIGN_ODD;
}

static bool resolver_bypass_relevant(const void *config, const struct facts *facts)
{
	const struct resolver_bypass_config *conf = config;

	return is_due(conf, facts) || is_back(conf, facts) ||
	       sign_of(conf, facts, resolver_of(facts)) != REASON_NONE;
}

static struct opinion resolver_bypass_observe(const void *config, void *client, void *pair, void *domain,
                                              const struct facts *facts)
{
	const struct resolver_bypass_config *conf = config;
	const struct listing *resolver = resolver_of(facts);
	struct resolver_bypass_client *state = client;
	uint8_t sign = sign_of(conf, facts, resolver);
	uint32_t second = (uint32_t)(facts->now / SECOND);
	struct opinion opinion = NO_OPINION;
	bool silent = was_silent(conf, state, facts, second);

	(void)pair, (void)domain;
	if (silent) {
		opinion.evidence[EVIDENCE_TEXT_WORDS] = facts->idle / 60;
		opinion.evidence[EVIDENCE_TEXT_WORDS + 1] = state->steady;
	}
	if (conf->quiet) {
		move_window(conf, state, facts->now);
		if (is_due(conf, facts) && state->count <= UINT16_MAX - STEP)
			state->count += STEP;
		if (sign != REASON_NONE && state->steady >= STEADY_WINDOWS)
			state->named = second;
	}
	if (sign == REASON_NONE && !silent)
		return opinion;
	if (resolver)
		evidence_text(opinion.evidence, resolver->note);
	opinion.reason = sign == REASON_NONE ? REASON_SILENCE : sign;
	opinion.confidence = sign == REASON_LISTED || sign == REASON_CANARY ? CONFIDENCE_HIGH : CONFIDENCE_LOW;
	return opinion;
}

static const char *const resolver_bypass_attack[] = { "T1572", "T1071.004", NULL };

const struct detector detector_resolver_bypass = {
	.name = "resolver-bypass",
	.help = "Finds clients that look for other resolvers, proxies and relays, and those that fall silent "
	        "when they have.",
	.when = ON_QUESTION | ON_ANY_PATH,
	.needs = FACT_LISTED,
	.subject = SUBJECT_PAIR,
	.action = ACTION_LOG,
	.momentary = true, /* the domain of mask.icloud.com is icloud.com */
	.hold = HOUR,
	.score = 5,

	.options = resolver_bypass_options,
	.config_size = sizeof(struct resolver_bypass_config),
	.client_size = sizeof(struct resolver_bypass_client),

	.category = "resolver-bypass",
	.attack = resolver_bypass_attack,
	.reasons = resolver_bypass_reasons,
	.evidence = { { "operator", EVIDENCE_TEXT }, { "quiet_minutes" }, { "steady_windows" } },
	.files = offsetof(struct resolver_bypass_config, file),

	.striking = resolver_bypass_striking,
	.signs_for = resolver_bypass_signs,
	.relevant = resolver_bypass_relevant,
	.observe = resolver_bypass_observe,
};
