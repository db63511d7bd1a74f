/* SPDX-License-Identifier: BSD-3-Clause */
/* facts - what the engine works out about an observation for the detectors.
 *
 * Computed once, before any detector runs, and only what the detectors that will
 * run have asked for by their `needs`.
 */
#ifndef DETECT_FACTS_H
#define DETECT_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include <warden/observation.h>

#include "name/name.h"

/* Bits of detector.needs. What is not listed is always there. */
enum fact {
	FACT_NOVEL = 1,   /* .novel */
	FACT_COST = 2,    /* .cost */
	FACT_RECORDS = 4, /* .obs->records: doors collect them only when wanted */
};

struct facts {
	const struct warden_observation *obs;
	uint64_t now;            /* obs->now */
	const struct name *name; /* obs->qname, checked */
	uint8_t payload_labels;  /* labels left of the registrable domain */
	uint8_t text_len;        /* name_text_len() */
	bool question, answer;   /* bits of obs->what */
	bool novel;              /* this client has not asked for this name in the last day */
	uint32_t cost;           /* of the payload labels, by the model, in 1/16 bit */
};

#endif
