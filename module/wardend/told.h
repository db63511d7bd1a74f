/* SPDX-License-Identifier: BSD-3-Clause */
/* told - from what one resolver has written to warden_observe().
 *
 *     the message's own time          unless it is far from the clock: AHEAD_MAX, BEHIND_MAX
 *     REFUSED without any record      is the resolver's own word, most likely a zone of ours: no evidence
 *     a verdict that changes holds    rings, so that Unbound need not wait for the next look
 *
 * Each resolver has its own, for its IDs are its own; all look through the same engine.
 */
#ifndef WARDEND_TOLD_H
#define WARDEND_TOLD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "recorded/dnstap.h"
#include "wardend/spared.h"

#define AHEAD_MAX  (60 * UINT64_C(1000)) /* milliseconds that a message may be ahead of the clock, */
#define BEHIND_MAX (3600 * UINT64_C(1000)) /* and behind */

struct told {
	struct warden *warden;
	struct spared *spared;
	void (*changed)(void *arg); /* called when holds may have changed; any thread */
	void *arg;
	struct sink sink;
	struct dnstap dnstap;
	uint64_t version;  /* of the holds, when last looked at */
	uint64_t frames;
	unsigned calls;    /* for the histogram */
	bool remarked;     /* that only others come */
};

/* False without memory; told_close() is due either way. */
bool told_open(struct told *told, struct warden *warden, struct spared *spared,
               void (*changed)(void *arg), void *arg);
void told_close(struct told *told);

/* Takes a frame; <arg> is a struct told. */
void told_frame(void *arg, const uint8_t *frame, size_t len);

/* The time to go by for a message that says <said>, at <now>. */
uint64_t told_time(uint64_t said, uint64_t now);

#endif
