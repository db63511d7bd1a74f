/* SPDX-License-Identifier: BSD-3-Clause */
/* recording - any octets as recorded traffic: skipped or told, never a crash.
 *
 * What is told is looked at octet by octet, as the engine would, so that a sanitizer sees a name, a
 * record or a server that is not all there.
 */
#ifndef RECORDING_H
#define RECORDING_H

#include "recorded/format.h"

/* Reads the <size> octets as <format>; NULL: the one that they seem to be in, or tsv. */
void recording_play(const struct format *format, const uint8_t *data, size_t size);

#endif
