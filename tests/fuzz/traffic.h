/* SPDX-License-Identifier: BSD-3-Clause */
/* traffic - an input as what clients ask and get, and what an operator does meanwhile.
 *
 *     what to do | whom, how, which name, which type ... | what to do | ...
 *
 * Names are mostly real ones with a few labels in front, times mostly small steps: noise would all be
 * names of unknown domains at the end of time, and no detector would ever see a second question. But any
 * octets of a name, any records and any time can come as well.
 */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include "engine/engine.h"
#include "fuzz.h"
#include "small.h"

#define TRAFFIC_MAX 150 /* observations of one input */

struct traffic {
	uint64_t now;
	uint64_t questions, answers, events; /* told, and reported */
	uint64_t digest;                     /* of all decisions */
	unsigned left;                       /* observations until TRAFFIC_MAX */
	uint8_t client[16];                  /* the last one */
	struct name name;
};

/* Plays <input> to <warden>. <sound>: its segment is what the engine made of it, so that everything has to
 * add up; else only nothing may break.
 */
void traffic_play(struct traffic *traffic, struct warden *warden, struct input *input, bool sound);

#endif
