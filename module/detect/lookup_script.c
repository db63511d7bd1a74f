/* SPDX-License-Identifier: BSD-3-Clause */
/* lookup_script - a client that asks for data, not for addresses, again and again in one domain.
 *
 * A script that runs nslookup or dig in a loop, as intruders write them who have nothing else: it
 * asks for TXT, MX or CNAME of one name after the other below a domain of its own.
 *
 *     pair  such questions in 5 minutes    >= count
 *           of them for new names          >= distinct
 *
 * Not such are questions that ordinary programs ask of several names of a domain:
 *
 *     A AAAA HTTPS SVCB PTR     to connect, to show a name, to find a printer
 *     NS SOA DS DNSKEY ...      the work of resolvers that ask through this one
 *     _ldap._tcp. and so on     services (RFC 8552), which a member of a Windows domain asks for
 *                               by the dozen when it starts; names of mail, of any type
 *
 * Counts are octets and saturate at 255 a bucket, far above the bounds.
 */
#include <assert.h>

#include "base/dns.h"
#include "detect/detector.h"
#include "detect/infrastructure.h"
#include "detect/rate.h"

struct lookup_script_config {
	struct detector_config common;
	uint64_t window, count, distinct, client_count;
};

struct lookup_script_pair {
	struct window window;
	uint8_t count[WINDOW_BUCKETS], distinct[WINDOW_BUCKETS];
};

static_assert(sizeof(struct lookup_script_pair) == 24, "pair slots have no room to spare");

static const struct option lookup_script_options[] = {
	OPTION_NUMBER(struct lookup_script_config, window, "window", OPT_TIME, 5 * MINUTE, SECOND, DAY,
	              "Time over which questions are counted. It slides."),
	OPTION_NUMBER(struct lookup_script_config, count, "count", OPT_COUNT, 10, 1, 255,
	              "This many questions of a client for other records than addresses below one domain "
	              "in the window are needed for an opinion."),
	OPTION_NUMBER(struct lookup_script_config, distinct, "distinct", OPT_COUNT, 8, 0, 255,
	              "And among them this many different names."),
	OPTION_NUMBER(struct lookup_script_config, client_count, "client-count", OPT_COUNT, 0, 0, 60000,
	              "This many such questions of a client in the window are told too, whatever the domains "
	              "and names, with medium confidence. 0: these are not counted. Mail servers ask so."),
	OPTION_END
};

/* Types whose names begin with the service's: one label of it, with an underscore, is enough. */
static bool is_of_services(uint16_t type)
{
	return type == DNS_TYPE_SRV || type == DNS_TYPE_TLSA || type == DNS_TYPE_URI;
}

static bool is_counted_type(uint16_t type)
{
	switch (type) {
	case DNS_TYPE_A: case DNS_TYPE_AAAA: case DNS_TYPE_SVCB: case DNS_TYPE_HTTPS:
	case DNS_TYPE_PTR: case DNS_TYPE_NS: case DNS_TYPE_SOA: case DNS_TYPE_DS:
	case DNS_TYPE_DNSKEY: case DNS_TYPE_RRSIG: case DNS_TYPE_NSEC: case DNS_TYPE_NSEC3:
	case DNS_TYPE_NSEC3PARAM: case DNS_TYPE_CDS: case DNS_TYPE_CDNSKEY: case DNS_TYPE_DLV:
		return false;
	default:
		return true;
	}
}

static bool is_service(const struct name *name)
{
	return name->labels && name->wire[name->label[0]] && name->wire[name->label[0] + 1] == '_';
}

static bool lookup_script_relevant(const void *config, const struct facts *facts)
{
	uint16_t type = facts->obs->qtype;

	(void)config;
	return is_counted_type(type) && !is_infrastructure(facts->name) &&
	       !(is_of_services(type) && is_service(facts->name));
}

enum lookup_script_reason { REASON_PAIR, REASON_CLIENT };

static const char *const lookup_script_reasons[] = {
	[REASON_PAIR] = "asked for records other than addresses of several different names below one domain",
	[REASON_CLIENT] = "asked for records other than addresses again and again",
	NULL
};

static struct opinion lookup_script_observe(const void *config, void *client, void *pair, void *domain,
                                            const struct facts *facts)
{
	const struct lookup_script_config *conf = config;
	struct lookup_script_pair *state = pair;
	uint32_t expired;
	unsigned at = window_move(&state->window, conf->window, facts->now, &expired);
	uint64_t count = buckets_count8(state->count, at, expired, 1);
	uint64_t distinct = buckets_count8(state->distinct, at, expired, facts->novel);
	uint64_t of_client = conf->client_count ? rate_count(client, conf->window, facts->now, 1) : 0;
	struct opinion opinion = { .evidence = { count, distinct, of_client } };

	(void)domain;
	if (count >= conf->count && distinct >= conf->distinct) {
		opinion.confidence = CONFIDENCE_HIGH;
		opinion.reason = REASON_PAIR;
	} else if (conf->client_count && of_client >= conf->client_count) {
		opinion.confidence = CONFIDENCE_MEDIUM;
		opinion.reason = REASON_CLIENT;
	}
	return opinion;
}

static const char *const lookup_script_attack[] = { "T1071.004", "T1048.003", NULL };

const struct detector detector_lookup_script = {
	.name = "lookup-script",
	.help = "Finds scripts that ask for TXT and other records in a loop, as with nslookup.",
	.when = ON_QUESTION | ON_ANY_PATH | BUT_ADDRESSES,
	.needs = FACT_NOVEL,
	.subject = SUBJECT_PAIR,
	.action = ACTION_LOG,
	.score = 15,
	.hold = HOUR,

	.options = lookup_script_options,
	.config_size = sizeof(struct lookup_script_config),
	.client_size = sizeof(struct rate),
	.pair_size = sizeof(struct lookup_script_pair),

	.category = "command-and-control",
	.attack = lookup_script_attack,
	.reasons = lookup_script_reasons,
	.evidence = { { "queries" }, { "distinct_names" }, { "queries_of_client" } },

	.relevant = lookup_script_relevant,
	.observe = lookup_script_observe,
};
