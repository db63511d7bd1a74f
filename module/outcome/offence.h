/* SPDX-License-Identifier: BSD-3-Clause */
/* offence - the strongest verdict for a client, a domain and a detector: what a page calls a finding.
 *
 * Offences lie in a tree by what they are known by, and are listed strongest first, those of one
 * client and domain beside each other.
 *
 * Invariant: at most OFFENCES_MAX; when there are as many, the weaker half is dropped and counted,
 * so that a flood of small things cannot hide a large one.
 */
#ifndef OUTCOME_OFFENCE_H
#define OUTCOME_OFFENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <warden/warden.h>

#include "detect/detector.h"
#include "engine/engine.h"
#include "name/name.h"
#include "store/journal.h"

#define OFFENCES_MAX 16384

/* Compared as octets, so it has no padding. */
struct offence_key {
	uint8_t client[16]; /* masked */
	uint8_t domain[NAME_WIRE_MAX];
	uint8_t detector;
};

static_assert(sizeof(struct offence_key) == 16 + NAME_WIRE_MAX + 1, "struct offence_key is compared as octets");

struct offence {
	struct offence_key key;
	uint8_t domain_len;
	uint8_t strongest, confidence, score; /* of <record> */
	struct record record; /* the first with the strongest verdict, and of these with the highest confidence */
	char *reason;         /* event.reason of it */

	/* The first name of all, and the one that has least in common with it; <apart_len> 0: all
	 * names were the same.
	 */
	uint8_t name[NAME_WIRE_MAX], apart[NAME_WIRE_MAX], name_len, apart_len;

	/* By offences_list(). */
	const struct offence *leader; /* the strongest for this client and domain */
	bool about_client;            /* only detectors that judge the client object here */
};

struct offences {
	void *tree;
	size_t count, most; /* how many there are; may be */
	uint64_t dropped;   /* and had to go */
	uint64_t records[DETECTOR_COUNT];
};

/* Takes one record. Its finding, if it is of one, comes into <finding>; else NULL. False without memory. */
bool offences_add(struct offences *findings, struct warden *warden, const struct record *record,
                  const struct offence **finding);

/* All of them: the client and domain with the strongest first, and of those, strongest first. The caller
 * frees the array, not what it points to. NULL without memory.
 */
struct offence **offences_list(struct offences *findings);

void offences_free(struct offences *findings);

/* The detector; NULL: somebody else. */
static inline const struct detector *offence_detector(const struct offence *finding)
{
	return finding->key.detector < DETECTOR_COUNT ? detectors[finding->key.detector] : NULL;
}

/* Whose it is, as events have it. */
const char *offence_rule(const struct offence *finding);

#endif
