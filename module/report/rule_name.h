/* SPDX-License-Identifier: BSD-3-Clause */
/* rule_name - who gave a verdict, by name. */
#ifndef REPORT_RULE_NAME_H
#define REPORT_RULE_NAME_H

#include "detect/detector.h"
#include "store/holds.h"
#include "store/journal.h"

/* The detector of <record>; NULL when it was the operator, or nobody we know. */
static inline const struct detector *rule_detector(const struct record *record)
{
	return record->detector < DETECTOR_COUNT ? detectors[record->detector] : NULL;
}

/* The same for what is no detector: the index is a hold's or a record's. */
static inline const char *rule_holder(uint8_t detector)
{
	return detector == HOLD_BY_OPERATOR ? "operator" : detector == HOLD_BY_FLEET ? "fleet" : "unknown";
}

static inline const char *rule_name(const struct record *record)
{
	const struct detector *detector = rule_detector(record);

	if (detector)
		return detector->name;
	return rule_holder(record->detector);
}

#endif
