/* SPDX-License-Identifier: BSD-3-Clause */
/* top_screen - looks as attributes, keys as numbers. */
#include <curses.h>
#include <poll.h>
#include <stdlib.h>
#include <term.h>
#include <unistd.h>

#include "base/sentence.h"
#include "top/top_press.h"
#include "top/top_screen.h"

#define ESCAPE_DELAY 100 /* milliseconds in which the rest of a key's sequence comes, over slow lines too */
#define EMPTY_MAX    3   /* times that there is something to be read, and it is nothing: the end */

static chtype attribute[LOOK_COUNT];
static SCREEN *screen;

static void look_monochrome(void)
{
	attribute[LOOK_PLAIN] = A_NORMAL;
	attribute[LOOK_STRONG] = A_BOLD;
	attribute[LOOK_TITLE] = A_REVERSE;
	attribute[LOOK_SORTED] = A_REVERSE | A_BOLD;
	attribute[LOOK_SELECTED] = A_REVERSE;
	attribute[LOOK_WARN] = A_BOLD;
	attribute[LOOK_ALARM] = A_BOLD | A_UNDERLINE;
}

/* The colours that people know from other programs of this kind; the background stays the terminal's. */
static void look_coloured(void)
{
	static const struct {
		short look, text, ground;
		chtype more;
	} rows[] = {
		{ LOOK_TITLE, COLOR_BLACK, COLOR_GREEN, 0 },
		{ LOOK_SORTED, COLOR_BLACK, COLOR_CYAN, 0 },
		{ LOOK_SELECTED, COLOR_BLACK, COLOR_CYAN, 0 },
		{ LOOK_WARN, COLOR_YELLOW, -1, A_BOLD },
		{ LOOK_ALARM, COLOR_RED, -1, A_BOLD },
	};

	start_color();
	use_default_colors();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		init_pair(rows[i].look, rows[i].text, rows[i].ground);
		attribute[rows[i].look] = (chtype)COLOR_PAIR(rows[i].look) | rows[i].more;
	}
}

/* Whether the terminal can do what a screen takes: its cursor can be put somewhere. */
static bool terminal_can(char *error, size_t error_len)
{
	const char *name = getenv("TERM");
	int status;
	const char *move;

	if (setupterm(NULL, STDOUT_FILENO, &status) != OK) {
		sentence_error(error, error_len, "TERM is '%s', which is not a terminal that is known here: with --once "
		               "one screen is printed as text", name ? name : "");
		return false;
	}
	move = tigetstr("cup");
	if (move && move != (const char *)-1)
		return true;
	sentence_error(error, error_len, "a terminal of the kind '%s' cannot show a screen: with --once one is "
	               "printed as text", name ? name : "");
	return false;
}

bool screen_open(char *error, size_t error_len)
{
	const char *no_color = getenv("NO_COLOR");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		sentence_error(error, error_len, "top needs a terminal: with --once one screen is printed as text");
		return false;
	}
	if (!terminal_can(error, error_len))
		return false;
	screen = newterm(NULL, stdout, stdin);
	if (!screen) {
		sentence_error(error, error_len, "the terminal cannot be used");
		return false;
	}
	set_escdelay(ESCAPE_DELAY);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	look_monochrome();
	if (has_colors() && !(no_color && *no_color))
		look_coloured();
	return true;
}

void screen_close(void)
{
	if (!screen)
		return;
	endwin();
	delscreen(screen);
	screen = NULL;
}

void screen_size(int *width, int *height)
{
	*width = COLS;
	*height = LINES;
}

void screen_show(const struct canvas *canvas)
{
	erase();
	for (int y = 0; y < canvas->height; y++)
		for (int x = 0; x < canvas->width; x++)
			mvaddch(y, x, (chtype)(unsigned char)canvas->text[y][x] | attribute[canvas->look[y][x]]);
	refresh();
}

static int press_of(int key)
{
	static const struct {
		int key, press;
	} rows[] = {
		{ ERR, PRESS_NONE },          { KEY_UP, PRESS_UP },       { KEY_DOWN, PRESS_DOWN },
		{ KEY_LEFT, PRESS_LEFT },     { KEY_RIGHT, PRESS_RIGHT }, { KEY_PPAGE, PRESS_PAGE_UP },
		{ KEY_NPAGE, PRESS_PAGE_DOWN }, { KEY_HOME, PRESS_HOME }, { KEY_END, PRESS_END },
		{ KEY_ENTER, PRESS_ENTER },   { '\r', PRESS_ENTER },      { KEY_BACKSPACE, PRESS_BACKSPACE },
		{ KEY_BTAB, PRESS_BACK_TAB }, { KEY_RESIZE, PRESS_RESIZE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].key == key)
			return rows[i].press;
	return key > 0 && key < 256 ? key : PRESS_OTHER;
}

int screen_key(int milliseconds, bool *gone)
{
	static unsigned empty;
	struct pollfd terminal = { .fd = STDIN_FILENO, .events = POLLIN };
	int key = press_of(getch()), ready;

	if (key != PRESS_NONE)
		return key;
	ready = poll(&terminal, 1, milliseconds);
	if (ready > 0 && terminal.revents & (POLLHUP | POLLERR | POLLNVAL))
		*gone = true;
	if (ready == 0)
		return PRESS_NONE;
	key = press_of(getch()); /* also after a signal: that of a new size is told as a key */
	empty = ready > 0 && key == PRESS_NONE ? empty + 1 : 0;
	if (empty >= EMPTY_MAX)
		*gone = true;
	return key;
}
