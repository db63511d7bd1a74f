/* SPDX-License-Identifier: BSD-3-Clause */
/* test_plan - each enabled detector sees what it wants to see, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/plan.h"
#include "support.h"

/* As detector.h says: joined questions are misses. */
static const uint8_t on_path[WARDEN_PATH_COUNT] = {
	[WARDEN_PATH_MISS] = ON_MISS,
	[WARDEN_PATH_JOINED] = ON_MISS,
	[WARDEN_PATH_CACHE] = ON_CACHE,
	[WARDEN_PATH_LOCAL] = ON_LOCAL,
};

static unsigned times(const struct plan_row *row, unsigned id)
{
	return row->detectors >> id & 1;
}

static bool wants(unsigned id, unsigned what, unsigned path)
{
	uint8_t when = detectors[id]->when;

	return ((what & WARDEN_QUESTION && when & ON_QUESTION) ||
	        (what & WARDEN_ANSWER && when & ON_ANSWER)) && when & on_path[path];
}

/* Every subset of enabled detectors that leaves one out, none out, or all out. */
static void everyone_sees_its_own(void **state)
{
	struct config *config = config_load(NULL, NULL, NULL, NULL);

	(void)state;
	for (unsigned off = 0; off <= DETECTOR_COUNT + 1; off++) {
		unsigned needs = 0, weighers = 0;
		struct plan plan;

		for (unsigned id = 0; id < DETECTOR_COUNT; id++)
			((struct detector_config *)config->detector[id])->enable =
				off != id && off != DETECTOR_COUNT + 1;
		plan_make(&plan, config->detector);
		for (unsigned id = 0; id < DETECTOR_COUNT; id++) {
			bool enabled = config_detector(config, id)->enable;

			needs |= enabled ? detectors[id]->needs : 0u;
			weighers += enabled && detectors[id]->weight;
			for (unsigned what = 0; what < 4; what++)
				for (unsigned path = 0; path < WARDEN_PATH_COUNT; path++) {
					bool sees = enabled && wants(id, what, path);

					assert_int_equal(times(&plan.row[what][path], id), sees);
					assert_int_equal(times(&plan.address[what][path], id),
					                 sees && !(detectors[id]->when & BUT_ADDRESSES));
					assert_int_equal(times(&plan.allowed[what][path], id),
					                 sees && detectors[id]->sees_allowed);
				}
		}
		assert_int_equal(plan.needs, needs);
		assert_int_equal(plan.weighers, weighers);
	}
	config_free(config);
}

/* A detector that names no path, or neither question nor answer, would see nothing. */
static void nobody_is_blind(void **state)
{
	(void)state;
	for (unsigned id = 0; id < DETECTOR_COUNT; id++) {
		if (id == DETECTOR_risk) /* asked when the others have spoken */
			continue;
		assert_true(detectors[id]->when & (ON_QUESTION | ON_ANSWER));
		assert_true(detectors[id]->when & ON_ANY_PATH);
		/* The engine asks it before it takes slots for a name that is allowed. */
		assert_true(!detectors[id]->sees_allowed || detectors[id]->relevant);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everyone_sees_its_own),
		cmocka_unit_test(nobody_is_blind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
