/* SPDX-License-Identifier: BSD-3-Clause */
/* output - where events go: a file, syslog, a collector's socket, a reader of dnstap.
 *
 * Each kind is a row of functions in a file of its own; the writer walks over them. All are called by the
 * writer's thread alone.
 *
 * Invariant: none waits. What cannot be handed on now waits in the output's own backlog or is lost there, is
 * counted there and said there; the others do not notice. Nothing starts a thread, so nothing is left
 * behind when the module is unloaded.
 */
#ifndef SERVICE_OUTPUT_H
#define SERVICE_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "service/backlog.h"
#include "store/journal.h"

/* An event, its client as client-privacy says. */
struct event {
	const struct record *record;
	const char *line;     /* as event-format says; NULL: memory was short */
	const char *hostname;
};

#define TAP_CONTROL_MAX 64 /* octets of a control frame that we write or expect */

/* Where the connection to a reader of dnstap stands. */
enum tap_stage { TAP_CLOSED, TAP_GREETED, TAP_STARTED };

struct output {
	const struct output_kind *kind;
	struct warden *warden;
	char *path;              /* "": none, and then nothing is called */
	uint64_t facility;       /* syslog: index of the word of event-syslog */
	int fd;                  /* -1: not open */
	bool reopen;             /* file: open anew */
	bool torn;               /* file: the last line is cut short and could not be taken back */
	struct backlog backlog;  /* of all but the file */

	enum tap_stage stage;
	uint64_t tried;          /* dnstap: when a connection was last tried */
	size_t sent;             /* dnstap: octets of the oldest message that are on their way */
	uint8_t reply[TAP_CONTROL_MAX];
	size_t reply_len;

	int fault;               /* errno of why events cannot be handed on now; 0: they can, for all we know */
	uint64_t waiting;        /* since when there have been events in the backlog */

	uint64_t lost, skipped;  /* since we said so: here, and given up by the journal */
	int lost_to;             /* errno of the last loss here */
	uint64_t said_lost, said_waiting;
};

struct output_kind {
	const char *option;              /* of warden.conf, which operators know it by */
	bool wants_line;
	enum counter_id written, lost;

	/* Where to, by the configuration; "": nowhere. */
	const char *(*path)(const struct settings *settings);

	/* Once, at the start. Returns 0 or an errno to tell of; it is tried again later all the same. */
	int (*open)(struct output *output);

	/* Before the first event of a batch; may be NULL. */
	void (*begin)(struct output *output);

	/* Takes an event, now or into the backlog, or tells output_lost(). */
	void (*put)(struct output *output, const struct event *event);

	/* Ten times a second, after the events: whatever there is to do. */
	void (*tick)(struct output *output, uint64_t now);

	void (*close)(struct output *output);
};

extern const struct output_kind output_file, output_syslog, output_socket, output_dnstap;

void output_written(struct output *output, uint64_t n);
void output_lost(struct output *output, uint64_t n, int fault);

/* What is left in the backlog is lost. */
void output_abandon(struct output *output);

#endif
