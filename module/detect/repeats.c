/* SPDX-License-Identifier: BSD-3-Clause */
/* repeats - two guesses, and the code that goes with them. */
#include <math.h>

#include "base/dns.h"
#include "detect/repeats.h"

#define ASKED_MAX 255 /* questions of late */

double type_bits(uint16_t qtype)
{
	switch (qtype) {
	case DNS_TYPE_A: case DNS_TYPE_AAAA: case DNS_TYPE_HTTPS:
		return TYPE_BITS_COMMON;
	case DNS_TYPE_NS: case DNS_TYPE_CNAME: case DNS_TYPE_SOA: case DNS_TYPE_PTR:
	case DNS_TYPE_MX: case DNS_TYPE_TXT: case DNS_TYPE_SRV: case DNS_TYPE_NAPTR:
	case DNS_TYPE_DS: case DNS_TYPE_DNSKEY: case DNS_TYPE_SVCB: case DNS_TYPE_CAA:
		return TYPE_BITS_USUAL;
	default:
		return TYPE_BITS_ANY;
	}
}

static uint16_t last_of(const struct repeats *repeats)
{
	return repeats->recent[(repeats->at - 1u) % REPEATS_RECENT];
}

/* What followed the last question when it came before; 0 when that is not remembered. */
static uint16_t expected(const struct repeats *repeats)
{
	uint16_t last = last_of(repeats);

	for (unsigned back = 2; back <= REPEATS_RECENT; back++)
		if (repeats->recent[(repeats->at - back) % REPEATS_RECENT] == last)
			return repeats->recent[(repeats->at - back + 1) % REPEATS_RECENT];
	return 0;
}

double repeats_see(struct repeats *repeats, uint16_t question, bool known, double names, double type)
{
	unsigned asked = (unsigned)repeats->asbefore + repeats->again + repeats->others;
	uint8_t *outcome = &repeats->others;
	double bits = 0;

	if (expected(repeats) == question)
		outcome = &repeats->asbefore;
	else if (last_of(repeats) == question)
		outcome = &repeats->again;
	repeats->recent[repeats->at++ % REPEATS_RECENT] = question;
	if (!known)
		return 0;
	if (outcome == &repeats->others)
		bits = log2((names > 1 ? names : 1) + 1) + type;
	bits += log2((asked + 1.5) / (*outcome + 0.5));
	if (asked >= ASKED_MAX || *outcome == UINT8_MAX) {
		repeats->asbefore /= 2;
		repeats->again /= 2;
		repeats->others /= 2;
	}
	++*outcome;
	return bits;
}
