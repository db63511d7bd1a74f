/* SPDX-License-Identifier: BSD-3-Clause */
/* writer - takes records out of the journal and appends events to a file.
 *
 * The resolver must never wait for a disk or a reader, so nothing here waits either:
 * an event that cannot be written now is lost, counted, and its number is missing
 * from the file. Every line is whole: what was cut short by a full disk is taken back.
 *
 * The file is opened anew when its path leads elsewhere (moved, removed) or on request.
 */
#ifndef SERVICE_WRITER_H
#define SERVICE_WRITER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "report/privacy.h"

struct writer {
	struct warden *warden;
	const char *path;     /* borrowed; "": events are dropped, uncounted */
	char hostname[256];
	struct privacy privacy;
	uint64_t generation;  /* of the configuration that <privacy> is made of; 0: of none */
	int file;             /* -1: not open */
	bool torn;            /* the last line is cut short and could not be taken back */
	_Atomic bool reopen;  /* set by any thread */

	uint64_t lost, said;  /* lost since we said so, and when that was */
	int fault;            /* errno of the last loss; 0: the journal gave a record up */
};

/* Opens the file, unless that fails: it is tried again with every batch. */
void writer_init(struct writer *writer, struct warden *warden, const char *path, uint64_t now);

/* Writes what the journal holds. <now> is milliseconds since 1970. */
void writer_drain(struct writer *writer, uint64_t now);

void writer_close(struct writer *writer);

#endif
