/* SPDX-License-Identifier: BSD-3-Clause */
/* field - the words of recorded traffic as people and tools write them. Addresses
 * are in report/address.h.
 *
 * Every function reads the whole of <text> or says false and leaves its result alone.
 */
#ifndef RECORDED_FIELD_H
#define RECORDED_FIELD_H

#include <stdbool.h>
#include <stdint.h>

/* "1700000000.25": seconds since 1970, as milliseconds; digits behind those are dropped. */
bool field_time(const char *text, uint64_t *milliseconds);

/* "TXT", "txt", "TYPE16" or "16". */
bool field_type(const char *text, uint16_t *type);

/* "IN", "CLASS1" or "1". */
bool field_class(const char *text, uint16_t *qclass);

/* "NXDOMAIN", "RCODE3" or "3". */
bool field_rcode(const char *text, uint8_t *rcode);

/* "5353", of a port. */
bool field_port(const char *text, uint16_t *port);

/* "123", up to what 32 bits hold. */
bool field_count(const char *text, uint32_t *count);

/* "miss", "cache" or "local", as enum warden_path. */
bool field_path(const char *text, uint8_t *path);

#endif
