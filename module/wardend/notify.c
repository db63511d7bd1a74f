/* SPDX-License-Identifier: BSD-3-Clause */
/* notify - see notify.h. Without NOTIFY_SOCKET none of this does anything. */
#include <inttypes.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "wardend/clocks.h"
#include "wardend/notify.h"

void notify_ready(void)
{
	sd_notify(0, "READY=1");
}

void notify_stopping(void)
{
	sd_notify(0, "STOPPING=1\nSTATUS=stopping");
}

void notify_reloading(void)
{
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_steady() * 1000);
}

void notify_status(const char *line)
{
	sd_notifyf(0, "STATUS=%s", line);
}

void notify_alive(void)
{
	sd_notify(0, "WATCHDOG=1");
}

uint64_t notify_watchdog(void)
{
	uint64_t microseconds = 0;

	return sd_watchdog_enabled(0, &microseconds) > 0 ? microseconds / 1000 : 0;
}

bool notify_is_journal(void)
{
	return getenv("JOURNAL_STREAM") != NULL;
}
