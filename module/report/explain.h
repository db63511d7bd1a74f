/* SPDX-License-Identifier: BSD-3-Clause */
/* explain - why a client is, or is not, refused a domain: every sum that is kept about the two,
 * beside its budget.
 *
 *     client: 192.0.2.7
 *     domain: example.com (of www.example.com)
 *     pair.up: 498 of 512 bytes in a day (97 %), 120 of 384 bytes in ten minutes (31 %), ...
 *
 * One line `key: value` for each sum, in the same order every time. What is not known is said
 * to be so; there is no line that is sometimes left out, but `allowed` and `hold`, of which there may be
 * several.
 *
 * Reads only, and never disturbs a writer: each slot is consistent in itself, the whole need not be.
 */
#ifndef REPORT_EXPLAIN_H
#define REPORT_EXPLAIN_H

#include <stdio.h>

#include "engine/engine.h"

/* Prints what is known at <now> of <client>, which is masked here as the engine masks it, and
 * the registrable domain of <name>. Thread-safe; the configuration is let go before printing,
 * so a slow reader of <out> holds up no reload.
 */
void explain_print(struct warden *warden, const uint8_t client[16], const struct name *name,
                   uint64_t now, FILE *out);

#endif
