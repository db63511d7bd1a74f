/* SPDX-License-Identifier: BSD-3-Clause */
/* record - a record as octets, nothing of it compressed: what an update is made of, and what is kept of a transfer. */
#ifndef PRIMARY_RECORD_H
#define PRIMARY_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include <ldns/ldns.h>

#define RECORD_FIXED 10 /* type, class, TTL, length of the data */

/* How many octets its data has, which may be more than a record can have; and how many the whole of it. */
size_t record_data_size(const ldns_rr *rr);
size_t record_size(const ldns_rr *rr);

/* Writes record_size() octets. Returns their end. */
uint8_t *record_write(uint8_t *at, const ldns_rr *rr, uint16_t rr_class, uint32_t ttl);

#endif
