/* SPDX-License-Identifier: BSD-3-Clause */
/* output_datagram - events as datagrams on a Unix socket: syslog's, or a collector's. One event, one datagram.
 *
 * The socket is not connected: each datagram goes to whoever has the path by then, so a reader that
 * was replaced needs no finding out. While there is none, or it is slow, events wait.
 *
 * syslog: what syslog(3) writes, with @cee: before the JSON, which tells rsyslog and others that it is JSON.
 * Not syslog() itself: that is Unbound's, with Unbound's name and facility, and it waits.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "detect/detector.h"
#include "service/output.h"

enum { SEVERITY_WARNING = 4, SEVERITY_NOTICE = 5 }; /* of RFC 5424 */

static int datagram_open(struct output *output)
{
	output->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (output->fd < 0)
		return errno;
	if (!backlog_open(&output->backlog))
		return ENOMEM;
	return 0;
}

static void datagram_close(struct output *output)
{
	output_abandon(output);
	backlog_close(&output->backlog);
	if (output->fd >= 0)
		close(output->fd);
	output->fd = -1;
}

static void datagram_put(struct output *output, const char *head, const struct event *event)
{
	if (!event->line)
		output_lost(output, 1, ENOMEM);
	else if (!backlog_put(&output->backlog, head, strlen(head), event->line, strlen(event->line)))
		output_lost(output, 1, output->fault ? output->fault : ENOBUFS);
}

/* Sends what waits, until the reader has enough. */
static void datagram_tick(struct output *output, uint64_t now)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const uint8_t *message;
	size_t len;

	(void)now;
	snprintf(to.sun_path, sizeof(to.sun_path), "%s", output->path);
	while ((message = backlog_first(&output->backlog, &len))) {
		if (sendto(output->fd, message, len, MSG_NOSIGNAL, (const struct sockaddr *)&to, sizeof(to)) >= 0) {
			output_written(output, 1);
			output->fault = 0;
		} else if (errno == EMSGSIZE) {
			output_lost(output, 1, EMSGSIZE); /* will never pass */
		} else {
			output->fault = errno;
			return;
		}
		backlog_drop(&output->backlog);
	}
}

/* ---- a collector's socket ------------------------------------------------------- */

static const char *socket_path(const struct settings *settings)
{
	return settings->event_socket;
}

static void socket_put(struct output *output, const struct event *event)
{
	datagram_put(output, "", event);
}

const struct output_kind output_socket = {
	.option = "event-socket",
	.wants_line = true,
	.written = COUNTER_events_socket_written,
	.lost = COUNTER_events_socket_lost,
	.path = socket_path,
	.open = datagram_open,
	.put = socket_put,
	.tick = datagram_tick,
	.close = datagram_close,
};

/* ---- syslog ------------------------------------------------------------------- */

static const char *syslog_path(const struct settings *settings)
{
	return settings->event_syslog == SYSLOG_NO ? "" : settings->event_syslog_socket;
}

/* What was kept from a client, or is nearly certain, is worth a warning. */
static unsigned severity(const struct record *record)
{
	return record->denied || record->confidence == CONFIDENCE_HIGH ? SEVERITY_WARNING : SEVERITY_NOTICE;
}

static void syslog_put(struct output *output, const struct event *event)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	/* Numbers of the words of event-syslog: user, daemon, auth, authpriv, local0 and on. */
	static const unsigned facilities[] = { 0, 1, 3, 4, 10, 16, 17, 18, 19, 20, 21, 22, 23 };
	time_t second = (time_t)(event->record->now / 1000);
	struct tm when = { 0 };
	char head[96];

	/* English and in local time, whatever the locale: RFC 3164. */
	localtime_r(&second, &when);
	snprintf(head, sizeof(head), "<%u>%s %2d %02d:%02d:%02d unbound-warden[%ld]: @cee: ",
	         facilities[output->facility] * 8 + severity(event->record), months[when.tm_mon % 12], when.tm_mday,
	         when.tm_hour, when.tm_min, when.tm_sec, (long)getpid());
	datagram_put(output, head, event);
}

const struct output_kind output_syslog = {
	.option = "event-syslog",
	.wants_line = true,
	.written = COUNTER_events_syslog_written,
	.lost = COUNTER_events_syslog_lost,
	.path = syslog_path,
	.open = datagram_open,
	.put = syslog_put,
	.tick = datagram_tick,
	.close = datagram_close,
};
