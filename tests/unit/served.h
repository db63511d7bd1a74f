/* SPDX-License-Identifier: BSD-3-Clause */
/* served - what the tests of the service share: an engine with its service, on files in a
 * folder that each test has to itself, and a client of its socket.
 */
#ifndef SERVED_H
#define SERVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <warden/warden.h>

#define PATIENCE 5000 /* milliseconds for something that takes one tick of the writer */

extern char folder[64], socket_path[128], events_path[128], served_config[128];

/* Set-up and tear-down of a cmocka test. */
int folder_setup(void **state);
int folder_teardown(void **state);

/* Writes the configuration; <more> is added to its `warden:` clause. */
void config_write(const char *more);

/* The mirror of a door that engine_open() has; none by default. */
extern struct warden_mirror served_mirror;

/* These fail the test when they cannot. */
struct warden *engine_open(void);
struct warden *engine_start(void);

/* Whether the engine has said <text> since the test began. */
bool was_logged(const char *text);

/* A question that missed the cache; the second one of 192.0.2.7. */
struct warden_decision query_of(struct warden *warden, const char *client, const char *qname, uint16_t qtype);
struct warden_decision query(struct warden *warden, const char *qname, uint16_t qtype);

/* The same where there is a hold for it: makes one event. */
void meet_hold(struct warden *warden, const char *qname);

/* A connection to the socket, and all that comes back on it; the latter closes it. */
int dial(void);
void reply_read(int client, char *reply, size_t len);

/* The reply to <command>, overwritten by the next call. */
const char *control(const char *command);

void expect_in(const char *text, const char *part);

/* Repeats <command> until its reply has <part>; fails the test if that never comes. */
void expect_control(const char *command, const char *part);

uint64_t now_ms(void);
void nap(void); /* a moment, for a look again */

#endif
