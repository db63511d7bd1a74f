/* SPDX-License-Identifier: BSD-3-Clause */
/* stream - Frame Streams from one resolver over a socket, our side of it.
 *
 *     bidirectional    READY -> <- ACCEPT   START -> frames -> STOP ->  <- FINISH   dnstap-bidirectional: yes
 *     unidirectional                        START -> frames -> STOP ->
 *
 * Which of the two it is, its first frame says. libfstrm does the handshake and cuts the frames
 * out; what it reads from is ours, so that nothing waits forever: who has connected has some time
 * to begin, and who has begun a frame some to end it. Between frames a resolver may be silent as
 * long as nobody asks it anything.
 *
 * Invariant: memory is one buffer and one frame, whatever comes.
 */
#ifndef WARDEND_STREAM_H
#define WARDEND_STREAM_H

#include <stddef.h>
#include <stdint.h>

struct stream {
	int socket, stop; /* <stop>: readable once it is to end */
	int64_t handshake_time, frame_time; /* milliseconds: to begin, and to end what was begun */
	void (*frame)(void *arg, const uint8_t *frame, size_t len);
	void *arg;
};

#define STREAM_HANDSHAKE_TIME 5000 /* what both usually are */
#define STREAM_FRAME_TIME     30000

/* Reads until the other side ends it or leaves between two frames, or <stop> is readable: then
 * NULL; or else why it ended. The socket stays open, and does not block.
 */
const char *stream_read(const struct stream *stream);

#endif
