/* SPDX-License-Identifier: BSD-3-Clause */
/* vote - a vote as text, and back.
 *
 *     "v=1" "node=n1" "client=192.0.2.7/32" "domain=example.org" "verdict=refuse" "detector=information"
 *     "confidence=high" "score=80" "clients=1" "made=1700000000" "expires=1700003600"
 *
 * One string for each key of the table below, in its order. Reading is strict: a key twice, in another order, unknown,
 * with a number that has a leading zero or a name in upper case is not what a Warden has written. So a vote has one
 * text only, and what is not understood is never half understood: a later version says v=2.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <warden/warden.h>

#include "base/clock.h"
#include "base/network.h"
#include "detect/detector.h"
#include "engine/resolve_fleet.h"
#include "fleet/vote.h"

enum vote_key {
	KEY_V, KEY_NODE, KEY_CLIENT, KEY_DOMAIN, KEY_VERDICT, KEY_DETECTOR, KEY_CONFIDENCE, KEY_SCORE, KEY_CLIENTS,
	KEY_MADE, KEY_EXPIRES, KEY_COUNT
};

static const char *const keys[KEY_COUNT] = {
	"v", "node", "client", "domain", "verdict", "detector", "confidence", "score", "clients", "made", "expires",
};

static const char *const confidences[] = { "", "low", "medium", "high" };

static_assert(CONFIDENCE_LOW == 1 && CONFIDENCE_HIGH == 3, "a word for each");

/* Letters, digits, hyphens; lower case. */
static bool is_word(const char *text, size_t most)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len && len <= most && !text[len];
}

bool vote_domain_is_valid(const struct name *name)
{
	const uint8_t *last = name_tail(name, name->labels - 1u);

	for (unsigned label = 0; label < name->labels; label++)
		if (!memcmp(name_tail(name, label), "\1*", 2))
			return false;
	return name->labels && !(last[0] >= 4 && !memcmp(last + 1, "rpz-", 4)) &&
	       !(last[0] == strlen(FLEET_BELOW) && !memcmp(last + 1, FLEET_BELOW, strlen(FLEET_BELOW)));
}

/* ---- id ------------------------------------------------------------------------ */

bool vote_identify(struct vote *vote, const uint8_t *secret, size_t secret_len)
{
	uint8_t subject[2 + sizeof(vote->client) + sizeof(vote->name)], mac[EVP_MAX_MD_SIZE];
	unsigned mac_len = 0;
	size_t len = 0;

	subject[len++] = (uint8_t)(vote->any_client | vote->any_domain << 1);
	subject[len++] = vote->any_client ? 0 : vote->prefix;
	if (!vote->any_client) {
		memcpy(subject + len, vote->client, sizeof(vote->client));
		len += sizeof(vote->client);
	}
	if (!vote->any_domain) {
		memcpy(subject + len, vote->name, vote->name_len);
		len += vote->name_len;
	}
	if (!HMAC(EVP_sha256(), secret, (int)secret_len, subject, len, mac, &mac_len) || mac_len < FLEET_ID_MAX / 2)
		return false;
	for (unsigned i = 0; i < FLEET_ID_MAX / 2; i++)
		snprintf(vote->id + (size_t)2 * i, 3, "%02x", mac[i]);
	return true;
}

/* ---- writing ------------------------------------------------------------------- */

/* Strings on their way into a record. */
struct strings {
	uint8_t *octets;
	size_t used;
	bool spilt; /* one did not fit */
};

__attribute__((format(printf, 3, 4)))
static void add(struct strings *strings, enum vote_key key, const char *format, ...)
{
	char text[2 * NAME_TEXT_MAX];
	va_list args;
	int len = snprintf(text, sizeof(text), "%s=", keys[key]);

	va_start(args, format);
	len += vsnprintf(text + len, sizeof(text) - (size_t)len, format, args);
	va_end(args);
	if (strings->spilt || len > UINT8_MAX || strings->used + 1 + (size_t)len > VOTE_TEXT_MAX) {
		strings->spilt = true;
		return;
	}
	strings->octets[strings->used++] = (uint8_t)len;
	memcpy(strings->octets + strings->used, text, (size_t)len);
	strings->used += (size_t)len;
}

static void add_client(struct strings *strings, const struct vote *vote)
{
	bool v4 = network_is_v4(vote->client);
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(v4 ? AF_INET : AF_INET6, vote->client + (v4 ? 12 : 0), text, sizeof(text));
	add(strings, KEY_CLIENT, "%s/%u", text, v4 ? vote->prefix - NETWORK_V4_BITS : vote->prefix);
}

size_t vote_strings(const struct vote *vote, uint8_t octets[VOTE_TEXT_MAX])
{
	struct strings strings = { .octets = octets };
	char domain[NAME_TEXT_MAX];

	add(&strings, KEY_V, "1");
	add(&strings, KEY_NODE, "%s", vote->node);
	if (!vote->any_client)
		add_client(&strings, vote);
	if (!vote->any_domain)
		add(&strings, KEY_DOMAIN, "%s", name_text(domain, vote->name, vote->name_len));
	add(&strings, KEY_VERDICT, "%s", warden_verdict_name(vote->verdict));
	add(&strings, KEY_DETECTOR, "%s", vote->detector);
	add(&strings, KEY_CONFIDENCE, "%s", confidences[vote->confidence & 3]);
	add(&strings, KEY_SCORE, "%u", vote->score);
	if (vote->clients)
		add(&strings, KEY_CLIENTS, "%u", vote->clients);
	add(&strings, KEY_MADE, "%" PRIu64, vote->made / SECOND);
	add(&strings, KEY_EXPIRES, "%" PRIu64, vote->expires / SECOND);
	return strings.spilt ? 0 : strings.used;
}

size_t vote_owner(const struct vote *vote, const struct name *zone, uint8_t owner[NAME_WIRE_MAX])
{
	const char *const labels[] = { vote->id, vote->node, FLEET_BELOW };
	size_t used = 0;

	for (unsigned i = 0; i < 3; i++) {
		size_t len = strlen(labels[i]);

		if (used + 1 + len + zone->len > NAME_WIRE_MAX)
			return 0;
		owner[used++] = (uint8_t)len;
		memcpy(owner + used, labels[i], len);
		used += len;
	}
	memcpy(owner + used, zone->wire, zone->len);
	return used + zone->len;
}

/* ---- reading ------------------------------------------------------------------- */

/* Reads the value of the next string, whose key is <key>, into <value>; false when the next string is another's. */
static bool take(const uint8_t **at, const uint8_t *end, enum vote_key key, char value[UINT8_MAX + 1])
{
	size_t key_len = strlen(keys[key]), len;
	const uint8_t *text;

	if (*at >= end)
		return false;
	text = *at + 1;
	len = **at;
	if (len > (size_t)(end - text) || len <= key_len + 1 || memcmp(text, keys[key], key_len) != 0 ||
	    text[key_len] != '=' || memchr(text, '\0', len))
		return false;
	memcpy(value, text + key_len + 1, len - key_len - 1);
	value[len - key_len - 1] = '\0';
	*at = text + len;
	return true;
}

/* A number as it is printed. */
static bool is_number(const char *text, uint64_t max, uint64_t *number)
{
	size_t len = strspn(text, "0123456789");

	*number = 0;
	if (!len || len > 10 || text[len] || (text[0] == '0' && len > 1))
		return false;
	for (; *text; text++)
		*number = *number * 10 + (uint64_t)(*text - '0');
	return *number <= max;
}

static bool is_time(const char *text, uint64_t *milliseconds)
{
	if (!is_number(text, UINT32_MAX, milliseconds))
		return false;
	*milliseconds *= SECOND;
	return true;
}

/* An address with its prefix, as it is printed: no bits behind that, and never everybody. */
static bool is_client(const char *text, struct vote *vote)
{
	struct network network;
	struct strings strings;
	uint8_t again[VOTE_TEXT_MAX];
	size_t key_len = strlen(keys[KEY_CLIENT]) + 1;

	if (!strchr(text, '/') || !network_parse(&network, text) || !network.bits ||
	    (network_is_v4(network.address) && network.bits <= NETWORK_V4_BITS))
		return false;
	memcpy(vote->client, network.address, sizeof(vote->client));
	vote->prefix = network.bits;
	strings = (struct strings){ .octets = again };
	add_client(&strings, vote);
	return strings.used == 1 + key_len + strlen(text) && !memcmp(again + 1 + key_len, text, strlen(text));
}

static bool is_domain(const char *text, struct vote *vote)
{
	char again[NAME_TEXT_MAX];
	struct name name;

	if (!name_from_text(&name, text) || !vote_domain_is_valid(&name))
		return false;
	vote->name_len = name.len;
	memcpy(vote->name, name.wire, name.len);
	return !strcmp(name_text(again, name.wire, name.len), text);
}

static bool is_verdict(const char *text, struct vote *vote)
{
	for (unsigned verdict = 0; verdict < WARDEN_VERDICT_COUNT; verdict++)
		if (!strcmp(text, warden_verdict_name(verdict))) {
			vote->verdict = (uint8_t)verdict;
			return warden_verdict_denies(verdict);
		}
	return false;
}

static bool is_confidence(const char *text, struct vote *vote)
{
	for (uint8_t i = CONFIDENCE_LOW; i <= CONFIDENCE_HIGH; i++)
		if (!strcmp(text, confidences[i])) {
			vote->confidence = i;
			return true;
		}
	return false;
}

/* For whom it is: a client, a domain or both. */
static bool read_subject(struct vote *vote, const uint8_t **at, const uint8_t *end)
{
	char value[UINT8_MAX + 1];

	vote->any_client = !take(at, end, KEY_CLIENT, value);
	if (!vote->any_client && !is_client(value, vote))
		return false;
	vote->any_domain = !take(at, end, KEY_DOMAIN, value);
	if (!vote->any_domain && !is_domain(value, vote))
		return false;
	return !vote->any_client || !vote->any_domain;
}

static bool read_strings(struct vote *vote, const uint8_t *at, const uint8_t *end)
{
	char value[UINT8_MAX + 1];
	uint64_t number = 0;

	if (!take(&at, end, KEY_V, value) || strcmp(value, "1") != 0)
		return false;
	if (!take(&at, end, KEY_NODE, value) || strcmp(value, vote->node) != 0 || !read_subject(vote, &at, end))
		return false;
	if (!take(&at, end, KEY_VERDICT, value) || !is_verdict(value, vote))
		return false;
	if (!take(&at, end, KEY_DETECTOR, value) || !is_word(value, FLEET_DETECTOR_MAX))
		return false;
	snprintf(vote->detector, sizeof(vote->detector), "%.*s", FLEET_DETECTOR_MAX, value);
	if (!take(&at, end, KEY_CONFIDENCE, value) || !is_confidence(value, vote))
		return false;
	if (!take(&at, end, KEY_SCORE, value) || !is_number(value, 100, &number))
		return false;
	vote->score = (uint8_t)number;
	if (take(&at, end, KEY_CLIENTS, value)) {
		if (!is_number(value, UINT8_MAX, &number) || !number)
			return false;
		vote->clients = (uint8_t)number;
	}
	return take(&at, end, KEY_MADE, value) && is_time(value, &vote->made) && take(&at, end, KEY_EXPIRES, value) &&
	       is_time(value, &vote->expires) && vote->made < vote->expires && at == end;
}

/* A label as a word; false when it is none of at most <most> octets. */
static bool read_label(const struct name *name, unsigned label, char *text, size_t most)
{
	const uint8_t *octets = name_tail(name, label);

	if (octets[0] > most || memchr(octets + 1, '\0', octets[0]))
		return false;
	memcpy(text, octets + 1, octets[0]);
	text[octets[0]] = '\0';
	return true;
}

enum vote_read vote_read(struct vote *vote, const struct name *zone, const struct name *owner, const uint8_t *strings,
                         size_t len)
{
	unsigned below = owner->labels - zone->labels;
	char label[FLEET_NODE_LEN + 1];

	if (owner->labels <= zone->labels || name_alike(owner, zone) < zone->labels ||
	    !read_label(owner, below - 1, label, strlen(FLEET_BELOW)) || strcmp(label, FLEET_BELOW) != 0)
		return VOTE_NONE;
	memset(vote, 0, sizeof(*vote));
	if (below != 3 || !read_label(owner, 0, vote->id, FLEET_ID_MAX) || !read_label(owner, 1, vote->node, FLEET_NODE_LEN))
		return VOTE_REFUSED;
	if (strlen(vote->id) != FLEET_ID_MAX || strspn(vote->id, "0123456789abcdef") != FLEET_ID_MAX ||
	    !fleet_node_is_valid(vote->node) || !read_strings(vote, strings, strings + len))
		return VOTE_REFUSED;
	return VOTE_READ;
}

/* ---- records ------------------------------------------------------------------- */

enum vote_read vote_from_rr(struct vote *vote, const struct name *zone, const struct name *owner, const ldns_rr *rr)
{
	uint8_t strings[VOTE_TEXT_MAX];
	size_t used = 0;

	if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_TXT)
		return VOTE_NONE;
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *rdf = ldns_rr_rdf(rr, i);
		size_t size = ldns_rdf_size(rdf);

		if (used + size > sizeof(strings)) {
			used = 0; /* longer than any vote: no string is read */
			break;
		}
		memcpy(strings + used, ldns_rdf_data(rdf), size);
		used += size;
	}
	return vote_read(vote, zone, owner, strings, used);
}

ldns_rr *record_bare(const uint8_t *owner, size_t len, ldns_rr_type type)
{
	ldns_rr *rr = ldns_rr_new();
	ldns_rdf *name = len ? ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, len, owner) : NULL;

	if (!rr || !name) {
		ldns_rr_free(rr);
		ldns_rdf_deep_free(name);
		return NULL;
	}
	ldns_rr_set_owner(rr, name);
	ldns_rr_set_type(rr, type);
	ldns_rr_set_class(rr, LDNS_RR_CLASS_IN);
	ldns_rr_set_ttl(rr, FLEET_TTL);
	return rr;
}

ldns_rr *vote_to_rr(const struct vote *vote, const struct name *zone)
{
	uint8_t owner[NAME_WIRE_MAX], strings[VOTE_TEXT_MAX];
	size_t len = vote_strings(vote, strings);
	ldns_rr *rr = len ? record_bare(owner, vote_owner(vote, zone, owner), LDNS_RR_TYPE_TXT) : NULL;

	for (size_t at = 0; rr && at < len; at += (size_t)strings[at] + 1) {
		ldns_rdf *rdf = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_STR, (size_t)strings[at] + 1, strings + at);

		if (!rdf || !ldns_rr_push_rdf(rr, rdf)) {
			ldns_rdf_deep_free(rdf);
			ldns_rr_free(rr);
			return NULL;
		}
	}
	return rr;
}
