/* SPDX-License-Identifier: BSD-3-Clause */
/* finding - the strongest verdict for a client, a domain and a detector, with all that is told of it.
 *
 * Findings lie in a tree by what they are known by, and are listed strongest first, those of one
 * client and domain beside each other. Invariant: at
 * most FINDINGS_MAX; when there are as many, the weaker half is dropped and counted, so that a
 * flood of small things cannot hide a large one.
 */
#ifndef TOOL_FINDING_H
#define TOOL_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <warden/warden.h>

#include "detect/detector.h"
#include "engine/engine.h"
#include "name/name.h"
#include "store/journal.h"

#define FINDINGS_MAX 16384

/* Compared as octets, so it has no padding. */
struct finding_key {
	uint8_t client[16]; /* masked */
	uint8_t domain[NAME_WIRE_MAX];
	uint8_t detector;
};

static_assert(sizeof(struct finding_key) == 16 + NAME_WIRE_MAX + 1, "struct finding_key is compared as octets");

struct finding {
	struct finding_key key;
	uint8_t domain_len, strongest, confidence, score; /* the highest of each */
	struct record record; /* when the strongest verdict was first reached */
	char *reason;         /* event.reason of it */

	/* The first name of all, and the one that has least in common with it; <apart_len> 0: all
	 * names were the same.
	 */
	uint8_t name[NAME_WIRE_MAX], apart[NAME_WIRE_MAX], name_len, apart_len;

	/* By findings_list(). */
	const struct finding *leader; /* the strongest for this client and domain */
	bool about_client;            /* only detectors that judge the client object here */
};

struct findings {
	void *tree;
	size_t count, most; /* how many there are; may be */
	uint64_t dropped;   /* and had to go */
	uint64_t records[DETECTOR_COUNT];
};

/* Takes one record. Its finding, if it is of one, comes into <finding>; else NULL. False without memory. */
bool findings_add(struct findings *findings, struct warden *warden, const struct record *record,
                  const struct finding **finding);

/* All of them: the client and domain with the strongest first, and of those, strongest first. The caller
 * frees the array, not what it points to. NULL without memory.
 */
struct finding **findings_list(struct findings *findings);

void findings_free(struct findings *findings);

/* The detector; NULL: somebody else. */
static inline const struct detector *finding_detector(const struct finding *finding)
{
	return finding->key.detector < DETECTOR_COUNT ? detectors[finding->key.detector] : NULL;
}

/* Whose it is, as events have it. */
const char *finding_rule(const struct finding *finding);

#endif
