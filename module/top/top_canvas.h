/* SPDX-License-Identifier: BSD-3-Clause */
/* top_canvas - a screen of text that is nobody's terminal yet: what `top` paints, and a terminal or a pipe
 * then shows.
 *
 * Invariant: nothing but printable ASCII ever gets onto it, and nothing outside of it is written to.
 */
#ifndef TOP_TOP_CANVAS_H
#define TOP_TOP_CANVAS_H

#include <stdint.h>
#include <stdio.h>

/* Larger screens are used up to here. */
#define CANVAS_WIDTH_MAX  512
#define CANVAS_HEIGHT_MAX 256

/* How a character looks. A terminal may have no colours, and a pipe has none: so nothing is told by its look alone
 * but which row is selected.
 */
enum look_of {
	LOOK_PLAIN,
	LOOK_STRONG,   /* numbers in the head, keys of a page */
	LOOK_TITLE,    /* of columns */
	LOOK_SORTED,   /* the title of the column that rows are sorted by */
	LOOK_SELECTED, /* the row that Enter opens */
	LOOK_WARN,
	LOOK_ALARM,
	LOOK_COUNT
};

struct canvas {
	int width, height;
	char text[CANVAS_HEIGHT_MAX][CANVAS_WIDTH_MAX + 1];
	uint8_t look[CANVAS_HEIGHT_MAX][CANVAS_WIDTH_MAX];
};

/* Makes it blank. */
void canvas_clear(struct canvas *canvas, int width, int height);

/* Writes <text> from column <x> of line <y> on, at most <width> characters; cut where the line ends. Returns the
 * column behind it.
 */
int canvas_put(struct canvas *canvas, int y, int x, int width, enum look_of look, const char *text);

/* Gives the whole line <y> a <look>. */
void canvas_line(struct canvas *canvas, int y, enum look_of look);

/* Prints it as text, without spaces at the ends of lines and without empty lines at the end. */
void canvas_print(const struct canvas *canvas, FILE *out);

#endif
