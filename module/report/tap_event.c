/* SPDX-License-Identifier: BSD-3-Clause */
/* tap_event - see tap_event.h. A record comes out of shared memory: its name is parsed before it is used. */
#include "report/tap_event.h"

#include <stdio.h>
#include <string.h>

#include <warden/warden.h>

#include "base/dns.h"
#include "base/network.h"
#include "detect/detector.h"
#include "name/name.h"
#include "report/rule_name.h"
#include "report/tap.pb-c.h"

#define MESSAGE_MAX  (DNS_HEADER_LEN + NAME_WIRE_MAX + 4)
#define HOSTNAME_MAX 255

/* Header and question, of a query or of the response to it. Returns the length. */
static size_t message_write(uint8_t out[MESSAGE_MAX], const struct record *record, const struct name *name, int response,
                            uint8_t rcode, bool truncated)
{
	uint8_t *at = out + DNS_HEADER_LEN;

	memset(out, 0, DNS_HEADER_LEN);
	out[2] = (uint8_t)((response ? 0x80 : 0) | (truncated ? 0x02 : 0) | 0x01); /* QR, TC, RD */
	out[3] = response ? (uint8_t)(0x80 | (rcode & 0x0f)) : 0;                   /* RA */
	out[5] = 1; /* one question */
	memcpy(at, name->wire, name->len);
	at += name->len;
	*at++ = (uint8_t)(record->qtype >> 8);
	*at++ = (uint8_t)record->qtype;
	*at++ = (uint8_t)(record->qclass >> 8);
	*at++ = (uint8_t)record->qclass;
	return (size_t)(at - out);
}

static Tap__Policy__Action action_of(const struct record *record)
{
	if (!record->denied)
		return TAP__POLICY__ACTION__PASS;
	switch (record->verdict) {
	case WARDEN_TRUNCATE:
		return TAP__POLICY__ACTION__TRUNCATE;
	case WARDEN_NODATA:
		return TAP__POLICY__ACTION__NODATA;
	case WARDEN_NXDOMAIN:
		return TAP__POLICY__ACTION__NXDOMAIN;
	case WARDEN_DROP:
		return TAP__POLICY__ACTION__DROP;
	default:
		return TAP__POLICY__ACTION__LOCAL_DATA;
	}
}

/* What a denied question is answered with. */
static uint8_t rcode_of(const struct record *record)
{
	if (record->what & WARDEN_ANSWER)
		return record->rcode;
	switch (record->verdict) {
	case WARDEN_TRUNCATE:
	case WARDEN_NODATA:
		return DNS_RCODE_NOERROR;
	case WARDEN_NXDOMAIN:
		return DNS_RCODE_NXDOMAIN;
	default:
		return DNS_RCODE_REFUSED;
	}
}

static Tap__SocketProtocol protocol_of(const struct record *record)
{
	static const Tap__SocketProtocol protocols[WARDEN_TRANSPORT_COUNT] = {
		[WARDEN_TRANSPORT_UDP] = TAP__SOCKET_PROTOCOL__UDP,
		[WARDEN_TRANSPORT_TCP] = TAP__SOCKET_PROTOCOL__TCP,
		[WARDEN_TRANSPORT_DOT] = TAP__SOCKET_PROTOCOL__DOT,
		[WARDEN_TRANSPORT_DOH] = TAP__SOCKET_PROTOCOL__DOH,
	};

	return record->transport < WARDEN_TRANSPORT_COUNT ? protocols[record->transport] : TAP__SOCKET_PROTOCOL__UDP;
}

static ProtobufCBinaryData view(const void *data, size_t len)
{
	return (ProtobufCBinaryData){ .len = len, .data = (uint8_t *)(uintptr_t)data };
}

static void policy_make(Tap__Policy *policy, const struct record *record, const struct name *name,
                        ProtobufCBinaryData address)
{
	static char type[] = "warden";
	const char *rule = rule_name(record);
	unsigned domain = record->payload_labels < name->labels ? record->payload_labels : name->labels;

	policy->type = type;
	policy->has_rule = policy->has_action = policy->has_match = policy->has_value = 1;
	policy->rule = view(rule, strlen(rule));
	policy->action = action_of(record);
	policy->match = record->scope == SCOPE_CLIENT ? TAP__POLICY__MATCH__CLIENT_IP : TAP__POLICY__MATCH__QNAME;
	policy->value = record->scope == SCOPE_CLIENT ? address :
	                                                view(name_tail(name, domain), name_tail_len(name, domain));
}

/* A message has its fields twice, for a query and for a response; what has_... does not name is not packed. */
static void message_fill(Tap__Message *message, bool response, uint64_t now, ProtobufCBinaryData dns)
{
	message->type = response ? TAP__MESSAGE__TYPE__CLIENT_RESPONSE : TAP__MESSAGE__TYPE__CLIENT_QUERY;
	message->has_query_time_sec = message->has_query_time_nsec = message->has_query_message = !response;
	message->has_response_time_sec = message->has_response_time_nsec = message->has_response_message = response;
	message->query_time_sec = message->response_time_sec = now / 1000;
	message->query_time_nsec = message->response_time_nsec = (uint32_t)(now % 1000 * 1000000);
	message->query_message = message->response_message = dns;
}

size_t tap_event(uint8_t out[TAP_EVENT_MAX], const struct record *record, const char *hostname)
{
	static const uint8_t root[1] = { 0 };
	static const char version[] = "Warden " WARDEN_VERSION;
	bool v4 = network_is_v4(record->client);
	bool response = (record->what & WARDEN_ANSWER) || (record->denied && record->verdict != WARDEN_DROP);
	ProtobufCBinaryData address = view(record->client + (v4 ? 12 : 0), v4 ? 4 : 16), dns;
	Tap__Policy policy = TAP__POLICY__INIT;
	Tap__Message message = TAP__MESSAGE__INIT;
	Tap__Dnstap dnstap = TAP__DNSTAP__INIT;
	uint8_t wire[MESSAGE_MAX];
	struct name name;

	if (!name_parse(&name, record->qname, record->qname_len))
		name_parse(&name, root, sizeof(root));
	dns = view(wire, message_write(wire, record, &name, response, rcode_of(record),
	                                 record->denied && record->verdict == WARDEN_TRUNCATE));
	policy_make(&policy, record, &name, address);

	message_fill(&message, response, record->now, dns);
	message.has_socket_family = message.has_socket_protocol = message.has_query_address = 1;
	message.socket_family = v4 ? TAP__SOCKET_FAMILY__INET : TAP__SOCKET_FAMILY__INET6;
	message.socket_protocol = protocol_of(record);
	message.query_address = address;
	message.has_query_port = record->client_port != 0;
	message.query_port = record->client_port;
	message.policy = &policy;

	dnstap.type = TAP__DNSTAP__TYPE__MESSAGE;
	dnstap.has_version = 1;
	dnstap.version = view(version, sizeof(version) - 1);
	dnstap.has_identity = hostname != NULL;
	if (hostname)
		dnstap.identity = view(hostname, strnlen(hostname, HOSTNAME_MAX));
	dnstap.message = &message;
	if (tap__dnstap__get_packed_size(&dnstap) > TAP_EVENT_MAX)
		return 0;
	return tap__dnstap__pack(&dnstap, out);
}
