/* SPDX-License-Identifier: BSD-3-Clause */
/* top_sheet - a page of text: what `show` and `explain` of the control socket print, written anew at every look.
 *
 * Lines are "key: value", and are painted with all values in one column; what is too long for the screen goes on
 * in the next line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/explain.h"
#include "report/show_client.h"
#include "top/top_state.h"

#define KEY_MAX 16 /* longer ones are no keys */

static const char keys_text[] =
	"1 to 5, Tab: clients, pairs, domains, holds, counters; also c p d h n, Left and Right\n"
	"Up, Down: select a row; so do k and j, PgUp, PgDn, Home and End\n"
	"Enter: opens the row. A client: all that is known of it. A pair: every sum beside its budget. A domain: its "
	"pairs. A hold: whom it is for\n"
	"<  >: sort by the column to the left, to the right; r the other way round\n"
	"/: show only some: an address, a network such as 192.0.2.0/24, the beginning of an address, or a part of a "
	"domain's name or of a detector's. =example.com is that and nothing else. Enter keeps it, Esc does not\n"
	"Space: stands still, and goes on\n"
	"Esc: back to where you came from\n"
	"q: closes a page; quits\n"
	"On a page: c shows the client, p its pairs\n";

static void write_help(const struct top *top, FILE *out)
{
	const struct view *view = &views[top->rows.view];

	fprintf(out, "reads: %s. The resolver is not asked, and does not notice\n", top->path);
	fputs(keys_text, out);
	for (unsigned i = 0; i < view->count; i++)
		fprintf(out, "%s: %s\n", view->column[i].title, view->column[i].help);
}

static void write_counter(const struct top *top, FILE *out)
{
	struct entry entry;
	char value[FIGURE_MAX];

	if (!rows_entry(&top->rows, top->selected, &entry))
		return;
	fprintf(out, "counter: %s\nvalue: %s\nmeaning: %s\n", entry.name,
	        figure_count(value, entry.number[NUMBER_VALUE], FIGURE_MAX), entry.text[TEXT_WORDS]);
}

void sheet_look(struct top *top)
{
	struct sheet *sheet = &top->sheet;
	uint64_t now = top->rows.now;
	FILE *out;

	free(sheet->text);
	sheet->text = NULL;
	out = sheet->kind == SHEET_NONE ? NULL : open_memstream(&sheet->text, &sheet->text_len);
	if (!out)
		return;
	if (sheet->kind == SHEET_CLIENT)
		show_client(top->rows.warden, sheet->client, now, out);
	else if (sheet->kind == SHEET_PAIR)
		explain_print(top->rows.warden, sheet->client, &sheet->name, now, out);
	else if (sheet->kind == SHEET_COUNTER)
		write_counter(top, out);
	else
		write_help(top, out);
	if (fclose(out) != 0) {
		free(sheet->text);
		sheet->text = NULL;
	}
}

void sheet_open(struct top *top, enum sheet_kind kind)
{
	if (kind == SHEET_HELP && top->sheet.kind != SHEET_HELP)
		top->sheet.under = top->sheet.kind;
	top->sheet.kind = kind;
	top->sheet.scroll = 0;
	sheet_look(top);
}

void sheet_close(struct top *top)
{
	enum sheet_kind under = top->sheet.kind == SHEET_HELP ? top->sheet.under : SHEET_NONE;

	sheet_open(top, under);
}

/* The pairs of a domain, and nothing that only has its name in its own. */
static void turn_to_domain(struct top *top, const char *domain)
{
	char filter[FILTER_MAX];

	if (snprintf(filter, sizeof(filter), "=%s", domain) < (int)sizeof(filter))
		top_turn(top, VIEW_PAIRS, filter, true);
}

void sheet_open_selected(struct top *top)
{
	struct sheet *sheet = &top->sheet;
	enum view_id view = top->rows.view;
	struct entry entry;

	if (!rows_entry(&top->rows, top->selected, &entry))
		return;
	memcpy(sheet->client, entry.client, sizeof(sheet->client));
	if (view == VIEW_COUNTERS)
		sheet_open(top, SHEET_COUNTER);
	else if (view == VIEW_CLIENTS || (view == VIEW_HOLDS && !entry.any_client && entry.any_name))
		sheet_open(top, SHEET_CLIENT);
	else if (view == VIEW_DOMAINS || (view == VIEW_HOLDS && entry.any_client && !entry.any_name))
		turn_to_domain(top, entry.name);
	else if (entry.any_client)
		snprintf(top->message, sizeof(top->message), "That is for any client and any domain");
	else if (!name_from_text(&sheet->name, entry.name))
		snprintf(top->message, sizeof(top->message), "Of that domain the name is not known whole");
	else
		sheet_open(top, SHEET_PAIR);
}

/* --- painting ------------------------------------------------------------------------------ */

/* Length of the key of the line at <line>, 0 where it has none. */
static int key_len(const char *line)
{
	int len = (int)strcspn(line, ":\n");

	return line[len] == ':' && line[len + 1] == ' ' && len <= KEY_MAX ? len : 0;
}

static int widest_key(const char *text)
{
	int widest = 0;

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (key_len(line) > widest)
			widest = key_len(line);
	return widest;
}

/* A sum that is near its budget is what somebody who opens a ledger looks for. */
static enum look_of look_of(const char *line, size_t len)
{
	static const char hold[] = "hold: ";
	enum look_of look = LOOK_PLAIN;

	if (!strncmp(line, hold, sizeof(hold) - 1) && strncmp(line, "hold: none", 10))
		return LOOK_ALARM;
	for (const char *at = line; (at = memchr(at, '(', len - (size_t)(at - line))); at++) {
		char *end;
		unsigned long percent = strtoul(at + 1, &end, 10);

		if (end == at + 1 || strncmp(end, " %)", 3))
			continue;
		if (percent >= 100)
			return LOOK_ALARM;
		if (percent >= 50)
			look = LOOK_WARN;
	}
	return look;
}

/* How many of the <len> octets at <text> go into a line of <width>: up to a space, if there is one. */
static int fitting(const char *text, int len, int width)
{
	int fit = width;

	if (len <= width)
		return len;
	while (fit > width / 2 && text[fit] != ' ' && text[fit - 1] != ',')
		fit--;
	return fit > width / 2 ? fit : width;
}

void sheet_paint(struct top *top, struct canvas *canvas, int y, int height)
{
	struct sheet *sheet = &top->sheet;
	const char *text = sheet->text ? sheet->text : "no memory for this page\n";
	int indent = widest_key(text) + 2, most, line = 0;

	most = sheet->lines - height;
	if (sheet->scroll > most)
		sheet->scroll = most;
	if (sheet->scroll < 0)
		sheet->scroll = 0;
	for (const char *at = text; *at; at += *at == '\n') {
		int len = (int)strcspn(at, "\n"), key = key_len(at);
		enum look_of look = look_of(at, (size_t)len);
		const char *value = at + (key ? key + 2 : 0);
		int rest = len - (int)(value - at), key_at = y + line - sheet->scroll;

		if (key_at >= y && key_at < y + height)
			canvas_put(canvas, key_at, 1, key, LOOK_STRONG, at);
		do {
			int fit = fitting(value, rest, canvas->width - indent - 2), row = y + line - sheet->scroll;

			if (row >= y && row < y + height)
				canvas_put(canvas, row, indent + 1, fit, look, value);
			value += fit;
			rest -= fit;
			for (; rest && *value == ' '; rest--)
				value++;
			line++;
		} while (rest > 0);
		at += len;
	}
	sheet->lines = line;
}
