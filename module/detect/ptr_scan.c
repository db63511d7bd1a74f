/* SPDX-License-Identifier: BSD-3-Clause */
/* ptr_scan - a client that looks up the names of one address after the other.
 *
 *     client  different whole addresses in PTR questions, in a sliding hour    >= count
 *
 * Whoever is new in a network looks around in it; its reverse zones say what there is, without
 * a packet to any of the hosts. Mail servers, monitoring and whatever writes logs with names do
 * the same all day: allow-client is for these.
 *
 * PTR is also the type of service discovery (RFC 6763: b._dns-sd._udp.0.2.0.192.in-addr.arpa,
 * _ipp._tcp.example.com), which ordinary devices do in every network they come to. These are no
 * addresses, so only four numbers below in-addr.arpa and 32 digits below ip6.arpa are counted.
 *
 * The reverse zones are on the allow list that is shipped, for an address in each name is more
 * than other detectors could bear: hence sees_allowed.
 */
#include <string.h>

#include "base/dns.h"
#include "detect/detector.h"
#include "detect/rate.h"

#define IPV4_LABELS 4
#define IPV6_LABELS 32
#define ZONE_LABELS 2

struct ptr_scan_config {
	struct detector_config common;
	uint64_t window, count;
};

static const struct option ptr_scan_options[] = {
	OPTION_NUMBER(struct ptr_scan_config, window, "window", OPT_TIME, HOUR, SECOND, DAY,
	              "Time over which addresses are counted. It slides."),
	OPTION_NUMBER(struct ptr_scan_config, count, "count", OPT_COUNT, 80, 1, 60000,
	              "A client that looks up this many different addresses in the window is told."),
	OPTION_END
};

static bool is_below(const struct name *name, unsigned labels, const char *zone, size_t zone_len)
{
	return name->labels == labels + ZONE_LABELS && name_tail_len(name, labels) == zone_len &&
	       !memcmp(name_tail(name, labels), zone, zone_len);
}

/* Reads a decimal number of up to three digits. False when it is none of an address. */
static bool read_octet(const uint8_t *label, uint8_t *octet)
{
	unsigned value = 0;

	if (label[0] > 3)
		return false;
	for (unsigned i = 1; i <= label[0]; i++) {
		if (label[i] < '0' || label[i] > '9')
			return false;
		value = value * 10 + label[i] - '0';
	}
	*octet = (uint8_t)value;
	return value <= UINT8_MAX;
}

/* Reads a hexadecimal digit; names are in lower case. */
static bool read_nibble(const uint8_t *label, uint8_t *nibble)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit = label[0] == 1 && label[1] ? strchr(digits, label[1]) : NULL;

	*nibble = digit ? (uint8_t)(digit - digits) : 0;
	return digit;
}

/* The address that <name> is the reverse of. False when it is of none. */
static bool read_address(const struct name *name, uint8_t address[16])
{
	static const char in_addr[] = "\7in-addr\4arpa", ip6[] = "\3ip6\4arpa";

	memset(address, 0, 16);
	if (is_below(name, IPV4_LABELS, in_addr, sizeof(in_addr))) {
		address[10] = address[11] = 0xff;
		for (unsigned i = 0; i < IPV4_LABELS; i++)
			if (!read_octet(name->wire + name->label[i], &address[15 - i]))
				return false;
		return true;
	}
	if (!is_below(name, IPV6_LABELS, ip6, sizeof(ip6)))
		return false;
	for (unsigned i = 0; i < IPV6_LABELS; i++) {
		uint8_t nibble;

		if (!read_nibble(name->wire + name->label[i], &nibble))
			return false;
		address[15 - i / 2] |= (uint8_t)(i % 2 ? nibble << 4 : nibble);
	}
	return true;
}

static bool ptr_scan_relevant(const void *config, const struct facts *facts)
{
	uint8_t address[16];

	(void)config;
	return facts->obs->qtype == DNS_TYPE_PTR && read_address(facts->name, address);
}

static struct opinion ptr_scan_observe(const void *config, void *client, void *pair, void *domain,
                                       const struct facts *facts)
{
	const struct ptr_scan_config *conf = config;
	struct opinion opinion = NO_OPINION;
	uint8_t address[16];

	(void)pair, (void)domain;
	opinion.evidence[0] = rate_count(client, conf->window, facts->now, facts->novel);
	read_address(facts->name, address);
	memcpy(&opinion.evidence[1], address, sizeof(address));
	if (opinion.evidence[0] >= conf->count)
		opinion.confidence = CONFIDENCE_HIGH;
	return opinion;
}

static const char *const ptr_scan_attack[] = { "T1018", NULL };

static const char *const ptr_scan_reasons[] = {
	"looked up the names of many different addresses",
	NULL
};

const struct detector detector_ptr_scan = {
	.name = "ptr-scan",
	.help = "Finds clients that look around in a network by its reverse zones. It sees these "
	        "although the allow list that is shipped has them.",
	.when = ON_QUESTION | ON_ANY_PATH | BUT_ADDRESSES,
	.needs = FACT_NOVEL,
	.subject = SUBJECT_CLIENT,
	.action = ACTION_LOG,
	.score = 10,
	.sees_allowed = true,
	.hold = HOUR,

	.options = ptr_scan_options,
	.config_size = sizeof(struct ptr_scan_config),
	.client_size = sizeof(struct rate),

	.category = "discovery",
	.attack = ptr_scan_attack,
	.reasons = ptr_scan_reasons,
	.evidence = { { "distinct_addresses" }, { "address", EVIDENCE_ADDRESS } },

	.relevant = ptr_scan_relevant,
	.observe = ptr_scan_observe,
};
