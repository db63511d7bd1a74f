/* SPDX-License-Identifier: BSD-3-Clause */
/* top_screen - a terminal that shows a canvas and tells of keys. The only file that knows ncurses.
 *
 * Invariant: after screen_close(), and while the program is stopped (^Z), the terminal is as it was found.
 */
#ifndef TOP_TOP_SCREEN_H
#define TOP_TOP_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "top/top_canvas.h"

/* Takes the terminal. False with a sentence in <error>. Signals that are to be caught are, by now. */
bool screen_open(char *error, size_t error_len);
void screen_close(void);

/* Its size, as of the last key. */
void screen_size(int *width, int *height);

void screen_show(const struct canvas *canvas);

/* Waits for a key, at most <milliseconds>, or until a signal: a character or an enum press; PRESS_NONE: there was
 * none. <gone> becomes true when there is no terminal any more.
 */
int screen_key(int milliseconds, bool *gone);

#endif
