/* SPDX-License-Identifier: BSD-3-Clause */
/* replay_pcap - DNS in captured packets: UDP and TCP port 53, over IPv4 and IPv6.
 *
 *     frame --> packet.c --+-- UDP payload ---------------+--> exchange.c --> observations
 *                          +-- TCP segment --> stream.c --+
 *
 * Invariant: memory does not grow with the capture: neither of streams nor of an exchange.
 */
#include <pcap/pcap.h>
#include <string.h>

#include "recorded/exchange.h"
#include "recorded/packet.h"
#include "recorded/format.h"
#include "recorded/stream.h"

#define PORT_DNS  53
#define MAGIC_LEN 4
#define QR        0x80 /* in the third octet of a message: a response */

struct reader {
	const struct sink *sink;
	int link_type;
	uint64_t number; /* of the packet, from 1 */
	uint64_t now;    /* its time */
	bool tcp;
	struct streams *streams;
	struct exchange *exchange;
};

static void skip(struct reader *reader, const char *reason)
{
	reader->sink->skip(reader->sink->arg, reader->number, reason);
}

/* The header is not looked at for who asked: ports tell, and a header that says otherwise is a
 * forger's. What goes from DNS's port to DNS's port is taken at its word.
 */
static void take_message(void *arg, const struct packet *packet, const uint8_t *message, size_t len)
{
	struct reader *reader = arg;
	bool both = packet->from.port == PORT_DNS && packet->to.port == PORT_DNS;
	bool response = both ? len > 2 && message[2] & QR : packet->from.port == PORT_DNS;
	const struct exchange_ends ends = {
		.client = response ? packet->to : packet->from,
		.now = reader->now,
		.transport = reader->tcp ? WARDEN_TRANSPORT_TCP : WARDEN_TRANSPORT_UDP,
		.response = response,
	};
	const char *fault = exchange_take(reader->exchange, &ends, message, len);

	if (fault)
		skip(reader, fault);
}

static void take_frame(struct reader *reader, const uint8_t *frame,
                       const struct pcap_pkthdr *header)
{
	struct packet packet;
	enum packet_kind kind = packet_read(&packet, reader->link_type, frame, header->caplen);
	const char *fault = NULL;

	switch (kind) {
	case PACKET_OTHER:
		return;
	case PACKET_FRAGMENT:
		skip(reader, "a fragment of an IP datagram");
		return;
	case PACKET_CUT:
		skip(reader, "the packet was not captured whole");
		return;
	case PACKET_UDP:
	case PACKET_TCP:
		break;
	}
	if (packet.from.port != PORT_DNS && packet.to.port != PORT_DNS)
		return;
	reader->tcp = kind == PACKET_TCP;
	if (reader->tcp)
		fault = streams_add(reader->streams, &packet, take_message, reader);
	else
		take_message(reader, &packet, packet.payload, packet.payload_len);
	if (fault)
		skip(reader, fault);
}

/* pcapng counts in what it likes, seconds and more, and has 64 bits of them. */
static bool take_time(uint64_t *now, const struct pcap_pkthdr *header)
{
	uint64_t seconds = (uint64_t)header->ts.tv_sec; /* before 1970: beyond the last one, too */

	if (seconds > REPLAY_SECONDS_MAX)
		return false;
	*now = seconds * 1000 + (uint64_t)header->ts.tv_usec / 1000;
	return true;
}

/* Reads all packets of <capture>. Returns 0, or -1 with a sentence in <error>. */
static int read_packets(struct reader *reader, pcap_t *capture, char *error, size_t error_len)
{
	struct pcap_pkthdr *header;
	const uint8_t *frame;
	int status;

	reader->link_type = pcap_datalink(capture);
	if (!packet_link_known(reader->link_type)) {
		const char *name = pcap_datalink_val_to_name(reader->link_type);

		snprintf(error, error_len, "has packets of link type %d (%s), which cannot be read here",
		         reader->link_type, name ? name : "unknown");
		return -1;
	}
	while ((status = pcap_next_ex(capture, &header, &frame)) == 1) {
		reader->number++;
		if (take_time(&reader->now, header))
			take_frame(reader, frame, header);
		else
			skip(reader, "its time is beyond any calendar");
	}
	if (status == PCAP_ERROR_BREAK)
		return 0;
	snprintf(error, error_len, "cannot be read after packet %llu: %s",
	         (unsigned long long)reader->number, pcap_geterr(capture));
	return -1;
}

static int pcap_read(FILE *file, const struct sink *sink, char *error, size_t error_len)
{
	struct reader reader = { .sink = sink };
	char reason[PCAP_ERRBUF_SIZE];
	pcap_t *capture = pcap_fopen_offline(file, reason);
	int status = -1;

	if (!capture) {
		snprintf(error, error_len, "cannot be read: %s", reason);
		fclose(file);
		return -1;
	}
	reader.streams = streams_new();
	reader.exchange = exchange_new(sink);
	if (reader.streams && reader.exchange)
		status = read_packets(&reader, capture, error, error_len);
	else
		snprintf(error, error_len, "cannot be read: memory is short");
	exchange_free(reader.exchange);
	streams_free(reader.streams);
	pcap_close(capture); /* and <file> */
	return status;
}

static bool pcap_recognise(const uint8_t *head, size_t len)
{
	static const uint8_t magic[][MAGIC_LEN] = {
		{ 0xd4, 0xc3, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0xc3, 0xd4 }, /* microseconds */
		{ 0x4d, 0x3c, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0x3c, 0x4d }, /* nanoseconds */
		{ 0x0a, 0x0d, 0x0d, 0x0a },                             /* pcapng */
	};

	for (size_t i = 0; len >= MAGIC_LEN && i < sizeof(magic) / sizeof(*magic); i++)
		if (!memcmp(head, magic[i], MAGIC_LEN))
			return true;
	return false;
}

const struct format replay_pcap = {
	.name = "pcap",
	.extension = ".pcap",
	.recognise = pcap_recognise,
	.read = pcap_read,
};
