/* SPDX-License-Identifier: BSD-3-Clause */
/* nearest - which known word was probably meant: the one at the smallest edit distance, if that is at most
 * a third of the word. An octet more, less or wrong counts one, and so do two that changed places (Damerau
 * 1964): the commonest slip of a fast hand.
 *
 *     nearest_begin(&nearest, "budgett");
 *     for each known word: nearest_consider(&nearest, known);
 *     nearest.best is "budget", or NULL
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

struct nearest {
	const char *word, *best; /* borrowed */
	unsigned distance;       /* what <best> has, or one more than what is allowed */
};

void nearest_begin(struct nearest *nearest, const char *word);
void nearest_consider(struct nearest *nearest, const char *known);

#endif
