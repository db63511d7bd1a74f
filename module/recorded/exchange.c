/* SPDX-License-Identifier: BSD-3-Clause */
/* exchange - see exchange.h. */
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "base/dns.h"
#include "base/hash.h"
#include "name/name.h"
#include "recorded/exchange.h"

#define WAITING       65536 /* places for questions */
#define RECORDS_MAX   128   /* of an answer that are looked at */
#define SERVERS_MAX   8     /* of a delegation: of more, the first ones in order */
#define WAIT_MAX      30000 /* milliseconds: then an ID may stand for another question */

/* A question that was told, and whether its answer was. */
struct waiting {
	struct endpoint client; /* port 0: nobody's */
	uint16_t id;
	bool answered;
	uint64_t asked;         /* milliseconds */
	uint64_t question;      /* hash of name, type and class */
};

struct exchange {
	const struct sink *sink;
	struct waiting waiting[WAITING];
};

struct exchange *exchange_new(const struct sink *sink)
{
	struct exchange *exchange = calloc(1, sizeof(*exchange));

	if (exchange)
		exchange->sink = sink;
	return exchange;
}

void exchange_free(struct exchange *exchange)
{
	free(exchange);
}

/* What is asked. A client may ask for several types of a name at once under one ID: over HTTPS it is always 0. */
static uint64_t question_hash(const struct name *name, const struct warden_observation *obs)
{
	struct { uint64_t name; uint32_t type, class; } all = {
		hash_octets_plain(name->wire, name->len), obs->qtype, obs->qclass, /* without padding */
	};

	return hash_octets_plain(&all, sizeof(all));
}

/* Where <id> of <client> about <question> is kept: a table of a tool, so no key is needed. */
static struct waiting *place(struct exchange *exchange, const struct endpoint *client, uint16_t id,
                             uint64_t question)
{
	struct { uint64_t question; uint8_t address[16]; uint32_t port, id; } all = {
		.question = question, .port = client->port, .id = id, /* without padding: all of it is hashed */
	};

	memcpy(all.address, client->address, sizeof(all.address));
	return &exchange->waiting[hash_octets_plain(&all, sizeof(all)) % WAITING];
}

static bool waits(const struct waiting *waiting, const struct endpoint *client, uint16_t id,
                  uint64_t question, uint64_t now)
{
	return waiting->client.port == client->port && waiting->id == id && waiting->question == question &&
	       !memcmp(waiting->client.address, client->address, sizeof(client->address)) &&
	       now - waiting->asked <= WAIT_MAX;
}

/* The records of the answer section in <records>, their data in <data>, which grows.
 * Returns how many there are.
 */
static uint32_t read_records(const ldns_rr_list *answer, struct warden_record *records,
                             ldns_buffer *data)
{
	size_t count = ldns_rr_list_rr_count(answer);
	size_t offset[RECORDS_MAX];
	uint32_t used = 0;

	for (size_t i = 0; i < count && used < RECORDS_MAX; i++) {
		const ldns_rr *rr = ldns_rr_list_rr(answer, i);

		offset[used] = ldns_buffer_position(data);
		if (ldns_rr_rdata2buffer_wire(data, rr) != LDNS_STATUS_OK)
			break;
		records[used] = (struct warden_record){
			.type = (uint16_t)ldns_rr_get_type(rr),
			.ttl = ldns_rr_ttl(rr),
			.rdata_len = (uint16_t)(ldns_buffer_position(data) - offset[used]),
		};
		used++;
	}
	for (uint32_t i = 0; i < used; i++)
		records[i].rdata = ldns_buffer_at(data, offset[i]);
	return used;
}

static bool is_at_or_above(const ldns_rdf *zone, const ldns_rdf *name)
{
	return !ldns_dname_compare(zone, name) || ldns_dname_is_subdomain(name, zone);
}

typedef int order(const ldns_rdf *a, const ldns_rdf *b);

/* Takes <server> into the <count> of <servers>, which are in order and differ from each other.
 * Returns how many there are now.
 */
static uint8_t add_server(const ldns_rdf **servers, uint8_t count, const ldns_rdf *server,
                          order *compare)
{
	uint8_t at = 0;

	while (at < count && compare(servers[at], server) < 0)
		at++;
	if (at == SERVERS_MAX || (at < count && !compare(servers[at], server)))
		return count;
	if (count < SERVERS_MAX)
		count++;
	memmove(&servers[at + 1], &servers[at], (size_t)(count - 1 - at) * sizeof(*servers));
	servers[at] = server;
	return count;
}

/* The server that <rr> names, of <zone> or, when that is NULL, of any; NULL for none. */
static const ldns_rdf *server_of(const ldns_rr *rr, const ldns_rdf *zone)
{
	if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_NS || ldns_rr_rd_count(rr) != 1 ||
	    (zone && ldns_dname_compare(ldns_rr_owner(rr), zone) != 0))
		return NULL;
	return ldns_rr_rdf(rr, 0);
}

static uint8_t names_outside(const ldns_rdf **servers, const ldns_rr_list *authority,
                             const ldns_rdf *zone)
{
	uint8_t count = 0;

	for (size_t i = 0; i < ldns_rr_list_rr_count(authority); i++) {
		const ldns_rdf *name = server_of(ldns_rr_list_rr(authority, i), zone);

		if (name && !is_at_or_above(zone, name))
			count = add_server(servers, count, name, ldns_dname_compare);
	}
	return count;
}

/* Other records have addresses in the additional section too. */
static bool is_server(const ldns_rr_list *authority, const ldns_rdf *zone, const ldns_rdf *name)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(authority); i++) {
		const ldns_rdf *server = server_of(ldns_rr_list_rr(authority, i), zone);

		if (server && !ldns_dname_compare(server, name))
			return true;
	}
	return false;
}

static uint8_t addresses(const ldns_rdf **servers, const ldns_pkt *pkt, const ldns_rdf *zone,
                         ldns_rr_type type)
{
	const ldns_rr_list *additional = ldns_pkt_additional(pkt);
	uint8_t count = 0;

	for (size_t i = 0; i < ldns_rr_list_rr_count(additional); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(additional, i);

		if (ldns_rr_get_type(rr) == type && ldns_rr_rd_count(rr) == 1 &&
		    is_server(ldns_pkt_authority(pkt), zone, ldns_rr_owner(rr)))
			count = add_server(servers, count, ldns_rr_rdf(rr, 0), ldns_rdf_compare);
	}
	return count;
}

/* The zone that <authority> names servers of and <asked> is in: another one belongs to the
 * target of a CNAME, and is nothing to the name. NULL for none.
 */
static const ldns_rdf *zone_of(const ldns_rr_list *authority, const ldns_rdf *asked)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(authority); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(authority, i);

		if (server_of(rr, NULL) && is_at_or_above(ldns_rr_owner(rr), asked))
			return ldns_rr_owner(rr);
	}
	return NULL;
}

/* Fills in the delegation that the authority section of <pkt> names. */
static void read_delegation(struct warden_observation *obs, const ldns_pkt *pkt,
                            struct warden_server *servers)
{
	const ldns_rdf *asked = ldns_rr_owner(ldns_rr_list_rr(ldns_pkt_question(pkt), 0));
	const ldns_rdf *zone = zone_of(ldns_pkt_authority(pkt), asked);
	const ldns_rdf *told[SERVERS_MAX];
	uint8_t count;

	if (!zone)
		return;
	obs->zone = ldns_rdf_data(zone);
	obs->zone_len = (uint8_t)ldns_rdf_size(zone); /* at most 255, as of every name */
	count = names_outside(told, ldns_pkt_authority(pkt), zone);
	if (!count)
		count = addresses(told, pkt, zone, LDNS_RR_TYPE_A);
	if (!count)
		count = addresses(told, pkt, zone, LDNS_RR_TYPE_AAAA);
	for (uint8_t i = 0; i < count; i++)
		servers[i] = (struct warden_server){
			.id = ldns_rdf_data(told[i]), .id_len = (uint8_t)ldns_rdf_size(told[i]),
		};
	obs->servers = servers;
	obs->server_count = count;
}

static uint32_t least_ttl(const ldns_rr_list *answer)
{
	uint32_t least = 0;

	for (size_t i = 0; i < ldns_rr_list_rr_count(answer); i++) {
		uint32_t ttl = ldns_rr_ttl(ldns_rr_list_rr(answer, i));

		if (!i || ttl < least)
			least = ttl;
	}
	return least;
}

/* Completes <obs> with the answer in <pkt> and tells it. Returns NULL, or why it cannot. */
static const char *tell_answer(const struct sink *sink, struct warden_observation *obs,
                               const ldns_pkt *pkt, size_t len)
{
	const ldns_rr_list *answer = ldns_pkt_answer(pkt);
	struct warden_record records[RECORDS_MAX];
	struct warden_server servers[SERVERS_MAX];
	ldns_buffer *data = ldns_buffer_new(len + 1);

	if (!data)
		return "memory is short";
	obs->rcode = (uint8_t)ldns_pkt_get_rcode(pkt);
	obs->answer_count = ldns_pkt_ancount(pkt);
	obs->answer_size = (uint32_t)len;
	obs->ttl = least_ttl(answer);
	obs->record_count = read_records(answer, records, data);
	obs->records = records;
	read_delegation(obs, pkt, servers);
	sink->observe(sink->arg, obs);
	ldns_buffer_free(data);
	return NULL;
}

static void take_query(struct exchange *exchange, const struct endpoint *client,
                       struct warden_observation *obs, uint16_t id, uint64_t question)
{
	obs->what = WARDEN_QUESTION;
	exchange->sink->observe(exchange->sink->arg, obs);
	*place(exchange, client, id, question) = (struct waiting){
		.client = *client, .id = id, .asked = obs->now, .question = question,
	};
}

static const char *take_response(struct exchange *exchange, const struct endpoint *client,
                                 struct warden_observation *obs, const ldns_pkt *pkt, size_t len,
                                 uint64_t question)
{
	uint16_t id = ldns_pkt_id(pkt);
	struct waiting *waiting = place(exchange, client, id, question);

	if (!waits(waiting, client, id, question, obs->now)) {
		obs->what = WARDEN_QUESTION | WARDEN_ANSWER;
		*waiting = (struct waiting){
			.client = *client, .id = id, .asked = obs->now, .question = question,
		};
	} else if (!waiting->answered) {
		obs->what = WARDEN_ANSWER;
	} else {
		return "the answer was given before";
	}
	waiting->answered = true;
	return tell_answer(exchange->sink, obs, pkt, len);
}

/* Tells what <pkt>, the <len> octets at <message>, says. Returns NULL, or why it says nothing. */
static const char *take_pkt(struct exchange *exchange, const struct exchange_ends *ends,
                            const ldns_pkt *pkt, const uint8_t *message, size_t len)
{
	bool response = ldns_pkt_qr(pkt);
	const struct endpoint *client = &ends->client;
	struct warden_observation obs = {
		.now = ends->now, .path = WARDEN_PATH_MISS, .transport = ends->transport,
	};
	const ldns_rr *question;
	const ldns_rdf *owner;
	struct name name;
	uint64_t hash;

	if (response != ends->response)
		return "a message towards the wrong port";
	if (ldns_pkt_get_opcode(pkt) != LDNS_PACKET_QUERY)
		return "an operation other than a query";
	if (ldns_rr_list_rr_count(ldns_pkt_question(pkt)) != 1)
		return "not one question";
	question = ldns_rr_list_rr(ldns_pkt_question(pkt), 0);
	owner = ldns_rr_owner(question);
	if (!name_parse(&name, ldns_rdf_data(owner), ldns_rdf_size(owner)))
		return "the name is not a domain name";

	memcpy(obs.client, client->address, sizeof(obs.client));
	obs.client_port = client->port;
	obs.flags = ldns_pkt_edns(pkt) ? WARDEN_FLAG_EDNS : 0;
	if (!response) /* ldns does not keep all of it */
		obs.flags |= warden_odd_flags(message, len);
	obs.qtype = (uint16_t)ldns_rr_get_type(question);
	obs.qclass = (uint16_t)ldns_rr_get_class(question);
	obs.qname = name.raw;
	obs.qname_len = name.len;
	hash = question_hash(&name, &obs);
	if (response)
		return take_response(exchange, client, &obs, pkt, len, hash);
	take_query(exchange, client, &obs, ldns_pkt_id(pkt), hash);
	return NULL;
}

const char *exchange_take(struct exchange *exchange, const struct exchange_ends *ends,
                          const uint8_t *message, size_t len)
{
	const char *fault;
	ldns_pkt *pkt;

	if (len < DNS_HEADER_LEN || ldns_wire2pkt(&pkt, message, len) != LDNS_STATUS_OK)
		return "not a DNS message";
	fault = take_pkt(exchange, ends, pkt, message, len);
	ldns_pkt_free(pkt);
	return fault;
}
