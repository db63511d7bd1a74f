/* SPDX-License-Identifier: BSD-3-Clause */
/* leak - plays one client that leaks, and counts what gets out.
 *
 *     one day of background | payload, a question every so often ........ | end
 *                           ^ all times are counted from here
 *
 * With one domain the play ends at the first refusal: what counts is what was told before.
 * With several the client goes on. A domain whose question was refused rests for an hour,
 * as long as a refusal is held by default, and is tried again at once afterwards: no client
 * that does not know Warden's state can do better. Then what counts is what got out in any
 * 24 hours, and the play ends when nothing has for a whole day. A bound that is broken is
 * broken: one day more is played, to see what a day comes to.
 *
 * Each play has an engine of its own in private memory, and knows of it nothing but decisions.
 * Such an engine charges refused questions too, which a resolver's does not; a domain that
 * rests is not charged, so what is measured is a resolver's but for one question an hour.
 */
#ifndef TRAFFIC_LEAK_H
#define TRAFFIC_LEAK_H

#include <stdbool.h>
#include <stdint.h>

#include "encode.h"

/* How a client of several domains takes the next one. */
enum choice {
	BY_TURNS,
	AT_RANDOM,
	ALWAYS_NEW, /* the payload is the domain: each question makes a new one */
};

struct plan {
	const struct encoder *encoder;
	uint64_t interval;   /* milliseconds between questions; with a jitter of 20 per cent */
	unsigned domains;
	enum choice choice;
	bool shared_servers; /* all domains have the same name servers */
	uint64_t days;       /* at most so long */
	uint64_t bound;      /* octets in 24 hours that must not be passed */
	uint64_t seed;
};

#define SPOKEN_MAX 8

/* When a detector first tagged or refused. */
struct spoken {
	const char *detector;
	int verdict;   /* enum warden_verdict */
	uint64_t when; /* milliseconds after the first question */
};

struct leak {
	struct spoken spoken[SPOKEN_MAX]; /* in order of time */
	unsigned spoken_count;
	uint64_t questions;      /* before the first refusal, or all */
	uint64_t before;         /* bits told before the first refusal, or all */
	uint64_t first_day;      /* bits told in the first 24 hours */
	uint64_t most;           /* bits told in any 24 hours */
	unsigned ordinary, ordinary_refused; /* questions of the other clients */
};

#define DOMAINS_MAX 200

/* Plays <plan> with the configuration in <config>. Ends the program when it cannot. */
struct leak leak_play(const struct plan *plan, const char *config);

/* Whether more got out in 24 hours than <plan> allows. */
bool leak_breaks(const struct leak *leak, const struct plan *plan);

/* The first of <verdict> that was spoken, or NULL. */
const struct spoken *leak_first(const struct leak *leak, int verdict);

#endif
