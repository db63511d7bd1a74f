/* SPDX-License-Identifier: BSD-3-Clause */
/* suspicion - brings a copy of the notes up to date, as the engine would. */
#include <string.h>

#include "report/suspicion.h"

struct suspicion suspicion_of(const struct config *config, const uint8_t client[16],
                              const uint64_t words[NOTES_WORDS], uint64_t now)
{
	const struct client_profile *profile = config_profile(config, client);
	struct suspicion suspicion;
	struct notes notes;

	memcpy(&notes, words, sizeof(notes));
	policy_fade_risk(&notes, now);
	suspicion.first_seen = notes.first_seen;
	suspicion.risk = policy_risk(profile ? profile->detector : config->detector, &notes, &suspicion.said);
	return suspicion;
}

void suspicion_print_said(const struct suspicion *suspicion, FILE *out)
{
	const char *separator = "";

	for (unsigned id = 0; id < DETECTOR_COUNT; id++)
		if (suspicion->said >> id & 1) {
			fprintf(out, "%s%s", separator, detectors[id]->name);
			separator = ",";
		}
	if (!*separator)
		putc('-', out);
}
