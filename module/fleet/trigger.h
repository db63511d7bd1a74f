/* SPDX-License-Identifier: BSD-3-Clause */
/* trigger - what subscribers act upon: names and targets of a response policy zone.
 *
 *     example.org.ZONE, *.example.org.ZONE       whoever asks for it or for what is below
 *     32.7.2.0.192.rpz-client-ip.ZONE            whatever 192.0.2.7 asks
 *     48.zz.1.db8.2001.rpz-client-ip.ZONE        whatever 2001:db8:1::/48 asks
 *
 *     CNAME .              no such name: nxdomain, and refuse, which the format cannot say
 *     CNAME *.             no data
 *     CNAME rpz-drop.      no answer
 *     CNAME rpz-tcp-only.  come again over TCP
 *
 * draft-vixie-dnsop-dns-rpz-00, sections 3 and 4. In an address its last part comes first, and one run of zeros may
 * be "zz".
 *
 * Invariant: what is written is read as the same; all else that stands in the zone is somebody's own.
 */
#ifndef FLEET_TRIGGER_H
#define FLEET_TRIGGER_H

#include <stdbool.h>
#include <stdint.h>

#include <ldns/ldns.h>

#include "name/name.h"

#define TRIGGER_FOREIGN UINT8_MAX /* trigger.verdict: not what we write */

struct trigger {
	bool is_client;
	bool wild;           /* of a domain: for what is below */
	uint8_t client[16];
	uint8_t prefix;      /* of 128 */
	uint8_t name_len;
	uint8_t name[256];   /* wire format, lower case; not written behind name_len */
	uint8_t verdict;     /* enum warden_verdict: refuse is nxdomain here; or TRIGGER_FOREIGN */
};

/* What <verdict> is to a subscriber. */
uint8_t trigger_verdict(uint8_t verdict);

/* The name at which <trigger> stands. Returns its length, 0 when it would be too long. */
size_t trigger_owner(const struct trigger *trigger, const struct name *zone, uint8_t owner[NAME_WIRE_MAX]);

/* Reads a record at <owner>. False when that is no place for a trigger of ours, whatever the record. */
bool trigger_from_rr(struct trigger *trigger, const struct name *zone, const struct name *owner, const ldns_rr *rr);

/* The record; NULL without memory, or when the name would be too long. */
ldns_rr *trigger_to_rr(const struct trigger *trigger, const struct name *zone);

#endif
