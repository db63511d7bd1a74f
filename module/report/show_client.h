/* SPDX-License-Identifier: BSD-3-Clause */
/* show_client - one client's whole picture, on a page.
 *
 *     client: 192.0.2.7
 *     first seen: 2026-01-01T00:00:00.000Z, 3 seconds ago for the last time
 *     questions: 532: 500 resolved, 0 joined, 32 from the cache, 0 local; answers 480, refused 3
 *     risk: 45 of 100, said by information,long-names
 *     allowed: example.net expires=never hits=3 comment="ticket"
 *     hold: example.com verdict=refuse expires=3599 detector=information hits=12 comment=""
 *     pairs: 57, the busiest first
 *     pair: example.com queries=120 answers=118 refused=3 risk=45 said=information,long-names
 *
 * Invariant: bounded, however many domains and holds the client has: the busiest, and how many there are.
 */
#ifndef REPORT_SHOW_CLIENT_H
#define REPORT_SHOW_CLIENT_H

#include <stdio.h>

#include "engine/engine.h"

#define SHOW_CLIENT_PAIRS 20
#define SHOW_CLIENT_HOLDS 20

/* Prints what is known at <now> of <client>, which is masked here. Walks tables: for a slow thread. */
void show_client(struct warden *warden, const uint8_t client[16], uint64_t now, FILE *out);

#endif
