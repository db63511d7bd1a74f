/* SPDX-License-Identifier: BSD-3-Clause */
/* odd_query - questions that no ordinary software asks.
 *
 *     header  bits that are reserved, or mean something in answers only; records beside the question
 *     edns    a version, flags or options that nobody has given a meaning
 *     type    one that is not in use: see below
 *     class   not IN: CHAOS is how people ask a server who it is
 *
 * Hand-made questions look like this, those of scanners and of tunnels that hide in the corners
 * of the protocol. One alone is a person with dig, so it is of low confidence; many in an hour are of
 * a medium one.
 *
 * A type is odd unless something of the last twenty years asks for it: what is unassigned, for
 * private use, for experiments or a meta type is odd, and so are those of the first RFCs that
 * nobody took up (MB, WKS, X25, ...) or that others took the place of (KEY, NXT, A6, ...).
 */
#include <string.h>

#include "base/dns.h"
#include "detect/detector.h"
#include "detect/rate.h"

struct odd_query_config {
	struct detector_config common;
	uint64_t window, count;
};

static const struct option odd_query_options[] = {
	OPTION_NUMBER(struct odd_query_config, window, "window", OPT_TIME, HOUR, SECOND, DAY,
	              "Time over which odd questions are counted. It slides."),
	OPTION_NUMBER(struct odd_query_config, count, "count", OPT_COUNT, 20, 1, 60000,
	              "From this many odd questions of a client in the window on, the confidence is "
	              "medium; before that it is low."),
	OPTION_END
};

enum odd { ODD_HEADER = 1, ODD_EDNS = 2, ODD_TYPE = 4, ODD_CLASS = 8 };

static bool is_ordinary_type(uint16_t type)
{
	switch (type) {
	case DNS_TYPE_A: case DNS_TYPE_NS: case DNS_TYPE_CNAME: case DNS_TYPE_SOA:
	case DNS_TYPE_PTR: case DNS_TYPE_HINFO: case DNS_TYPE_MX: case DNS_TYPE_TXT:
	case DNS_TYPE_RP: case DNS_TYPE_AFSDB: case DNS_TYPE_AAAA: case DNS_TYPE_LOC:
	case DNS_TYPE_SRV: case DNS_TYPE_NAPTR: case DNS_TYPE_KX: case DNS_TYPE_CERT:
	case DNS_TYPE_DNAME: case DNS_TYPE_APL: case DNS_TYPE_DS: case DNS_TYPE_SSHFP:
	case DNS_TYPE_IPSECKEY: case DNS_TYPE_RRSIG: case DNS_TYPE_NSEC: case DNS_TYPE_DNSKEY:
	case DNS_TYPE_DHCID: case DNS_TYPE_NSEC3: case DNS_TYPE_NSEC3PARAM: case DNS_TYPE_TLSA:
	case DNS_TYPE_SMIMEA: case DNS_TYPE_HIP: case DNS_TYPE_CDS: case DNS_TYPE_CDNSKEY:
	case DNS_TYPE_OPENPGPKEY: case DNS_TYPE_CSYNC: case DNS_TYPE_ZONEMD: case DNS_TYPE_SVCB:
	case DNS_TYPE_HTTPS: case DNS_TYPE_DSYNC: case DNS_TYPE_SPF: case DNS_TYPE_NID:
	case DNS_TYPE_L32: case DNS_TYPE_L64: case DNS_TYPE_LP: case DNS_TYPE_EUI48:
	case DNS_TYPE_EUI64: case DNS_TYPE_TKEY: case DNS_TYPE_ANY: case DNS_TYPE_URI:
	case DNS_TYPE_CAA: case DNS_TYPE_AMTRELAY: case DNS_TYPE_RESINFO: case DNS_TYPE_DLV:
		return true;
	default:
		return false;
	}
}

/* What is odd about the question: enum odd, or-ed. */
static unsigned oddities(const struct warden_observation *obs)
{
	return (obs->flags & WARDEN_FLAG_ODD_HEADER ? ODD_HEADER : 0u) |
	       (obs->flags & WARDEN_FLAG_ODD_EDNS ? ODD_EDNS : 0u) |
	       (obs->qclass != DNS_CLASS_IN ? ODD_CLASS : 0u) |
	       (is_ordinary_type(obs->qtype) ? 0u : ODD_TYPE);
}

static bool odd_query_relevant(const void *config, const struct facts *facts)
{
	(void)config;
	return oddities(facts->obs);
}

enum odd_query_reason { REASON_HEADER, REASON_EDNS, REASON_TYPE, REASON_CLASS };

static const char *const odd_query_reasons[] = {
	[REASON_HEADER] = "asked with a header that has no meaning in questions",
	[REASON_EDNS] = "asked with an EDNS version, flag or option that has no meaning",
	[REASON_TYPE] = "asked for records of a type that is not in use",
	[REASON_CLASS] = "asked in a class other than IN",
	NULL
};

/* Names all that is odd, and reasons with the first of it. */
static void tell(struct opinion *opinion, unsigned odd)
{
	static const char *const words[] = { "header", "edns", "type", "class" };
	char text[sizeof(uint64_t) * EVIDENCE_TEXT_WORDS + 1] = "";

	opinion->reason = (uint8_t)__builtin_ctz(odd);
	for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!(odd >> i & 1))
			continue;
		if (*text)
			strcat(text, " ");
		strcat(text, words[i]); /* all of them are 22 characters */
	}
	evidence_text(&opinion->evidence[1], text);
}

static struct opinion odd_query_observe(const void *config, void *client, void *pair, void *domain,
                                        const struct facts *facts)
{
	const struct odd_query_config *conf = config;
	struct opinion opinion = NO_OPINION;

	(void)pair, (void)domain;
	opinion.evidence[0] = rate_count(client, conf->window, facts->now, 1);
	opinion.confidence = opinion.evidence[0] >= conf->count ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
	tell(&opinion, oddities(facts->obs));
	return opinion;
}

static const char *const odd_query_attack[] = { "T1071.004", "T1572", NULL };

const struct detector detector_odd_query = {
	.name = "odd-query",
	.help = "Finds questions that no ordinary software asks: header bits, EDNS, types and classes "
	        "that are not in use.",
	.when = ON_QUESTION | ON_ANY_PATH,
	.subject = SUBJECT_CLIENT,
	.action = ACTION_LOG,
	.score = 10,
	.hold = HOUR,

	.options = odd_query_options,
	.config_size = sizeof(struct odd_query_config),
	.client_size = sizeof(struct rate),

	.category = "protocol-anomaly",
	.attack = odd_query_attack,
	.reasons = odd_query_reasons,
	.evidence = { { "odd_queries" }, { "odd", EVIDENCE_TEXT } },

	.signs = SIGN_ODD,
	.relevant = odd_query_relevant,
	.observe = odd_query_observe,
};
