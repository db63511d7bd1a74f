/* SPDX-License-Identifier: BSD-3-Clause */
/* plan - sorts the enabled detectors by what they want to see. */
#include "engine/plan.h"

static uint8_t when_of_path(unsigned path)
{
	switch (path) {
	case WARDEN_PATH_CACHE:
		return ON_CACHE;
	case WARDEN_PATH_LOCAL:
		return ON_LOCAL;
	default: /* a joined question was a miss for this client too */
		return ON_MISS;
	}
}

static void add(struct plan_row *row, unsigned id, uint32_t signs)
{
	row->detectors |= UINT64_C(1) << id;
	row->needs |= detectors[id]->needs;
	for (unsigned sign = 0; sign < SIGN_COUNT; sign++)
		if (signs >> sign & 1)
			row->by_sign[sign] |= UINT64_C(1) << id;
}

void plan_make(struct plan *plan, void *const config[DETECTOR_COUNT])
{
	uint64_t enabled = 0;

	*plan = (struct plan){ .needs = 0 };
	for (unsigned id = 0; id < DETECTOR_COUNT; id++) {
		const struct detector *detector = detectors[id];
		const struct detector_config *common = config[id];
		uint32_t signs;

		if (!common->enable)
			continue;
		signs = detector_signs(id, config[id]);
		enabled |= UINT64_C(1) << id;
		plan->needs |= detector->needs;
		if (detector->weight)
			plan->weigher[plan->weighers++] = (uint8_t)id;
		for (unsigned what = 0; what < 4; what++)
			for (unsigned path = 0; path < WARDEN_PATH_COUNT; path++) {
				/* ON_QUESTION and ON_ANSWER are the bits of enum warden_what. */
				if (!(detector->when & what) || !(detector->when & when_of_path(path)))
					continue;
				add(&plan->row[what][path], id, signs);
				if (!(detector->when & BUT_ADDRESSES))
					add(&plan->address[what][path], id, signs);
				if (detector->sees_allowed)
					add(&plan->allowed[what][path], id, signs);
			}
	}
	signature_index_make(&plan->signatures, enabled);
}
