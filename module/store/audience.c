/* SPDX-License-Identifier: BSD-3-Clause */
/* audience - seats of a name in a filter. */
#include "store/audience.h"

#define ANY AUDIENCE_SEATS /* the seat that everybody takes: empty, there is no need to look at the others */

/* Only the lower half differs: the upper one chooses the block. */
static uint64_t seat(uint64_t name, unsigned n)
{
	return (name & UINT64_C(0xffffffff00000000)) |
	       (uint32_t)((uint32_t)name + n * UINT32_C(0x9e3779b9));
}

unsigned audience_size(const struct filter *filter, uint64_t name)
{
	unsigned taken = 0;

	for (unsigned n = 0; n < AUDIENCE_SEATS; n++)
		taken += filter_has(filter, seat(name, n));
	return taken;
}

unsigned audience_join(struct filter *filter, uint64_t name, uint64_t client, uint64_t now)
{
	unsigned own = client % AUDIENCE_SEATS, taken = 0;
	bool rotated, first = filter_add(filter, seat(name, ANY), now, &rotated);

	for (unsigned n = 0; n < AUDIENCE_SEATS && !first; n++)
		taken += n != own && filter_has(filter, seat(name, n));
	filter_add(filter, seat(name, own), now, &rotated);
	return taken;
}
