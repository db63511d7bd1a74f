/* SPDX-License-Identifier: BSD-3-Clause */
/* writer - takes records out of the journal and hands them to the outputs that the configuration names.
 *
 *     journal --> client-privacy --> event-format --> file, syslog, socket, dnstap
 *
 * The resolver must never wait for a disk or a reader, so nothing here waits either: an event that an output
 * cannot take is lost there, counted, and its number is missing there.
 *
 * Invariant: an output sees no record before its client has been hidden as client-privacy says.
 */
#ifndef SERVICE_WRITER_H
#define SERVICE_WRITER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "report/privacy.h"
#include "service/output.h"

#define OUTPUT_COUNT 4

struct writer {
	struct warden *warden;
	char hostname[256];
	uint64_t format;      /* enum event_format */
	struct privacy privacy;
	uint64_t generation;  /* of the configuration that <privacy> is made of; 0: of none */
	_Atomic bool reopen;  /* set by any thread */
	struct output output[OUTPUT_COUNT];
};

/* Reads the paths of the outputs. False when memory is short; writer_close() is due all the same. */
bool writer_init(struct writer *writer, struct warden *warden);

/* Opens the outputs, unless that fails: it is tried again. */
void writer_open(struct writer *writer, uint64_t now);

/* Writes what the journal holds. <now> is milliseconds since 1970. */
void writer_drain(struct writer *writer, uint64_t now);

/* Of one that is zeroed, too. <ours>: this process has used it; else nothing is sent or counted. */
void writer_close(struct writer *writer, bool ours);

#endif
