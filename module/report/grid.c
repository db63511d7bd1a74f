/* SPDX-License-Identifier: BSD-3-Clause */
/* grid - widths, and lines that keep to them. */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "report/grid.h"

#define TITLE_MAX 32

void grid_measure(struct grid *grid, const char *const *cell)
{
	for (unsigned i = 0; i < grid->count; i++) {
		int width = (int)strlen(cell[i]);

		if (width > grid->width[i])
			grid->width[i] = width;
	}
}

void grid_row(const struct grid *grid, const char *const *cell, FILE *out)
{
	for (unsigned i = 0; i < grid->count; i++) {
		bool right = grid->right >> i & 1, last = i + 1 == grid->count;

		fprintf(out, "%s%*s", i ? "  " : "", right ? grid->width[i] : last ? 0 : -grid->width[i], cell[i]);
	}
	putc('\n', out);
}

void grid_titles(struct grid *grid, FILE *out)
{
	char text[GRID_COLUMNS][TITLE_MAX];
	const char *title[GRID_COLUMNS];

	for (unsigned i = 0; i < grid->count; i++) {
		snprintf(text[i], TITLE_MAX, "%s", grid->title[i]);
		for (char *c = text[i]; *c; c++)
			*c = (char)toupper((unsigned char)*c);
		title[i] = text[i];
	}
	grid_measure(grid, title);
	grid_row(grid, title, out);
}
