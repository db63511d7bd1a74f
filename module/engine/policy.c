/* SPDX-License-Identifier: BSD-3-Clause */
/* policy - small rules, each in one place. */
#include "base/clock.h"
#include "engine/policy.h"

static const char *const verdict_names[WARDEN_VERDICT_COUNT] = {
	[WARDEN_PASS] = "pass",
	[WARDEN_LOG] = "log",
	[WARDEN_TAG] = "tag",
	[WARDEN_REFUSE] = "refuse",
};

const char *warden_verdict_name(enum warden_verdict verdict)
{
	return (unsigned)verdict < WARDEN_VERDICT_COUNT ? verdict_names[verdict] : "unknown";
}

enum warden_verdict policy_verdict(const struct config *config, unsigned id,
                                   const struct opinion *opinion)
{
	static const enum warden_verdict of_action[] = {
		[ACTION_LOG] = WARDEN_LOG,
		[ACTION_TAG] = WARDEN_TAG,
		[ACTION_REFUSE] = WARDEN_REFUSE,
	};
	static const enum warden_verdict at_most[] = {
		[CONFIDENCE_NONE] = WARDEN_PASS,
		[CONFIDENCE_LOW] = WARDEN_LOG,
		[CONFIDENCE_MEDIUM] = WARDEN_TAG,
		[CONFIDENCE_HIGH] = WARDEN_REFUSE,
	};
	enum warden_verdict wanted = of_action[config_detector(config, id)->action];

	return wanted < at_most[opinion->confidence] ? wanted : at_most[opinion->confidence];
}

uint8_t policy_score(uint8_t confidence)
{
	static const uint8_t score[] = {
		[CONFIDENCE_NONE] = 0,
		[CONFIDENCE_LOW] = SCORE_LOW,
		[CONFIDENCE_MEDIUM] = SCORE_MEDIUM,
		[CONFIDENCE_HIGH] = SCORE_HIGH,
	};

	return score[confidence];
}

bool policy_speak(struct notes *notes, unsigned speaker, uint8_t confidence, uint64_t now,
                  uint64_t log_period, uint32_t *suppressed)
{
	uint64_t *word = &notes->spoke[speaker / 32 & 1];
	unsigned shift = speaker % 32 * 2;

	if (!notes->period || clock_since(now, notes->period) >= log_period) {
		notes->spoke[0] = notes->spoke[1] = 0;
		notes->period = now;
	}
	if ((*word >> shift & 3) >= (uint64_t)confidence) {
		if (notes->suppressed < UINT32_MAX)
			notes->suppressed++;
		return false;
	}
	*word = (*word & ~(UINT64_C(3) << shift)) | (uint64_t)confidence << shift;
	*suppressed = notes->suppressed;
	notes->suppressed = 0;
	return true;
}
