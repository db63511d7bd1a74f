/* SPDX-License-Identifier: BSD-3-Clause */
/* translate - reads what Unbound knows of a question and its answer.
 *
 * Invariant: pointers that Unbound may leave NULL are checked here, in one place each, and
 * nothing of Unbound's is written to.
 */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "sldns/pkthdr.h"
#include "sldns/rrdef.h"
#include "sldns/sbuffer.h"
#include "util/data/dname.h"
#include "util/data/msgparse.h"
#include "util/data/msgreply.h"
#include "util/data/packed_rrset.h"
#include "util/netevent.h"

#include "unbound/translate.h"

#define QUESTION_LEN 4     /* type and class */
#define RECORD_LEN 12      /* compressed owner, type, class, TTL, length */
#define OPT_LEN 11         /* RFC 6891 section 6.1.2 */
#define RDATA_PREFIX_LEN 2 /* packed rdata begins with its length */

/* IPv4 addresses within IPv6 (RFC 4291 section 2.5.5.2). */
static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

uint64_t translate_time(const struct timeval *time)
{
	if (!time || time->tv_sec < 0)
		return 0;
	return (uint64_t)time->tv_sec * 1000 + (uint64_t)time->tv_usec / 1000;
}

static uint8_t transport_of(const struct comm_point *c)
{
	switch (c->type) {
	case comm_udp:
		return WARDEN_TRANSPORT_UDP;
	case comm_tcp:
		return c->ssl ? WARDEN_TRANSPORT_DOT : WARDEN_TRANSPORT_TCP;
	case comm_http:
		return WARDEN_TRANSPORT_DOH;
	default:
		/* DNS over QUIC, which 1.17.1 has no word for: encrypted, address proven. */
		return WARDEN_TRANSPORT_DOT;
	}
}

bool translate_client(struct warden_observation *obs, const struct comm_reply *from)
{
	if (!from || !from->c)
		return false;
	/* Behind PROXYv2 client_addr is the client and remote_addr the proxy. */
	switch (from->client_addr.ss_family) {
	case AF_INET: {
		const struct sockaddr_in *in = (const struct sockaddr_in *)&from->client_addr;

		memcpy(obs->client, mapped, sizeof(mapped));
		memcpy(obs->client + sizeof(mapped), &in->sin_addr, 4);
		obs->client_port = ntohs(in->sin_port);
		break;
	}
	case AF_INET6: {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&from->client_addr;

		memcpy(obs->client, &in6->sin6_addr, 16);
		obs->client_port = ntohs(in6->sin6_port);
		break;
	}
	default:
		return false;
	}
	obs->transport = transport_of(from->c);
	if (from->is_proxied)
		obs->flags |= WARDEN_FLAG_PROXIED;
	return true;
}

/* The address of an EDNS Client Subnet option (RFC 7871 section 6): family, prefix of the question,
 * prefix of an answer, and as many octets as the former takes, with zeros behind it.
 */
static void add_subnet(struct warden_observation *obs, const struct edns_option *option)
{
	enum { FAMILY_LEN = 2, SUBNET_LEN = FAMILY_LEN + 2, IPV4 = 1, IPV6 = 2 };
	uint8_t address[16] = { 0 };
	unsigned family, prefix, start;
	size_t len;

	if (!option || option->opt_len <= SUBNET_LEN)
		return;
	family = sldns_read_uint16(option->opt_data);
	prefix = option->opt_data[FAMILY_LEN];
	len = option->opt_len - SUBNET_LEN;
	if (!prefix || option->opt_data[FAMILY_LEN + 1] || len != (prefix + 7) / 8 ||
	    !(family == IPV6 ? prefix <= 128 : family == IPV4 && prefix <= 32))
		return;
	start = family == IPV4 ? sizeof(mapped) : 0;
	memcpy(address, mapped, start);
	memcpy(address + start, option->opt_data + SUBNET_LEN, len);
	if (prefix % 8 && address[start + len - 1] & (0xff >> prefix % 8))
		return;
	memcpy(obs->subnet, address, sizeof(address));
	obs->subnet_prefix = (uint8_t)(8 * start + prefix);
}

void translate_edns(struct warden_observation *obs, const struct edns_data *edns)
{
	if (!edns || !edns->edns_present)
		return;
	obs->flags |= WARDEN_FLAG_EDNS;
#ifdef LDNS_EXT_RCODE_BADCOOKIE /* since 1.18 */
	/* A cookie is of the sender, who may be a proxy. */
	if (edns->cookie_valid && !(obs->flags & WARDEN_FLAG_PROXIED))
		obs->flags |= WARDEN_FLAG_COOKIE;
#endif
	add_subnet(obs, edns_opt_list_find(edns->opt_list_in, LDNS_EDNS_CLIENT_SUBNET));
}

/* The question as it stands in the packet; answers are written only after the callbacks. */
static bool question_in_packet(struct warden_observation *obs, struct sldns_buffer *packet)
{
	uint8_t *name;
	size_t left, len;

	if (!packet || sldns_buffer_limit(packet) <= LDNS_HEADER_SIZE)
		return false;
	name = sldns_buffer_at(packet, LDNS_HEADER_SIZE);
	left = sldns_buffer_limit(packet) - LDNS_HEADER_SIZE;
	len = dname_valid(name, left);
	if (!len || left - len < QUESTION_LEN)
		return false;
	obs->qname = name;
	obs->qname_len = (uint16_t)len;
	obs->qtype = sldns_read_uint16(name + len);
	obs->qclass = sldns_read_uint16(name + len + 2);
	return true;
}

bool translate_question(struct warden_observation *obs, const struct query_info *question,
                        const struct comm_reply *from)
{
	if (!question)
		return question_in_packet(obs, from->c->buffer);
	if (!question->qname || !question->qname_len || question->qname_len > UINT16_MAX)
		return false;
	obs->qname = question->qname;
	obs->qname_len = (uint16_t)question->qname_len;
	obs->qtype = question->qtype;
	obs->qclass = question->qclass;
	return true;
}

void translate_oddities(struct warden_observation *obs, struct sldns_buffer *packet, const uint16_t *id)
{
	const uint8_t *message;
	size_t len;

	if (!packet || sldns_buffer_limit(packet) < LDNS_HEADER_SIZE + (size_t)obs->qname_len)
		return;
	message = sldns_buffer_begin(packet);
	len = sldns_buffer_limit(packet);
	if (LDNS_QR_WIRE(message) || (id && memcmp(message, id, sizeof(*id)) != 0) ||
	    memcmp(message + LDNS_HEADER_SIZE, obs->qname, obs->qname_len) != 0)
		return;
	obs->flags |= warden_odd_flags(message, len);
}

static uint32_t seconds_left(const struct packed_rrset_data *data, size_t i, time_t now)
{
	time_t ttl = data->rr_ttl[i];

	/* ttl_add is the time that was added to the TTLs; copies out of the cache have 0. */
	if (now && data->ttl_add)
		ttl -= now;
	if (ttl < 0)
		return 0; /* expired data, served on request of the operator */
	return ttl > UINT32_MAX ? UINT32_MAX : (uint32_t)ttl;
}

/* Adds the start of authority of a negative answer: its names and numbers reach the client too. All
 * of them do, where a server tells more than the one that there is.
 */
static void add_authority(struct warden_observation *obs, const struct reply_info *rep,
                          struct warden_record *records)
{
	for (size_t i = 0; i < rep->ns_numrrsets && i < rep->rrset_count; i++) {
		const struct ub_packed_rrset_key *key = rep->rrsets[i];
		const struct packed_rrset_data *data = key ? key->entry.data : NULL;

		if (!data || ntohs(key->rk.type) != LDNS_RR_TYPE_SOA)
			continue;
		for (size_t j = 0; j < data->count && obs->record_count < TRANSLATE_RECORDS_MAX; j++) {
			if (data->rr_len[j] < RDATA_PREFIX_LEN)
				continue;
			records[obs->record_count++] = (struct warden_record){
				.rdata = data->rr_data[j] + RDATA_PREFIX_LEN,
				.type = LDNS_RR_TYPE_SOA,
				.rdata_len = (uint16_t)(data->rr_len[j] - RDATA_PREFIX_LEN),
			};
		}
	}
}

/* Adds the records of one rrset. */
static void add_rrset(struct warden_observation *obs, const struct ub_packed_rrset_key *key,
                      time_t now, struct warden_record *records)
{
	const struct packed_rrset_data *data = key->entry.data;

	if (!data)
		return;
	for (size_t i = 0; i < data->count; i++) {
		uint32_t ttl = seconds_left(data, i, now);
		size_t len = data->rr_len[i];

		if (len < RDATA_PREFIX_LEN)
			continue;
		len -= RDATA_PREFIX_LEN;
		if (!obs->answer_count || ttl < obs->ttl)
			obs->ttl = ttl;
		if (obs->answer_count < UINT16_MAX)
			obs->answer_count++;
		obs->answer_size += (uint32_t)(RECORD_LEN + len);
		if (!records || obs->record_count == TRANSLATE_RECORDS_MAX)
			continue;
		records[obs->record_count++] = (struct warden_record){
			.rdata = data->rr_data[i] + RDATA_PREFIX_LEN,
			.ttl = ttl,
			.type = ntohs(key->rk.type),
			.rdata_len = (uint16_t)len,
		};
	}
}

void translate_answer(struct warden_observation *obs, const struct reply_info *rep, time_t now,
                      struct warden_record *records)
{
	obs->answer_size = LDNS_HEADER_SIZE + obs->qname_len + QUESTION_LEN;
	if (obs->flags & WARDEN_FLAG_EDNS)
		obs->answer_size += OPT_LEN;
	obs->records = records;
	if (!rep || !rep->rrsets)
		return;
	for (size_t i = 0; i < rep->an_numrrsets && i < rep->rrset_count; i++)
		if (rep->rrsets[i])
			add_rrset(obs, rep->rrsets[i], now, records);
	if (!rep->an_numrrsets && records)
		add_authority(obs, rep, records);
}

void translate_ede(const struct warden_decision *decision, const struct edns_data *edns,
                   struct edns_option **options, struct regional *region)
{
	if (decision->ede == WARDEN_NO_EDE || !edns || !edns->edns_present || !options || !region)
		return;
	/* Out of memory means an answer without the option. */
	(void)edns_opt_list_append_ede(options, region, (sldns_ede_code)decision->ede,
	                               decision->detector);
}
