/* SPDX-License-Identifier: BSD-3-Clause */
/* rebinding - one name answered with private and with public addresses.
 *
 * A page loads from a public address and then asks its own name again, which now is a machine of
 * the network that the browser is in (C. Jackson et al., Protecting Browsers from DNS Rebinding
 * Attacks, CCS 2007). Either both stand in one answer, or one comes after the other:
 *
 *     both in one answer                            high
 *     one kind, and the other in the last day       medium; 0.0.0.0 and :: low
 *
 * 0.0.0.0 and :: reach the own machine, but filtering resolvers upstream give them for a name
 * that they begin to block.
 *
 * What the resolver itself answers is the operator's doing and not looked at, nor are names below
 * unknown top-level domains, which are nobody's. A public address out of the cache was seen when
 * it got there, so ordinary cached answers cost nothing here.
 */
#include "base/hash.h"
#include "base/network.h"
#include "detect/address.h"
#include "detect/detector.h"

struct rebinding_config {
	struct detector_config common;
};

static const struct option rebinding_options[] = { OPTION_END };

static bool is_nowhere(const uint8_t address[16])
{
	static const uint8_t v6[16] = { 0 }, v4[16] = { [10] = 0xff, 0xff };

	return !memcmp(address, v4, sizeof(v4)) || !memcmp(address, v6, sizeof(v6));
}

enum kind { KIND_PRIVATE, KIND_PUBLIC, KIND_COUNT };

/* The first address of each kind in an answer; NULL: there is none. */
struct found {
	const struct warden_record *first[KIND_COUNT];
};

static enum kind kind_of(const uint8_t address[16])
{
	return network_is_private(address) ? KIND_PRIVATE : KIND_PUBLIC;
}

static struct found look_for(const struct warden_observation *obs)
{
	struct found found = { { NULL } };
	uint8_t address[16];

	for (uint32_t i = obs->record_count; i-- > 0;)
		if (address_of(&obs->records[i], address))
			found.first[kind_of(address)] = &obs->records[i];
	return found;
}

static bool rebinding_relevant(const void *config, const struct facts *facts)
{
	const struct warden_observation *obs = facts->obs;
	struct found found;

	(void)config;
	if (!facts->answer || !obs->record_count || facts->payload_labels >= facts->name->labels)
		return false;
	found = look_for(obs);
	return found.first[KIND_PRIVATE] || (found.first[KIND_PUBLIC] && obs->path == WARDEN_PATH_MISS);
}

/* Key 0: the name; key 1: it and the kind. A known name with a kind that is new had the other one. What is
 * asked for is known from then on, so a change is told once and not each time that it goes back and forth.
 */
static unsigned rebinding_recall(const void *config, const struct facts *facts, uint64_t key[RECALL_MAX])
{
	struct found found = look_for(facts->obs);
	uint64_t words[] = { facts->name_hash, found.first[KIND_PRIVATE] ? KIND_PRIVATE : KIND_PUBLIC };

	(void)config;
	if (found.first[KIND_PRIVATE] && found.first[KIND_PUBLIC])
		return 0;
	key[0] = facts->name_hash;
	key[1] = hash_octets_plain(words, sizeof(words));
	return 2;
}

enum reason { REASON_AT_ONCE, REASON_TO_PRIVATE, REASON_TO_PUBLIC };

/* Positions of the evidence's words. */
enum { PRIVATE, PUBLIC = PRIVATE + 2 };

static struct opinion rebinding_observe(const void *config, void *client, void *pair, void *domain,
                                        const struct facts *facts)
{
	uint8_t address[KIND_COUNT][16] = { { 0 } };
	struct opinion opinion = NO_OPINION;
	struct found found;
	bool private, public;

	(void)config, (void)client, (void)pair, (void)domain;
	if ((facts->recalled & 3) == 3)
		return opinion; /* the name with this kind, as nearly always; of both at once nothing is recalled */
	found = look_for(facts->obs);
	private = found.first[KIND_PRIVATE] && address_of(found.first[KIND_PRIVATE], address[KIND_PRIVATE]);
	public = found.first[KIND_PUBLIC] && address_of(found.first[KIND_PUBLIC], address[KIND_PUBLIC]);
	memcpy(&opinion.evidence[PRIVATE], address[KIND_PRIVATE], 16);
	memcpy(&opinion.evidence[PUBLIC], address[KIND_PUBLIC], 16);
	if (private && public) {
		opinion.confidence = CONFIDENCE_HIGH;
		opinion.reason = REASON_AT_ONCE;
	} else if ((facts->recalled & 3) == 1) {
		opinion.confidence = private && is_nowhere(address[KIND_PRIVATE]) ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
		opinion.reason = private ? REASON_TO_PRIVATE : REASON_TO_PUBLIC;
	}
	return opinion;
}

static const char *const rebinding_attack[] = { "T1189", NULL };

static const char *const rebinding_reasons[] = {
	[REASON_AT_ONCE] = "got private and public addresses for one name in one answer",
	[REASON_TO_PRIVATE] = "got a private address for a name that had a public one",
	[REASON_TO_PUBLIC] = "got a public address for a name that had a private one",
	NULL
};

const struct detector detector_rebinding = {
	.name = "rebinding",
	.help = "Finds names with private and public addresses, at once or one after the other within a day, as in "
	        "DNS rebinding. A change is told once. Names of the operator's own that have both: allow-domain.",
	.when = ON_ANSWER | ON_MISS | ON_CACHE,
	.needs = FACT_RECORDS,
	.subject = SUBJECT_PAIR,
	.action = ACTION_LOG,
	.score = 15,

	.options = rebinding_options,
	.config_size = sizeof(struct rebinding_config),

	.category = "rebinding",
	.attack = rebinding_attack,
	.reasons = rebinding_reasons,
	.evidence = { { "private_address", EVIDENCE_ADDRESS }, { "public_address", EVIDENCE_ADDRESS } },

	.signs = SIGN_ADDRESSES,
	.relevant = rebinding_relevant,
	.recall = rebinding_recall,
	.recalls_a_day = true,
	.observe = rebinding_observe,
};
