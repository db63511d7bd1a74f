/* SPDX-License-Identifier: BSD-3-Clause */
/* maintenance - see maintenance.h. */
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "service/maintenance.h"
#include "service/service.h"
#include "store/pages.h"

#define TICK         100  /* milliseconds between two looks at the mirror */
#define LARGE_A_TICK 4    /* pages that are joined in one: a tenth of a processor, for seconds after the start */

bool maintenance_open(struct maintenance *maintenance, struct warden *warden, int stop, uint64_t now)
{
	*maintenance = (struct maintenance){ .warden = warden, .stop = stop, .second = now, .minute = now,
	                                     .joining = true };
	maintenance->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return maintenance->wake >= 0;
}

void maintenance_close(struct maintenance *maintenance)
{
	if (maintenance->wake >= 0)
		close(maintenance->wake);
	maintenance->wake = -1;
}

static void join_pages(struct maintenance *maintenance)
{
	struct mapping *mapping = &maintenance->warden->mapping;

	for (unsigned i = 0; i < LARGE_A_TICK && maintenance->joining; i++)
		maintenance->joining = pages_join(mapping->header, mapping->size, &maintenance->joined);
}

static void chores(struct maintenance *maintenance, uint64_t now)
{
	struct warden *warden = maintenance->warden;

	if (clock_due(&maintenance->second, now, SECOND)) {
		holds_expire(&warden->mapping, now);
		engine_guard(warden, now);
	}
	if (clock_due(&maintenance->minute, now, 10 * MINUTE) && engine_tripped(warden))
		sentence_say(warden->log, 1, "mode is still observe because detectors held more clients than "
		             "max-held-clients allows");
	if (warden->mirror.keep)
		warden->mirror.keep(warden->mirror.arg, now);
}

void maintenance_run(struct maintenance *maintenance)
{
	struct pollfd wait[2] = {
		{ .fd = maintenance->stop, .events = POLLIN },
		{ .fd = maintenance->wake, .events = POLLIN },
	};
	uint64_t waiting;

	for (;;) {
		poll(wait, 2, TICK);
		if (wait[0].revents)
			return;
		if (wait[1].revents && read(maintenance->wake, &waiting, sizeof(waiting)) < 0)
			continue;
		chores(maintenance, service_now());
		join_pages(maintenance);
	}
}

bool maintenance_settled(struct maintenance *maintenance, uint64_t version)
{
	const struct warden_mirror *mirror = &maintenance->warden->mirror;
	uint64_t one = 1;
	ssize_t woken;

	if (!mirror->version || !maintenance->running || mirror->version(mirror->arg) >= version)
		return true;
	woken = write(maintenance->wake, &one, sizeof(one));
	(void)woken; /* if not, it comes by itself, a tenth of a second later */
	return false;
}
