/* SPDX-License-Identifier: BSD-3-Clause */
/* lookup - one question as Unbound would tell it: when it comes, and its answer when it leaves.
 *
 * Time is handed in. A question that Warden refuses goes nowhere, so it has no answer.
 */
#ifndef TRAFFIC_LOOKUP_H
#define TRAFFIC_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

#include <warden/warden.h>

#define UPSTREAM_TIME 30 /* milliseconds until the answer */

struct lookup {
	unsigned client;  /* number of an address */
	const char *name; /* below a domain of two labels */
	uint16_t qtype;
	uint32_t ttl;
	bool cached;         /* answered from the cache */
	bool shared_servers; /* by name servers that other domains have too */
};

/* Asks at <now>. True when the question went through; <decision> is the stronger one of the
 * question's and the answer's.
 */
bool lookup(struct warden *warden, const struct lookup *asked, uint64_t now,
            struct warden_decision *decision);

#endif
