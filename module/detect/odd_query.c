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

#include "detect/detector.h"
#include "detect/rate.h"

#define CLASS_IN 1

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
	case 1: case 2: case 5: case 6:                  /* A NS CNAME SOA */
	case 12: case 13: case 15: case 16:              /* PTR HINFO MX TXT */
	case 17: case 18: case 28: case 29:              /* RP AFSDB AAAA LOC */
	case 33: case 35: case 36: case 37: case 39:     /* SRV NAPTR KX CERT DNAME */
	case 42: case 43: case 44: case 45:              /* APL DS SSHFP IPSECKEY */
	case 46: case 47: case 48: case 49:              /* RRSIG NSEC DNSKEY DHCID */
	case 50: case 51: case 52: case 53:              /* NSEC3 NSEC3PARAM TLSA SMIMEA */
	case 55: case 59: case 60: case 61:              /* HIP CDS CDNSKEY OPENPGPKEY */
	case 62: case 63: case 64: case 65: case 66:     /* CSYNC ZONEMD SVCB HTTPS DSYNC */
	case 99: case 104: case 105: case 106: case 107: /* SPF NID L32 L64 LP */
	case 108: case 109: case 249: case 255:          /* EUI48 EUI64 TKEY ANY */
	case 256: case 257: case 260: case 261:          /* URI CAA AMTRELAY RESINFO */
	case 32769:                                      /* DLV */
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
	       (obs->qclass != CLASS_IN ? ODD_CLASS : 0u) |
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

	.relevant = odd_query_relevant,
	.observe = odd_query_observe,
};
