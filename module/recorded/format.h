/* SPDX-License-Identifier: BSD-3-Clause */
/* format - recorded traffic, told to the engine as the resolver would have.
 *
 *     input.c --> struct format.read --> struct sink.observe --> engine --> events, summary
 *
 * A format is one file and one row in replay_formats[]. A reader turns what it reads
 * into observations, in the order of the file, and names what it cannot use; it knows
 * neither the engine nor what becomes of them.
 */
#ifndef RECORDED_FORMAT_H
#define RECORDED_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <warden/observation.h>

#define REPLAY_HEAD        16 /* octets that a format may look at to recognise its own */
#define REPLAY_SECONDS_MAX (UINT64_MAX / 10000) /* since 1970: so that milliseconds cannot overflow */

/* Where a reader puts what it finds. */
struct sink {
	/* One observation, borrowed for the call. */
	void (*observe)(void *arg, const struct warden_observation *obs);

	/* Line or packet <number> of the input is left out; <reason> has no full stop. */
	void (*skip)(void *arg, uint64_t number, const char *reason);

	void *arg;

	/* When the input was last written, milliseconds since 1970: for times that say no year. */
	uint64_t written;
};

struct format {
	const char *name;      /* of -f */
	const char *extension; /* of files that are taken for it, with the dot */

	/* Whether the first <len> octets (at most REPLAY_HEAD) of a file look like it. */
	bool (*recognise)(const uint8_t *head, size_t len);

	/* Reads <file> to its end and closes it. Returns 0, or -1 with a sentence in <error>
	 * when it cannot be read (further). With 0, too, <error> may have one, of what people
	 * should know who wonder why so little came out.
	 */
	int (*read)(FILE *file, const struct sink *sink, char *error, size_t error_len);
};

extern const struct format replay_tsv, replay_pcap, replay_unbound_log, replay_zeek, replay_dnstap;

/* All formats, NULL at the end. */
extern const struct format *const replay_formats[];

/* The format for -f <name>, or, with <name> NULL, the one that file <path> seems to be in:
 * by its first octets, then by its extension. What was read is put back. NULL when none.
 */
const struct format *replay_format(const char *name, const char *path, FILE *file);

#endif
