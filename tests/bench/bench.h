/* SPDX-License-Identifier: BSD-3-Clause */
/* bench - what the parts of bench_engine share: how large they are to be, and where results go.
 *
 * Each part prints its table as it goes, and puts the same numbers into bench.result under its own key:
 * tests/bench/README says what these are.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#define BENCH_STEPS_MAX 6

/* How much is measured. */
struct bench_size {
	const char *profile;        /* of the tables, where there are many clients */
	const char *profile_of_few; /* where there are few */
	uint32_t clients[3];        /* populations of the first table */
	uint32_t pairs[3];          /* domains that each of these clients keeps asking for */
	uint64_t looks;             /* of a row */
	unsigned rounds;            /* in which shares are measured, one after the other */
	unsigned detectors;         /* of which shares are measured, at most */
	uint32_t few;               /* clients where their number is not the point */
	uint32_t growing_clients[BENCH_STEPS_MAX], growing_pairs[BENCH_STEPS_MAX],
		holds[BENCH_STEPS_MAX], entries[BENCH_STEPS_MAX]; /* ascending; 0 ends */
};

struct bench {
	json_t *result;
	const char *source; /* Warden's source folder */
	const struct bench_size *size;
};

/* Under "observations": every kind, tables empty, warm and full, by clients and threads. */
void bench_observations(struct bench *bench);

/* Under "detectors": what each adds. */
void bench_detectors(struct bench *bench);

/* Under "growth": how costs grow with what there is. */
void bench_growth(struct bench *bench);

/* Under "budget": what was promised, against "observations". */
void bench_budget(struct bench *bench);

#endif
