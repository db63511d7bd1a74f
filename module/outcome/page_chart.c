/* SPDX-License-Identifier: BSD-3-Clause */
/* page_chart - questions over time, drawn as SVG in the page itself.
 *
 * All charts of a page have the same axis, the recording from its first observation to its last,
 * so that what happened at the same time stands at the same place. A drawing is stretched to the
 * width there is; what must not be, its words, stand below it.
 *
 *        _  #|
 *     _ |#|##|# _      | the moment of the verdict
 *     ------------
 */
#include <inttypes.h>

#include "outcome/html.h"
#include "outcome/page_parts.h"

#define COLUMN 10  /* of a bucket, in units of the drawing */
#define BAR    8   /* and the part of it that is drawn */
#define HEIGHT 100 /* of the highest bar */
#define LEAST  4   /* of one that is there at all */
#define ABOVE  16  /* of the line of a verdict, above that */
#define STRIP  12  /* where the findings of all are marked */

/* The buckets that a chart has. */
struct axis {
	unsigned first, count;
};

static struct axis axis_of(const struct timelines *lines)
{
	unsigned first = timelines_bucket(lines, lines->first);

	return (struct axis){ first, timelines_bucket(lines, lines->last) - first + 1 };
}

static uint32_t highest(const struct timeline *line, const struct axis *axis)
{
	uint32_t most = 0;

	for (unsigned i = 0; i < axis->count; i++)
		if (line->bucket[axis->first + i] > most)
			most = line->bucket[axis->first + i];
	return most;
}

/* All bars in one path, as there may be many. */
static void draw_bars(FILE *out, const struct timeline *line, const struct axis *axis, unsigned ground)
{
	uint64_t most = highest(line, axis);

	html_print(out, "<path class=\"bars\" d=\"");
	for (unsigned i = 0; i < axis->count; i++) {
		uint64_t height = line->bucket[axis->first + i];

		if (!height)
			continue;
		height = height * HEIGHT / most;
		if (height < LEAST)
			height = LEAST;
		html_print(out, "M%u %uv-%luh%uv%luz", i * COLUMN + (COLUMN - BAR) / 2, ground,
		           (unsigned long)height, BAR, (unsigned long)height);
	}
	html_print(out, "\"/>");
}

/* Where <when> is, in units of the drawing. */
static unsigned place_of(const struct timelines *lines, const struct axis *axis, uint64_t when)
{
	int64_t start = lines->origin + (int64_t)(axis->first * lines->width);
	uint64_t since = when - (uint64_t)start, end = axis->count * lines->width;

	if ((int64_t)when < start)
		return 0;
	if (since >= end)
		since = end - 1;
	return (unsigned)(since / lines->width * COLUMN + since % lines->width * COLUMN / lines->width);
}

/* Under a chart: when it begins and ends, and how high it is. */
static void caption(const struct timelines *lines, const struct timeline *line, const struct axis *axis,
                    FILE *out)
{
	char from[SHORT_TEXT_MAX], to[SHORT_TEXT_MAX], most[SHORT_TEXT_MAX], width[SHORT_TEXT_MAX];
	uint64_t span = lines->last - lines->first;
	uint32_t height = highest(line, axis);

	html_print(out, "<figcaption><span>%s</span><span class=\"scale\">highest bar: %s question%s in %s</span>"
	           "<span>%s</span></figcaption>\n",
	           short_moment_text(from, lines->first, span), count_text(most, height), plural(height),
	           span_text(width, lines->width), short_moment_text(to, lines->last, span));
}

/* The findings that were first reached in each bucket. */
struct marks {
	unsigned count[TIMELINE_BUCKETS], strongest[TIMELINE_BUCKETS];
};

static void draw_marks(const struct sheet *sheet, const struct axis *axis)
{
	struct marks marks = { { 0 }, { 0 } };
	char when[SHORT_TEXT_MAX];

	for (size_t i = 0; i < sheet->count; i++) {
		const struct offence *finding = sheet->finding[i];
		unsigned at = place_of(sheet->lines, axis, finding->record.now) / COLUMN;

		marks.count[at]++;
		if (finding->confidence > marks.strongest[at])
			marks.strongest[at] = finding->confidence;
	}
	for (unsigned i = 0; i < axis->count; i++) {
		if (!marks.count[i])
			continue;
		moment_text(when, (uint64_t)(sheet->lines->origin +
		                             (int64_t)((axis->first + i) * sheet->lines->width)));
		html_print(sheet->out, "<rect class=\"mark %s\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\">"
		           "<title>%u finding%s from %s on</title></rect>",
		           severity_word(marks.strongest[i]), i * COLUMN, HEIGHT + 4, COLUMN, STRIP,
		           marks.count[i], plural(marks.count[i]), when);
	}
}

void chart_all(const struct sheet *sheet)
{
	const struct timelines *lines = sheet->lines;
	struct axis axis = axis_of(lines);
	char questions[SHORT_TEXT_MAX];

	if (!lines->width)
		return;
	html_print(sheet->out, "<figure class=\"all\">\n<svg role=\"img\" aria-labelledby=\"chart\" "
	           "preserveAspectRatio=\"none\" viewBox=\"0 0 %u %u\"><title id=\"chart\">"
	           "%s question%s over time; below them, when findings were first made</title>",
	           axis.count * COLUMN, HEIGHT + 4 + STRIP, count_text(questions, lines->all.questions),
	           plural(lines->all.questions));
	draw_bars(sheet->out, &lines->all, &axis, HEIGHT);
	draw_marks(sheet, &axis);
	html_print(sheet->out, "</svg>\n");
	caption(lines, &lines->all, &axis, sheet->out);
	html_print(sheet->out, "</figure>\n");
}

/* Lines at the moments of the verdicts, the strongest last and so on top. */
static void draw_moments(const struct sheet *sheet, struct offence *const *finding, size_t count,
                         const struct axis *axis)
{
	while (count--) {
		unsigned at = place_of(sheet->lines, axis, finding[count]->record.now);

		html_print(sheet->out, "<path class=\"moment %s\" d=\"M%u 0v%u\"/>",
		           severity_word(finding[count]->confidence), at, HEIGHT + ABOVE);
	}
}

void chart_pair(const struct sheet *sheet, struct offence *const *finding, size_t count,
                const struct timeline *line)
{
	const struct timelines *lines = sheet->lines;
	struct axis axis = axis_of(lines);
	char questions[SHORT_TEXT_MAX], when[SHORT_TEXT_MAX];

	html_print(sheet->out, "<figure>\n<svg role=\"img\" preserveAspectRatio=\"none\" viewBox=\"0 0 %u %u\">"
	           "<title>%s question%s over time; the strongest verdict came at %s</title>",
	           axis.count * COLUMN, HEIGHT + ABOVE, count_text(questions, line->questions),
	           plural(line->questions), moment_text(when, finding[0]->record.now));
	draw_bars(sheet->out, line, &axis, HEIGHT + ABOVE);
	draw_moments(sheet, finding, count, &axis);
	html_print(sheet->out, "</svg>\n");
	caption(lines, line, &axis, sheet->out);
	html_print(sheet->out, "</figure>\n");
}
