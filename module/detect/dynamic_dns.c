/* SPDX-License-Identifier: BSD-3-Clause */
/* dynamic_dns - names below providers that let anybody have one, at once and for nothing.
 *
 * Such names have honest uses, and are what malware is told to call home to. So a name is given a
 * risk, impact times confidence as Splunk's rule has it, and the confidence adds up from what is
 * known of the name:
 *
 *     confidence  50 | new 20 | short TTL 10 | changed 10 | flux 20 | TXT 20 | encoded 20    <= 100
 *     risk        impact 70 * confidence / 100
 *     speaks      medium at 35, which is any name below a provider, high at 56 (80 * 70 / 100: the rule
 *                 as written); the provider's own names low
 *
 * Flux: 1.32 addresses + 18.54 autonomous systems > 142.38 within a day (T. Holz et al., Measuring
 * and Detecting Fast-Flux Service Networks, NDSS 2008). The provider's own name, and the names that
 * its own service has, are low whatever they look like: every client that updates asks for them.
 *
 * What a name has answered is kept with the domain. Most providers stand in the Public Suffix List,
 * so that the domain is that of the provider's customer, and what one of its names does counts
 * for all of them. Where the domain is the provider's, the name that was answered last is kept.
 *
 * How many addresses there were is an estimate: exact for a few, within about a tenth at a hundred.
 * Invariant: any octets in a state are survived.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/dns.h"
#include "base/hash.h"
#include "base/sentence.h"
#include "detect/address.h"
#include "detect/detector.h"
#include "name/model.h"

/* The flux score, in hundredths. */
#define FLUX_ADDRESS 132
#define FLUX_SYSTEM  1854
#define FLUX_BOUND   14238

/* A label that is this long and costs the model this much is no word: a code, or an address. Of random
 * hexadecimal, base32 and base64 nearly all are beyond, of ordinary labels of that length every tenth.
 */
#define ENCODED_LENGTH 20
#define ENCODED_BITS   5 /* a character */

#define ADDRESS_BITS 112
#define SYSTEMS_MAX  8 /* more than enough for flux */

struct dynamic_dns_config {
	struct detector_config common;
	struct option_list file;
	uint64_t impact, confidence, add_new, add_ttl, add_changed, add_flux, add_text, add_encoded;
	uint64_t new_time, ttl, changed_time, medium_risk, high_risk;
};

/* The name of the pair that was new last. */
struct dynamic_dns_pair {
	uint32_t name; /* of its hash; 0: none yet */
	uint32_t when; /* seconds since 1970 */
};

static_assert(sizeof(struct dynamic_dns_pair) == 8, "no padding: the state is shared");

/* What a name has answered. */
struct dynamic_dns_domain {
	uint32_t name;    /* of its hash; 0: none yet */
	uint32_t since;   /* when its day began, in seconds since 1970 */
	uint32_t changed; /* when its addresses did; 0: never */
	uint16_t last[2]; /* addresses, IPv4 and IPv6: of a hash over all; 0: none yet */
	uint16_t address[ADDRESS_BITS / 16]; /* a bit for each of the day's, by hash */
	uint8_t system[SYSTEMS_MAX];         /* autonomous systems of the day, of a hash; 0: none more */
	uint8_t changes;  /* within the day */
	uint8_t brief;    /* not 0: its TTL is short */
};

static_assert(sizeof(struct dynamic_dns_domain) == 40, "no padding: the state is shared");

#define PERCENT(member, key, preset, help) \
	OPTION_NUMBER(struct dynamic_dns_config, member, key, OPT_COUNT, preset, 0, 100, help)

static const struct option dynamic_dns_options[] = {
	OPTION_PRESET_LIST(struct dynamic_dns_config, file, "file", "warden.d/dynamic-dns.list",
	                   "File of providers: a suffix a line, and whose it is behind it. A relative path begins at "
	                   "the folder of this file. May be repeated. \"\": none."),
	PERCENT(impact, "impact", 70, "The risk of a name is this, times the confidence in per cent."),
	PERCENT(confidence, "confidence", 50,
	        "Confidence in any name below a provider. To what follows is added up to 100. With 80 here "
	        "and 0 there, each name has the same risk of 56."),
	PERCENT(add_new, "add-new", 20,
	        "Added when the name is new to the client: not asked for in the last 30 days."),
	OPTION_NUMBER(struct dynamic_dns_config, new_time, "new-time", OPT_TIME, HOUR, SECOND, 30 * DAY,
	              "How long a name stays new."),
	PERCENT(add_ttl, "add-ttl", 10, "Added when the answer has a short TTL."),
	OPTION_NUMBER(struct dynamic_dns_config, ttl, "ttl", OPT_TIME, 300 * SECOND, 0, DAY,
	              "A TTL up to this is a short one."),
	PERCENT(add_changed, "add-changed", 10, "Added when the addresses of the name have changed."),
	OPTION_NUMBER(struct dynamic_dns_config, changed_time, "changed-time", OPT_TIME, DAY, SECOND, 30 * DAY,
	              "How long a change counts."),
	PERCENT(add_flux, "add-flux", 20,
	        "Added when the name had so many addresses, in so many autonomous systems, within a day that "
	        "it must be fast flux. Without a database of autonomous systems it takes 108 addresses."),
	PERCENT(add_text, "add-text", 20, "Added when the question is for TXT."),
	PERCENT(add_encoded, "add-encoded", 20, "Added when a label of the name looks like a code."),
	PERCENT(medium_risk, "medium-risk", 35, "From this risk on, confidence is medium."),
	PERCENT(high_risk, "high-risk", 56, "From this risk on, confidence is high."),
	OPTION_END
};

/* The provider that the name is below, or is; NULL: none. */
static const struct listing *provider_of(const struct facts *facts)
{
	for (unsigned i = 0; i < facts->listed_count; i++)
		if (facts->listed[i].detector == DETECTOR_dynamic_dns)
			return &facts->listed[i];
	return NULL;
}

/* Whether the name is the provider's own: where its service is, which all who update ask for. */
static bool is_service(const struct facts *facts, const struct listing *provider)
{
	static const char *const words[] = {
		"api", "checkip", "checkipv6", "dynupdate", "ip", "ipv4", "ipv6", "members", "myip", "ns1",
		"ns2", "ns3", "ns4", "update", "www",
	};
	const uint8_t *label;

	if (provider->label == 0)
		return true;
	if (provider->label > 1)
		return false;
	label = facts->name->wire + facts->name->label[0];
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i]) == label[0] && !memcmp(label + 1, words[i], label[0]))
			return true;
	return false;
}

static bool has_code(const struct name *name, unsigned labels)
{
	for (unsigned i = 0; i < labels && i < name->labels; i++) {
		const uint8_t *label = name->wire + name->label[i];

		if (label[0] >= ENCODED_LENGTH &&
		    model_label_cost(label) >= label[0] * (uint32_t)(ENCODED_BITS * MODEL_UNIT))
			return true;
	}
	return false;
}

/* Never 0. */
static uint32_t tag_of(uint64_t hash)
{
	uint32_t tag = (uint32_t)(hash ^ hash >> 32);

	return tag ? tag : 1;
}

static bool is_within(uint64_t now, uint32_t second, uint64_t time)
{
	return clock_since(now, second * SECOND) < time;
}

/* ---- what a name answers ------------------------------------------------------- */

/* Distinct addresses by linear counting (K.-Y. Whang et al. 1990). */
static unsigned addresses_of(const struct dynamic_dns_domain *state)
{
	unsigned zeros = ADDRESS_BITS;

	for (unsigned i = 0; i < ADDRESS_BITS / 16; i++)
		zeros -= (unsigned)__builtin_popcount(state->address[i]);
	return (unsigned)(ADDRESS_BITS * log(ADDRESS_BITS / (zeros ? zeros : 0.5)));
}

static unsigned systems_of(const struct dynamic_dns_domain *state)
{
	unsigned count = 0;

	while (count < SYSTEMS_MAX && state->system[count])
		count++;
	return count;
}

static unsigned flux_of(const struct dynamic_dns_domain *state)
{
	return FLUX_ADDRESS * addresses_of(state) + FLUX_SYSTEM * systems_of(state);
}

static void add_system(struct dynamic_dns_domain *state, uint32_t asn)
{
	uint8_t tag = (uint8_t)(1 + hash_octets_plain(&asn, sizeof(asn)) % UINT8_MAX);
	unsigned count = systems_of(state);

	if (asn && count < SYSTEMS_MAX && !memchr(state->system, tag, count))
		state->system[count] = tag;
}

/* Takes the addresses of one family into <state>; a set other than the last is a change. */
static void take_addresses(struct dynamic_dns_domain *state, const struct facts *facts, uint16_t type)
{
	const struct warden_observation *obs = facts->obs;
	uint16_t *last = &state->last[type == DNS_TYPE_AAAA];
	uint64_t sum = 0;
	uint16_t set;

	for (uint32_t i = 0; i < obs->record_count; i++) {
		const struct warden_record *record = &obs->records[i];
		uint8_t address[16];
		uint64_t hash;

		if (record->type != type || !address_of(record, address))
			continue;
		hash = hash_octets_plain(record->rdata, record->rdata_len);
		sum += hash; /* in any order */
		state->address[hash % ADDRESS_BITS / 16] |= (uint16_t)(1u << hash % 16);
	}
	if (!sum)
		return;
	/* The door has not shown all: which ones may depend on their order. */
	if (obs->record_count < obs->answer_count)
		return;
	set = (uint16_t)(1 + (sum ^ sum >> 32) % UINT16_MAX);
	if (*last && *last != set) {
		state->changed = (uint32_t)(facts->now / SECOND);
		state->changes += state->changes < UINT8_MAX;
	}
	*last = set;
}

/* Whose state it is. <own>: the whole domain is the customer's. */
static bool is_about(const struct dynamic_dns_domain *state, uint32_t name, bool own)
{
	return state->name == name || (own && state->name);
}

/* Takes an answer for <name> into <state>. */
static void take_answer(const struct dynamic_dns_config *conf, struct dynamic_dns_domain *state,
                        const struct facts *facts, uint32_t name, bool own)
{
	const struct warden_observation *obs = facts->obs;
	bool today = is_within(facts->now, state->since, DAY);

	if (state->name != name) {
		/* The first name of a customer's day stands for all: others have other addresses. */
		if (own && state->name && today)
			return;
		*state = (struct dynamic_dns_domain){ .name = name };
		today = false;
	}
	if (!today) {
		/* The addresses are kept: they may change while nobody looks. */
		struct dynamic_dns_domain fresh = {
			.name = name,
			.since = (uint32_t)(facts->now / SECOND),
			.changed = state->changed,
			.last = { state->last[0], state->last[1] },
			.brief = state->brief,
		};

		*state = fresh;
	}
	/* From a cache comes what is left of it, and a door that tells no records knows none. */
	if (obs->answer_count && obs->record_count &&
	    (obs->path == WARDEN_PATH_MISS || obs->path == WARDEN_PATH_JOINED))
		state->brief = obs->ttl * SECOND <= conf->ttl;
	take_addresses(state, facts, DNS_TYPE_A);
	take_addresses(state, facts, DNS_TYPE_AAAA);
	for (unsigned i = 0; i < facts->location_count; i++)
		add_system(state, facts->locations[i].asn);
}

/* ---- the opinion --------------------------------------------------------------- */

static bool dynamic_dns_relevant(const void *config, const struct facts *facts)
{
	(void)config;
	return facts->listed_count && provider_of(facts);
}

/* Whether this client has asked for this name. */
static unsigned dynamic_dns_recall(const void *config, const struct facts *facts, uint64_t key[RECALL_MAX])
{
	const struct listing *provider = provider_of(facts);
	uint64_t words[] = { facts->client_hash, facts->name_hash };

	(void)config;
	if (!provider || is_service(facts, provider))
		return 0;
	key[0] = hash_octets_plain(words, sizeof(words));
	return 1;
}

enum dynamic_dns_reason {
	REASON_SERVICE, REASON_BELOW, REASON_NEW, REASON_CHANGED, REASON_TEXT, REASON_ENCODED, REASON_FLUX
};

static const char *const dynamic_dns_reasons[] = {
	[REASON_SERVICE] = "asked for a dynamic DNS provider's own name",
	[REASON_BELOW] = "asked for a name below a dynamic DNS provider",
	[REASON_NEW] = "asked for a name below a dynamic DNS provider that it had not asked for in a month",
	[REASON_CHANGED] = "asked for a name below a dynamic DNS provider whose addresses have changed",
	[REASON_TEXT] = "asked for text below a dynamic DNS provider",
	[REASON_ENCODED] = "asked for a name below a dynamic DNS provider that looks like a code",
	[REASON_FLUX] = "asked for a name below a dynamic DNS provider that has the addresses of fast flux",
	NULL
};

/* Adds up the confidence, in per cent, and leaves in <reason> what says most. */
static uint64_t add_up(const struct dynamic_dns_config *conf, const bool is[REASON_FLUX + 1], bool brief,
                       uint8_t *reason)
{
	const uint64_t add[] = {
		[REASON_NEW] = conf->add_new, [REASON_CHANGED] = conf->add_changed,
		[REASON_TEXT] = conf->add_text, [REASON_ENCODED] = conf->add_encoded,
		[REASON_FLUX] = conf->add_flux,
	};
	uint64_t sum = conf->confidence + (brief ? conf->add_ttl : 0);

	*reason = REASON_BELOW;
	for (uint8_t i = REASON_NEW; i <= REASON_FLUX; i++)
		if (is[i] && add[i]) {
			sum += add[i];
			*reason = i;
		}
	return sum < 100 ? sum : 100;
}

static uint8_t judge(const struct dynamic_dns_config *conf, uint64_t risk)
{
	if (risk >= conf->high_risk)
		return CONFIDENCE_HIGH;
	return risk >= conf->medium_risk ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

/* Positions of the evidence's words. */
enum { RISK = EVIDENCE_TEXT_WORDS, FIRST_SEEN, COUNT, TTL, ADDRESSES, CHANGES, FLUX, ADDRESS };

static_assert(ADDRESS + 2 == EVIDENCE_MAX, "the evidence is full");

static void note_answer(struct opinion *opinion, const struct warden_observation *obs)
{
	uint8_t address[16];

	opinion->evidence[TTL] = obs->ttl;
	for (uint32_t i = 0; i < obs->record_count; i++)
		if (address_of(&obs->records[i], address)) {
			memcpy(&opinion->evidence[ADDRESS], address, sizeof(address));
			return;
		}
}

static struct opinion dynamic_dns_observe(const void *config, void *client, void *pair, void *domain,
                                          const struct facts *facts)
{
	const struct dynamic_dns_config *conf = config;
	const struct listing *provider = provider_of(facts);
	struct dynamic_dns_domain *state = domain;
	struct dynamic_dns_pair *newest = pair;
	struct opinion opinion = NO_OPINION;
	uint32_t name = tag_of(facts->name_hash);
	bool is[REASON_FLUX + 1] = { false }, own, about;
	uint64_t risk;

	(void)client;
	if (!provider)
		return opinion;
	evidence_text(opinion.evidence, provider->note);
	opinion.evidence[FIRST_SEEN] = facts->now > facts->first_asked ? (facts->now - facts->first_asked) / MINUTE : 0;
	opinion.evidence[COUNT] = facts->queries;
	if (facts->answer)
		note_answer(&opinion, facts->obs);
	if (is_service(facts, provider)) {
		opinion.confidence = CONFIDENCE_LOW;
		opinion.reason = REASON_SERVICE;
		opinion.evidence[RISK] = conf->impact * conf->confidence / 2 / 100;
		return opinion;
	}

	if (!(facts->recalled & 1))
		*newest = (struct dynamic_dns_pair){ .name = name, .when = (uint32_t)(facts->now / SECOND) };
	own = facts->payload_labels + 1u == provider->label;
	if (facts->answer)
		take_answer(conf, state, facts, name, own);
	about = is_about(state, name, own);

	is[REASON_NEW] = newest->name == name && is_within(facts->now, newest->when, conf->new_time);
	is[REASON_CHANGED] = about && state->changed && is_within(facts->now, state->changed, conf->changed_time);
	is[REASON_FLUX] = about && is_within(facts->now, state->since, DAY) && flux_of(state) > FLUX_BOUND;
	is[REASON_TEXT] = facts->obs->qtype == DNS_TYPE_TXT;
	is[REASON_ENCODED] = has_code(facts->name, provider->label);
	risk = conf->impact * add_up(conf, is, about && state->brief, &opinion.reason) / 100;
	opinion.confidence = judge(conf, risk);

	opinion.evidence[RISK] = risk;
	if (about) {
		opinion.evidence[ADDRESSES] = addresses_of(state);
		opinion.evidence[CHANGES] = state->changes;
		opinion.evidence[FLUX] = flux_of(state) / 100;
	}
	return opinion;
}

static bool dynamic_dns_check(const void *config, char *error, size_t error_len)
{
	const struct dynamic_dns_config *conf = config;

	if (conf->medium_risk <= conf->high_risk)
		return true;
	return sentence_error(error, error_len, "medium-risk: must not be more than high-risk:") == 0;
}

static const char *const dynamic_dns_attack[] = { "T1568", "T1568.001", "T1071.004", NULL };

const struct detector detector_dynamic_dns = {
	.name = "dynamic-dns",
	.help = "Finds names below dynamic DNS providers, tunnels to machines behind a NAT, and zones that answer "
	        "with the address in the name. The less is known of a name, the more it is worth.",
	.when = ON_QUESTION | ON_ANSWER | ON_ANY_PATH,
	.needs = FACT_LISTED | FACT_RECORDS | FACT_PLACES,
	.subject = SUBJECT_PAIR,
	.action = ACTION_TAG,
	.hold = HOUR,
	.score = 15,

	.options = dynamic_dns_options,
	.config_size = sizeof(struct dynamic_dns_config),
	.pair_size = sizeof(struct dynamic_dns_pair),
	.domain_size = sizeof(struct dynamic_dns_domain),

	.category = "dynamic-dns",
	.attack = dynamic_dns_attack,
	.reasons = dynamic_dns_reasons,
	.evidence = { { "provider", EVIDENCE_TEXT }, { "risk" }, { "first_seen_minutes" }, { "count" }, { "ttl" },
	              { "addresses" }, { "changes" }, { "flux" }, { "address", EVIDENCE_ADDRESS } },
	.files = offsetof(struct dynamic_dns_config, file),

	.signs = SIGN_LISTED,
	.relevant = dynamic_dns_relevant,
	.recall = dynamic_dns_recall,
	.observe = dynamic_dns_observe,
	.check = dynamic_dns_check,
};
