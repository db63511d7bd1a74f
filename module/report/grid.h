/* SPDX-License-Identifier: BSD-3-Clause */
/* grid - a table for people: a line of titles, columns as wide as what is in them.
 *
 *     CLIENT      QUERIES  REFUSED
 *     192.0.2.7       532        3
 *
 * Every row is handed over twice, first to be measured and then to be printed, so that a million of
 * them take no memory. What grew in between makes its own line longer and no other.
 *
 * Invariant: no space at the end of a line.
 */
#ifndef REPORT_GRID_H
#define REPORT_GRID_H

#include <stdio.h>

#define GRID_COLUMNS 12

struct grid {
	unsigned count;
	const char *title[GRID_COLUMNS];
	unsigned right; /* a bit for each column of numbers: they end where the title ends */
	int width[GRID_COLUMNS];
};

/* Makes each column as wide as its <cell>. Titles are measured by grid_titles(). */
void grid_measure(struct grid *grid, const char *const *cell);

/* Prints the line of titles, in capitals. After all rows were measured. */
void grid_titles(struct grid *grid, FILE *out);

void grid_row(const struct grid *grid, const char *const *cell, FILE *out);

#endif
