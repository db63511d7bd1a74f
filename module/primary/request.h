/* SPDX-License-Identifier: BSD-3-Clause */
/* request - one signed request over a connection of its own, and its answers.
 *
 * Invariant: each request that was sent ends in answers with good signatures or in a fault, within REQUEST_LIMIT.
 */
#ifndef PRIMARY_REQUEST_H
#define PRIMARY_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "primary/connection.h"
#include "primary/fault.h"
#include "primary/tsig.h"

#define REQUEST_SILENCE (10 * SECOND) /* that we wait for a message */
#define REQUEST_LIMIT   (60 * SECOND) /* for all of a transfer */
#define REQUEST_ROOM    (CONNECTION_MESSAGE_MAX - TSIG_RECORD_MAX)

struct request {
	struct connection line;
	struct tsig tsig;
	bool under_way, reused;
	size_t len;             /* of what was sent */
	uint64_t asked, heard;  /* when */
	int error;              /* errno of FAULT_AWAY; 0: the other side has ended the connection */
};

/* False: memory was short. */
bool request_open(struct request *request, const struct key *key);
void request_close(struct request *request);

/* Signs and sends the message of <len> octets, at most REQUEST_ROOM, that is at connection_message(). */
enum fault request_send(struct request *request, const struct sockaddr *to, socklen_t to_len, size_t len,
                        uint64_t now);

/* Does what can be done now. FAULT_NONE with a *<message>: an answer, its signature checked and taken off, or in the
 * middle of a transfer still to come (*<is_signed>). FAULT_NONE without: nothing yet. A fault ends the request.
 */
enum fault request_work(struct request *request, const struct sockaddr *to, socklen_t to_len, uint64_t now,
                        uint8_t **message, size_t *len, bool *is_signed);

/* The answer is whole: the connection is kept for the next request. */
void request_done(struct request *request);

/* It is not, or not to be believed: the connection is closed. */
void request_abandon(struct request *request);

/* For what need not be unforeseeable: the id of a message, or how long to wait. */
uint32_t request_chance(void);

#endif
