/* SPDX-License-Identifier: BSD-3-Clause */
/* fingerprint - is the program that loads us the Unbound we were compiled for?
 *
 * The structs we share with Unbound depend on its version and on its configure line.
 * Both stand in its program as constants: "unbound 1.22.0" (it logs that at start) and
 * the configure line (`unbound -V` prints it). So we look for our own copies of them in
 * the program's read-only memory; no file is read and no Unbound function is called.
 *
 * This file knows no Unbound header and can be tested alone.
 */
#ifndef UNBOUND_FINGERPRINT_H
#define UNBOUND_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>

/* A stretch of memory. */
struct span {
	const char *start;
	size_t len;
};

/* Finds the read-only segments of the running program (not of its libraries).
 * Returns how many of the <max> elements of <spans> it has filled in.
 */
unsigned fingerprint_program(struct span *spans, unsigned max);

/* Whether <spans> hold an Unbound that was built as <package> ("unbound 1.22.0") with
 * <configure> as its configure line. If not, <error> gets one sentence that says what
 * was found instead.
 */
bool fingerprint_matches(const struct span *spans, unsigned count, const char *package,
                         const char *configure, char *error, size_t error_len);

#endif
