/* SPDX-License-Identifier: BSD-3-Clause */
/* dnstap - see dnstap.h. */
#include <fstrm.h>
#include <inttypes.h>
#include <string.h>

#include "recorded/dnstap.h"
#include "report/tap.pb-c.h"

#define CONTENT   "protobuf:dnstap.Dnstap"
#define FAMILY_V4 4            /* octets of an address */
#define FAMILY_V6 16

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static bool take_address(uint8_t address[16], const ProtobufCBinaryData *data)
{
	if (data->len == FAMILY_V6) {
		memcpy(address, data->data, FAMILY_V6);
		return true;
	}
	if (data->len != FAMILY_V4)
		return false;
	memcpy(address, mapped, sizeof(mapped));
	memcpy(address + sizeof(mapped), data->data, FAMILY_V4);
	return true;
}

/* Proven is only what needs a connection, or QUIC's handshake: the others count as UDP. */
static uint8_t transport_of(const Tap__Message *message)
{
	if (!message->has_socket_protocol)
		return WARDEN_TRANSPORT_UDP;
	switch (message->socket_protocol) {
	case TAP__SOCKET_PROTOCOL__TCP:
	case TAP__SOCKET_PROTOCOL__DNSCRYPT_TCP:
		return WARDEN_TRANSPORT_TCP;
	case TAP__SOCKET_PROTOCOL__DOT:
	case TAP__SOCKET_PROTOCOL__DOQ:
		return WARDEN_TRANSPORT_DOT;
	case TAP__SOCKET_PROTOCOL__DOH:
		return WARDEN_TRANSPORT_DOH;
	default:
		return WARDEN_TRANSPORT_UDP;
	}
}

static bool take_time(uint64_t *now, bool known, uint64_t seconds, uint32_t nanoseconds)
{
	if (!known || seconds > REPLAY_SECONDS_MAX)
		return false;
	*now = seconds * 1000 + nanoseconds / 1000000;
	return true;
}

/* Tells what <message> says. Returns NULL, or why it says nothing. */
static const char *take_message(struct dnstap *dnstap, const Tap__Message *message)
{
	bool response = message->type == TAP__MESSAGE__TYPE__CLIENT_RESPONSE;
	struct exchange_ends ends = { .response = response, .transport = transport_of(message) };
	const ProtobufCBinaryData *dns = response ? &message->response_message : &message->query_message;

	if (!response && message->type != TAP__MESSAGE__TYPE__CLIENT_QUERY) {
		dnstap->others++;
		return NULL;
	}
	if (!(response ? message->has_response_message : message->has_query_message))
		return "no DNS message in it";
	if (!message->has_query_address || !take_address(ends.client.address, &message->query_address))
		return "the client is not an address";
	if (message->query_port > UINT16_MAX)
		return "the client's port is none";
	ends.client.port = (uint16_t)message->query_port;
	if (!(response
	      ? take_time(&ends.now, message->has_response_time_sec, message->response_time_sec,
	                  message->response_time_nsec)
	      : take_time(&ends.now, message->has_query_time_sec, message->query_time_sec,
	                  message->query_time_nsec)))
		return "no time in it";
	return exchange_take(dnstap->exchange, &ends, dns->data, dns->len);
}

const char *dnstap_take(struct dnstap *dnstap, const uint8_t *frame, size_t len)
{
	Tap__Dnstap *outer = len <= DNSTAP_FRAME_MAX ? tap__dnstap__unpack(NULL, len, frame) : NULL;
	const char *fault = "not a dnstap message";

	if (outer && outer->message)
		fault = take_message(dnstap, outer->message);
	if (outer)
		tap__dnstap__free_unpacked(outer, NULL);
	return fault;
}

bool dnstap_open(struct dnstap *dnstap, const struct sink *sink)
{
	*dnstap = (struct dnstap){ .exchange = exchange_new(sink) };
	return dnstap->exchange;
}

void dnstap_close(struct dnstap *dnstap)
{
	exchange_free(dnstap->exchange);
	dnstap->exchange = NULL;
}

void dnstap_tell_others(const struct dnstap *dnstap, char *remark, size_t remark_len)
{
	if (dnstap->others)
		snprintf(remark, remark_len, "%" PRIu64 " messages of other types than CLIENT_QUERY and CLIENT_RESPONSE "
		         "are passed over: Unbound writes those two with dnstap-log-client-query-messages: yes and "
		         "dnstap-log-client-response-messages: yes", dnstap->others);
}

struct fstrm_reader *dnstap_reader(struct fstrm_rdwr **rdwr)
{
	struct fstrm_reader_options *options = fstrm_reader_options_init();
	struct fstrm_reader *reader;

	fstrm_reader_options_add_content_type(options, CONTENT, sizeof(CONTENT) - 1);
	fstrm_reader_options_set_max_frame_size(options, DNSTAP_FRAME_MAX);
	reader = fstrm_reader_init(options, rdwr);
	fstrm_reader_options_destroy(&options);
	if (!reader)
		fstrm_rdwr_destroy(rdwr);
	return reader;
}
