/* SPDX-License-Identifier: BSD-3-Clause */
/* snapshot - a consistent copy of the segment on disk, for the next boot.
 *
 * Same layout as the segment, each slot copied under its sequence word, with a
 * checksum behind it. Written beside and renamed, so there is always a whole one.
 */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include <stddef.h>

#include "store/mapping.h"

/* What stands behind the segment's octets in a snapshot file. */
struct snapshot_trailer {
	uint64_t magic;
	uint64_t taken;    /* milliseconds since 1970 */
	uint64_t checksum; /* XXH3 of the octets before the trailer */
};

/* Writes <path>. Returns 0, or -1 with a sentence in <error>; then an older snapshot is
 * still there. Blocks on the disk: for the writer thread.
 */
int snapshot_write(const struct mapping *mapping, const char *path, uint64_t now, char *error,
                   size_t error_len);

/* Fills the segment-sized <memory> from <path> when it is a whole snapshot of a segment
 * like <wanted> (magic, layout, detectors, sizes). Returns 1 when filled, 0 when there is
 * no such file, -1 with a sentence in <error> when it is not usable.
 */
int snapshot_load(void *memory, const struct segment_header *wanted, const char *path, char *error,
                  size_t error_len);

#endif
