/* SPDX-License-Identifier: BSD-3-Clause */
/* transfer - reads the answer to a request for a zone (AXFR, RFC 5936) or for what has changed of it (IXFR, RFC 1995).
 *
 * The messages are read as they come, and of their records those are kept that somebody will use; told is only a
 * transfer that is there as a whole.
 *
 * Invariants: no more than TRANSFER_OCTETS_MAX octets are kept, whatever the primary sends. What is told begins with
 * the serial number that was asked from, or with nothing, and ends with the new one; every record is of the zone.
 */
#ifndef PRIMARY_TRANSFER_H
#define PRIMARY_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ldns/ldns.h>

#include "primary/share.h"

/* What is kept: an octet more for each record than what zone-max-size in contrib/fleet/knot.conf is about. A zone as
 * large as the primary lets it become must fit, or no node that is restarted gets a copy: check-contrib compares them.
 */
#define TRANSFER_OCTETS_MAX (UINT32_C(64) << 20)
#define TRANSFER_REQUEST_MAX (12 + LDNS_MAX_DOMAINLEN + 4 + 34) /* octets of a request */

enum transfer_result {
	TRANSFER_MORE,      /* messages are to come */
	TRANSFER_WHOLE,     /* it is there: transfer_tell(); or all is told */
	TRANSFER_SAME,      /* nothing has changed */
	TRANSFER_REFUSED,   /* <rcode> */
	TRANSFER_MALFORMED, /* nonsense */
	TRANSFER_TOO_LARGE,
	TRANSFER_NO_MEMORY
};

/* Where we are among the records. */
enum transfer_stage { STAGE_FIRST, STAGE_SECOND, STAGE_RECORDS, STAGE_REMOVED, STAGE_ADDED, STAGE_END };

struct transfer_place {
	enum transfer_stage stage;
	uint32_t serial; /* of the change that is being read */
};

struct transfer {
	const uint8_t *zone; /* wire format, lower case */
	size_t zone_len;
	uint16_t id;
	bool incremental;    /* what was asked for */
	uint32_t have;       /* and from where */
	bool begun;
	int rcode;

	bool whole;          /* what came: all of the zone */
	uint32_t serial;     /* the new one */
	struct transfer_place place;

	const struct share_rules *rules;
	struct shares shares;
	uint64_t left_out;   /* records that the rules do not let in */

	uint8_t *kept;       /* records, each behind whether it is added */
	size_t kept_len, kept_size, told_len;
};

/* Who hears of it; see primary/primary.h. */
struct transfer_sink {
	void (*whole)(void *arg);
	void (*record)(void *arg, bool added, const ldns_rr *rr);
	void (*done)(void *arg, uint32_t serial);
	void *arg;
};

/* Writes a question for the zone's SOA record. Returns its length. */
size_t transfer_ask_serial(uint8_t *wire, uint16_t id, const uint8_t *zone, size_t zone_len);

/* Reads its answer. Returns 0 and the serial number, a response code, or -1: malformed. */
int transfer_read_serial(const uint8_t *wire, size_t len, uint16_t id, const uint8_t *zone, size_t zone_len,
                         uint32_t *serial);

/* Writes a request for what has changed since <have>, or for everything when that is NULL, and expects its answer.
 * <zone> and <rules> are borrowed. Returns the request's length.
 */
size_t transfer_ask(struct transfer *transfer, uint8_t *wire, uint16_t id, const uint8_t *zone, size_t zone_len,
                    const uint32_t *have, const struct share_rules *rules);

/* Takes a message of the answer, its signature checked and taken off. */
enum transfer_result transfer_take(struct transfer *transfer, const uint8_t *wire, size_t len);

/* Tells the next <most> records of what came, done() behind the last. TRANSFER_MORE: call it again; TRANSFER_WHOLE: all
 * is told; TRANSFER_NO_MEMORY: only a part can be.
 */
enum transfer_result transfer_tell(struct transfer *transfer, const struct transfer_sink *sink, unsigned most);

void transfer_free(struct transfer *transfer);

/* Whether <b> comes after <a> (RFC 1982). */
bool transfer_is_later(uint32_t a, uint32_t b);

#endif
