/* SPDX-License-Identifier: BSD-3-Clause */
/* known - a direct-mapped memory of answers about names. */
#include <stdatomic.h>
#include <stdlib.h>

#include "engine/engine.h"
#include "engine/known.h"

#define SLOTS       65536 /* a power of two: 1 MiB */
#define ANSWER_BITS 9     /* domain_label, then allowed and listed */
#define ANSWER_MASK UINT64_C(0x1ff)
#define LABEL_MASK  UINT64_C(0x7f)
#define ALLOWED     UINT64_C(0x80)
#define LISTED      UINT64_C(0x100)

static_assert(NAME_LABELS_MAX <= LABEL_MASK, "a label's index fits the answer");

struct memory {
	_Alignas(16) _Atomic uint64_t check; /* hash and answer, xor <domain> */
	_Atomic uint64_t domain;
};

struct known {
	struct memory slot[SLOTS];
};

struct known *known_new(void)
{
	return calloc(1, sizeof(struct known)); /* malloc aligns to 16 */
}

void known_free(struct known *known)
{
	free(known);
}

size_t known_memory(void)
{
	return sizeof(struct known);
}

static struct memory *slot_of(const struct config *config, uint64_t hash)
{
	return &config->known->slot[(hash >> ANSWER_BITS) % SLOTS];
}

/* The answer for a name that is not remembered, in the form of a slot. */
static uint64_t find_out(const struct config *config, const struct name *name)
{
	uint64_t answer = suffix_domain(config->suffixes, name);

	answer |= domain_map_has(config->allowed.map, name) ? ALLOWED : 0;
	return answer | (domain_map_has(config->listed, name) ? LISTED : 0);
}

struct knowledge known_name(const struct config *config, const struct mapping *mapping,
                            const struct name *name, uint64_t hash)
{
	struct memory *slot = slot_of(config, hash);
	uint64_t domain = atomic_load_explicit(&slot->domain, memory_order_relaxed);
	uint64_t answer = atomic_load_explicit(&slot->check, memory_order_relaxed) ^ domain;

	if ((answer ^ hash) & ~ANSWER_MASK) {
		unsigned label;

		answer = (hash & ~ANSWER_MASK) | find_out(config, name);
		label = (unsigned)(answer & LABEL_MASK);
		domain = domain_hash(mapping, name_tail(name, label), name_tail_len(name, label));
		atomic_store_explicit(&slot->domain, domain, memory_order_relaxed);
		atomic_store_explicit(&slot->check, answer ^ domain, memory_order_relaxed);
	}
	return (struct knowledge){
		.domain_label = (uint8_t)(answer & LABEL_MASK),
		.allowed = answer & ALLOWED,
		.listed = answer & LISTED,
		.domain_hash = domain,
	};
}
