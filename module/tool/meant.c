/* SPDX-License-Identifier: BSD-3-Clause */
/* meant - the nearest of the words that there are. */
#include "tool/meant.h"

#include <stdio.h>

#include "base/nearest.h"

static const char *word_of(const char *const *first, size_t size, size_t i)
{
	return *(const char *const *)((const char *)first + i * size);
}

void meant_say(const char *typed, const char *what, const char *const *first, size_t size)
{
	struct nearest nearest;

	nearest_begin(&nearest, typed);
	for (size_t i = 0; word_of(first, size, i); i++)
		nearest_consider(&nearest, word_of(first, size, i));
	fprintf(stderr, "'%s' is not %s; ", typed, what);
	if (nearest.best) {
		fprintf(stderr, "did you mean '%s'?\n", nearest.best);
		return;
	}
	fputs("these are:", stderr);
	for (size_t i = 0; word_of(first, size, i); i++)
		fprintf(stderr, " %s", word_of(first, size, i));
	fputc('\n', stderr);
}
