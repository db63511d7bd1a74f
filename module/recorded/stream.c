/* SPDX-License-Identifier: BSD-3-Clause */
/* stream - DNS messages out of TCP segments.
 *
 * Sequence numbers wrap, so they are compared by the sign of their difference.
 */
#include <stdlib.h>
#include <string.h>

#include "recorded/stream.h"

#define LENGTH_LEN 2

struct flow {
	struct endpoint from, to; /* ports 0: nobody's */
	uint32_t next;            /* sequence number that is expected */
	bool lost;                /* something is missing: wait for a new connection */
	uint8_t prefix[LENGTH_LEN];
	uint8_t *message;         /* of the length in <prefix>, once both octets are there */
	size_t have;              /* octets of prefix and message together */
};

struct streams {
	struct flow flow[STREAM_FLOWS];
};

struct streams *streams_new(void)
{
	return calloc(1, sizeof(struct streams));
}

void streams_free(struct streams *streams)
{
	if (!streams)
		return;
	for (unsigned i = 0; i < STREAM_FLOWS; i++)
		free(streams->flow[i].message);
	free(streams);
}

static bool same_end(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && !memcmp(a->address, b->address, sizeof(a->address));
}

/* FNV-1a. Who crafts a capture so that flows displace each other only spoils its replay. */
static uint32_t mix(uint32_t hash, const struct endpoint *end)
{
	for (unsigned i = 0; i < sizeof(end->address); i++)
		hash = (hash ^ end->address[i]) * 16777619u;
	return (hash ^ end->port) * 16777619u;
}

static struct flow *find(struct streams *streams, const struct packet *packet)
{
	uint32_t hash = mix(mix(2166136261u, &packet->from), &packet->to);

	return &streams->flow[(hash ^ hash >> 16) % STREAM_FLOWS];
}

static void clear(struct flow *flow)
{
	free(flow->message);
	*flow = (struct flow){ 0 };
}

static void begin(struct flow *flow, const struct packet *packet, uint32_t next)
{
	clear(flow);
	flow->from = packet->from;
	flow->to = packet->to;
	flow->next = next;
}

/* Appends what still belongs to the message at hand. Returns how many octets that was, or
 * 0 without memory.
 */
static size_t append(struct flow *flow, const uint8_t *data, size_t len)
{
	size_t whole, take;

	if (flow->have < LENGTH_LEN) {
		flow->prefix[flow->have++] = *data;
		return 1;
	}
	whole = LENGTH_LEN + ((size_t)flow->prefix[0] << 8 | flow->prefix[1]);
	if (!flow->message && !(flow->message = malloc(whole - LENGTH_LEN)))
		return 0;
	take = len < whole - flow->have ? len : whole - flow->have;
	memcpy(flow->message + flow->have - LENGTH_LEN, data, take);
	flow->have += take;
	return take;
}

static bool whole(const struct flow *flow)
{
	return flow->have >= LENGTH_LEN &&
	       flow->have == LENGTH_LEN + ((size_t)flow->prefix[0] << 8 | flow->prefix[1]);
}

/* Puts the next <len> octets of <flow> together and hands out what becomes whole. */
static const char *consume(struct flow *flow, const struct packet *packet, const uint8_t *data,
                           size_t len, stream_message *take, void *arg)
{
	flow->next += (uint32_t)len;
	while (len) {
		size_t used = append(flow, data, len);

		if (!used) {
			flow->lost = true;
			return "memory is short";
		}
		data += used;
		len -= used;
		if (!whole(flow))
			continue;
		take(arg, packet, flow->message, flow->have - LENGTH_LEN);
		free(flow->message);
		flow->message = NULL;
		flow->have = 0;
	}
	return NULL;
}

const char *streams_add(struct streams *streams, const struct packet *packet, stream_message *take,
                        void *arg)
{
	struct flow *flow = find(streams, packet);
	uint32_t first = packet->sequence + packet->syn; /* a SYN counts as one octet */
	const char *fault = NULL;
	int64_t seen;

	if (packet->syn || !same_end(&flow->from, &packet->from) || !same_end(&flow->to, &packet->to))
		begin(flow, packet, first);
	seen = (int32_t)(flow->next - first);
	if (flow->lost || !packet->payload_len) {
		/* nothing to add */
	} else if (seen < 0) {
		flow->lost = true;
		fault = "a TCP segment before it is missing";
	} else if (seen < (int64_t)packet->payload_len) {
		fault = consume(flow, packet, packet->payload + seen,
		                packet->payload_len - (size_t)seen, take, arg);
	}
	if (packet->end)
		clear(flow);
	return fault;
}
