/* SPDX-License-Identifier: BSD-3-Clause */
/* nearest - edit distance by the dynamic programme over three rows, on short words only. */
#include "base/nearest.h"

#include <string.h>

#define WORD_MAX 40

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned d = a < b ? a : b;

	return d < c ? d : c;
}

static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned before[WORD_MAX + 1] = { 0 }, above[WORD_MAX + 1], row[WORD_MAX + 1];

	for (unsigned j = 0; j <= b_len; j++)
		above[j] = j;
	for (unsigned i = 1; i <= a_len; i++) {
		row[0] = i;
		for (unsigned j = 1; j <= b_len; j++) {
			row[j] = least(above[j] + 1, row[j - 1] + 1,
			               above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		memcpy(before, above, sizeof(row[0]) * (b_len + 1));
		memcpy(above, row, sizeof(row[0]) * (b_len + 1));
	}
	return above[b_len];
}

void nearest_begin(struct nearest *nearest, const char *word)
{
	*nearest = (struct nearest){ .word = word,
	                             .distance = (unsigned)(strlen(word) / 3) + 1 };
}

void nearest_consider(struct nearest *nearest, const char *known)
{
	size_t word_len = strlen(nearest->word), known_len = strlen(known);
	unsigned found;

	if (word_len > WORD_MAX || known_len > WORD_MAX)
		return;
	found = distance(nearest->word, word_len, known, known_len);
	if (found >= nearest->distance)
		return;
	nearest->distance = found;
	nearest->best = known;
}
