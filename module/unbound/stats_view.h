/* SPDX-License-Identifier: BSD-3-Clause */
/* stats_view - `stats-view`: Warden's totals in a view of Unbound, for its own unbound-control to list.
 *
 *     maintenance thread   every 10 s          ten times a second until it is done
 *                          totals --> text --> ring
 *                                                |
 *     a worker                                   +--> view_text_show() --> done
 *
 * The text and the names belong to the maintenance thread while <ready> is false and to the worker
 * while it is true, so neither waits for the other. While the view is busy the text grows older: the
 * next one is prepared once this one is shown.
 */
#ifndef UNBOUND_STATS_VIEW_H
#define UNBOUND_STATS_VIEW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "unbound/view_text.h"

#define STATS_VIEW_PERIOD   10000 /* milliseconds */
#define STATS_VIEW_NAME_MAX 256

struct beat;
struct warden;
struct worker;

struct stats_view {
	struct warden *warden;
	struct beat *beat;
	uint64_t prepared;  /* when; 0: never */
	_Atomic bool ready; /* the text is the worker's */
	char name[STATS_VIEW_NAME_MAX];  /* where it is to be shown, "": nowhere */
	char shown[STATS_VIEW_NAME_MAX]; /* where one was shown last, or tried */
	enum view_text_result result;    /* of the last try there, */
	size_t len;
	char text[VIEW_TEXT_MAX];
};

/* Before there are workers and before the threads of <warden> are started. */
void stats_view_init(struct stats_view *view, struct warden *warden, struct beat *beat);

/* Prepares the totals when it is time and rings. For the maintenance thread: cheap otherwise. */
void stats_view_keep(struct stats_view *view, uint64_t now);

/* Shows what was prepared. A call of the beat; <arg> is the struct stats_view. */
void stats_view_beat(void *arg, struct worker *worker);

#endif
