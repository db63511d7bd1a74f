/* SPDX-License-Identifier: BSD-3-Clause */
/* policy - small rules, each in one place. */
#include "base/clock.h"
#include "engine/policy.h"

static const char *const verdict_names[WARDEN_VERDICT_COUNT] = {
	[WARDEN_PASS] = "pass",
	[WARDEN_LOG] = "log",
	[WARDEN_TAG] = "tag",
	[WARDEN_TRUNCATE] = "truncate",
	[WARDEN_NODATA] = "nodata",
	[WARDEN_NXDOMAIN] = "nxdomain",
	[WARDEN_REFUSE] = "refuse",
	[WARDEN_DROP] = "drop",
};

const char *warden_verdict_name(enum warden_verdict verdict)
{
	return (unsigned)verdict < WARDEN_VERDICT_COUNT ? verdict_names[verdict] : "unknown";
}

enum warden_verdict policy_verdict(const struct config *config, const struct detector_config *options,
                                   const struct opinion *opinion)
{
	static const enum warden_verdict of_action[] = {
		[ACTION_LOG] = WARDEN_LOG,
		[ACTION_TAG] = WARDEN_TAG,
		[ACTION_REFUSE] = WARDEN_REFUSE,
		[ACTION_NXDOMAIN] = WARDEN_NXDOMAIN,
		[ACTION_NODATA] = WARDEN_NODATA,
		[ACTION_TRUNCATE] = WARDEN_TRUNCATE,
		[ACTION_DROP] = WARDEN_DROP,
	};
	uint64_t action = opinion->list && opinion->list <= config->list_count ?
		config->list[opinion->list - 1].action : options->action;
	static const enum warden_verdict at_most[] = {
		[CONFIDENCE_NONE] = WARDEN_PASS,
		[CONFIDENCE_LOW] = WARDEN_LOG,
		[CONFIDENCE_MEDIUM] = WARDEN_TAG,
		[CONFIDENCE_HIGH] = WARDEN_DROP,
	};
	enum warden_verdict wanted = of_action[action];

	return wanted < at_most[opinion->confidence] ? wanted : at_most[opinion->confidence];
}

/* Two bits of a speaker in a pair of words. */
static unsigned bits_get(const uint64_t word[2], unsigned speaker)
{
	return (unsigned)(word[speaker / 32 & 1] >> speaker % 32 * 2 & 3);
}

static void bits_set(uint64_t word[2], unsigned speaker, uint8_t bits)
{
	unsigned shift = speaker % 32 * 2;
	uint64_t *w = &word[speaker / 32 & 1];

	*w = (*w & ~(UINT64_C(3) << shift)) | (uint64_t)(bits & 3) << shift;
}

/* Lowers each pair of bits that is not 0 by one. */
static uint64_t lowered(uint64_t word)
{
	return word - ((word | word >> 1) & UINT64_C(0x5555555555555555));
}

void policy_fade_risk(struct notes *notes, uint64_t now)
{
	uint64_t hours = clock_since(now, notes->risk_moved * SECOND) / RISK_STEP;

	if (!hours)
		return;
	/* Three steps lower the highest confidence to none. */
	for (uint64_t i = 0; i < hours && i < CONFIDENCE_HIGH; i++) {
		notes->risk[0] = lowered(notes->risk[0]);
		notes->risk[1] = lowered(notes->risk[1]);
	}
	notes->risk_moved = (uint32_t)(now / SECOND);
}

void policy_add_risk(struct notes *notes, unsigned speaker, uint8_t confidence, uint64_t now)
{
	policy_fade_risk(notes, now);
	if (bits_get(notes->risk, speaker) < confidence)
		bits_set(notes->risk, speaker, confidence);
}

bool policy_risk_is_sure(const struct notes *notes)
{
	const uint64_t high = UINT64_C(0x5555555555555555); /* both bits of a speaker */

	for (unsigned i = 0; i < 2; i++)
		if (notes->risk[i] & notes->risk[i] >> 1 & high)
			return true;
	return false;
}

bool policy_is_suspect(const struct notes *notes)
{
	const uint64_t above_low = UINT64_C(0xaaaaaaaaaaaaaaaa); /* the higher bit of a speaker */

	return (notes->risk[0] | notes->risk[1]) & above_low;
}

uint8_t policy_risk(void *const options[DETECTOR_COUNT], const struct notes *notes, uint64_t *said)
{
	uint64_t sum = 0;

	*said = 0;
	for (unsigned id = 0; id < DETECTOR_COUNT; id++) {
		unsigned confidence = bits_get(notes->risk, id);
		const struct detector_config *own = options[id];

		if (!confidence)
			continue;
		sum += own->score * confidence / CONFIDENCE_HIGH;
		*said |= UINT64_C(1) << id;
	}
	return sum < 100 ? (uint8_t)sum : 100;
}

bool policy_speak(struct notes *notes, unsigned speaker, uint8_t confidence, uint64_t now,
                  uint64_t log_period, uint32_t *suppressed)
{
	if (!notes->period || clock_since(now, notes->period) >= log_period) {
		notes->spoke[0] = notes->spoke[1] = 0;
		notes->period = now;
	}
	if (bits_get(notes->spoke, speaker) >= confidence) {
		if (notes->suppressed < UINT32_MAX)
			notes->suppressed++;
		return false;
	}
	bits_set(notes->spoke, speaker, confidence);
	*suppressed = notes->suppressed;
	notes->suppressed = 0;
	return true;
}
