/* SPDX-License-Identifier: BSD-3-Clause */
/* stats_view - `stats-view`: Warden's totals in a view of Unbound. */
#include "config.h"

#include <string.h>

#include <warden/warden.h>

#include "daemon/daemon.h"
#include "daemon/worker.h"
#include "util/log.h"

#include "unbound/beat.h"
#include "unbound/stats_view.h"

void stats_view_init(struct stats_view *view, struct warden *warden, struct beat *beat)
{
	memset(view, 0, sizeof(*view));
	view->warden = warden;
	view->beat = beat;
	atomic_init(&view->ready, false);
}

void stats_view_keep(struct stats_view *view, uint64_t now)
{
	if (!beat_alive(view->beat))
		return;
	if (!atomic_load_explicit(&view->ready, memory_order_acquire)) {
		/* A clock that steps back makes this a large number: it is time. */
		if (now - view->prepared < STATS_VIEW_PERIOD)
			return;
		view->prepared = now;
		warden_stats_view(view->warden, view->name, sizeof(view->name));
		if (!*view->name && !*view->shown)
			return;
		view->len = *view->name ? warden_totals(view->warden, view->text, sizeof(view->text)) : 0;
		atomic_store_explicit(&view->ready, true, memory_order_release);
	}
	beat_ring(view->beat);
}

/* Says once why nothing is shown. */
static void complain(const char *name, enum view_text_result result)
{
	switch (result) {
	case VIEW_TEXT_NO_MEMORY:
		log_err("warden: stats-view: out of memory");
		return;
	case VIEW_TEXT_VIEW_TAKEN:
		log_err("warden: stats-view: the view '%s' has no local zones, and with some its clients would "
		        "no longer be answered from the global ones: give it view-first: yes, or name "
		        "another view", name);
		return;
	case VIEW_TEXT_ZONE_TAKEN:
		log_err("warden: stats-view: the view '%s' has a zone " VIEW_TEXT_ZONE " of its own: name "
		        "another view", name);
		return;
	case VIEW_TEXT_DONE:
	case VIEW_TEXT_BUSY:
		return;
	}
}

/* Whether the text that is ready was shown, or cannot be. */
static bool show(struct stats_view *view, struct views *views)
{
	enum view_text_result result;

	if (strcmp(view->shown, view->name)) {
		if (*view->shown && view_text_hide(views, view->shown) == VIEW_TEXT_BUSY)
			return false;
		memcpy(view->shown, view->name, sizeof(view->shown));
		view->result = VIEW_TEXT_DONE;
	}
	if (!*view->name)
		return true;
	result = view_text_show(views, view->name, view->text, view->len);
	if (result == VIEW_TEXT_BUSY)
		return false;
	if (result != view->result)
		complain(view->name, result);
	view->result = result;
	return true;
}

void stats_view_beat(void *arg, struct worker *worker)
{
	struct stats_view *view = arg;

	if (!atomic_load_explicit(&view->ready, memory_order_acquire))
		return;
	if (show(view, worker->daemon->views))
		atomic_store_explicit(&view->ready, false, memory_order_release);
}
