/* SPDX-License-Identifier: BSD-3-Clause */
/* signature - names and answers that known tools make, from one table.
 *
 * A tool is a row of signatures.def: its patterns, how many points each is worth, and what
 * must come twice to be believed. Matching has two steps. signature_match() looks at the
 * observation alone; most names end there, after a few octets. signature_confirm() adds what a
 * match is worth to what the pair has had before: a session number that stays, a counter that
 * rises, a name that is asked for again.
 *
 * Invariant: nothing is allocated, and any octets may stand in names, answers and state.
 */
#ifndef DETECT_SIGNATURE_H
#define DETECT_SIGNATURE_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

struct facts;

/* Of one observation. */
struct signature_match {
	uint8_t tool;    /* 1 + index of the tool; 0: none */
	uint8_t pattern; /* index of its pattern */
	uint64_t value;  /* what the pattern takes out of the name: a session number, a counter */
};

/* What the pair's matches amount to. */
struct signature {
	uint8_t tool;       /* 1 + index; 0: nothing to say */
	uint8_t confidence; /* enum confidence */
	uint8_t reason;     /* index into the reasons of signature detectors */
	uint8_t points;     /* for evidence */
};

/* What is kept with a pair: the two tools that were seen last. All zeros is none. */
struct sighting {
	uint32_t last;       /* when, in seconds since 1970; 0: never */
	uint32_t value;      /* of the last match, or a hash of it */
	uint8_t tool;        /* 1 + index */
	uint8_t points;
	uint8_t open_points; /* that anybody could have brought about, until <answered> */
	uint8_t answered;    /* not 0: the tool's server was heard */
	uint8_t repeats;     /* of <value>, or steps of the counter */
	uint8_t unused[3];
};

struct sightings {
	struct sighting of[2];
};

/* What <facts> look like, by themselves: the surest pattern that fits. */
struct signature_match signature_match(const struct facts *facts);

/* Takes facts->match into <sightings> and returns what they say now. */
struct signature signature_confirm(struct sightings *sightings, const struct facts *facts);

static_assert(sizeof(struct sightings) == 32, "shared layout changed: raise SEGMENT_LAYOUT");

#endif
