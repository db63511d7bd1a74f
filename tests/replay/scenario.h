/* SPDX-License-Identifier: BSD-3-Clause */
/* scenario - what run.c plays and expect.c looks at. */
#ifndef TESTS_REPLAY_SCENARIO_H
#define TESTS_REPLAY_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/engine.h"
#include "name/name.h"

#define FOLDER_MAX 64
#define TOLD_MAX 256 /* (client, domain, detector) with a verdict in one scenario */

/* The strongest verdict told of a client, a domain and a detector. */
struct told {
	uint8_t client[16];
	struct name domain;
	uint8_t detector, verdict, confidence;
};

struct scenario {
	const char *file;
	unsigned line;
	unsigned failures;
	char folder[FOLDER_MAX]; /* with the file of the config lines, and others */
	FILE *config_out;
	FILE *file_out;          /* of a `file` that has not come to its end */
	struct warden *warden;
	uint64_t now, random;
	uint64_t events;
	struct warden_decision last;
	struct told told[TOLD_MAX];
	unsigned told_count;
};

/* Counts a failure at the line at hand, and says what it is. */
void scenario_fail(struct scenario *scenario, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Cuts <client> to what the configuration takes for a client. */
void scenario_mask(struct scenario *scenario, uint8_t client[16]);

/* The verdict told of these three, or NULL. <client> is masked. */
struct told *scenario_told(struct scenario *scenario, const uint8_t client[16],
                           const uint8_t *domain, size_t len, unsigned detector);

/* The next number of a stream that is the same in every run (xorshift, G. Marsaglia 2003). */
static inline uint64_t random_next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* Index of <word> in <list>, or -1. */
int find_word(const char *word, const char *const *list);

/* Reads a number without sign. False when <text> is anything else. */
bool read_number(const char *text, uint64_t *number);

/* Plays an expect statement of <count> words. False when it is not understood. */
bool expect(struct scenario *scenario, char **word, unsigned count);

#endif
