/* SPDX-License-Identifier: BSD-3-Clause */
/* top_paint - the state as a screen.
 *
 *     Warden  mode observe           what, and for how long
 *     questions 1234/s ...           four lines of totals, fewer on a low screen
 *     1 Clients  2 Pairs ...         where we are
 *     CLIENT   RISK    Q/S ...       titles
 *     192.0.2.7  45   12.0 ...       rows, or a page instead of titles and rows
 *     1-5 view  Enter open ...       keys, or a line that is typed, or a message
 *
 * What there is no room for is left out whole, the least important first: fields of the head by their order,
 * columns by theirs. Only texts are cut, and then they end in a plus sign.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "top/top_state.h"

#define COLUMNS_MAX 16
#define NAME_USUAL  24 /* most domains are no longer */

/* --- the head ------------------------------------------------------------------------------ */

/* A line that fields are put into as long as they fit. */
struct flow {
	struct canvas *canvas;
	int y, x, end;
};

static void field(struct flow *flow, enum look_of look, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void field(struct flow *flow, enum look_of look, const char *format, ...)
{
	char text[256];
	va_list args;
	int len, gap = flow->x ? 2 : 0;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len <= 0 || len >= (int)sizeof(text) || flow->x + gap + len > flow->end)
		return;
	flow->x = canvas_put(flow->canvas, flow->y, flow->x + gap, len, look, text);
}

static struct flow line(struct canvas *canvas, int y, int end)
{
	return (struct flow){ .canvas = canvas, .y = y, .x = 0, .end = end };
}

/* "HH:MM:SS" of the operator's own clock, at the right. Returns where it begins. */
static int paint_clock(const struct top *top, struct canvas *canvas)
{
	time_t second = (time_t)(top->rows.now / 1000);
	char text[32] = "";
	struct tm local;
	int x;

	if (localtime_r(&second, &local))
		strftime(text, sizeof(text), "%H:%M:%S", &local);
	x = canvas->width - (int)strlen(text);
	canvas_put(canvas, 0, x, (int)sizeof(text), LOOK_PLAIN, text);
	return x;
}

static void paint_first(const struct top *top, struct canvas *canvas)
{
	const struct head *head = &top->head;
	uint64_t age = head->looked > head->created ? (head->looked - head->created) / 1000 : 0;
	struct flow flow = line(canvas, 0, paint_clock(top, canvas) - 2);
	char text[FIGURE_MAX];

	field(&flow, LOOK_STRONG, "Warden");
	if (top->paused)
		field(&flow, LOOK_SORTED, " PAUSED ");
	if (head->tripped)
		field(&flow, LOOK_ALARM, "mode observe: too many clients held");
	else
		field(&flow, LOOK_PLAIN, "mode %s", top->observes ? "observe" : "enforce");
	if (head->looked - head->asked_at >= 10000)
		field(&flow, LOOK_WARN, "no question for %s",
		      figure_time(text, (head->looked - head->asked_at) / 1000));
	field(&flow, LOOK_PLAIN, "segment of %" PRIu64 " MiB, %s old", (uint64_t)head->size >> 20, figure_time(text, age));
	field(&flow, LOOK_PLAIN, "every %g s", (double)top->interval / 1000);
	field(&flow, LOOK_PLAIN, "%s", top->path);
}

static char *rate(char text[FIGURE_MAX], double number)
{
	return figure_rate(text, (uint64_t)(number * 1000), 7);
}

static void paint_questions(const struct head *head, struct canvas *canvas, int y)
{
	static const struct {
		enum counter_id counter;
		const char *name;
	} parts[] = { { COUNTER_misses, "resolved" }, { COUNTER_cachehits, "cache" }, { COUNTER_local, "local" },
		      { COUNTER_joined, "joined" } };
	struct flow flow = line(canvas, y, canvas->width);
	double all = head_questions(head);
	char text[FIGURE_MAX];

	field(&flow, LOOK_STRONG, "questions %s/s", rate(text, all));
	for (unsigned i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		double part = head_rate(head, parts[i].counter);

		field(&flow, LOOK_PLAIN, "%s %s (%.0f%%)", parts[i].name, rate(text, part), all > 0 ? 100 * part / all : 0);
	}
}

static void paint_verdicts(const struct head *head, bool observes, struct canvas *canvas, int y)
{
	static const enum counter_id denied[] = { COUNTER_verdict_refuse, COUNTER_verdict_truncate,
		                                  COUNTER_verdict_nodata, COUNTER_verdict_nxdomain,
		                                  COUNTER_verdict_drop };
	struct flow flow = line(canvas, y, canvas->width);
	double denials = 0;
	char text[FIGURE_MAX];

	for (unsigned i = 0; i < sizeof(denied) / sizeof(*denied); i++)
		denials += head_rate(head, denied[i]);
	if (observes)
		field(&flow, LOOK_STRONG, "would be refused %s/s", rate(text, denials));
	else
		field(&flow, LOOK_STRONG, "refused %s/s", rate(text, head_rate(head, COUNTER_refused)));
	field(&flow, LOOK_PLAIN, "tagged %s/s", rate(text, head_rate(head, COUNTER_verdict_tag)));
	field(&flow, LOOK_PLAIN, "logged %s/s", rate(text, head_rate(head, COUNTER_verdict_log)));
	field(&flow, LOOK_PLAIN, "allowed %s/s", rate(text, head_rate(head, COUNTER_allowed)));
	field(&flow, LOOK_PLAIN, "withheld %s/s", rate(text, head_rate(head, COUNTER_withheld)));
}

static void paint_tables(const struct head *head, struct canvas *canvas, int y)
{
	static const char *const names[] = { "clients", "pairs", "domains" };
	struct flow flow = line(canvas, y, canvas->width);
	char used[FIGURE_MAX], capacity[FIGURE_MAX];

	for (unsigned i = 0; i < 3; i++)
		field(&flow, LOOK_PLAIN, "%s %s/%s %u%%", names[i], figure_count(used, head->used[i], 5),
		      figure_count(capacity, head->capacity[i], 5),
		      (unsigned)((uint64_t)head->used[i] * 100 / (head->capacity[i] ? head->capacity[i] : 1)));
	field(&flow, LOOK_PLAIN, "evicted %s/s",
	      rate(used, head_rate(head, COUNTER_clients_evicted) + head_rate(head, COUNTER_pairs_evicted) +
	                         head_rate(head, COUNTER_domains_evicted)));
}

static void paint_holds(const struct head *head, struct canvas *canvas, int y)
{
	struct flow flow = line(canvas, y, canvas->width);
	char text[FIGURE_MAX];

	field(&flow, head->holds.holds ? LOOK_STRONG : LOOK_PLAIN, "holds %" PRIu32, head->holds.holds);
	field(&flow, LOOK_PLAIN, "clients held %" PRIu64, head->held_clients);
	field(&flow, LOOK_PLAIN, "exemptions %" PRIu32, head->holds.exemptions);
	field(&flow, LOOK_PLAIN, "events %s", figure_count(text, head->shown[COUNTER_events_written], 9));
	field(&flow, head->shown[COUNTER_events_lost] ? LOOK_ALARM : LOOK_PLAIN, "lost %s",
	      figure_count(text, head->shown[COUNTER_events_lost], 9));
	field(&flow, LOOK_PLAIN, "held back %s", figure_count(text, head->shown[COUNTER_events_suppressed], 9));
}

/* Returns how many lines it took. */
static int paint_head(const struct top *top, struct canvas *canvas)
{
	int spare = canvas->height - TOP_HEIGHT_MIN, y = 0;

	paint_first(top, canvas);
	paint_questions(&top->head, canvas, ++y);
	if (spare >= 2)
		paint_verdicts(&top->head, top->observes || top->head.tripped, canvas, ++y);
	if (spare >= 4)
		paint_tables(&top->head, canvas, ++y);
	if (spare >= 6)
		paint_holds(&top->head, canvas, ++y);
	return y + 1 + (spare >= 10);
}

static void paint_tabs(const struct top *top, struct canvas *canvas, int y)
{
	enum view_id view = top->rows.view;
	struct flow flow = line(canvas, y, canvas->width);
	char text[FILTER_MAX + 16], count[FIGURE_MAX];

	for (unsigned i = 0; i < VIEW_COUNT; i++) {
		const char *name = views[i].name;

		snprintf(text, sizeof(text), i == view ? "[%u %c%s]" : "%u %c%s", i + 1, name[0] - 'a' + 'A', name + 1);
		field(&flow, i == view ? LOOK_STRONG : LOOK_PLAIN, "%s", text);
	}
	if (top->filter[0]) {
		snprintf(text, sizeof(text), "filter %s", top->filter);
		flow.x = canvas_put(canvas, y, flow.x + 2, canvas->width, LOOK_WARN, text);
	}
	field(&flow, LOOK_PLAIN, "%s by %s%s", figure_count(count, top->rows.matched, 9),
	      views[view].column[top->rows.sort[view]].title, top->rows.reverse[view] ? ", reversed" : "");
}

/* --- rows ---------------------------------------------------------------------------------- */

struct layout {
	unsigned count;
	const struct column *column[COLUMNS_MAX];
	int width[COLUMNS_MAX];
};

/* The text of a cell. */
static const char *cell_text(char text[FIGURE_MAX], const struct column *column, const struct entry *entry)
{
	uint64_t number = column->kind == COLUMN_TEXT ? 0 : entry->number[column->what];

	switch (column->kind) {
	case COLUMN_TEXT:
		return entry->text[column->what] ? entry->text[column->what] : "";
	case COLUMN_RATE:
		return entry->rated ? figure_rate(text, number, column->width) : "-";
	case COLUMN_TIME:
		return figure_time(text, number);
	default:
		return figure_count(text, number, column->width);
	}
}

/* How wide each column wants to be, by what is in the rows on the screen. */
static void measure(const struct top *top, int height, int *wants)
{
	const struct view *view = &views[top->rows.view];
	char text[FIGURE_MAX];
	struct entry entry;

	for (unsigned c = 0; c < view->count; c++)
		wants[c] = view->column[c].width;
	for (int i = 0; i < height; i++) {
		if (!rows_entry(&top->rows, top->first + (uint32_t)i, &entry))
			continue;
		for (unsigned c = 0; c < view->count; c++) {
			int width = (int)strlen(cell_text(text, &view->column[c], &entry));

			if (view->column[c].kind == COLUMN_TEXT && width > wants[c])
				wants[c] = width;
		}
	}
}

/* Gives texts what they want beyond their least, the first ones first, out of <spare>. */
static int widen(struct layout *layout, const int *wants, const struct view *view, int spare)
{
	for (unsigned i = 0; i < layout->count && spare > 0; i++) {
		int more = wants[layout->column[i] - view->column] - layout->width[i];

		more = more < spare ? more : spare;
		layout->width[i] += more;
		spare -= more;
	}
	return spare;
}

/* The width by which it is decided what else has room: an address is never cut for that, a name may be. */
static int usual(const struct column *column, int wanted)
{
	return column->what != TEXT_NAME || wanted < NAME_USUAL ? wanted : NAME_USUAL;
}

/* Takes the columns up to <order>, and the one that is sorted by, at their least width. Returns what is left of
 * <width>, negative where that is too much.
 */
static int take(const struct top *top, unsigned order, int width, struct layout *layout)
{
	const struct view *view = &views[top->rows.view];

	*layout = (struct layout){ .count = 0 };
	for (unsigned c = 0; c < view->count; c++) {
		if (view->column[c].order > order && c != top->rows.sort[top->rows.view])
			continue;
		layout->column[layout->count] = &view->column[c];
		layout->width[layout->count] = view->column[c].width;
		width -= view->column[c].width + (layout->count ? 1 : 0);
		layout->count++;
	}
	return width;
}

/* As many columns as fit. Who a row is about comes before further columns; but a single long name does not take
 * the place of all of them.
 */
static struct layout lay_out(const struct top *top, int width, int height)
{
	const struct view *view = &views[top->rows.view];
	int wants[COLUMNS_MAX], spare, names = 0;
	struct layout layout, more;

	measure(top, height, wants);
	for (unsigned c = 0; c < view->count; c++)
		if (view->column[c].kind == COLUMN_TEXT && !view->column[c].order)
			names += usual(&view->column[c], wants[c]) - view->column[c].width;
	spare = take(top, 0, width, &layout);
	for (unsigned order = 1; order < COLUMNS_MAX; order++) {
		int left = take(top, order, width, &more);

		if (left < names)
			break;
		layout = more;
		spare = left;
	}
	spare = widen(&layout, wants, view, spare);
	/* What remains is the last one's, if it is a text: nothing stands behind it. */
	if (spare > 0 && layout.count && layout.column[layout.count - 1]->kind == COLUMN_TEXT)
		layout.width[layout.count - 1] += spare;
	return layout;
}

static void paint_cell(struct canvas *canvas, int y, int x, int width, enum look_of look,
                       const struct column *column, const char *text)
{
	int len = (int)strlen(text);

	if (column->kind != COLUMN_TEXT && len <= width) {
		canvas_put(canvas, y, x + width - len, len, look, text);
		return;
	}
	canvas_put(canvas, y, x, width, look, text);
	if (len > width && width > 0)
		canvas_put(canvas, y, x + width - 1, 1, look, "+");
}

static enum look_of look_of_row(const struct top *top, const struct entry *entry)
{
	const struct settings *settings = &atomic_load(&top->rows.warden->rules)->config->settings;
	uint64_t risk = entry->number[NUMBER_RISK];

	if (risk >= settings->refuse_score)
		return LOOK_ALARM;
	return risk >= settings->warn_score || entry->number[NUMBER_REFUSED] ? LOOK_WARN : LOOK_PLAIN;
}

static void paint_row(const struct layout *layout, struct canvas *canvas, int y, enum look_of look,
                      const struct entry *entry)
{
	char text[FIGURE_MAX];

	canvas_line(canvas, y, look);
	for (unsigned i = 0, x = 0; i < layout->count; x += (unsigned)layout->width[i++] + 1)
		paint_cell(canvas, y, (int)x, layout->width[i], look, layout->column[i],
		           cell_text(text, layout->column[i], entry));
}

static void paint_titles(const struct top *top, const struct layout *layout, struct canvas *canvas, int y)
{
	const struct column *sorted = &views[top->rows.view].column[top->rows.sort[top->rows.view]];

	canvas_line(canvas, y, LOOK_TITLE);
	for (unsigned i = 0, x = 0; i < layout->count; x += (unsigned)layout->width[i++] + 1)
		paint_cell(canvas, y, (int)x, layout->width[i], layout->column[i] == sorted ? LOOK_SORTED : LOOK_TITLE,
		           layout->column[i], layout->column[i]->title);
}

static void paint_rows(struct top *top, struct canvas *canvas, int y, int height)
{
	struct layout layout;
	struct entry entry;

	if (top->first > top->selected)
		top->first = top->selected;
	if (top->selected >= top->first + (uint32_t)height)
		top->first = top->selected - (uint32_t)height + 1;
	layout = lay_out(top, canvas->width, height);
	paint_titles(top, &layout, canvas, y - 1);
	for (int i = 0; i < height; i++) {
		uint32_t row = top->first + (uint32_t)i;

		if (rows_entry(&top->rows, row, &entry))
			paint_row(&layout, canvas, y + i, row == top->selected ? LOOK_SELECTED : look_of_row(top, &entry),
			          &entry);
	}
	if (!top->rows.ranking.count)
		canvas_put(canvas, y, 2, canvas->width, LOOK_PLAIN,
		           top->filter[0] ? "nothing passes the filter: Esc takes it away" : "nothing yet");
}

/* --- the last line ------------------------------------------------------------------------- */

static void paint_keys(const struct top *top, struct canvas *canvas)
{
	static const char *const in_table[] = { "q quit", "? help", "Enter open", "</> sort", "r reverse",
		                                "/ filter", "Space pause", "1-5 view", "Esc back" };
	static const char *const on_page[] = { "q back", "? help", "Up/Down scroll", "p its pairs", "c the client",
		                               "Space pause" };
	bool page = top->sheet.kind != SHEET_NONE;
	struct flow flow = line(canvas, canvas->height - 1, canvas->width);
	char text[FILTER_MAX + 16];

	if (top->typing) {
		snprintf(text, sizeof(text), "filter: %s_", top->filter);
		canvas_put(canvas, flow.y, 0, canvas->width, LOOK_STRONG, text);
		return;
	}
	if (top->message[0]) {
		canvas_put(canvas, flow.y, 0, canvas->width, LOOK_WARN, top->message);
		return;
	}
	if (page && top->sheet.lines > top->page_rows)
		field(&flow, LOOK_STRONG, "lines %d-%d of %d", top->sheet.scroll + 1,
		      top->sheet.scroll + top->page_rows < top->sheet.lines ? top->sheet.scroll + top->page_rows
		                                                          : top->sheet.lines,
		      top->sheet.lines);
	for (unsigned i = 0; i < (page ? sizeof(on_page) : sizeof(in_table)) / sizeof(char *); i++)
		field(&flow, LOOK_PLAIN, "%s", page ? on_page[i] : in_table[i]);
}

void top_paint(struct top *top, struct canvas *canvas)
{
	int y;

	if (canvas->width < TOP_WIDTH_MIN || canvas->height < TOP_HEIGHT_MIN) {
		canvas_put(canvas, 0, 0, canvas->width, LOOK_STRONG, "needs 40 x 10");
		canvas_put(canvas, 1, 0, canvas->width, LOOK_PLAIN, "make it larger");
		return;
	}
	y = paint_head(top, canvas);
	if (top->sheet.kind != SHEET_NONE) {
		top->page_rows = canvas->height - y - 1;
		sheet_paint(top, canvas, y, top->page_rows);
	} else {
		paint_tabs(top, canvas, y);
		top->page_rows = canvas->height - y - 3;
		paint_rows(top, canvas, y + 2, top->page_rows);
	}
	paint_keys(top, canvas);
}
