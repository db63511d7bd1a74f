/* SPDX-License-Identifier: BSD-3-Clause */
/* outbox - parcels through the ring, and which of them are none. */
#include "store/outbox.h"

static_assert(sizeof(struct parcel) % 8 == 0 && sizeof(struct parcel) <= RING_ITEM_MAX, "a parcel fits one entry");

bool outbox_put(struct mapping *mapping, const struct parcel *parcel)
{
	return ring_put(&mapping->outbox, parcel, sizeof(*parcel));
}

/* Bits that a ledger can have: neither negative, nor without end, nor no number. */
static float sum_of(float bits)
{
	return bits > 0 && bits <= PARCEL_BITS_MAX ? bits : 0;
}

bool outbox_get(struct mapping *mapping, struct parcel *parcel, uint64_t now, uint64_t *skipped)
{
	while (ring_get(&mapping->outbox, parcel, sizeof(*parcel), now, skipped)) {
		parcel->pair_bits = sum_of(parcel->pair_bits);
		parcel->client_bits = sum_of(parcel->client_bits);
		parcel->domain_bits = sum_of(parcel->domain_bits);
		if (parcel->domain_at < parcel->qname_len)
			return true;
		++*skipped;
	}
	return false;
}
