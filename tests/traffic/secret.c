/* SPDX-License-Identifier: BSD-3-Clause */
/* secret - see secret.h. */
#include "engine/engine.h"

#include "random.h"
#include "secret.h"

void secret_fix(struct warden *warden, uint64_t seed)
{
	for (unsigned i = 0; i < HASH_SECRET_LEN; i++)
		warden->mapping.header->secret[i] = (uint8_t)(random_next(&seed) >> 56);
}
