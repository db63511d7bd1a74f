/* SPDX-License-Identifier: BSD-3-Clause */
/* segment - the engine to look through, for those who look: show, top.
 *
 * Who looks for the first time is told what is missing and what to do about it.
 */
#ifndef TOOL_SEGMENT_H
#define TOOL_SEGMENT_H

#include <stdint.h>

#include "engine/engine.h"

/* Opens the segment or snapshot at <file>, NULL: where the configuration has it, with the configuration of
 * `-c <config>`. Returns NULL after sentences on stderr.
 */
struct warden *segment_open(const char *config, const char *file);

/* Where that is, for as long as <warden> lives. */
const char *segment_path(const struct warden *warden, const char *file);

/* Milliseconds since 1970. */
uint64_t segment_clock(void);

#endif
