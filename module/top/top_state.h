/* SPDX-License-Identifier: BSD-3-Clause */
/* top_state - what `top` looks at and where in it the operator stands: all that is painted, and all that keys
 * change. Knows no terminal.
 *
 *     top.c          the command, and the loop: look, paint, wait for a key
 *     top_keys.c     what a key does to the state
 *     top_head.c     the numbers above the rows
 *     top_rows.c     the rows of a table; top_views.c: the tables; top_rates.c: how fast they grow
 *     top_sheet.c     the text behind a row: a client's picture, a pair's ledger, help
 *     top_paint.c    the state onto a canvas; top_canvas.c: the canvas
 *     top_screen.c   the canvas onto a terminal: ncurses and nothing else
 */
#ifndef TOP_TOP_STATE_H
#define TOP_TOP_STATE_H

#include "store/counters.h"
#include "store/holds.h"
#include "top/top_canvas.h"
#include "top/top_press.h"
#include "top/top_rows.h"

#define TOP_WIDTH_MIN  40
#define TOP_HEIGHT_MIN 10
#define BACK_MAX       8

/* --- the head ------------------------------------------------------------------------------ */

struct head {
	uint64_t looked, elapsed;      /* when, and how long after the look before; 0: there was none */
	uint64_t sum[COUNTER_COUNT];   /* since the segment was made, so that nobody's reset can be seen in a rate */
	uint64_t grown[COUNTER_COUNT]; /* since the look before */
	uint64_t shown[COUNTER_COUNT]; /* since the last `stats` */
	uint64_t asked_at;             /* when a question was seen last */
	uint32_t used[3], capacity[3]; /* clients, pairs, domains */
	struct hold_counts holds;
	uint64_t held_clients, created;
	bool tripped;
	size_t size;
};

void head_look(struct head *head, const struct mapping *mapping, uint64_t now);

/* How many of <counter> a second; 0 before there were two looks. */
double head_rate(const struct head *head, enum counter_id counter);

/* All questions a second. */
double head_questions(const struct head *head);

/* --- pages --------------------------------------------------------------------------------- */

enum sheet_kind { SHEET_NONE, SHEET_CLIENT, SHEET_PAIR, SHEET_COUNTER, SHEET_HELP };

struct sheet {
	enum sheet_kind kind, under; /* what help was asked for on */
	uint8_t client[16];
	struct name name;
	char *text;      /* owned: lines of "key: value" */
	size_t text_len;
	int scroll;      /* lines above the first one shown */
	int lines;       /* as many as there are at the width it was last painted at */
};

struct top;

/* Opens the page behind the row that is selected; for a domain, its pairs instead. */
void sheet_open_selected(struct top *top);
void sheet_open(struct top *top, enum sheet_kind kind);
void sheet_close(struct top *top);

/* Writes the text of the page that is open anew. */
void sheet_look(struct top *top);

/* Paints it into the <height> lines from <y> on. */
void sheet_paint(struct top *top, struct canvas *canvas, int y, int height);

/* --- the state ----------------------------------------------------------------------------- */

/* Where Esc leads back to. */
struct back {
	enum view_id view;
	char filter[FILTER_MAX];
	uint32_t selected;
	uint64_t followed;
};

struct top {
	struct rows rows;
	struct head head;
	struct sheet sheet;
	const char *path;
	uint64_t interval; /* milliseconds */
	bool observes;     /* by the configuration */
	bool paused, typing, quit;
	bool look;         /* a key has changed what is to be looked for: walk again, at once */
	bool sample;       /* and it is another table: as the first of two looks */
	char filter[FILTER_MAX], before[FILTER_MAX]; /* as typed; and what it was when typing began */
	uint32_t selected, first; /* rows: the one that Enter opens, the first one shown */
	uint64_t followed; /* hash of the selected one; 0: whatever comes first is selected */
	int page_rows;     /* rows that fit the screen */
	char message[160]; /* for the last line; "" is none */
	struct back back[BACK_MAX];
	unsigned backs;
};

/* Looks at everything anew. <sample>: an interval has passed. */
void top_look(struct top *top, uint64_t now, bool sample);

/* Turns to <view> with <filter>, and remembers the way back. */
void top_turn(struct top *top, enum view_id view, const char *filter, bool with_way_back);

/* <key>: a character or an enum press. */
void top_press(struct top *top, int key);

void top_paint(struct top *top, struct canvas *canvas);

/* --- numbers for people -------------------------------------------------------------------- */

#define FIGURE_MAX 32

/* "1234567", or "12.3M" where that takes more than <width> characters. */
char *figure_count(char text[FIGURE_MAX], uint64_t count, int width);

/* "0.3", "1234"; of <thousandths>. */
char *figure_rate(char text[FIGURE_MAX], uint64_t thousandths, int width);

/* "59s", "59m", "23h", "99d"; UINT64_MAX: "never". */
char *figure_time(char text[FIGURE_MAX], uint64_t seconds);

#endif
