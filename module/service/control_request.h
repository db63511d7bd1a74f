/* SPDX-License-Identifier: BSD-3-Clause */
/* control_request - what a command of the control socket is given, and the words that it is made of.
 *
 *     control_commands.c   the table: one command, one row
 *     control_words.c      reads addresses, names, numbers and times off the line
 *     control_state.c      how this Warden is doing, and what it goes by
 *     control_holds.c      holds and exemptions by hand
 *     control_look.c       what is known of clients and domains
 *
 * A command prints its reply, or one line with fail(), which begins with "error": unbound-control then
 * exits with 1. A reply is bounded by whoever takes it (control_peer.h), so that a command may print
 * without a thought for who reads how slowly.
 */
#ifndef SERVICE_CONTROL_REQUEST_H
#define SERVICE_CONTROL_REQUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "name/name.h"
#include "service/service.h"

struct request {
	struct service *service;
	const char *name, *usage; /* of the command */
	char *rest;               /* of the line */
	FILE *out;
	uint64_t now;
	bool failed, settles;
};

/* Prints "error " and a sentence; the second one says how the command is used. */
__attribute__((format(printf, 2, 3))) void fail(struct request *request, const char *format, ...);
void fail_usage(struct request *request);

/* Says that it is done; and where something was changed not before it is in force, so that the next question is
 * answered accordingly. Nothing else is printed then.
 */
void ok(struct request *request);
void ok_settled(struct request *request);

/* Cuts the next word off the line; "" when there is none. */
char *word_take(struct request *request);

/* What is left of the line, without spaces before it. */
const char *words_left(struct request *request);

/* These read a word each, or complain and return false. Numbers are up to <max>, and <number> stays
 * as it is when the line has ended.
 */
bool number_take(struct request *request, uint64_t max, uint64_t *number);
bool client_take(struct request *request, uint8_t client[16]);
bool name_take(struct request *request, struct name *name);

/* Reads a time, if the next word is meant to be one: seconds, or with a unit as in warden.conf. False
 * after a complaint. <duration> is in milliseconds, and stays as it is without one.
 */
bool duration_take(struct request *request, uint64_t *duration);

/* These complain with the command's usage unless it holds: exactly <count> words are left, or none. */
bool words_are(struct request *request, unsigned count);
bool line_ends(struct request *request);

/* Whom a hold or an exemption is for: pointers are NULL for any. */
struct whom {
	uint8_t address[16];
	struct name name;
	const uint8_t *client;
	const struct name *domain;
};

bool whom_take(struct request *request, struct whom *whom);

void do_status(struct request *request);
void do_stats(struct request *request);
void do_stats_noreset(struct request *request);
void do_set_mode(struct request *request);
void do_reload(struct request *request);
void do_log_reopen(struct request *request);

void do_list_holds(struct request *request);
void do_hold(struct request *request);
void do_release(struct request *request);
void do_fleet(struct request *request);
void do_list_allow(struct request *request);
void do_allow_add(struct request *request);
void do_allow_remove(struct request *request);

void do_list_clients(struct request *request);
void do_top(struct request *request);
void do_show(struct request *request);
void do_explain(struct request *request);
void do_test(struct request *request);

#endif
