/* SPDX-License-Identifier: BSD-3-Clause */
/* plan - which detectors look at which kind of observation.
 *
 * Made once from the options of detectors, so that an observation walks only over detectors
 * that are enabled and want its kind, and nothing is computed or copied for others.
 */
#ifndef ENGINE_PLAN_H
#define ENGINE_PLAN_H

#include <assert.h>
#include <stdint.h>

#include <warden/observation.h>

#include "base/dns.h"
#include "detect/detector.h"

static_assert((int)ON_QUESTION == (int)WARDEN_QUESTION && (int)ON_ANSWER == (int)WARDEN_ANSWER,
              "a plan is looked up by warden_observation.what");

static_assert(DETECTOR_COUNT <= 64, "a bit for each");

/* Detectors for one (what, path): a bit for each. */
struct plan_row {
	uint64_t by_sign[SIGN_COUNT]; /* those that go by SIGN_ALWAYS, SIGN_LISTED and so on */
	uint64_t detectors;           /* all of them */
	uint32_t needs;               /* of all of them */
};

/* The lowest detector of <set>, which is not empty; and the set without it. */
#define PLAN_FIRST(set) ((unsigned)__builtin_ctzll(set))
#define PLAN_REST(set)  ((set) & ((set) - 1))

struct plan {
	struct plan_row row[4][WARDEN_PATH_COUNT]; /* [what][path] */
	struct plan_row address[4][WARDEN_PATH_COUNT]; /* the same without those who want no addresses */
	struct plan_row allowed[4][WARDEN_PATH_COUNT]; /* those who see allowed names */
	uint32_t needs;                            /* of all enabled detectors */
	struct signature_index signatures;         /* of those that are signatures */
	uint8_t weighers;                          /* how many of <weigher> */
	uint8_t weigher[DETECTOR_COUNT];           /* enabled detectors that weigh a pair */
};

/* Those of <row> that look at an observation with these <signs>. */
static inline uint64_t plan_call(const struct plan_row *row, uint32_t signs)
{
	uint64_t called = row->by_sign[0];

	static_assert(SIGN_ALWAYS == 1, "it is always there");
	for (signs &= ~(uint32_t)SIGN_ALWAYS; signs; signs &= signs - 1)
		called |= row->by_sign[__builtin_ctz(signs)];
	return called;
}

/* Types that are asked for to connect somewhere: nearly all questions are. */
static inline bool plan_is_address(uint16_t qtype)
{
	return qtype == DNS_TYPE_A || qtype == DNS_TYPE_AAAA || qtype == DNS_TYPE_HTTPS;
}

/* Makes the plan of detectors with these configs, which each begin with a struct detector_config. */
void plan_make(struct plan *plan, void *const config[DETECTOR_COUNT]);

#endif
