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

int main(int argc, char **argv)
{
	struct warden_setup setup = { .now = NOW, .private_memory = 1 };
	unsigned kind = argc == 4 ? (unsigned)atoi(argv[2]) : KIND_COUNT;
	unsigned count = argc == 4 ? (unsigned)atoi(argv[3]) : 0;
	struct question question;
	struct warden *warden;
	uint64_t now = NOW;
	char error[512];

	if (kind >= KIND_COUNT) {
		fputs("usage: looks FILE KIND COUNT\n", stderr);
		return 2;
	}
	setup.config_file = argv[1];
	warden = warden_open(&setup, error, sizeof(error));
	if (!warden) {
		fprintf(stderr, "%s\n", error);
		return 1;
	}
	for (unsigned i = 0; i < WARM; i++, now += STEP) {
		question_make(&question, (enum kind)kind, 0, i, i % 1000, now);
		warden_observe(warden, &question.obs);
	}
	for (unsigned i = 0; i < count; i++, now += STEP) {
		question_make(&question, (enum kind)kind, 0, i, 1000 + i, now);
		counted_look(warden, &question.obs);
	}
	warden_close(warden);
	return 0;
}
