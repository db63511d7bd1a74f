/* SPDX-License-Identifier: BSD-3-Clause */
/* control - answers unbound-control on a Unix socket of ours.
 *
 * The protocol of unbound-control without TLS: the client sends "UBCT1 ", the command
 * and a newline; the server prints text and closes. A first line that begins with
 * "error" makes unbound-control exit with 1.
 *
 * One thread serves some clients at once (control_peer.h): commands one after the other, but nobody
 * waits for who sends a command slowly or does not take the reply.
 */
#ifndef SERVICE_CONTROL_H
#define SERVICE_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

struct peer;
struct service;

struct control {
	int listener;      /* -1: none */
	struct peer *peer; /* places for those who are served: there before anybody can connect */
	const char *path;  /* borrowed */
	dev_t device;      /* of the socket that we made: another one at <path> is not ours */
	ino_t inode;
	bool alone; /* Unbound did not answer for stats-proxy:, and we have said so */
};

/* Listens at <path>; "" is none. Takes the place of a socket that nobody listens at any
 * more. Returns 0 or a negative errno with a sentence in <error>: -EADDRINUSE when
 * somebody does listen there.
 */
int control_open(struct control *control, const char *path, char *error, size_t error_len);

/* Closes the socket, and removes it when <remove>. */
void control_close(struct control *control, bool remove);

/* Answers clients until the service stops: the control thread. */
void control_serve(struct service *service);

/* Does the command <line> of a user, which is changed, and prints the reply to <out>. True when there is
 * none yet: "ok" is to be said when what was changed is in force.
 */
bool control_do(struct service *service, char *line, uid_t user, FILE *out);

#endif
