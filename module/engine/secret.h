/* SPDX-License-Identifier: BSD-3-Clause */
/* secret - a file with a key or a password in it.
 *
 * Invariant: what others on this machine could have read is no secret, and is refused. Nothing of the file is left
 * in memory but what the caller has, who wipes it.
 */
#ifndef ENGINE_SECRET_H
#define ENGINE_SECRET_H

#include <stddef.h>
#include <sys/types.h>

#define SECRET_MAX 4096 /* octets of a file: the longest is a TSIG key with comments */
#define SECRET_FAULT_MAX 512

/* Reads all of the file at <path>, with a 0 behind it. Returns how many octets, or -1 and a sentence. */
ssize_t secret_read(char text[SECRET_MAX + 1], const char *path, char *error, size_t error_len);

#endif
