/* SPDX-License-Identifier: BSD-3-Clause */
/* address - the one place that knows both forms of a client's address. */
#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

#include "report/address.h"

static_assert(ADDRESS_TEXT_MAX >= INET6_ADDRSTRLEN, "room for every address");

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

bool address_is_v4(const uint8_t address[16])
{
	return !memcmp(address, mapped, sizeof(mapped));
}

char *address_text(char text[ADDRESS_TEXT_MAX], const uint8_t address[16])
{
	if (address_is_v4(address))
		inet_ntop(AF_INET, address + sizeof(mapped), text, ADDRESS_TEXT_MAX);
	else
		inet_ntop(AF_INET6, address, text, ADDRESS_TEXT_MAX);
	return text;
}

bool address_from_text(uint8_t address[16], const char *text)
{
	if (inet_pton(AF_INET, text, address + sizeof(mapped)) == 1) {
		memcpy(address, mapped, sizeof(mapped));
		return true;
	}
	return inet_pton(AF_INET6, text, address) == 1;
}
