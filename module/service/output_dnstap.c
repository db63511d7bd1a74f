/* SPDX-License-Identifier: BSD-3-Clause */
/* output_dnstap - events as dnstap messages, in Frame Streams, to whoever listens on a Unix stream socket.
 *
 *     connect() --> READY --> (ACCEPT comes) --> START, message, message, ... --> STOP
 *
 * The steps are our own, not libfstrm's: its writer waits in read() and write(), and a thread for it to
 * wait in would hold up the end of the module for as long as the reader pleases; and it ends the process
 * when memory is short. What is left is four octets of length before each message.
 *
 * A reader that goes away gets, when it comes again, every message that it had not got whole.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "report/tap_event.h"
#include "service/output.h"

enum { CONTROL_ACCEPT = 1, CONTROL_START = 2, CONTROL_STOP = 3, CONTROL_READY = 4 };
enum { FIELD_CONTENT_TYPE = 1 };

#define RETRY     SECOND /* between two attempts to connect */
#define PATIENCE  (10 * SECOND) /* with a reader that has not said ACCEPT */
#define WORD      4      /* octets; big-endian */
#define TYPE_LEN  (sizeof(TAP_CONTENT_TYPE) - 1)

static const char *dnstap_path(const struct settings *settings)
{
	return settings->event_dnstap;
}

static int dnstap_open(struct output *output)
{
	return backlog_open(&output->backlog) ? 0 : ENOMEM;
}

/* ---- the connection ------------------------------------------------------------- */

static void disconnect(struct output *output, int fault)
{
	if (output->fd >= 0)
		close(output->fd);
	output->fd = -1;
	output->stage = TAP_CLOSED;
	output->sent = 0; /* what was on its way goes again, whole */
	output->reply_len = 0;
	output->fault = fault;
}

static uint8_t *word_write(uint8_t *at, size_t word)
{
	uint32_t big = htonl((uint32_t)word);

	memcpy(at, &big, WORD);
	return at + WORD;
}

static uint32_t word_read(const uint8_t *at)
{
	uint32_t big;

	memcpy(&big, at, WORD);
	return ntohl(big);
}

/* Sends a control frame, with the content type unless it is STOP. An empty socket takes it whole. */
static bool control_send(struct output *output, unsigned type)
{
	size_t len = WORD + (type == CONTROL_STOP ? 0 : 2 * WORD + TYPE_LEN);
	uint8_t frame[TAP_CONTROL_MAX], *at = frame;

	at = word_write(at, 0); /* the escape: no message has no octets */
	at = word_write(at, len);
	at = word_write(at, type);
	if (type != CONTROL_STOP) {
		at = word_write(at, FIELD_CONTENT_TYPE);
		at = word_write(at, TYPE_LEN);
		memcpy(at, TAP_CONTENT_TYPE, TYPE_LEN);
		at += TYPE_LEN;
	}
	return send(output->fd, frame, (size_t)(at - frame), MSG_NOSIGNAL | MSG_DONTWAIT) == at - frame;
}

static void connect_now(struct output *output)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", output->path);
	output->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (output->fd < 0 || connect(output->fd, (const struct sockaddr *)&to, sizeof(to)) ||
	    !control_send(output, CONTROL_READY))
		disconnect(output, errno);
	else
		output->stage = TAP_GREETED;
}

/* Whether the frame in output->reply is ACCEPT, and for what we send. */
static bool is_accepted(const struct output *output)
{
	const uint8_t *at = output->reply + 2 * WORD, *end = output->reply + output->reply_len;

	if (end - at < WORD || word_read(at) != CONTROL_ACCEPT)
		return false;
	for (at += WORD; end - at >= 2 * WORD;) {
		uint32_t field = word_read(at), len = word_read(at + WORD);

		at += 2 * WORD;
		if (len > (size_t)(end - at))
			return false;
		if (field == FIELD_CONTENT_TYPE && len == TYPE_LEN && !memcmp(at, TAP_CONTENT_TYPE, TYPE_LEN))
			return true;
		at += len;
	}
	return false;
}

/* How many octets of the reply are still to come. It is read in two steps, its length first. False: it is no
 * control frame, or a longer one than any we would take.
 */
static bool reply_missing(const struct output *output, size_t *missing)
{
	uint32_t rest = 0;

	if (output->reply_len >= 2 * WORD) {
		rest = word_read(output->reply + WORD);
		/* Looked at before it is added to anything: it is whatever the reader pleases. */
		if (word_read(output->reply) != 0 || rest > TAP_CONTROL_MAX - 2 * WORD)
			return false;
	}
	*missing = 2 * WORD + rest - output->reply_len;
	return true;
}

/* Reads the reader's answer to READY, and says START to the right one. */
static void await_accept(struct output *output)
{
	size_t missing;

	while (reply_missing(output, &missing) && missing) {
		ssize_t got = recv(output->fd, output->reply + output->reply_len, missing, MSG_DONTWAIT);

		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got <= 0) {
			disconnect(output, got ? errno : ECONNRESET);
			return;
		}
		output->reply_len += (size_t)got;
	}
	if (is_accepted(output) && control_send(output, CONTROL_START))
		output->stage = TAP_STARTED;
	else
		disconnect(output, EPROTO);
}

/* A reader sends nothing more; but so we notice that it has gone. */
static void notice_end(struct output *output)
{
	uint8_t nothing;
	ssize_t got = recv(output->fd, &nothing, 1, MSG_DONTWAIT);

	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		disconnect(output, got ? errno : ECONNRESET);
}

static void listen_to(struct output *output)
{
	if (output->stage == TAP_GREETED)
		await_accept(output);
	if (output->stage == TAP_STARTED)
		notice_end(output);
}

/* ---- messages --------------------------------------------------------------------- */

static void dnstap_put(struct output *output, const struct event *event)
{
	uint8_t message[TAP_EVENT_MAX], len[WORD];
	size_t size = tap_event(message, event->record, event->hostname);

	word_write(len, size);
	if (!size)
		output_lost(output, 1, EMSGSIZE);
	else if (!backlog_put(&output->backlog, len, WORD, message, size))
		output_lost(output, 1, output->fault ? output->fault : ENOBUFS);
}

/* Sends what waits, until the reader has enough. */
static void send_messages(struct output *output)
{
	const uint8_t *message;
	size_t len;

	while (output->stage == TAP_STARTED && (message = backlog_first(&output->backlog, &len))) {
		ssize_t sent = send(output->fd, message + output->sent, len - output->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
			output->fault = errno;
			return;
		}
		if (sent < 0) {
			disconnect(output, errno);
			return;
		}
		output->sent += (size_t)sent;
		if (output->sent < len)
			continue;
		output->sent = 0;
		output->fault = 0;
		backlog_drop(&output->backlog);
		output_written(output, 1);
	}
}

static void dnstap_tick(struct output *output, uint64_t now)
{
	if (output->stage == TAP_CLOSED && clock_since(now, output->tried) >= RETRY) {
		output->tried = now;
		connect_now(output);
	}
	listen_to(output);
	if (output->stage == TAP_GREETED && clock_since(now, output->tried) >= PATIENCE)
		disconnect(output, ETIMEDOUT);
	send_messages(output);
}

static void dnstap_close(struct output *output)
{
	listen_to(output);
	send_messages(output);
	if (output->stage == TAP_STARTED && !output->sent)
		control_send(output, CONTROL_STOP); /* not waited for */
	output_abandon(output);
	backlog_close(&output->backlog);
	disconnect(output, 0);
}

const struct output_kind output_dnstap = {
	.option = "event-dnstap",
	.wants_line = false,
	.written = COUNTER_events_dnstap_written,
	.lost = COUNTER_events_dnstap_lost,
	.path = dnstap_path,
	.open = dnstap_open,
	.put = dnstap_put,
	.tick = dnstap_tick,
	.close = dnstap_close,
};
