/* SPDX-License-Identifier: BSD-3-Clause */
/* stream - see stream.h. */
#include <errno.h>
#include <fstrm.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "recorded/dnstap.h"
#include "wardend/clocks.h"
#include "wardend/stream.h"

#define BUFFER_SIZE (128 * 1024)
#define HEAD_LEN    12 /* escape, length and type of a control frame */

/* What reading has come to. */
enum state { READS, LEFT, LATE, STOPPED, BROKEN_OFF };

struct source {
	const struct stream *stream;
	uint8_t *buffer;
	size_t at, len;   /* what is not taken yet of <buffer> */
	int64_t deadline; /* by clock_steady(); INT64_MAX: none */
	enum state state;
	bool taken;       /* anything at all */
};

static bool ready(struct source *source, short events)
{
	struct pollfd wait[2] = {
		{ .fd = source->stream->stop, .events = POLLIN },
		{ .fd = source->stream->socket, .events = events },
	};

	for (;;) {
		int64_t left = source->deadline == INT64_MAX ? -1 : source->deadline - clock_steady();
		int count;

		if (source->deadline != INT64_MAX && left <= 0) {
			source->state = LATE;
			return false;
		}
		count = poll(wait, 2, (int)left);
		if (count > 0 && wait[0].revents) {
			source->state = STOPPED;
			return false;
		}
		if (count > 0)
			return true;
		if (count < 0 && errno != EINTR) {
			source->state = BROKEN_OFF;
			return false;
		}
	}
}

/* Reads what there is behind what is in the buffer. False at the end. */
static bool fill(struct source *source)
{
	if (source->at == source->len)
		source->at = source->len = 0;
	while (ready(source, POLLIN)) {
		ssize_t n = recv(source->stream->socket, source->buffer + source->len, BUFFER_SIZE - source->len,
		                 MSG_DONTWAIT);

		if (n > 0) {
			source->len += (size_t)n;
			source->taken = true;
			return true;
		}
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		source->state = n ? BROKEN_OFF : LEFT;
		return false;
	}
	return false;
}

/* --- for libfstrm -------------------------------------------------------------------------- */

static fstrm_res source_open(void *arg)
{
	(void)arg;
	return fstrm_res_success;
}

static fstrm_res source_read(void *arg, void *data, size_t count)
{
	struct source *source = arg;
	uint8_t *to = data;

	while (count) {
		size_t some = source->len - source->at;

		if (!some && !fill(source))
			return fstrm_res_failure;
		some = source->len - source->at;
		some = some < count ? some : count;
		memcpy(to, source->buffer + source->at, some);
		source->at += some;
		to += some;
		count -= some;
		/* It has begun something, and has to end it. */
		if (source->deadline == INT64_MAX)
			source->deadline = clock_steady() + source->stream->frame_time;
	}
	return fstrm_res_success;
}

static fstrm_res source_write(void *arg, const struct iovec *part, int count)
{
	struct source *source = arg;

	for (int i = 0; i < count; i++)
		for (size_t sent = 0; sent < part[i].iov_len;) {
			ssize_t n = send(source->stream->socket, (const uint8_t *)part[i].iov_base + sent,
			                 part[i].iov_len - sent, MSG_DONTWAIT | MSG_NOSIGNAL);

			if (n < 0 && errno != EAGAIN && errno != EINTR)
				return fstrm_res_failure;
			sent += n > 0 ? (size_t)n : 0;
			if (n < 0 && !ready(source, POLLOUT))
				return fstrm_res_failure;
		}
	return fstrm_res_success;
}

/* Whether the other side waits for an answer: it begins with READY. */
static bool is_bidirectional(const struct source *source)
{
	static const uint8_t escape[4] = { 0 }, type[4] = { 0, 0, 0, FSTRM_CONTROL_READY };

	return source->len >= HEAD_LEN && !memcmp(source->buffer, escape, sizeof(escape)) &&
	       !memcmp(source->buffer + HEAD_LEN - sizeof(type), type, sizeof(type));
}

static struct fstrm_reader *make_reader(struct source *source)
{
	struct fstrm_rdwr *rdwr = fstrm_rdwr_init(source);

	fstrm_rdwr_set_open(rdwr, source_open);
	fstrm_rdwr_set_close(rdwr, source_open);
	fstrm_rdwr_set_read(rdwr, source_read);
	if (is_bidirectional(source))
		fstrm_rdwr_set_write(rdwr, source_write);
	return dnstap_reader(&rdwr);
}

/* libfstrm calls a frame that is too long a success, and leaves <frame> as it was. */
static const char *read_frames(struct source *source, struct fstrm_reader *reader)
{
	const uint8_t *frame;
	fstrm_res status;
	size_t len;

	if (fstrm_reader_open(reader) != fstrm_res_success) {
		if (source->state == STOPPED)
			return NULL;
		return source->state == LATE ? "it has not begun in time" : "it does not begin as dnstap does";
	}
	for (;;) {
		frame = NULL;
		source->deadline = INT64_MAX;
		status = fstrm_reader_read(reader, &frame, &len);
		if (status != fstrm_res_success || !frame)
			break;
		source->stream->frame(source->stream->arg, frame, len);
	}
	if (status == fstrm_res_stop) {
		source->deadline = clock_steady() + source->stream->handshake_time;
		fstrm_reader_close(reader); /* says FINISH */
		return NULL;
	}
	if (status == fstrm_res_success)
		return "a frame is too long";
	switch (source->state) {
	case STOPPED:
		return NULL;
	case LATE:
		return "a frame does not end";
	case LEFT:
		return source->deadline == INT64_MAX ? NULL : "it left within a frame";
	default:
		return "what it writes is not Frame Streams";
	}
}

const char *stream_read(const struct stream *stream)
{
	struct source source = {
		.stream = stream, .buffer = malloc(BUFFER_SIZE), .deadline = clock_steady() + stream->handshake_time,
	};
	struct fstrm_reader *reader = NULL;
	const char *fault = "memory is short";

	if (source.buffer) {
		while (source.len < HEAD_LEN && fill(&source))
			;
		reader = make_reader(&source);
	}
	if (reader)
		fault = read_frames(&source, reader);
	/* Who only looks whether somebody listens, as a second wardend does. */
	if (source.state == LEFT && !source.taken)
		fault = NULL;
	fstrm_reader_destroy(&reader);
	free(source.buffer);
	return fault;
}
