/* SPDX-License-Identifier: BSD-3-Clause */
/* exchange - DNS messages as they passed between clients and a resolver, told as observations.
 *
 * A query is a question when it is seen. Its response, found again by client, port, ID
 * and name, is the answer, with its records. Which answers came from a cache cannot be
 * seen, so all are told as misses: that charges a client at least what it used.
 *
 * A response whose query was not recorded (the recording began later, or has one
 * direction only) tells question and answer at once: somebody must have asked. One that
 * was told already is left out.
 *
 * The delegation that an answer came by is known where its authority section says: many
 * servers and resolvers leave it out. Servers with a name inside the zone itself are told by
 * their addresses, as the resolver's module does (unbound/delegation.c): here the additional
 * section has them, or nothing is told.
 *
 * Invariant: memory does not grow with the recording. The questions that wait are a table
 * in which a newcomer displaces what has its place; what was displaced then counts as
 * not recorded.
 */
#ifndef RECORDED_EXCHANGE_H
#define RECORDED_EXCHANGE_H

#include "recorded/packet.h"
#include "recorded/format.h"

struct exchange;

/* Whose message it is. */
struct exchange_ends {
	struct endpoint client;
	uint64_t now;      /* milliseconds since 1970 */
	uint8_t transport; /* enum warden_transport */
	bool response;     /* it goes to the client: a query does not */
};

struct exchange *exchange_new(const struct sink *sink); /* NULL without memory */
void exchange_free(struct exchange *exchange);

/* Tells what the <len> octets of <message> say. Returns NULL, or why they say nothing. */
const char *exchange_take(struct exchange *exchange, const struct exchange_ends *ends,
                          const uint8_t *message, size_t len);

#endif
