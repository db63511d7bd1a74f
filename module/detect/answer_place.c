/* SPDX-License-Identifier: BSD-3-Clause */
/* answer_place - answers that lead to where the operator's clients have no business.
 *
 * Denied are networks, autonomous systems and countries. The latter two need a database (asn-database:,
 * country-database:), and where it does not know an address nothing is said of it. On request also a
 * system or a country that is the first for the client in a month, once `learn` has passed since
 * its first answer: until then all are.
 *
 *     denied   high
 *     a first  low
 *
 * When nothing is configured it is never asked.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/network.h"
#include "base/sentence.h"
#include "detect/address.h"
#include "detect/detector.h"

#define NETWORKS_MAX 64
#define SYSTEMS_MAX  64
#define LETTERS      26

struct answer_place_config {
	struct detector_config common;
	struct option_list deny_network, deny_asn, deny_country;
	uint64_t first_asn, first_country, learn;
	bool asked;                           /* whether there is anything to look for */
	struct network network[NETWORKS_MAX]; /* of <deny_network>, */
	uint32_t system[SYSTEMS_MAX];         /* <deny_asn> */
	uint32_t country[LETTERS];            /* and <deny_country>: by first letter, a bit for the second */
	unsigned network_count, system_count;
};

struct answer_place_client {
	uint64_t since; /* its first answer that was looked at; 0: none yet */
};

static_assert(sizeof(struct answer_place_client) == 8, "no padding: the state is shared");

static const struct option answer_place_options[] = {
	OPTION_LIST(struct answer_place_config, deny_network, "deny-network", "198.51.100.0/24",
	            "Address or prefix that no answer should have; at most 64. May be repeated."),
	OPTION_LIST(struct answer_place_config, deny_asn, "deny-asn", "64496",
	            "Autonomous system, a number, likewise; at most 64. May be repeated."),
	OPTION_LIST(struct answer_place_config, deny_country, "deny-country", "AQ",
	            "Country, two letters of ISO 3166, likewise. May be repeated."),
	OPTION_SWITCH(struct answer_place_config, first_asn, "first-asn", 0,
	              "Whether an autonomous system speaks that no answer of the client was in for a month."),
	OPTION_SWITCH(struct answer_place_config, first_country, "first-country", 0,
	              "Whether such a country does."),
	OPTION_NUMBER(struct answer_place_config, learn, "learn", OPT_TIME, 7 * DAY, 0, 30 * DAY,
	              "How long firsts of a client are only learned, from its first answer."),
	OPTION_END
};

/* ---- the lists ----------------------------------------------------------------- */

static bool parse_system(const char *text, uint32_t *system)
{
	unsigned long long number;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	number = strtoull(text, &end, 10);
	*system = (uint32_t)number;
	return !*end && number && number <= UINT32_MAX;
}

/* 0 .. LETTERS - 1, or LETTERS. */
static unsigned letter_of(char c)
{
	if (c >= 'a' && c <= 'z')
		return (unsigned)(c - 'a');
	return c >= 'A' && c <= 'Z' ? (unsigned)(c - 'A') : LETTERS;
}

static bool add_country(uint32_t country[LETTERS], const char *text)
{
	unsigned first = letter_of(text[0]), second = first < LETTERS ? letter_of(text[1]) : LETTERS;

	if (first == LETTERS || second == LETTERS || text[2])
		return false;
	country[first] |= 1u << second;
	return true;
}

static bool answer_place_prepare(void *config, char *error, size_t error_len)
{
	struct answer_place_config *conf = config;
	const struct option_list *networks = &conf->deny_network, *systems = &conf->deny_asn;
	const struct option_list *countries = &conf->deny_country;

	conf->asked = networks->count || systems->count || countries->count || conf->first_asn || conf->first_country;
	if (networks->count > NETWORKS_MAX)
		return sentence_error(error, error_len, "deny-network: more than %d", NETWORKS_MAX) == 0;
	if (systems->count > SYSTEMS_MAX)
		return sentence_error(error, error_len, "deny-asn: more than %d", SYSTEMS_MAX) == 0;
	for (size_t i = 0; i < networks->count; i++)
		if (!network_parse(&conf->network[i], networks->item[i].text))
			return sentence_error(error, error_len,
			                      "deny-network: '%.120s' is not an address or a prefix like 192.0.2.0/24",
			                      networks->item[i].text) == 0;
	for (size_t i = 0; i < systems->count; i++)
		if (!parse_system(systems->item[i].text, &conf->system[i]))
			return sentence_error(error, error_len, "deny-asn: '%.120s' is not a number like 64496",
			                      systems->item[i].text) == 0;
	for (size_t i = 0; i < countries->count; i++)
		if (!add_country(conf->country, countries->item[i].text))
			return sentence_error(error, error_len, "deny-country: '%.120s' is not two letters like AQ",
			                      countries->item[i].text) == 0;
	conf->network_count = (unsigned)networks->count;
	conf->system_count = (unsigned)systems->count;
	return true;
}

static bool denies_network(const struct answer_place_config *conf, const uint8_t address[16])
{
	for (unsigned i = 0; i < conf->network_count; i++)
		if (network_has(&conf->network[i], address))
			return true;
	return false;
}

static bool denies_system(const struct answer_place_config *conf, uint32_t system)
{
	for (unsigned i = 0; i < conf->system_count; i++)
		if (conf->system[i] == system)
			return true;
	return false;
}

static bool denies_country(const struct answer_place_config *conf, const char country[2])
{
	unsigned first = letter_of(country[0]), second = letter_of(country[1]);

	return first < LETTERS && second < LETTERS && conf->country[first] >> second & 1;
}

/* ---- the opinion --------------------------------------------------------------- */

static uint32_t answer_place_signs(const void *config)
{
	const struct answer_place_config *conf = config;

	return conf->asked ? SIGN_ADDRESSES : SIGN_NEVER;
}

static bool answer_place_relevant(const void *config, const struct facts *facts)
{
	const struct answer_place_config *conf = config;
	uint8_t address[16];

	if (!conf->asked || !facts->answer)
		return false;
	for (uint32_t i = 0; i < facts->obs->record_count; i++)
		if (address_of(&facts->obs->records[i], address))
			return true;
	return false;
}

enum firsts { FIRST_ASN, FIRST_COUNTRY, FIRSTS };

static_assert(LOCATIONS_MAX * FIRSTS <= RECALL_MAX, "there is a key for each");

/* Two keys for each location, also of what is not known, so that each has its place. */
static unsigned answer_place_recall(const void *config, const struct facts *facts, uint64_t key[RECALL_MAX])
{
	const struct answer_place_config *conf = config;
	unsigned count = 0;

	if (!conf->first_asn && !conf->first_country)
		return 0;
	for (unsigned i = 0; i < facts->location_count && i < LOCATIONS_MAX; i++) {
		const struct location *at = &facts->locations[i];
		uint64_t words[] = { facts->client_hash, FIRST_ASN, at->asn };

		key[count++] = hash_octets_plain(words, sizeof(words));
		words[1] = FIRST_COUNTRY;
		words[2] = (uint64_t)(uint8_t)at->country[0] << 8 | (uint8_t)at->country[1];
		key[count++] = hash_octets_plain(words, sizeof(words));
	}
	return count;
}

enum reason { REASON_NETWORK, REASON_SYSTEM, REASON_COUNTRY, REASON_FIRST_SYSTEM, REASON_FIRST_COUNTRY };

/* Positions of the evidence's words. */
enum { ADDRESS, SYSTEM = ADDRESS + 2, COUNTRY };

/* What there is to say of record <i>, which is <at>; NULL: not known. */
static struct opinion opinion_on(const struct facts *facts, uint32_t i, const struct location *at,
                                 uint8_t confidence, uint8_t reason)
{
	struct opinion opinion = { .confidence = confidence, .reason = reason };
	uint8_t address[16];

	if (address_of(&facts->obs->records[i], address))
		memcpy(&opinion.evidence[ADDRESS], address, sizeof(address));
	if (at) {
		char country[] = { at->country[0], at->country[1], '\0' };

		opinion.evidence[SYSTEM] = at->asn;
		evidence_text(&opinion.evidence[COUNTRY], country);
	}
	return opinion;
}

static const struct location *location_of(const struct facts *facts, uint32_t record)
{
	for (unsigned i = 0; i < facts->location_count; i++)
		if (facts->locations[i].record == record)
			return &facts->locations[i];
	return NULL;
}

static struct opinion denied(const struct answer_place_config *conf, const struct facts *facts)
{
	uint8_t address[16];

	for (uint32_t i = 0; conf->network_count && i < facts->obs->record_count; i++)
		if (address_of(&facts->obs->records[i], address) && denies_network(conf, address))
			return opinion_on(facts, i, location_of(facts, i), CONFIDENCE_HIGH, REASON_NETWORK);
	for (unsigned i = 0; i < facts->location_count; i++) {
		const struct location *at = &facts->locations[i];

		if (denies_system(conf, at->asn))
			return opinion_on(facts, at->record, at, CONFIDENCE_HIGH, REASON_SYSTEM);
		if (denies_country(conf, at->country))
			return opinion_on(facts, at->record, at, CONFIDENCE_HIGH, REASON_COUNTRY);
	}
	return NO_OPINION;
}

static struct opinion first(const struct answer_place_config *conf, const struct facts *facts)
{
	for (unsigned i = 0; i < facts->location_count && i < LOCATIONS_MAX; i++) {
		const struct location *at = &facts->locations[i];
		uint32_t known = facts->recalled >> (i * FIRSTS);

		if (conf->first_country && at->country[0] && !(known >> FIRST_COUNTRY & 1))
			return opinion_on(facts, at->record, at, CONFIDENCE_LOW, REASON_FIRST_COUNTRY);
		if (conf->first_asn && at->asn && !(known >> FIRST_ASN & 1))
			return opinion_on(facts, at->record, at, CONFIDENCE_LOW, REASON_FIRST_SYSTEM);
	}
	return NO_OPINION;
}

static struct opinion answer_place_observe(const void *config, void *client, void *pair, void *domain,
                                           const struct facts *facts)
{
	const struct answer_place_config *conf = config;
	struct answer_place_client *state = client;
	struct opinion opinion = denied(conf, facts);

	(void)pair, (void)domain;
	if (!state->since || clock_since(facts->now, state->since) == CLOCK_LONG_AGO)
		state->since = facts->now;
	if (opinion.confidence || clock_since(facts->now, state->since) < conf->learn)
		return opinion;
	return first(conf, facts);
}

static const char *const answer_place_attack[] = { "T1568", NULL };

static const char *const answer_place_reasons[] = {
	[REASON_NETWORK] = "got an address in a denied network",
	[REASON_SYSTEM] = "got an address in a denied autonomous system",
	[REASON_COUNTRY] = "got an address in a denied country",
	[REASON_FIRST_SYSTEM] = "got an address in an autonomous system where it had none in a month",
	[REASON_FIRST_COUNTRY] = "got an address in a country where it had none in a month",
	NULL
};

const struct detector detector_answer_place = {
	.name = "answer-place",
	.help = "Finds answers whose addresses are in networks, autonomous systems or countries that the operator "
	        "denies, or, on request, in ones that are new to the client.",
	.when = ON_ANSWER | ON_ANY_PATH,
	.needs = FACT_RECORDS | FACT_PLACES,
	.subject = SUBJECT_PAIR,
	.action = ACTION_LOG,
	.score = 10,

	.options = answer_place_options,
	.config_size = sizeof(struct answer_place_config),
	.client_size = sizeof(struct answer_place_client),

	.category = "answer-place",
	.attack = answer_place_attack,
	.reasons = answer_place_reasons,
	.evidence = { { "address", EVIDENCE_ADDRESS }, { "asn" }, { "country", EVIDENCE_TEXT } },

	.signs_for = answer_place_signs,
	.relevant = answer_place_relevant,
	.recall = answer_place_recall,
	.observe = answer_place_observe,
	.prepare = answer_place_prepare,
};
