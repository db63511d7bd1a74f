/* SPDX-License-Identifier: BSD-3-Clause */
/* rehearsed - what would become of a question now: engine/rehearsal.h in words.
 *
 *     client: 192.0.2.7
 *     question: www.example.com TXT, domain example.com
 *     allowed: no
 *     list: oast of detector list, action log, example.com
 *     hold: none
 *     detector information: confidence high, verdict refuse: more information than the budget, ...
 *     verdict: refuse, by information, Extended DNS Error 15
 *     assumed: ...
 *     not tested: ...
 *
 * The last two say what a rehearsal cannot know.
 */
#ifndef REPORT_REHEARSED_H
#define REPORT_REHEARSED_H

#include <stdbool.h>
#include <stdio.h>

#include "engine/engine.h"

/* Rehearses <client>'s question of <name> and <type> at <now>, and prints what came of it. False, with a
 * sentence in <error> and nothing printed, when that is not possible. Takes milliseconds.
 */
bool rehearsed_print(struct warden *warden, const uint8_t client[16], const struct name *name,
                     uint16_t type, uint64_t now, FILE *out, char *error, size_t error_len);

#endif
