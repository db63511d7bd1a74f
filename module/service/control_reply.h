/* SPDX-License-Identifier: BSD-3-Clause */
/* control_reply - a reply in memory, while its client takes it.
 *
 * Invariant: it has no more than <most> octets, and what does not fit is said to be missing: its last line
 * is then CUT, behind the last whole line that fits. Whoever prints sees an error on the stream.
 */
#ifndef SERVICE_CONTROL_REPLY_H
#define SERVICE_CONTROL_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define REPLY_CUT "... cut here: the reply is too long\n"

/* All zeros but <most>, which is more than REPLY_CUT takes, is an empty one. */
struct reply {
	char *text;
	size_t len, room, most;
	bool cut;
};

/* A stream that prints into <reply>. NULL without memory. */
FILE *reply_open(struct reply *reply);

/* Ends the printing: <reply> can be sent. */
void reply_close(struct reply *reply, FILE *out);

void reply_free(struct reply *reply);

#endif
