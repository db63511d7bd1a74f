/* SPDX-License-Identifier: BSD-3-Clause */
/* record_change - names of the operator's choice whose records are not what they used to be.
 *
 * For names that matter: one's own, the bank's, where updates come from. Whoever takes over their
 * zone or registrar makes them point elsewhere. Of each record in an answer three keys are recalled:
 *
 *     A AAAA        the address | its network, /24 or /48 | its autonomous system
 *     NS MX CNAME   the name there
 *
 * and a record speaks when none of its keys has come up in the last month: a pool that turns in its
 * own networks is silent. What is recalled is learned, so a change is told once.
 *
 * Learning begins with the first watched answer of the domain and lasts `learn`; within it, and for a
 * name that has not been answered in the last month, nothing is a change. When it began is all the
 * state there is, so a domain that is evicted learns anew.
 *
 * Watched names are hashes, without a key: who makes another name look watched gains a line in the
 * log about a name of his own.
 */
#include <assert.h>

#include "base/clock.h"
#include "base/dns.h"
#include "base/hash.h"
#include "base/sentence.h"
#include "detect/address.h"
#include "detect/detector.h"

#define WATCHED_MAX 64

struct record_change_config {
	struct detector_config common;
	struct option_list watch;
	uint64_t learn;
	uint64_t watched[WATCHED_MAX]; /* hashes of the names of <watch> */
	unsigned watched_count;
};

struct record_change_domain {
	uint64_t since; /* when its first watched name was answered; 0: never */
};

static_assert(sizeof(struct record_change_domain) == 8, "no padding: the state is shared");

static const struct option record_change_options[] = {
	OPTION_LIST(struct record_change_config, watch, "watch", "\"www.example.org\"",
	            "Name whose A, AAAA, NS, MX and CNAME records are learned; at most 64. May be repeated."),
	OPTION_NUMBER(struct record_change_config, learn, "learn", OPT_TIME, DAY, 0, 30 * DAY,
	              "How long all is learned and nothing said, from the first answer for a watched name of a "
	              "domain."),
	OPTION_END
};

static bool record_change_prepare(void *config, char *error, size_t error_len)
{
	struct record_change_config *conf = config;
	struct name name;

	if (conf->watch.count > WATCHED_MAX)
		return sentence_error(error, error_len, "watch: more than %d names", WATCHED_MAX) == 0;
	conf->watched_count = 0;
	for (size_t i = 0; i < conf->watch.count; i++) {
		if (!name_from_text(&name, conf->watch.item[i].text))
			return sentence_error(error, error_len, "watch: '%.120s' is not a domain name like example.org",
			                      conf->watch.item[i].text) == 0;
		conf->watched[conf->watched_count++] = hash_octets_plain(name.wire, name.len);
	}
	return true;
}

static bool record_change_striking(const void *config, const struct name *name)
{
	const struct record_change_config *conf = config;
	uint64_t hash;

	if (!conf->watched_count)
		return false;
	hash = hash_octets_plain(name->wire, name->len);
	for (unsigned i = 0; i < conf->watched_count; i++)
		if (conf->watched[i] == hash)
			return true;
	return false;
}

static bool record_change_relevant(const void *config, const struct facts *facts)
{
	return facts->answer && facts->obs->record_count && record_change_striking(config, facts->name);
}

/* ---- records and their keys ---------------------------------------------------- */

/* The name in a record of these types, in lower case. */
static bool target_of(const struct warden_record *record, struct name *name)
{
	unsigned at = record->type == DNS_TYPE_MX ? 2 : 0; /* behind the preference */

	if (record->type != DNS_TYPE_NS && record->type != DNS_TYPE_CNAME && record->type != DNS_TYPE_MX)
		return false;
	return record->rdata_len > at && name_parse(name, record->rdata + at, record->rdata_len - at);
}

/* Each kind has keys of its own: of two that are the same the second would be known by the first. */
enum kind { KIND_VALUE, KIND_NETWORK, KIND_SYSTEM, KIND_COUNT };

#define KIND_MASK ((1u << KIND_COUNT) - 1)

static uint64_t key_of(const struct facts *facts, enum kind kind, uint16_t type, uint64_t value)
{
	uint64_t words[] = { facts->name_hash, (uint64_t)kind << 16 | type, value };

	return hash_octets_plain(words, sizeof(words));
}

static uint32_t system_of(const struct facts *facts, uint32_t record)
{
	for (unsigned i = 0; i < facts->location_count; i++)
		if (facts->locations[i].record == record)
			return facts->locations[i].asn;
	return 0;
}

/* Fills in the keys of record <i>. False when it is not of a type that is learned. */
static bool keys_of(const struct facts *facts, uint32_t i, uint64_t key[KIND_COUNT])
{
	const struct warden_record *record = &facts->obs->records[i];
	uint64_t value, network;
	uint8_t address[16];
	uint32_t system = 0;
	struct name name;

	if (address_of(record, address)) {
		value = hash_octets_plain(address, 16);
		network = hash_octets_plain(address, record->type == DNS_TYPE_A ? 15 : 6);
		system = system_of(facts, i);
	} else if (target_of(record, &name)) {
		value = network = hash_octets_plain(name.wire, name.len);
	} else {
		return false;
	}
	key[KIND_VALUE] = key_of(facts, KIND_VALUE, record->type, value);
	key[KIND_NETWORK] = key_of(facts, KIND_NETWORK, record->type, network);
	/* A system is the same place for both families. */
	key[KIND_SYSTEM] = system ? key_of(facts, KIND_SYSTEM, 0, system)
	                          : key_of(facts, KIND_SYSTEM, record->type, network);
	return true;
}

/* Key 0 is the name; then those of each record, as many as there is room for. */
static unsigned record_change_recall(const void *config, const struct facts *facts, uint64_t key[RECALL_MAX])
{
	unsigned count = 1;

	(void)config;
	key[0] = facts->name_hash;
	for (uint32_t i = 0; i < facts->obs->record_count && count + KIND_COUNT <= RECALL_MAX; i++)
		if (keys_of(facts, i, key + count))
			count += KIND_COUNT;
	return count;
}

/* ---- the opinion --------------------------------------------------------------- */

/* Positions of the evidence's words. */
enum { TYPE, ADDRESS, VALUE = ADDRESS + 2, SYSTEM = VALUE + EVIDENCE_TEXT_WORDS };

static struct opinion speak(const struct facts *facts, uint32_t i)
{
	const struct warden_record *record = &facts->obs->records[i];
	struct opinion opinion = { .confidence = CONFIDENCE_HIGH };
	char text[NAME_TEXT_MAX];
	uint8_t address[16];
	struct name name;

	opinion.evidence[TYPE] = record->type;
	if (address_of(record, address)) {
		memcpy(&opinion.evidence[ADDRESS], address, sizeof(address));
		opinion.evidence[SYSTEM] = system_of(facts, i);
		/* Without a database another network may be the same place. */
		if (!opinion.evidence[SYSTEM])
			opinion.confidence = CONFIDENCE_MEDIUM;
	} else if (target_of(record, &name)) {
		evidence_text(&opinion.evidence[VALUE], name_text(text, name.wire, name.len));
	}
	return opinion;
}

static struct opinion record_change_observe(const void *config, void *client, void *pair, void *domain,
                                            const struct facts *facts)
{
	const struct record_change_config *conf = config;
	struct record_change_domain *state = domain;
	unsigned at = 1; /* bit of recalled */
	uint64_t key[KIND_COUNT];

	(void)client, (void)pair;
	if (!state->since || clock_since(facts->now, state->since) == CLOCK_LONG_AGO)
		state->since = facts->now;
	if (!(facts->recalled & 1) || clock_since(facts->now, state->since) < conf->learn)
		return NO_OPINION;
	for (uint32_t i = 0; i < facts->obs->record_count && at + KIND_COUNT <= RECALL_MAX; i++) {
		if (!keys_of(facts, i, key))
			continue;
		if (!(facts->recalled >> at & KIND_MASK))
			return speak(facts, i);
		at += KIND_COUNT;
	}
	return NO_OPINION;
}

static const char *const record_change_attack[] = { "T1568", NULL };

static const char *const record_change_reasons[] = {
	"got a record of a watched name that leads where the name was not before",
	NULL
};

const struct detector detector_record_change = {
	.name = "record-change",
	.help = "Finds changes of the records of watched names: addresses in other networks and autonomous systems, "
	        "other name servers, mail servers and aliases. A change is told once, then it is known.",
	.when = ON_ANSWER | ON_ANY_PATH,
	.needs = FACT_RECORDS | FACT_PLACES,
	.subject = SUBJECT_PAIR,
	.action = ACTION_LOG,
	.score = 15,

	.options = record_change_options,
	.config_size = sizeof(struct record_change_config),
	.domain_size = sizeof(struct record_change_domain),

	.category = "record-change",
	.attack = record_change_attack,
	.reasons = record_change_reasons,
	.evidence = { { "record_type" }, { "address", EVIDENCE_ADDRESS }, { "value", EVIDENCE_TEXT }, { "asn" } },

	.signs = SIGN_STRIKING,
	.striking = record_change_striking,
	.relevant = record_change_relevant,
	.recall = record_change_recall,
	.observe = record_change_observe,
	.prepare = record_change_prepare,
};
