/* SPDX-License-Identifier: BSD-3-Clause */
/* list - names on the operator's own lists.
 *
 * What a list: clause names is asked for, or a name below it. Each list has an action of its own:
 * refuse denies its domains, log makes canaries of them, names that nobody has a reason to ask
 * for. When a name is on several lists, the one with the strongest action speaks, and of those the
 * one with the longest entry. Allow lists win before any of this.
 *
 * A refusal is for the name at hand and nothing is held: the next question is looked up too, and
 * other names below the same domain are on no list.
 */
#include "base/clock.h"
#include "detect/detector.h"

struct list_config {
	struct detector_config common;
};

static const struct option list_options[] = { OPTION_END };

enum list_reason { REASON_ENTRY, REASON_BELOW };

static const char *const list_reasons[] = {
	[REASON_ENTRY] = "asked for a name that is on a list",
	[REASON_BELOW] = "asked for a name below one that is on a list",
	NULL
};

/* The listing that speaks; NULL: none. */
static const struct listing *choose(const struct facts *facts)
{
	const struct listing *chosen = NULL;

	for (unsigned i = 0; i < facts->listed_count; i++) {
		const struct listing *listing = &facts->listed[i];

		if (listing->detector == DETECTOR_list && (!chosen || listing->action > chosen->action))
			chosen = listing;
	}
	return chosen;
}

static bool list_relevant(const void *config, const struct facts *facts)
{
	(void)config;
	return facts->listed_count && choose(facts);
}

static struct opinion list_observe(const void *config, void *client, void *pair, void *domain,
                                   const struct facts *facts)
{
	const struct listing *listing = choose(facts);
	struct opinion opinion = NO_OPINION;

	(void)config, (void)client, (void)pair, (void)domain;
	if (!listing)
		return opinion;
	opinion.confidence = CONFIDENCE_HIGH;
	opinion.reason = listing->label ? REASON_BELOW : REASON_ENTRY;
	opinion.list = (uint8_t)(1 + listing->index);
	evidence_text(opinion.evidence, listing->list);
	evidence_text(opinion.evidence + EVIDENCE_TEXT_WORDS, listing->note);
	opinion.evidence[2 * EVIDENCE_TEXT_WORDS] = facts->name->labels - (unsigned)listing->label;
	opinion.evidence[2 * EVIDENCE_TEXT_WORDS + 1] = listing->label;
	return opinion;
}

static const char *const list_attack[] = { "T1071.004", NULL };

const struct detector detector_list = {
	.name = "list",
	.help = "Finds names on the lists of list: clauses. Each list has an action of its own, which "
	        "holds in place of the one here.",
	.when = ON_QUESTION | ON_ANY_PATH,
	.needs = FACT_LISTED,
	.subject = SUBJECT_PAIR,
	.action = ACTION_LOG,
	.momentary = true,
	.hold = HOUR,
	.score = 40,

	.options = list_options,
	.config_size = sizeof(struct list_config),

	.category = "list",
	.attack = list_attack,
	.reasons = list_reasons,
	.evidence = { { "list", EVIDENCE_TEXT }, { "note", EVIDENCE_TEXT },
	              { "entry_labels" }, { "labels_below" } },

	.signs = SIGN_LISTED,
	.relevant = list_relevant,
	.observe = list_observe,
};
