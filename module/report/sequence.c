/* SPDX-License-Identifier: BSD-3-Clause */
/* sequence - runs of numbers, and the gaps in and between them. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "report/sequence.h"

#define RUNS_LOOKED_AT 64 /* observers that may write into one file by turns */

/* Two hosts of one hash would only look like one. */
static uint64_t observer_hash(const char *observer)
{
	return hash_octets_plain(observer, strlen(observer));
}

/* The run that <observer> is at in this file, or NULL. */
static struct sequence_run *run_at(const struct sequence *sequence, uint64_t observer)
{
	size_t last = sequence->count > RUNS_LOOKED_AT ? sequence->count - RUNS_LOOKED_AT : 0;

	for (size_t i = sequence->count; i > last; i--) {
		struct sequence_run *run = &sequence->run[i - 1];

		if (run->file != sequence->file)
			return NULL;
		if (run->observer == observer)
			return run;
	}
	return NULL;
}

static bool run_begin(struct sequence *sequence, uint64_t observer, uint64_t number, uint64_t now)
{
	if (sequence->count == sequence->capacity) {
		size_t capacity = sequence->capacity ? 2 * sequence->capacity : 16;
		struct sequence_run *run = reallocarray(sequence->run, capacity, sizeof(*run));

		if (!run)
			return false;
		sequence->run = run;
		sequence->capacity = capacity;
	}
	sequence->run[sequence->count++] = (struct sequence_run){
		.observer = observer, .file = sequence->file, .began = now,
		.first = number, .highest = number,
	};
	return true;
}

void sequence_file(struct sequence *sequence)
{
	sequence->file++;
}

bool sequence_add(struct sequence *sequence, const char *observer, uint64_t number, uint64_t now)
{
	uint64_t hash = observer_hash(observer);
	struct sequence_run *run = run_at(sequence, hash);

	if (!run)
		return run_begin(sequence, hash, number, now);
	if (number > run->highest) {
		run->missing += number - run->highest - 1;
		run->highest = number;
		return true;
	}
	if (run->highest - number > SEQUENCE_LATE || (number >= run->first && !run->missing))
		return run_begin(sequence, hash, number, now);
	if (number >= run->first) {
		run->missing--;
	} else {
		run->missing += run->first - number - 1;
		run->first = number;
	}
	return true;
}

/* Numbers may be any, so their sum stops where it would begin anew. */
static uint64_t sum(uint64_t a, uint64_t b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

static int compare(const void *a, const void *b)
{
	const struct sequence_run *x = a, *y = b;

	if (x->observer != y->observer)
		return x->observer < y->observer ? -1 : 1;
	if (x->began != y->began)
		return x->began < y->began ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

uint64_t sequence_missing(struct sequence *sequence)
{
	uint64_t missing = 0;

	if (sequence->count)
		qsort(sequence->run, sequence->count, sizeof(*sequence->run), compare);
	for (size_t i = 0; i < sequence->count; i++) {
		const struct sequence_run *run = &sequence->run[i];

		missing = sum(missing, run->missing);
		if (i && run[-1].observer == run->observer && run->first > run[-1].highest)
			missing = sum(missing, run->first - run[-1].highest - 1);
	}
	return missing;
}

void sequence_free(struct sequence *sequence)
{
	free(sequence->run);
	*sequence = (struct sequence){ 0 };
}
