/* SPDX-License-Identifier: BSD-3-Clause */
/* signatures - shows observations to one signature detector, as the engine would.
 */
#ifndef TESTS_UNIT_SIGNATURES_H
#define TESTS_UNIT_SIGNATURES_H

#include "facts.h"

/* A pair, and the index of what is enabled. */
struct signature_bench {
	const struct detector *detector;
	struct signature_index index;
	struct sightings sightings;
	struct signature signature; /* what was said last */
	bool crowded;               /* many clients ask for the domain */
	uint64_t config[32];
};

/* A new pair of which detector <id> sees everything. */
static inline void signature_start(struct signature_bench *bench, enum detector_id id)
{
	memset(bench, 0, sizeof(*bench));
	bench->detector = detectors[id];
	assert_true(bench->detector->config_size <= sizeof(bench->config));
	signature_index_make(&bench->index, UINT64_C(1) << id);
}

static inline struct opinion signature_show(struct signature_bench *bench, struct facts *facts)
{
	facts->rare = !bench->crowded;
	facts->match = signature_match(&bench->index, facts);
	if (!bench->detector->relevant(bench->config, facts))
		return NO_OPINION;
	facts->signature = bench->signature = signature_confirm(&bench->sightings, facts);
	return bench->detector->observe(bench->config, NULL, NULL, NULL, facts);
}

#endif
