/* SPDX-License-Identifier: BSD-3-Clause */
/* resp - commands to Redis and its replies, as octets (Redis serialization protocol, version 2).
 *
 *     *2\r\n$7\r\nHGETALL\r\n$1\r\nk\r\n     a command
 *     +OK\r\n  -ERR why\r\n  :12\r\n         status, error, number
 *     $3\r\nabc\r\n  $-1\r\n                 text, nothing
 *     *2\r\n$1\r\na\r\n$1\r\n1\r\n           array, of texts
 *
 * Not by hiredis: Debian's (0.14) ends the process when there is no memory (alloc.h: hi_malloc), which in a resolver
 * nothing may. And of the protocol we need only this.
 *
 * Invariants: no memory but the caller's. What is larger than any reply to our commands is refused as soon as it says
 * so.
 */
#ifndef TOGETHER_RESP_H
#define TOGETHER_RESP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define RESP_ELEMENTS_MAX 1024 /* of an array: a hash with a field for each of 512 nodes */
#define RESP_TEXT_MAX     128  /* octets of a text: names of nodes, numbers */
#define RESP_LINE_MAX     512  /* of a status or an error */

#define RESP_HEAD_MAX     22   /* octets before a text or an array: a mark, a number of 19 digits, the line's end */

/* No reply that resp_read() takes is longer, nor waits for more than that. */
#define RESP_MAX (RESP_HEAD_MAX + RESP_ELEMENTS_MAX * (RESP_HEAD_MAX + RESP_TEXT_MAX + 2))

enum resp_type { RESP_NOTHING, RESP_STATUS, RESP_ERROR, RESP_NUMBER, RESP_TEXT, RESP_ARRAY };

/* Octets where they were read: any. */
struct resp_text {
	const char *at;
	size_t len;
};

struct resp {
	enum resp_type type;
	int64_t number;
	struct resp_text text; /* of a status, an error, a text */
	unsigned elements;     /* of an array */
	struct resp_text element[RESP_ELEMENTS_MAX];
};

/* Reads a reply at <octets>. Returns how many it takes; 0 when it is not all there yet; -1 when it is none for us. */
ssize_t resp_read(struct resp *reply, const char *octets, size_t len);

/* Writes a command of <argc> words of <len> octets (NULL: strings). Returns how many octets; 0: there is no room. */
size_t resp_write(char *to, size_t room, int argc, const char *const *argv, const size_t *len);

/* Copies <text>, fit for a log. */
void resp_printable(char *to, size_t size, struct resp_text text);

#endif
