/* SPDX-License-Identifier: BSD-3-Clause */
/* replay_dnstap - what resolvers write with dnstap (https://dnstap.info): a file of Frame Streams
 * with a protobuf message in each frame.
 *
 *     frame --> struct Dnstap --> CLIENT_QUERY or CLIENT_RESPONSE --> exchange.c --> observations
 *
 * These two are between a client and this resolver. Others are passed over, counted: what a resolver
 * asks upstream, or what a forwarder does, is the same question once more.
 *
 * The file is anybody's: a frame is read only when it is no longer than FRAME_MAX, by libfstrm,
 * which reads from us, and so from a pipe or a packed file as well. Files behind each other are one.
 */
#include <arpa/inet.h>
#include <fstrm.h>
#include <inttypes.h>
#include <string.h>

#include "base/sentence.h"
#include "report/tap.pb-c.h"
#include "recorded/exchange.h"
#include "recorded/format.h"

#define CONTENT   "protobuf:dnstap.Dnstap"
#define FRAME_MAX (256 * 1024) /* two messages of 64 KiB, names, addresses: with room to spare */
#define FAMILY_V4 4            /* octets of an address */
#define FAMILY_V6 16

struct reader {
	const struct sink *sink;
	struct exchange *exchange;
	FILE *file;
	uint64_t number; /* of the frame, from 1 */
	uint64_t others; /* messages of other types */
	bool ended;      /* the file is at its end */
};

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
static const char *take_message(struct reader *reader, const Tap__Message *message)
{
	bool response = message->type == TAP__MESSAGE__TYPE__CLIENT_RESPONSE;
	struct exchange_ends ends = { .response = response, .transport = transport_of(message) };
	const ProtobufCBinaryData *dns = response ? &message->response_message : &message->query_message;

	if (!response && message->type != TAP__MESSAGE__TYPE__CLIENT_QUERY) {
		reader->others++;
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
	return exchange_take(reader->exchange, &ends, dns->data, dns->len);
}

static void take_frame(struct reader *reader, const uint8_t *frame, size_t len)
{
	Tap__Dnstap *dnstap = len <= FRAME_MAX ? tap__dnstap__unpack(NULL, len, frame) : NULL;
	const char *fault = "not a dnstap message";

	if (dnstap && dnstap->message)
		fault = take_message(reader, dnstap->message);
	if (fault)
		reader->sink->skip(reader->sink->arg, reader->number, fault);
	if (dnstap)
		tap__dnstap__free_unpacked(dnstap, NULL);
}

/* --- the file, for libfstrm ------------------------------------------------------------------ */

static fstrm_res file_open(void *arg)
{
	(void)arg;
	return fstrm_res_success;
}

static fstrm_res file_read(void *arg, void *data, size_t count)
{
	struct reader *reader = arg;
	size_t len = fread(data, 1, count, reader->file);

	reader->ended = !len && feof(reader->file) && !ferror(reader->file);
	return len == count ? fstrm_res_success : reader->ended ? fstrm_res_stop : fstrm_res_failure;
}

static struct fstrm_reader *open_stream(struct reader *reader)
{
	struct fstrm_rdwr *rdwr = fstrm_rdwr_init(reader);
	struct fstrm_reader_options *options = fstrm_reader_options_init();
	struct fstrm_reader *stream;

	fstrm_rdwr_set_open(rdwr, file_open);
	fstrm_rdwr_set_close(rdwr, file_open);
	fstrm_rdwr_set_read(rdwr, file_read);
	fstrm_reader_options_add_content_type(options, CONTENT, sizeof(CONTENT) - 1);
	fstrm_reader_options_set_max_frame_size(options, FRAME_MAX);
	stream = fstrm_reader_init(options, &rdwr);
	fstrm_reader_options_destroy(&options);
	if (!stream)
		fstrm_rdwr_destroy(&rdwr);
	return stream;
}

/* A resolver that was killed leaves a file without its last word, and perhaps half a frame: the
 * former is an end, the latter is said. libfstrm calls a frame that is too long a success, and leaves
 * <frame> as it was.
 */
static int read_frames(struct reader *reader, struct fstrm_reader *stream, char *error,
                       size_t error_len)
{
	fstrm_res status;

	if (fstrm_reader_open(stream) != fstrm_res_success)
		return sentence_error(error, error_len, "has no dnstap messages behind frame %" PRIu64,
		                      reader->number);
	for (;;) {
		const uint8_t *frame = NULL;
		size_t len = 0;

		status = fstrm_reader_read(stream, &frame, &len);
		if (status != fstrm_res_success || !frame)
			break;
		reader->number++;
		take_frame(reader, frame, len);
	}
	if (status == fstrm_res_stop || reader->ended)
		return 0;
	return sentence_error(error, error_len, status == fstrm_res_success
	                      ? "has a frame behind frame %" PRIu64 " that is too long"
	                      : "is damaged or cut off after frame %" PRIu64, reader->number);
}

static int read_stream(struct reader *reader, char *error, size_t error_len)
{
	struct fstrm_reader *stream = open_stream(reader);
	int status = -1;

	if (stream)
		status = read_frames(reader, stream, error, error_len);
	else
		sentence_error(error, error_len, "cannot be read: memory is short");
	fstrm_reader_destroy(&stream);
	return status;
}

/* A resolver has a switch for each type, and it is easy to turn on the wrong ones. */
static void tell_others(const struct reader *reader, char *remark, size_t remark_len)
{
	if (reader->others)
		snprintf(remark, remark_len, "%" PRIu64 " messages of other types than CLIENT_QUERY and CLIENT_RESPONSE "
		         "are passed over: Unbound writes those two with dnstap-log-client-query-messages: yes and "
		         "dnstap-log-client-response-messages: yes", reader->others);
}

static bool has_more(FILE *file)
{
	int octet = getc(file);

	return octet != EOF && ungetc(octet, file) == octet;
}

static int dnstap_read(FILE *file, const struct sink *sink, char *error, size_t error_len)
{
	struct reader reader = { .sink = sink, .file = file, .exchange = exchange_new(sink) };
	int status = 0;

	if (!reader.exchange)
		status = sentence_error(error, error_len, "cannot be read: memory is short");
	while (!status && has_more(file))
		status = read_stream(&reader, error, error_len);
	if (!status && ferror(file))
		status = sentence_error(error, error_len, "cannot be read after frame %" PRIu64, reader.number);
	if (!status)
		tell_others(&reader, error, error_len);
	exchange_free(reader.exchange);
	fclose(file);
	return status;
}

/* A control frame stands first: an escape, its length, and that the stream starts. */
static bool dnstap_recognise(const uint8_t *head, size_t len)
{
	static const uint8_t start[] = { 0, 0, 0, 2 };

	return len >= 12 && !memcmp(head, "\0\0\0\0\0", 5) && !memcmp(head + 8, start, sizeof(start));
}

const struct format replay_dnstap = {
	.name = "dnstap",
	.extension = ".fstrm",
	.recognise = dnstap_recognise,
	.read = dnstap_read,
};
