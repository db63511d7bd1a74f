/* SPDX-License-Identifier: BSD-3-Clause */
/* update - a dynamic update (RFC 2136): records of a zone to remove and to add, as one message.
 *
 * Invariant: a message is written as a whole or not at all.
 */
#ifndef PRIMARY_UPDATE_H
#define PRIMARY_UPDATE_H

#include <stddef.h>
#include <stdint.h>

#include <ldns/ldns.h>

/* Writes an update; see primary_update(). Returns its length; 0: it does not fit into <room> octets. */
size_t update_write(uint8_t *wire, size_t room, uint16_t id, const uint8_t *zone, size_t zone_len,
                    const ldns_rr_list *add, const ldns_rr_list *remove);

/* Reads the answer, its signature checked and taken off. Returns a response code, or -1: it is none to this update. */
int update_read(const uint8_t *wire, size_t len, uint16_t id);

#endif
