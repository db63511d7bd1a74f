/* SPDX-License-Identifier: BSD-3-Clause */
/* known - a direct-mapped memory of answers about names. */
#include <stdatomic.h>
#include <stdlib.h>

#include "engine/config.h"
#include "engine/known.h"

#define SLOTS       65536 /* a power of two: 512 KiB */
#define ANSWER_BITS 8     /* domain_label, and allowed in the highest */
#define ANSWER_MASK UINT64_C(0xff)
#define ALLOWED     UINT64_C(0x80)

static_assert(NAME_LABELS_MAX < ALLOWED, "a label's index and a bit fit the answer");

struct known {
	_Atomic uint64_t slot[SLOTS];
};

struct known *known_new(void)
{
	return calloc(1, sizeof(struct known));
}

void known_free(struct known *known)
{
	free(known);
}

size_t known_memory(void)
{
	return sizeof(struct known);
}

struct knowledge known_name(const struct config *config, const struct name *name, uint64_t hash)
{
	_Atomic uint64_t *slot = &config->known->slot[(hash >> ANSWER_BITS) % SLOTS];
	uint64_t answer = atomic_load_explicit(slot, memory_order_relaxed);

	if ((answer ^ hash) & ~ANSWER_MASK) {
		answer = (hash & ~ANSWER_MASK) | suffix_domain(config->suffixes, name);
		if (domain_set_match(config->allow_domain, name) >= 0)
			answer |= ALLOWED;
		atomic_store_explicit(slot, answer, memory_order_relaxed);
	}
	return (struct knowledge){
		.domain_label = (uint8_t)(answer & (ALLOWED - 1)),
		.allowed = answer & ALLOWED,
	};
}
