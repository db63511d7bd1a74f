/* SPDX-License-Identifier: BSD-3-Clause */
/* address - the addresses in an answer, all of one kind. */
#ifndef DETECT_ADDRESS_H
#define DETECT_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <warden/observation.h>

#include "base/dns.h"

/* The 16 octets of the address in <record>, IPv4 mapped. False when it has none. */
static inline bool address_of(const struct warden_record *record, uint8_t address[16])
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	if (record->type == DNS_TYPE_A && record->rdata_len == 4) {
		memcpy(address, mapped, sizeof(mapped));
		memcpy(address + sizeof(mapped), record->rdata, 4);
		return true;
	}
	if (record->type == DNS_TYPE_AAAA && record->rdata_len == 16) {
		memcpy(address, record->rdata, 16);
		return true;
	}
	return false;
}

#endif
