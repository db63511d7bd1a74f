/* SPDX-License-Identifier: BSD-3-Clause */
/* test_policy - what an opinion amounts to, and which verdicts deserve an event. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/policy.h"
#include "support.h"

#define PERIOD (10 * MINUTE)

/* [action][confidence] */
static const enum warden_verdict verdicts[][4] = {
	[ACTION_LOG] = { WARDEN_PASS, WARDEN_LOG, WARDEN_LOG, WARDEN_LOG },
	[ACTION_TAG] = { WARDEN_PASS, WARDEN_LOG, WARDEN_TAG, WARDEN_TAG },
	[ACTION_TRUNCATE] = { WARDEN_PASS, WARDEN_LOG, WARDEN_TAG, WARDEN_TRUNCATE },
	[ACTION_NODATA] = { WARDEN_PASS, WARDEN_LOG, WARDEN_TAG, WARDEN_NODATA },
	[ACTION_NXDOMAIN] = { WARDEN_PASS, WARDEN_LOG, WARDEN_TAG, WARDEN_NXDOMAIN },
	[ACTION_REFUSE] = { WARDEN_PASS, WARDEN_LOG, WARDEN_TAG, WARDEN_REFUSE },
	[ACTION_DROP] = { WARDEN_PASS, WARDEN_LOG, WARDEN_TAG, WARDEN_DROP },
};

static void verdict(void **state)
{
	struct config *config = config_load(NULL, NULL, NULL, NULL);

	(void)state;
	assert_non_null(config);
	for (unsigned id = 0; id < DETECTOR_COUNT; id++)
		for (unsigned action = 0; action <= ACTION_DROP; action++)
			for (unsigned confidence = 0; confidence < 4; confidence++) {
				struct opinion opinion = { .confidence = (uint8_t)confidence };

				((struct detector_config *)config->detector[id])->action = action;
				assert_int_equal(policy_verdict(config, config->detector[id], &opinion),
				                 verdicts[action][confidence]);
			}
	config_free(config);
}

/* The score of what was said, under the defaults. */
static unsigned risk_of(const struct config *config, const struct notes *notes, uint64_t whose)
{
	uint64_t who;
	unsigned score = policy_risk(config->detector, notes, &who);

	assert_int_equal(who, whose);
	return score;
}

static void risk_adds_up(void **state)
{
	struct config *config = config_load(NULL, NULL, NULL, NULL);
	const uint64_t both = 1u << DETECTOR_long_names | 1u << DETECTOR_information;
	struct notes notes = { .first_seen = 1 };

	(void)state;
	assert_non_null(config);
	((struct detector_config *)config->detector[DETECTOR_long_names])->score = 30;
	((struct detector_config *)config->detector[DETECTOR_information])->score = 90;
	assert_int_equal(risk_of(config, &notes, 0), 0);
	policy_add_risk(&notes, DETECTOR_long_names, CONFIDENCE_LOW, NOW);
	assert_int_equal(risk_of(config, &notes, 1u << DETECTOR_long_names), 10);
	policy_add_risk(&notes, DETECTOR_long_names, CONFIDENCE_HIGH, NOW);
	policy_add_risk(&notes, DETECTOR_long_names, CONFIDENCE_MEDIUM, NOW); /* surer it was before */
	assert_int_equal(risk_of(config, &notes, 1u << DETECTOR_long_names), 30);
	policy_add_risk(&notes, DETECTOR_information, CONFIDENCE_MEDIUM, NOW);
	assert_int_equal(risk_of(config, &notes, both), 90);
	policy_add_risk(&notes, DETECTOR_information, CONFIDENCE_HIGH, NOW);
	assert_int_equal(risk_of(config, &notes, both), 100);
	config_free(config);
}

static void risk_fades(void **state)
{
	struct config *config = config_load(NULL, NULL, NULL, NULL);
	const uint64_t one = 1u << DETECTOR_long_names;
	struct notes notes = { .first_seen = 1 };

	(void)state;
	assert_non_null(config);
	((struct detector_config *)config->detector[DETECTOR_long_names])->score = 30;
	policy_add_risk(&notes, DETECTOR_long_names, CONFIDENCE_HIGH, NOW);
	policy_fade_risk(&notes, NOW + RISK_STEP - 1000);
	assert_int_equal(risk_of(config, &notes, one), 30);
	policy_fade_risk(&notes, NOW + RISK_STEP);
	assert_int_equal(risk_of(config, &notes, one), 20);
	policy_fade_risk(&notes, NOW + 2 * RISK_STEP);
	assert_int_equal(risk_of(config, &notes, one), 10);
	policy_fade_risk(&notes, NOW + 3 * RISK_STEP);
	assert_int_equal(risk_of(config, &notes, 0), 0);
	/* At once after a long time, and after a clock that stepped back. */
	policy_add_risk(&notes, DETECTOR_long_names, CONFIDENCE_HIGH, NOW + 3 * RISK_STEP);
	policy_fade_risk(&notes, NOW + 1000 * RISK_STEP);
	assert_int_equal(risk_of(config, &notes, 0), 0);
	policy_add_risk(&notes, DETECTOR_long_names, CONFIDENCE_HIGH, NOW + 1000 * RISK_STEP);
	policy_fade_risk(&notes, NOW);
	assert_int_equal(risk_of(config, &notes, 0), 0);
	config_free(config);
}

/* Low opinions, however many, make no suspect; one that is more does, in whichever word it stands. */
static void suspects(void **state)
{
	struct notes notes = { .first_seen = 1 };

	(void)state;
	for (unsigned id = 0; id < DETECTOR_COUNT; id++)
		policy_add_risk(&notes, id, CONFIDENCE_LOW, NOW);
	assert_false(policy_is_suspect(&notes));
	for (unsigned id = 0; id < DETECTOR_COUNT; id++) {
		struct notes one = notes;

		policy_add_risk(&one, id, CONFIDENCE_MEDIUM, NOW);
		assert_true(policy_is_suspect(&one));
		policy_add_risk(&one, id, CONFIDENCE_HIGH, NOW);
		assert_true(policy_is_suspect(&one));
		policy_fade_risk(&one, NOW + 2 * RISK_STEP);
		assert_false(policy_is_suspect(&one));
	}
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(warden_verdict_name(WARDEN_PASS), "pass");
	assert_string_equal(warden_verdict_name(WARDEN_REFUSE), "refuse");
	assert_string_equal(warden_verdict_name((enum warden_verdict)77), "unknown");
}

/* One subject's story: who speaks when, whether it is an event, and what that tells. */
static const struct {
	int64_t at;
	unsigned speaker;
	uint8_t confidence;
	bool event;
	uint32_t suppressed;
} story[] = {
	{ 0, 0, CONFIDENCE_LOW, true, 0 },
	{ 1, 0, CONFIDENCE_LOW, false, 0 },
	{ 2, 0, CONFIDENCE_MEDIUM, true, 1 },           /* it rises */
	{ 3, 0, CONFIDENCE_LOW, false, 0 },          /* falling is no news */
	{ 4, 0, CONFIDENCE_MEDIUM, false, 0 },
	{ 5, 1, CONFIDENCE_LOW, true, 2 },           /* another detector */
	{ 6, SPEAKER_OPERATOR, CONFIDENCE_HIGH, true, 0 },
	{ 7, SPEAKER_OPERATOR, CONFIDENCE_HIGH, false, 0 },
	{ 8, 31, CONFIDENCE_MEDIUM, true, 1 },          /* both words of two bits each */
	{ 9, 32, CONFIDENCE_MEDIUM, true, 0 },
	{ 10, 31, CONFIDENCE_MEDIUM, false, 0 },
	{ 11, 32, CONFIDENCE_MEDIUM, false, 0 },
	{ 12, 0, CONFIDENCE_HIGH, true, 2 },
	{ PERIOD - 1, 0, CONFIDENCE_HIGH, false, 0 },
	{ PERIOD, 0, CONFIDENCE_HIGH, true, 1 },   /* once in every period */
	{ PERIOD, 1, CONFIDENCE_LOW, true, 0 },
	{ 2 * PERIOD - 1, 0, CONFIDENCE_HIGH, false, 0 },
	{ 2 * PERIOD - 1500, 0, CONFIDENCE_HIGH, false, 0 }, /* another thread's clock */
	{ -1000000, 0, CONFIDENCE_LOW, true, 2 },    /* the clock stepped back: a new period */
	{ -1000000 + PERIOD - 1, 0, CONFIDENCE_LOW, false, 0 },
};

static void speak(void **state)
{
	struct notes notes = { .period = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(story) / sizeof(*story); i++) {
		uint32_t suppressed = 0;
		bool event = policy_speak(&notes, story[i].speaker, story[i].confidence,
		                          NOW + (uint64_t)story[i].at, PERIOD, &suppressed);

		if (event != story[i].event || suppressed != story[i].suppressed)
			fail_msg("row %zu: event %d, %u suppressed", i, event, suppressed);
	}
}

static void suppressed_saturates(void **state)
{
	struct notes notes = { .suppressed = UINT32_MAX - 1 };
	uint32_t suppressed = 0;

	(void)state;
	policy_speak(&notes, 0, CONFIDENCE_LOW, NOW, PERIOD, &suppressed);
	assert_int_equal(suppressed, UINT32_MAX - 1);
	notes.suppressed = UINT32_MAX;
	assert_false(policy_speak(&notes, 0, CONFIDENCE_LOW, NOW, PERIOD, &suppressed));
	assert_int_equal(notes.suppressed, UINT32_MAX);
}

/* Any octets: they come from shared memory. */
static void garbage(void **state)
{
	uint64_t random = 1;
	struct notes notes;
	uint32_t suppressed;

	(void)state;
	for (unsigned round = 0; round < 10000; round++) {
		for (size_t i = 0; i < NOTES_WORDS; i++)
			((uint64_t *)&notes)[i] = random_next(&random);
		policy_speak(&notes, (unsigned)random % 256, (uint8_t)(random % 4), NOW, PERIOD,
		             &suppressed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict),
		cmocka_unit_test(risk_adds_up),
		cmocka_unit_test(risk_fades),
		cmocka_unit_test(suspects),
		cmocka_unit_test(names),
		cmocka_unit_test(speak),
		cmocka_unit_test(suppressed_saturates),
		cmocka_unit_test(garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
