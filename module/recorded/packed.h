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
 * Memory is bounded: a file that wants a window of more than 128 MiB is refused.
 */
#ifndef RECORDED_PACKED_H
#define RECORDED_PACKED_H

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

#define PACKED_FAULT 128

/* What is known of an open file. Any thread may read <taken>; <fault> is for who reads the file. */
struct packed {
	_Atomic uint64_t taken;   /* octets read of what lies on the disk */
	char fault[PACKED_FAULT]; /* why reading failed, a sentence; "" when that was not for packing */
};

/* A file that gives what is in <fd>, which is closed with it, and notes in <packed>, which outlives
 * it. NULL, with errno and nothing closed, without memory.
 */
FILE *packed_open(struct packed *packed, int fd);

/* The length of <name> without the ending that says how it is packed. */
size_t packed_name_len(const char *name);

#endif
