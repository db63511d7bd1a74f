/* SPDX-License-Identifier: BSD-3-Clause */
/* top_press - keys, as they come from a terminal and go to the state: characters, and these. */
#ifndef TOP_TOP_PRESS_H
#define TOP_TOP_PRESS_H

enum press {
	PRESS_NONE = 0,
	PRESS_TAB = 9,
	PRESS_ENTER = 10,
	PRESS_ESCAPE = 27,
	PRESS_UP = 256,
	PRESS_DOWN,
	PRESS_LEFT,
	PRESS_RIGHT,
	PRESS_PAGE_UP,
	PRESS_PAGE_DOWN,
	PRESS_HOME,
	PRESS_END,
	PRESS_BACKSPACE,
	PRESS_BACK_TAB,
	PRESS_RESIZE,
	PRESS_OTHER
};

#endif
