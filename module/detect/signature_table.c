/* SPDX-License-Identifier: BSD-3-Clause */
/* signature_table - makes tools and detectors of the rows of signatures.def.
 *
 * All signature detectors are one: the pair's sightings, which the engine keeps, say what there is to
 * say, and a detector only asks whether it is about its tool.
 */
#include "detect/detector.h"
#include "detect/signature_row.h"

#define DETECTOR_IS(...) __VA_ARGS__
#define TOOL_IS(...)     __VA_ARGS__
#define IDS(...)         ((const char *const[]){ __VA_ARGS__, NULL })

const struct tool tools[TOOL_COUNT] = {
#define SIGNATURE(id, of_detector, of_tool) [TOOL_##id] = { of_tool },
#include "detect/signatures.def"
#undef SIGNATURE
};

const uint8_t tool_detector[TOOL_COUNT] = {
#define SIGNATURE(id, ...) [TOOL_##id] = DETECTOR_##id,
#include "detect/signatures.def"
#undef SIGNATURE
};

struct signature_config {
	struct detector_config common;
};

static const struct option signature_options[] = { OPTION_END };

static struct opinion signature_observe(const void *config, void *client, void *pair, void *domain,
                                        const struct facts *facts)
{
	struct opinion opinion = NO_OPINION;

	(void)config, (void)client, (void)pair, (void)domain;
	opinion.confidence = facts->signature.confidence;
	opinion.reason = facts->signature.reason;
	opinion.evidence[0] = facts->signature.points;
	return opinion;
}

#define SIGNATURE(id, of_detector, of_tool) \
	static bool id##_relevant(const void *config, const struct facts *facts) \
	{ \
		(void)config; \
		return facts->match.tool == 1 + TOOL_##id; \
	} \
	const struct detector detector_##id = { \
		of_detector, \
		.when = ON_QUESTION | ON_ANSWER | ON_ANY_PATH, \
		.needs = FACT_NOVEL | FACT_RECORDS | FACT_SIGNATURE, \
		.subject = SUBJECT_PAIR, \
		.options = signature_options, \
		.config_size = sizeof(struct signature_config), \
		.evidence = { { "points", EVIDENCE_NUMBER } }, \
		.signs = SIGN_SIGNATURE, \
		.relevant = id##_relevant, \
		.observe = signature_observe, \
	};
#include "detect/signatures.def"
#undef SIGNATURE
