/* SPDX-License-Identifier: BSD-3-Clause */
/* resolver - one cache in front of the world, and Warden beside it.
 *
 *     in the cache    one QUESTION|ANSWER
 *     not in it       QUESTION, and unless that is refused, ANSWER some milliseconds later
 */
#ifndef TRAFFIC_RESOLVER_H
#define TRAFFIC_RESOLVER_H

#include <stdint.h>

#include <warden/warden.h>

#include "names.h"
#include "report.h"
#include "world.h"

struct cached {
	uint64_t fetched, expires;
};

struct resolver {
	struct warden *warden;
	const struct names *names;
	struct report *report;
	uint64_t began;       /* first moment of the first day */
	struct cached *cache; /* [host * KIND_COUNT + kind] */
	uint64_t questions, misses, refused;
};

/* Opens a warden with the configuration in <config>, in memory of its own, that hashes by <seed>. False with a sentence on
 * stderr.
 */
bool resolver_open(struct resolver *resolver, const char *config, const struct names *names,
                   uint64_t began, uint64_t seed);
void resolver_close(struct resolver *resolver);

/* <client> asks. Returns until when the answer may be kept, 0 when there is none. */
uint64_t resolver_ask(struct resolver *resolver, uint32_t client, uint32_t host, enum kind kind,
                      uint64_t now);

#endif
