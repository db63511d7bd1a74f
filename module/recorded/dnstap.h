/* SPDX-License-Identifier: BSD-3-Clause */
/* dnstap - what resolvers write with dnstap (https://dnstap.info): Frame Streams with a protobuf message in each
 * frame, out of a file or over a socket.
 *
 *     frame --> struct Dnstap --> CLIENT_QUERY or CLIENT_RESPONSE --> exchange.c --> observations
 *
 * These two are between a client and this resolver. Others are passed over, counted: what a resolver
 * asks upstream, or what a forwarder does, is the same question once more.
 *
 * Whether the resolver asked anybody (RESOLVER_QUERY between the two) could tell what came from its cache, but only
 * when the answer leaves, which is too late to charge the question; and not for certain: a name below one that does
 * not exist, or one that somebody else has just asked for, needs no such message either. So all are misses, as
 * exchange.h says.
 *
 * Invariant: a frame is anybody's: it is looked at only when it is no longer than DNSTAP_FRAME_MAX, and says something
 * or is refused with a reason.
 */
#ifndef RECORDED_DNSTAP_H
#define RECORDED_DNSTAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorded/exchange.h"
#include "recorded/format.h"

#define DNSTAP_FRAME_MAX (256 * 1024) /* two messages of 64 KiB, names, addresses: with room to spare */

struct fstrm_rdwr;
struct fstrm_reader;

struct dnstap {
	struct exchange *exchange;
	uint64_t others; /* messages of other types */
};

/* False without memory. dnstap_close() takes a half-built one. */
bool dnstap_open(struct dnstap *dnstap, const struct sink *sink);
void dnstap_close(struct dnstap *dnstap);

/* Tells what the <len> octets of <frame> say. Returns NULL, or why they say nothing. */
const char *dnstap_take(struct dnstap *dnstap, const uint8_t *frame, size_t len);

/* A sentence of what was passed over, for people who wonder why so little came out: a resolver has a switch for each
 * type, and it is easy to turn on the wrong ones. Nothing when nothing was.
 */
void dnstap_tell_others(const struct dnstap *dnstap, char *remark, size_t remark_len);

/* A reader of frames with dnstap in them, no longer than DNSTAP_FRAME_MAX. Takes <rdwr> over. NULL without memory. */
struct fstrm_reader *dnstap_reader(struct fstrm_rdwr **rdwr);

#endif
