/* SPDX-License-Identifier: BSD-3-Clause */
/* metrics - the numbers of a segment in a text that Prometheus reads: printed once, or served.
 *
 * The segment is mapped read-only for each print and let go after it. So a print is of the segment that is
 * there now, also after Unbound has made another; and the resolver is not asked.
 */
#ifndef TOOL_METRICS_H
#define TOOL_METRICS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "report/exposition.h"
#include "tool/command.h"

/* What is printed. */
struct metrics {
	const char *file;             /* a segment or a snapshot; NULL: the configuration's */
	struct configured configured; /* without a configuration when there is <file> and no clients are wanted */
	uint32_t clients;
};

/* Prints to <out>, which is whole also when there is no segment: it says so. Returns 0; 1 without a
 * segment, with a sentence in <error>; -1 with one when it could not be printed.
 */
int metrics_print(const struct metrics *metrics, enum exposition_dialect dialect, FILE *out, char *error,
                  size_t error_len);

/* Serves them at <address>, "127.0.0.1:9953", "[::1]:9953", or a port alone, which is one of 127.0.0.1, until
 * SIGINT, SIGTERM or SIGHUP. Port 0 is any free one; which it is, is said on stderr. Returns an exit status.
 */
int metrics_serve(struct metrics *metrics, const char *address);

/* The dialect that the header Accept: of a request asks for; <accept> may be NULL. OpenMetrics only when it is
 * named there, and nothing that is not is liked better.
 */
enum exposition_dialect metrics_negotiate(const char *accept);

#endif
