/* SPDX-License-Identifier: BSD-3-Clause */
/* top_canvas - characters and their looks, in lines. */
#include <string.h>

#include "top/top_canvas.h"

static int within(int value, int most)
{
	return value < 0 ? 0 : value < most ? value : most;
}

void canvas_clear(struct canvas *canvas, int width, int height)
{
	canvas->width = within(width, CANVAS_WIDTH_MAX);
	canvas->height = within(height, CANVAS_HEIGHT_MAX);
	for (int y = 0; y < canvas->height; y++) {
		memset(canvas->text[y], ' ', (size_t)canvas->width);
		canvas->text[y][canvas->width] = '\0';
		memset(canvas->look[y], LOOK_PLAIN, (size_t)canvas->width);
	}
}

int canvas_put(struct canvas *canvas, int y, int x, int width, enum look_of look, const char *text)
{
	if (y < 0 || y >= canvas->height || x < 0)
		return x;
	for (; *text && width > 0 && x < canvas->width; text++, x++, width--) {
		canvas->text[y][x] = *text < ' ' || *text > '~' ? '?' : *text;
		canvas->look[y][x] = (uint8_t)look;
	}
	return x;
}

void canvas_line(struct canvas *canvas, int y, enum look_of look)
{
	if (y >= 0 && y < canvas->height)
		memset(canvas->look[y], look, (size_t)canvas->width);
}

void canvas_print(const struct canvas *canvas, FILE *out)
{
	int last = canvas->height - 1;

	while (last >= 0 && !canvas->text[last][strspn(canvas->text[last], " ")])
		last--;
	for (int y = 0; y <= last; y++) {
		int len = canvas->width;

		while (len && canvas->text[y][len - 1] == ' ')
			len--;
		fprintf(out, "%.*s\n", len, canvas->text[y]);
	}
}
