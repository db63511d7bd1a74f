/* SPDX-License-Identifier: BSD-3-Clause */
/* top_keys - what a key does.
 *
 * There are three places to be: in a line that is typed, on a page, in a table; and Esc leads from each to the
 * one before, at last out of the program.
 */
#include <stdio.h>
#include <string.h>

#include "top/top_state.h"

void top_look(struct top *top, uint64_t now, bool sample)
{
	struct rows *rows = &top->rows;
	uint32_t at = 0;

	if (sample)
		head_look(&top->head, &rows->warden->mapping, now);
	rows_look(rows, now, sample || top->sample);
	top->look = top->sample = false;
	/* Who was selected stays so, wherever it has gone to. */
	if (top->followed) {
		struct entry entry;

		for (; at < rows->ranking.count; at++)
			if (rows_entry(rows, at, &entry) && entry.hash == top->followed)
				break;
		if (at < rows->ranking.count)
			top->selected = at;
	}
	if (top->selected >= rows->ranking.count)
		top->selected = rows->ranking.count ? rows->ranking.count - 1 : 0;
	sheet_look(top);
}

/* Keys may come faster than looks: who moves or opens means what the keys before have asked for. */
static void catch_up(struct top *top)
{
	if (top->look)
		top_look(top, top->rows.now, false);
}

/* Selects the row <step> further on. */
static void select_row(struct top *top, int64_t step)
{
	int64_t count, row;
	struct entry entry;

	catch_up(top);
	count = top->rows.ranking.count;
	row = top->selected + step;
	if (row >= count)
		row = count - 1;
	top->selected = row > 0 ? (uint32_t)row : 0;
	/* Who stands at the top and has not moved wants to see what comes first. */
	top->followed = top->selected && rows_entry(&top->rows, top->selected, &entry) ? entry.hash : 0;
}

void top_turn(struct top *top, enum view_id view, const char *filter, bool with_way_back)
{
	if (with_way_back && top->backs < BACK_MAX) {
		struct back *back = &top->back[top->backs++];

		*back = (struct back){ .view = top->rows.view, .selected = top->selected, .followed = top->followed };
		snprintf(back->filter, sizeof(back->filter), "%s", top->filter);
	} else if (!with_way_back) {
		top->backs = 0;
	}
	snprintf(top->filter, sizeof(top->filter), "%s", filter);
	rows_filter(&top->rows, top->filter);
	if (view != top->rows.view) {
		rows_view(&top->rows, view);
		top->sample = true;
	}
	top->selected = top->first = 0;
	top->followed = 0;
	top->look = true;
}

/* False where there is nowhere to go. */
static bool go_back(struct top *top)
{
	if (top->backs) {
		const struct back back = top->back[--top->backs];
		unsigned backs = top->backs;

		top_turn(top, back.view, back.filter, false);
		top->backs = backs;
		top->selected = back.selected;
		top->followed = back.followed;
		return true;
	}
	if (!top->filter[0])
		return false;
	top_turn(top, top->rows.view, "", false);
	return true;
}

/* --- a line that is typed ------------------------------------------------------------------ */

static void type(struct top *top, int key)
{
	size_t len = strlen(top->filter);

	if (key == PRESS_ENTER || key == PRESS_ESCAPE) {
		top->typing = false;
		if (key == PRESS_ESCAPE)
			snprintf(top->filter, sizeof(top->filter), "%s", top->before);
	} else if (key == PRESS_BACKSPACE || key == 127 || key == 8) {
		if (len)
			top->filter[len - 1] = '\0';
	} else if (key == 'U' - '@') {
		top->filter[0] = '\0';
	} else if (key > ' ' && key <= '~' && len + 1 < sizeof(top->filter)) {
		top->filter[len] = (char)key;
		top->filter[len + 1] = '\0';
	} else {
		return;
	}
	rows_filter(&top->rows, top->filter);
	top->selected = top->first = 0;
	top->followed = 0;
	top->look = true;
}

/* --- a page -------------------------------------------------------------------------------- */

static void press_on_sheet(struct top *top, int key)
{
	struct sheet *sheet = &top->sheet;
	char text[ADDRESS_TEXT_MAX], filter[FILTER_MAX];

	switch (key) {
	case 'q': case PRESS_ESCAPE: case PRESS_LEFT: case PRESS_BACKSPACE: sheet_close(top); break;
	case PRESS_UP: case 'k': sheet->scroll--; break;
	case PRESS_DOWN: case 'j': case PRESS_ENTER: sheet->scroll++; break;
	case PRESS_PAGE_UP: sheet->scroll -= top->page_rows; break;
	case PRESS_PAGE_DOWN: sheet->scroll += top->page_rows; break;
	case PRESS_HOME: sheet->scroll = 0; break;
	case PRESS_END: sheet->scroll = sheet->lines; break;
	case ' ': top->paused = !top->paused; break;
	case '?': sheet_open(top, SHEET_HELP); break;
	case 'p':
	case 'c':
		if (sheet->kind != SHEET_CLIENT && sheet->kind != SHEET_PAIR)
			break;
		if (key == 'c') {
			sheet_open(top, SHEET_CLIENT);
			break;
		}
		snprintf(filter, sizeof(filter), "%s", address_text(text, sheet->client));
		sheet_close(top);
		top_turn(top, VIEW_PAIRS, filter, true);
		break;
	default: break;
	}
}

/* --- a table ------------------------------------------------------------------------------- */

static bool turn_by_key(struct top *top, int key)
{
	int view = top->rows.view;

	if (key >= '1' && key < '1' + VIEW_COUNT)
		view = key - '1';
	else if (key == PRESS_TAB || key == PRESS_RIGHT)
		view = (view + 1) % VIEW_COUNT;
	else if (key == PRESS_BACK_TAB || key == PRESS_LEFT)
		view = (view + VIEW_COUNT - 1) % VIEW_COUNT;
	else
		for (view = 0; view < VIEW_COUNT && views[view].key != key; view++)
			;
	if (view == VIEW_COUNT)
		return false;
	if (view != (int)top->rows.view)
		top_turn(top, (enum view_id)view, "", false);
	return true;
}

static void press_in_table(struct top *top, int key)
{
	enum view_id view = top->rows.view;

	if (turn_by_key(top, key))
		return;
	switch (key) {
	case 'q': top->quit = true; break;
	case PRESS_ESCAPE: top->quit = !go_back(top); break;
	case PRESS_UP: case 'k': select_row(top, -1); break;
	case PRESS_DOWN: case 'j': select_row(top, 1); break;
	case PRESS_PAGE_UP: select_row(top, -(int64_t)top->page_rows); break;
	case PRESS_PAGE_DOWN: select_row(top, top->page_rows); break;
	case PRESS_HOME: case 'g': select_row(top, -ROWS_MAX); break;
	case PRESS_END: case 'G': select_row(top, ROWS_MAX); break;
	case PRESS_ENTER:
		catch_up(top);
		sheet_open_selected(top);
		break;
	case '<': case '>':
		rows_sort_by(&top->rows, key == '>' ? 1 : -1);
		top->look = true;
		break;
	case 'r':
		top->rows.reverse[view] = !top->rows.reverse[view];
		top->look = true;
		break;
	case '/':
		top->typing = true;
		memcpy(top->before, top->filter, sizeof(top->before));
		break;
	case ' ': top->paused = !top->paused; break;
	case '?': sheet_open(top, SHEET_HELP); break;
	default: snprintf(top->message, sizeof(top->message), "That key does nothing here: ? tells what the others do");
	}
}

void top_press(struct top *top, int key)
{
	if (key == PRESS_NONE || key == PRESS_RESIZE)
		return;
	if (key == '\r')
		key = PRESS_ENTER;
	top->message[0] = '\0';
	if (top->typing)
		type(top, key);
	else if (top->sheet.kind != SHEET_NONE)
		press_on_sheet(top, key);
	else
		press_in_table(top, key);
}
