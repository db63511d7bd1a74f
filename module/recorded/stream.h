/* SPDX-License-Identifier: BSD-3-Clause */
/* stream - DNS messages out of TCP segments (RFC 1035 section 4.2.2).
 *
 *     | length:16 | message ... | length:16 | message ...
 *
 * One flow is one direction of a connection. Segments are taken in order only: one
 * that was sent again is passed over, and after a missing one the flow is lost until
 * the connection begins anew. A flow that the capture joins in the middle is taken to
 * begin with a message, which is nearly always so.
 *
 * Memory is bounded: STREAM_FLOWS flows, of which a newcomer displaces the one that has
 * its place, and at most one message kept for each.
 */
#ifndef RECORDED_STREAM_H
#define RECORDED_STREAM_H

#include "recorded/packet.h"

#define STREAM_FLOWS 1024

struct streams;

/* Called for every whole message; <message> is borrowed, and NULL when <len> is 0. */
typedef void stream_message(void *arg, const struct packet *packet, const uint8_t *message,
                            size_t len);

struct streams *streams_new(void); /* NULL without memory */
void streams_free(struct streams *streams);

/* Takes the segment in <packet>. Returns NULL, or why it was of no use. */
const char *streams_add(struct streams *streams, const struct packet *packet, stream_message *take,
                        void *arg);

#endif
