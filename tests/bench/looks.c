/* SPDX-License-Identifier: BSD-3-Clause */
/* looks - so many observations of a kind, for who counts instructions from outside.
 *
 *     looks FILE KIND COUNT
 *
 * FILE is a warden.conf, KIND the number of an enum kind. WARM observations come before those that
 * count, so that nothing is met for the first time: the counting begins in counted_look().
 */
#include <stdio.h>
#include <stdlib.h>

#include <warden/warden.h>

#include "questions.h"

#define NOW  UINT64_C(1700000000000)
#define WARM 128000 /* each of 4000 pairs 32 times: what is new about one is over */
#define STEP 10 /* milliseconds from one observation to the next */

/* A name for the counter to switch at. */
__attribute__((noinline)) void counted_look(struct warden *warden, const struct warden_observation *obs);

void counted_look(struct warden *warden, const struct warden_observation *obs)
{
	warden_observe(warden, obs);
}

/* One more of <kind>. */
static void look(struct warden *warden, struct stream *stream, enum kind kind, uint64_t now,
                 void (*observe)(struct warden *, const struct warden_observation *))
{
	struct question question;

	question_make(&question, kind, stream, now);
	observe(warden, &question.obs);
}

static void warm_look(struct warden *warden, const struct warden_observation *obs)
{
	warden_observe(warden, obs);
}

int main(int argc, char **argv)
{
	struct warden_setup setup = { .now = NOW, .private_memory = 1 };
	unsigned kind = argc == 4 ? (unsigned)atoi(argv[2]) : KIND_COUNT;
	unsigned count = argc == 4 ? (unsigned)atoi(argv[3]) : 0;
	struct stream stream = { .population = { .clients = 1000, .pairs = 4 }, .random = 1 };
	struct warden *warden;
	uint64_t now = NOW;
	char error[512];

	if (kind >= KIND_COUNT) {
		fputs("usage: looks FILE KIND COUNT\n", stderr);
		return 2;
	}
	stream.population.domains = population_domains(stream.population.clients);
	setup.config_file = argv[1];
	warden = warden_open(&setup, error, sizeof(error));
	if (!warden) {
		fprintf(stderr, "%s\n", error);
		return 1;
	}
	for (unsigned i = 0; i < WARM; i++, now += STEP)
		look(warden, &stream, kind == CACHE_HIT || kind == ANSWER ? (enum kind)kind : KNOWN_NAME, now, warm_look);
	for (unsigned i = 0; i < count; i++, now += STEP)
		look(warden, &stream, (enum kind)kind, now, counted_look);
	warden_close(warden);
	return 0;
}
