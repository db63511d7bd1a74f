/* SPDX-License-Identifier: BSD-3-Clause */
/* known - a direct-mapped memory of answers about names. */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/bulk.h"
#include "engine/engine.h"
#include "engine/known.h"

#define SLOTS       65536 /* a power of two: 1 MiB */
#define ANSWER_BITS 11    /* domain_label, allowed, signs */
#define ANSWER_MASK UINT64_C(0x7ff)
#define LABEL_MASK  UINT64_C(0x7f)
#define ALLOWED     UINT64_C(0x80)
#define SIGNS_SHIFT 7     /* SIGN_ALWAYS, which is none of a name, would be where <ALLOWED> is */
#define SIGNS       (SIGN_LISTED | SIGN_STRIKING | SIGN_SIGNATURE)

static_assert(NAME_LABELS_MAX <= LABEL_MASK, "a label's index fits the answer");
static_assert((unsigned)SIGNS << SIGNS_SHIFT == (ANSWER_MASK & ~(LABEL_MASK | ALLOWED)), "the signs fill the rest");

struct memory {
	_Alignas(16) _Atomic uint64_t check; /* hash and answer, xor <domain> */
	_Atomic uint64_t domain;
};

struct known {
	struct memory slot[SLOTS];
	unsigned count;                    /* of detectors that may find a name striking */
	uint8_t finder[DETECTOR_COUNT];
	struct signature_index signatures; /* of all: profiles may enable each */
};

struct known *known_new(void)
{
	struct known *known = bulk_new(sizeof(*known)); /* aligned to 16 at least */

	for (unsigned id = 0; known && id < DETECTOR_COUNT; id++)
		if (detectors[id]->striking)
			known->finder[known->count++] = (uint8_t)id;
	if (known)
		signature_index_make(&known->signatures, UINT64_MAX);
	return known;
}

void known_free(struct known *known)
{
	bulk_free(known, sizeof(*known));
}

size_t known_memory(void)
{
	return sizeof(struct known);
}

static struct memory *slot_of(const struct config *config, uint64_t hash)
{
	return &config->known->slot[(hash >> ANSWER_BITS) % SLOTS];
}

/* Whether detector <id> with <options> finds <name> striking. */
static bool strikes(unsigned id, const void *options, const struct name *name)
{
	return ((const struct detector_config *)options)->enable && detectors[id]->striking(options, name);
}

/* Whether anybody does, for whichever client. */
static bool is_striking(const struct config *config, const struct name *name)
{
	for (unsigned i = 0; i < config->known->count; i++) {
		unsigned id = config->known->finder[i];

		if (strikes(id, config->detector[id], name))
			return true;
		for (size_t p = 0; p < config->profile_count; p++)
			if (strikes(id, config->profile[p].detector[id], name))
				return true;
	}
	return false;
}

/* The answer for a name that is not remembered, in the form of a slot. */
static uint64_t find_out(const struct config *config, const struct name *name)
{
	unsigned label = suffix_domain(config->suffixes, name);
	uint64_t signs = domain_map_has(config->listed, name) ? SIGN_LISTED : 0;

	signs |= is_striking(config, name) ? SIGN_STRIKING : 0;
	signs |= signature_may_fit(&config->known->signatures, name, label) ? SIGN_SIGNATURE : 0;
	return label | (domain_map_has(config->allowed.map, name) ? ALLOWED : 0) | signs << SIGNS_SHIFT;
}

void known_call(const struct config *config, uint64_t hash)
{
	__builtin_prefetch(slot_of(config, hash));
}

/* Finds out and remembers. */
static __attribute__((noinline)) uint64_t remember(const struct config *config, const struct mapping *mapping,
                                                   const struct name *name, uint64_t hash, uint64_t *domain)
{
	struct memory *slot = slot_of(config, hash);
	uint64_t answer = (hash & ~ANSWER_MASK) | find_out(config, name);
	unsigned label = (unsigned)(answer & LABEL_MASK);

	*domain = domain_hash(mapping, name_tail(name, label), name_tail_len(name, label));
	atomic_store_explicit(&slot->domain, *domain, memory_order_relaxed);
	atomic_store_explicit(&slot->check, answer ^ *domain, memory_order_relaxed);
	return answer;
}

struct knowledge known_name(const struct config *config, const struct mapping *mapping,
                            const struct name *name, uint64_t hash)
{
	struct memory *slot = slot_of(config, hash);
	uint64_t domain = atomic_load_explicit(&slot->domain, memory_order_relaxed);
	uint64_t answer = atomic_load_explicit(&slot->check, memory_order_relaxed) ^ domain;

	if (__builtin_expect(((answer ^ hash) & ~ANSWER_MASK) != 0, 0))
		answer = remember(config, mapping, name, hash, &domain);
	return (struct knowledge){
		.domain_hash = domain,
		.domain_label = (uint8_t)(answer & LABEL_MASK),
		.allowed = answer & ALLOWED,
		.signs = (uint8_t)(answer >> SIGNS_SHIFT & SIGNS),
	};
}
