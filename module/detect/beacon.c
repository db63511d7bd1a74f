/* SPDX-License-Identifier: BSD-3-Clause */
/* beacon - a program that calls home by a timer, or somebody who types.
 *
 * A contact is the first question of a client to a domain after a second of quiet, however it is
 * answered: what a look-up asks besides follows within that second. How regular the gaps between
 * contacts are is a number (detect/gaps.h). Suspected are
 *
 *     heard    8 contacts by a timer, each of the last 8 for a new name or an answer that no cache
 *              keeps: somebody takes care that all of them are heard
 *     steady   12 by a timer in an hour or more, whatever the names
 *     hand     12 that are heard, by no timer but within a minute: a terminal that somebody types
 *              at has that pace, and an implant that sleeps for very different times
 *
 * and only while the domain is rare and new to the client. A quarter of all ordinary pairs are as
 * regular, as updates, clocks and mail are; but others ask for those domains too, and have done
 * for long. Which domain is new, Warden can tell when it has watched for long itself: of those that
 * it met before, what is merely steady is said with low confidence.
 *
 *     question  |||      |   ||      |||           |
 *     contact   ^        ^   ^       ^             ^
 *     gap       |--------|---|-------|-------------|   what is kept
 *
 * What others ask for as well is not even noted, so most questions cost nothing; of the rest most come
 * within a second of the one before, and cost a comparison.
 */
#include <stdio.h>

#include "detect/detector.h"
#include "detect/gaps.h"

#define HEARD_CONTACTS 8 /* bits of beacon_pair.heard, all of which must be set */

struct beacon_config {
	struct detector_config common;
	uint64_t quiet, heard_contacts, heard_regularity, contacts, regularity, span, pace, young;
};

static const struct option beacon_options[] = {
	OPTION_NUMBER(struct beacon_config, quiet, "quiet", OPT_TIME, SECOND, GAP_LEAST, HOUR,
	              "A question is a contact when the client has not asked for the domain for so long."),
	OPTION_NUMBER(struct beacon_config, heard_contacts, "heard-contacts", OPT_COUNT, 8, HEARD_CONTACTS,
	              GAPS_KEPT + 1,
	              "Contacts before an opinion is formed where each of the last 8 was for a new name, or "
	              "got an answer with a TTL of at most 1."),
	OPTION_NUMBER(struct beacon_config, heard_regularity, "heard-regularity", OPT_COUNT, 850, 0, 1000,
	              "Regularity, in thousandths, from which on these are a beacon. Gaps that are all the "
	              "same have 1000, random ones about 500."),
	OPTION_NUMBER(struct beacon_config, contacts, "contacts", OPT_COUNT, 12, 4, GAPS_KEPT + 1,
	              "Contacts before an opinion is formed whatever the names."),
	OPTION_NUMBER(struct beacon_config, regularity, "regularity", OPT_COUNT, 800, 0, 1000,
	              "Regularity, in thousandths, from which on these are a beacon."),
	OPTION_NUMBER(struct beacon_config, span, "span", OPT_TIME, HOUR, 0, 30 * DAY,
	              "Time since the client first asked for the domain, before these are."),
	OPTION_NUMBER(struct beacon_config, pace, "pace", OPT_TIME, MINUTE, 0, HOUR,
	              "As many contacts that are not regular are told of, with low confidence, when each of the "
	              "last 8 was for a new name, or got such an answer, and the median gap is no longer than "
	              "this. 0: never."),
	OPTION_NUMBER(struct beacon_config, young, "young", OPT_TIME, 7 * DAY, MINUTE, 365 * DAY,
	              "A domain that the client first asked for so long ago is no beacon's: it would have "
	              "been seen earlier. If Warden had not watched for so long itself by then, confidence "
	              "is low where names are not new."),
	OPTION_END
};

struct beacon_pair {
	uint64_t last;    /* time of the newest question */
	uint32_t contact; /* of the newest contact, the low half */
	uint8_t contacts; /* saturates */
	uint8_t heard;    /* of the last 8 contacts, the newest lowest: certainly by the domain's servers */
	struct gaps gaps;
};

static_assert(sizeof(struct beacon_pair) == 48, "no padding: the state is shared");

enum beacon_reason { REASON_HEARD, REASON_STEADY, REASON_HAND };

static const char *const beacon_reasons[] = {
	[REASON_HEARD] = "asked a rare domain for something new by a timer",
	[REASON_STEADY] = "asked for a rare domain by a timer",
	[REASON_HAND] = "asked a rare domain for something new again and again, at the pace of somebody who types",
	NULL
};

/* Notes a question. Whether it is a contact. A clock that steps back starts anew, and so does what
 * comes after a silence that is longer than any gap.
 */
static bool is_contact(struct beacon_pair *state, const struct beacon_config *conf, uint64_t now)
{
	uint64_t quiet = clock_since(now, state->last);

	if (quiet < conf->quiet) {
		state->last += quiet;
		return false;
	}
	/* From beginning to beginning. A contact that itself took 49 days would be taken for a shorter one. */
	if (quiet <= GAP_MOST)
		gaps_add(&state->gaps, (uint32_t)now - state->contact);
	else
		*state = (struct beacon_pair){ 0 };
	state->last = now;
	state->contact = (uint32_t)now;
	state->contacts += state->contacts < UINT8_MAX;
	state->heard = (uint8_t)(state->heard << 1);
	return true;
}

/* Whether an answer came from where it must be asked for again each time. */
static bool is_not_kept(const struct facts *facts)
{
	const struct warden_observation *obs = facts->obs;

	return facts->answer && obs->path != WARDEN_PATH_CACHE && obs->answer_count && obs->ttl <= 1;
}

static bool beacon_relevant(const void *config, const struct facts *facts)
{
	(void)config;
	return facts->rare && (facts->question || is_not_kept(facts));
}

static uint64_t passed(uint64_t now, uint64_t then)
{
	return now > then ? now - then : 0;
}

static struct opinion judge(const struct beacon_config *conf, const struct beacon_pair *state,
                            const struct facts *facts)
{
	uint64_t known = passed(facts->now, facts->first_asked), score;
	bool heard = state->contacts >= conf->heard_contacts && state->heard == UINT8_MAX;
	bool steady = state->contacts >= conf->contacts && known >= conf->span;
	struct opinion opinion = NO_OPINION;
	struct regularity regular;

	if (!(heard || steady) || known >= conf->young)
		return opinion;
	regular = gaps_regularity(&state->gaps);
	score = (uint64_t)(regular.score * 1000 + 0.5);
	if (heard && score >= conf->heard_regularity) {
		opinion.confidence = CONFIDENCE_HIGH;
		opinion.reason = REASON_HEARD;
	} else if (steady && score >= conf->regularity) {
		bool new_to_all = passed(facts->first_asked, facts->began) < conf->young;

		opinion.confidence = new_to_all ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
		opinion.reason = REASON_STEADY;
	} else if (heard && state->contacts >= conf->contacts && regular.median <= (double)conf->pace) {
		opinion.confidence = CONFIDENCE_LOW;
		opinion.reason = REASON_HAND;
	}
	opinion.evidence[0] = regular.gaps + 1;
	opinion.evidence[1] = score;
	opinion.evidence[2] = (uint64_t)(regular.median + 0.5);
	opinion.evidence[3] = known / MINUTE;
	return opinion;
}

static struct opinion beacon_observe(const void *config, void *client, void *pair, void *domain,
                                     const struct facts *facts)
{
	const struct beacon_config *conf = config;
	struct beacon_pair *state = pair;
	bool contact, heard, news;

	(void)client, (void)domain;
	contact = news = facts->question && is_contact(state, conf, facts->now);
	heard = is_not_kept(facts) || (contact && facts->novel && facts->obs->path != WARDEN_PATH_CACHE);
	/* What comes later than its question is the newest contact's. */
	if (heard && state->contacts && !(state->heard & 1)) {
		state->heard |= 1;
		news = true;
	}
	return news ? judge(conf, state, facts) : NO_OPINION;
}

static bool beacon_check(const void *config, char *error, size_t error_len)
{
	const struct beacon_config *conf = config;

	if (conf->span < conf->young)
		return true;
	snprintf(error, error_len, "span is not below young: no domain is known for so long and young");
	return false;
}

static const char *const beacon_attack[] = { "T1071.004", "T1568", NULL };

const struct detector detector_beacon = {
	.name = "beacon",
	.help = "Finds clients that ask for a rare domain, new to them, at regular times, as implants do "
	        "that wait for orders.",
	.when = ON_QUESTION | ON_ANSWER | ON_ANY_PATH,
	.needs = FACT_NOVEL_UNCACHED,
	.subject = SUBJECT_PAIR,
	.action = ACTION_TAG,
	.score = 35,
	.hold = HOUR,

	.options = beacon_options,
	.config_size = sizeof(struct beacon_config),
	.pair_size = sizeof(struct beacon_pair),

	.category = "command-and-control",
	.attack = beacon_attack,
	.reasons = beacon_reasons,
	.evidence = { { "contacts" }, { "regularity" }, { "median_gap_ms" }, { "minutes" } },

	.signs = SIGN_RARE,
	.relevant = beacon_relevant,
	.observe = beacon_observe,
	.check = beacon_check,
};
