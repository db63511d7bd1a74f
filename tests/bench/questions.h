/* SPDX-License-Identifier: BSD-3-Clause */
/* questions - the observations that benchmarks are made of.
 *
 * A thousand domains of a hundred names each, asked for by five hundred clients, and whatever of
 * them has to be new in a row.
 */
#ifndef TESTS_BENCH_QUESTIONS_H
#define TESTS_BENCH_QUESTIONS_H

#include <stdint.h>

#include <warden/observation.h>

#define NEW_EVERY 14 /* of the misses of ordinary traffic 7 in 100 are for new names: tests/traffic/ordinary */

enum kind { CACHE_HIT, ORDINARY, KNOWN_PAIR, NEW_NAME, NEW_PAIR, NEW_CLIENT, ANSWER, KIND_COUNT };

extern const char *const kind_names[KIND_COUNT];

struct question {
	struct warden_observation obs;
	uint8_t qname[64];
};

/* Number <n> of <kind>, at a time, by a client of <thread>. <serial> makes what has to be new differ
 * from all before.
 */
void question_make(struct question *question, enum kind kind, unsigned thread, unsigned n,
                   unsigned serial, uint64_t at);

#endif
