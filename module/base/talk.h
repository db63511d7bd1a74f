/* SPDX-License-Identifier: BSD-3-Clause */
/* talk - one question to a control socket, as unbound-control asks it: "UBCT1 command", and whatever comes until
 * the other side closes.
 *
 * Over a Unix socket there is neither TLS nor a length: the rights of the socket are all there is. Over TCP Unbound
 * wants certificates; that is not for us.
 *
 * Invariant: nothing waits longer than until the deadline, or once <stop> is readable.
 */
#ifndef BASE_TALK_H
#define BASE_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TALK_GREETING "UBCT1 "

struct talk {
	int socket, stop;
	int64_t deadline;       /* milliseconds of <now> */
	int64_t (*now)(void);   /* that clock, which only goes forwards */
};

/* Begins one with whoever listens at <path>; <stop>, <deadline> and <now> are set. NULL, or why there is none;
 * talk_end() is due either way.
 */
const char *talk_begin(struct talk *talk, const char *path);
void talk_end(struct talk *talk);

/* Sends all of <text>. */
bool talk_send(const struct talk *talk, const char *text, size_t len);

/* Reads what comes next, <room> octets at most. Returns how many, 0 when the other side has closed, -1 when it is
 * too late for more.
 */
ssize_t talk_read(const struct talk *talk, char *text, size_t room);

#endif
