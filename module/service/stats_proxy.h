/* SPDX-License-Identifier: BSD-3-Clause */
/* stats_proxy - Unbound's own statistics in front of Warden's (stats-proxy:), so that a collector which
 * asks one socket for both needs to know nothing of Warden.
 *
 * Asks Unbound's control socket, a Unix socket, as unbound-control does. Over TCP it speaks TLS with
 * certificates: that is not for us.
 *
 * Invariant: what is printed are whole lines `key=number`, whoever it was that answered; and it is
 * asked for a bounded time and a bounded answer.
 */
#ifndef SERVICE_STATS_PROXY_H
#define SERVICE_STATS_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct service;

/* Prints Unbound's lines for <command>, "stats" or "stats_noreset", when stats-proxy: is set. Without an
 * answer it prints nothing, and logs that once until there is one again.
 */
void stats_proxy_print(struct service *service, const char *command, FILE *out);

/* Prints those of the <len> octets at <text> that are lines `key=number`, but for Warden's own keys.
 * Changes <text>. Returns how many lines.
 */
unsigned stats_proxy_lines(char *text, size_t len, FILE *out);

#endif
