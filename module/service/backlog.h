/* SPDX-License-Identifier: BSD-3-Clause */
/* backlog - messages that wait for a reader, in order, in memory of a fixed size.
 *
 *     memory: | gone | len message | len message | ... | free |
 *                    ^ first                           ^ end
 *
 * A reader that is slow, or is being restarted, loses nothing while there is room. Where there is none the
 * newest is refused: what waits has been promised.
 *
 * Invariant: <first> is the begin of a whole message, so that one of which a reader got a part only can be
 * sent again from its begin.
 */
#ifndef SERVICE_BACKLOG_H
#define SERVICE_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BACKLOG_SIZE (256 * 1024) /* octets: some two hundred events as JSON, a thousand as dnstap */

struct backlog {
	uint8_t *memory;   /* NULL: not open, and nothing can be put */
	size_t first, end;
	unsigned count;    /* messages */
};

/* False when memory is short. */
bool backlog_open(struct backlog *backlog);
void backlog_close(struct backlog *backlog);

/* Adds a message, made of two parts of which the second may be NULL. False when there is no room. */
bool backlog_put(struct backlog *backlog, const void *head, size_t head_len, const void *rest, size_t rest_len);

/* The oldest message, and its length; NULL: there is none. Valid until the next call of another function. */
const uint8_t *backlog_first(const struct backlog *backlog, size_t *len);

/* Takes it out. */
void backlog_drop(struct backlog *backlog);

#endif
