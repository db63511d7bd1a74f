/* SPDX-License-Identifier: BSD-3-Clause */
/* notify - what systemd is told of wardend, where it is systemd that has started it (sd_notify(3)). */
#ifndef WARDEND_NOTIFY_H
#define WARDEND_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

void notify_ready(void);
void notify_stopping(void);

/* The unit's configuration is read again, and then has been. */
void notify_reloading(void);

/* One line for `systemctl status`. */
void notify_status(const char *line);

/* That it lives; every notify_watchdog() milliseconds at the latest, 0: nobody waits for it. */
void notify_alive(void);
uint64_t notify_watchdog(void);

/* Whether standard error goes to the journal, which takes a level before each line. */
bool notify_is_journal(void);

#endif
