/* SPDX-License-Identifier: BSD-3-Clause */
/* background - what a small network asks all day, so that whoever leaks is not alone.
 *
 * Client 0 is the one that leaks; it reads its news as the others do. Each has a few names of
 * its own among two dozen, and asks about once an hour. The resolver's cache is played: a name
 * that somebody asked within its TTL is answered from it.
 */
#ifndef TRAFFIC_BACKGROUND_H
#define TRAFFIC_BACKGROUND_H

#include <stdint.h>

#include <warden/warden.h>

#define BACKGROUND_CLIENTS 21
#define BACKGROUND_NAMES   24

struct background {
	uint64_t random;
	uint64_t next[BACKGROUND_CLIENTS];         /* when each asks again */
	uint64_t cached_until[BACKGROUND_NAMES];
	unsigned asked, refused;                   /* of all but client 0 */
};

/* Begins at <now>. */
void background_begin(struct background *background, uint64_t now, uint64_t random);

/* Plays until <until>. */
void background_play(struct background *background, struct warden *warden, uint64_t until);

#endif
