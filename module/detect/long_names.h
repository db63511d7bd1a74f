/* SPDX-License-Identifier: BSD-3-Clause */
/* long_names - what the detectors of long names count, and when it is too much.
 *
 * The rule of the catalogue has two forms, of a client below one domain and of a client
 * altogether, with a different idea of what a name of many labels is. The rest is the same:
 *
 *     counted  |-------------------| > count
 *     distinct |----------|          > distinct
 *     mean     length / counted      > mean-length   -> medium
 *                                                    -> high, when far beyond
 *
 * All bounds are "more than". Counts saturate: a bucket that is full takes no more, so its
 * mean stays true.
 */
#ifndef DETECT_LONG_NAMES_H
#define DETECT_LONG_NAMES_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/dns.h"
#include "detect/detector.h"
#include "detect/window.h"

/* Far beyond: either of these is certain. As the rule is written, although the second
 * includes the first.
 */
#define MANY_DISTINCT 100
#define MANY_LENGTH   60
#define SOME_DISTINCT 50
#define SOME_LENGTH   50

struct long_names_bucket {
	uint16_t count, distinct;
	uint32_t length; /* sum: at most 65535 * 253 */
};

struct long_names_state {
	struct window window;
	uint32_t unused;
	struct long_names_bucket bucket[WINDOW_BUCKETS];
};

static_assert(sizeof(struct long_names_state) == 64, "slots have no room to spare");

/* What lies in the window. */
struct long_names_sum {
	uint64_t count, distinct, length;
};

/* Bounds of an opinion. */
struct long_names_bounds {
	uint64_t count, distinct, mean_length;
};

/* The types that tunnels use. */
static inline bool long_names_counts_type(uint16_t qtype)
{
	switch (qtype) {
	case DNS_TYPE_A:
	case DNS_TYPE_CNAME:
	case DNS_TYPE_NULL:
	case DNS_TYPE_MX:
	case DNS_TYPE_TXT:
	case DNS_TYPE_AAAA:
		return true;
	default:
		return false;
	}
}

static inline struct long_names_sum long_names_sum_up(const struct long_names_state *state)
{
	struct long_names_sum sum = { 0 };

	for (unsigned i = 0; i < WINDOW_BUCKETS; i++) {
		sum.count += state->bucket[i].count;
		sum.distinct += state->bucket[i].distinct;
		sum.length += state->bucket[i].length;
	}
	return sum;
}

/* Moves <state> to the time of <facts>, counts its name and returns what is in <window>. */
static inline struct long_names_sum long_names_count(struct long_names_state *state, uint64_t window,
                                                     const struct facts *facts)
{
	struct long_names_bucket *bucket;
	uint32_t expired;

	bucket = &state->bucket[window_move(&state->window, window, facts->now, &expired)];
	for (unsigned i = 0; i < WINDOW_BUCKETS; i++)
		if (expired >> i & 1)
			state->bucket[i] = (struct long_names_bucket){ 0 };

	if (bucket->count < UINT16_MAX) {
		bucket->count++;
		bucket->distinct += facts->novel && bucket->distinct < UINT16_MAX;
		bucket->length += facts->text_len;
	}
	return long_names_sum_up(state);
}

static inline bool long_names_mean_exceeds(const struct long_names_sum *sum, uint64_t length)
{
	return sum->length > length * sum->count;
}

static inline struct opinion long_names_judge(const struct long_names_bounds *bounds,
                                              const struct long_names_sum *sum)
{
	struct opinion opinion = {
		.evidence = { sum->count, sum->distinct, sum->count ? sum->length / sum->count : 0 },
	};

	if (sum->count <= bounds->count || sum->distinct <= bounds->distinct ||
	    !long_names_mean_exceeds(sum, bounds->mean_length))
		return opinion;
	opinion.confidence = CONFIDENCE_MEDIUM;
	if ((sum->distinct > MANY_DISTINCT && long_names_mean_exceeds(sum, MANY_LENGTH)) ||
	    (sum->distinct > SOME_DISTINCT && long_names_mean_exceeds(sum, SOME_LENGTH)))
		opinion.confidence = CONFIDENCE_HIGH;
	return opinion;
}

#endif
