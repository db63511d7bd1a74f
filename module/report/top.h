/* SPDX-License-Identifier: BSD-3-Clause */
/* top - who needs a look first: clients and domains, the worst before the others.
 *
 * Worst is who is suspected most now: by risk, what the detectors' opinions of the last hours add up to;
 * then by the questions refused, then by all questions, both since Warden knows them. So a quiet network
 * shows who is busy, and one in trouble shows the trouble. list_clients is by questions alone.
 *
 *     192.0.2.7 risk=45 refused=3 queries=532 idle=12 said=information,long-names
 *     example.com risk=45 refused=3 queries=120 idle=12 clients=1 told=512 said=information
 *
 * The risk of a domain is that of the client most suspected with it; <clients> is how many asked for it
 * since yesterday, <told> how many octets they told its servers in the last day, as far as it is known.
 */
#ifndef REPORT_TOP_H
#define REPORT_TOP_H

#include <stdint.h>
#include <stdio.h>

#include "engine/engine.h"

#define TOP_MAX 1000

/* Prints the <count> worst at <now>, at most TOP_MAX. Returns 0, or -ENOMEM with nothing printed. Walks
 * tables: for a slow thread.
 */
int top_clients(struct warden *warden, uint32_t count, uint64_t now, FILE *out);
int top_domains(struct warden *warden, uint32_t count, uint64_t now, FILE *out);

#endif
