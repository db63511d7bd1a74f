/* SPDX-License-Identifier: BSD-3-Clause */
/* people - who asks what, and when.
 *
 * A person has favourites and looks at pages; something of theirs asks for a few names again and
 * again, day and night:
 *
 *     pages    ||||| |||        ||||||||||       |||| ...   a burst of names, then a pause
 *     pollers  |       |       |       |       |       |    every minute to every hour
 *
 * Pauses follow the hour, and how much was really asked: so a person asks as many questions a day
 * as is theirs, whatever their own cache answers. New favourites come from what is popular.
 */
#ifndef TRAFFIC_PEOPLE_H
#define TRAFFIC_PEOPLE_H

#include <stdint.h>

#include "resolver.h"

/* How busy each hour of the day is; on average 1. */
extern const double rhythm_office[24], rhythm_home[24];

/* What kind of people there are. */
struct crowd_plan {
	uint32_t people;
	uint32_t behind;      /* so many of them share client 0, the rest have one each */
	double questions;     /* a day: the median */
	double spread;        /* deviation of their logarithm; 0: all the same */
	const double *rhythm; /* of 24 hours */
};

struct crowd;

/* NULL without memory. <names> must stay. */
struct crowd *crowd_new(const struct crowd_plan *plan, const struct names *names, uint64_t began,
                        struct chance *chance);
void crowd_free(struct crowd *crowd);

/* How many clients a resolver sees of them. */
uint32_t crowd_clients(const struct crowd_plan *plan);

/* Lets them ask <resolver> until <end>. */
void crowd_run(struct crowd *crowd, struct resolver *resolver, uint64_t end);

#endif
