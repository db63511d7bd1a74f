/* SPDX-License-Identifier: BSD-3-Clause */
/* signature - names and answers that known tools make, from one table.
 *
 * A tool is a row of signatures.def: its patterns, how many points each is worth, and what
 * must come twice to be believed. Matching has two steps. signature_match() looks at the
 * observation alone; most names end there, after a look into an index of first octets, lengths
 * and types. signature_confirm() adds what a match is worth to what the pair has had before: a
 * session number that stays, a counter that rises, a name that is new.
 *
 * Names that a web page can make its visitor's browser ask for, of types A, AAAA and HTTPS, are
 * never more than likely by themselves: a hold would cut the visitor off from a domain of the
 * page's choice. They count in full once an answer to the same client below the same domain was
 * the tool's server's. The same goes for TXT and MX, which the sender of a mail can make a
 * server ask, where the domain is not a rare one: nobody gains by cutting anybody off from a
 * domain of their own. Where a row of signatures.def wants it otherwise it says why.
 *
 * Invariant: nothing is allocated, and any octets may stand in names, answers and state.
 */
#ifndef DETECT_SIGNATURE_H
#define DETECT_SIGNATURE_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

struct facts;
struct name;
struct warden_observation;

/* Of one observation. */
struct signature_match {
	uint8_t tool;    /* 1 + index of the tool; 0: none */
	uint8_t pattern; /* 1 + index of its pattern, for a question; 0: none */
	uint8_t answer;  /* not 0: the answer is the tool's server's */
	uint32_t value;  /* what the pattern takes out of the name: a session number, a counter */
};

/* What the pair's matches amount to. */
struct signature {
	uint8_t tool;       /* 1 + index; 0: nothing to say */
	uint8_t confidence; /* enum confidence */
	uint8_t reason;     /* enum signature_reason */
	uint8_t points;     /* for evidence */
};

enum signature_reason { SIGNATURE_NAMES, SIGNATURE_ANSWER };

#define SIGHTING_BUCKETS 3

/* A session of a tool, as it was seen last. */
struct sighting {
	uint32_t last[2];               /* when, low half first; of a tally: when its newest bucket began */
	uint32_t value;                 /* of the last match */
	uint8_t tool;                   /* 1 + index; 0: none */
	uint8_t answered;               /* not 0: the tool's server was heard, however long ago */
	uint8_t points[SIGHTING_BUCKETS]; /* newest bucket first; what is not a tally has one */
	uint8_t open[SIGHTING_BUCKETS];   /* that anybody could have brought about */
};

/* What is kept with a pair. All zeros is none. */
struct sightings {
	struct sighting of[2];
};

static_assert(sizeof(struct sightings) == 40, "shared layout changed: raise SEGMENT_LAYOUT");

/* Kinds of query types, of which each has an entry in the index. */
#define SIGNATURE_TYPES 9

#define SIGNATURE_LABELS   6  /* no pattern needs as many */
#define SIGNATURE_PATTERNS 64 /* of all tools together */

/* Which patterns are worth comparing a name with: a bit for each. */
struct signature_index {
	uint64_t first[256], last[256]; /* by the first and the last octet of a label, */
	uint64_t length[64];            /* its length, */
	uint64_t labels[SIGNATURE_LABELS]; /* how many the payload has, or more, */
	uint64_t type[SIGNATURE_TYPES]; /* and the type of the question */
	uint64_t floating;              /* those that begin at any label: the others at the first, */
	uint64_t raw;                   /* those that need upper case in it, */
	uint64_t answered;              /* those that an answer can confirm */
	uint64_t speakers;              /* a bit for each tool whose answers need no name */
	uint8_t tool[SIGNATURE_PATTERNS], pattern[SIGNATURE_PATTERNS]; /* that a bit stands for */
};

/* Makes the index of the tools whose detectors are in <enabled>, a bit for each enum detector_id:
 * the others cost nothing from then on.
 */
void signature_index_make(struct signature_index *index, uint64_t enabled);

/* Whether some pattern may fit <name>, of which <payload> labels are left of its registrable domain, whatever
 * its case and whatever is asked for.
 */
bool signature_may_fit(const struct signature_index *index, const struct name *name, unsigned payload);

/* Whether one may with this case and for this type: without it signature_match() finds nothing in the
 * question.
 */
bool signature_is_likely(const struct signature_index *index, const struct name *name, unsigned payload,
                         uint16_t qtype);

/* What <facts> look like, by themselves: the first pattern of the table that fits. */
struct signature_match signature_match(const struct signature_index *index, const struct facts *facts);

/* Takes facts->match into <sightings> and returns what they say now. */
struct signature signature_confirm(struct sightings *sightings, const struct facts *facts);

#endif
