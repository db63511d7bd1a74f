/* SPDX-License-Identifier: BSD-3-Clause */
/* packed - a file as it was before gzip, xz or zstd made it small.
 *
 *     descriptor --> 64 KiB as they are --+-- gzip, xz or zstd --+--> FILE
 *                                         +-- nothing -----------+
 *
 * Which it is, its first octets say, so a pipe will do. Packed files that were put behind each
 * other are one file, as for the tools that made them. What is damaged or cut off gives what comes
 * before that, then a fault with its place.
 *
 * Memory is bounded, also of many files that are read at once: they share PACKED_MEMORY, a file gets
 * no more than PACKED_SHARE_MAX of it and no less than PACKED_SHARE_MIN (as xz -6 and zstd -19 need, so
 * that only more than 32 of them go beyond it), and one that wants a larger window is refused.
 */
#ifndef RECORDED_PACKED_H
#define RECORDED_PACKED_H

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

#define PACKED_FAULT 256

#define PACKED_MEMORY    (UINT64_C(512) << 20)
#define PACKED_SHARE_MAX (UINT64_C(128) << 20)
#define PACKED_SHARE_MIN (UINT64_C(16) << 20)

/* What is known of an open file. Any thread may read <taken>; <fault> is for who reads the file. */
struct packed {
	uint64_t memory;          /* octets that unpacking may take, from packed_share() */
	_Atomic uint64_t taken;   /* octets read of what lies on the disk */
	char fault[PACKED_FAULT]; /* why reading failed, a sentence; "" when that was not for packing */
};

/* What each of <count> files may take. */
uint64_t packed_share(unsigned count);

/* A file that gives what is in <fd>, which is closed with it, and notes in <packed>, which outlives
 * it. NULL, with errno and nothing closed, without memory.
 */
FILE *packed_open(struct packed *packed, int fd);

/* The length of <name> without the ending that says how it is packed. */
size_t packed_name_len(const char *name);

#endif
