/* SPDX-License-Identifier: BSD-3-Clause */
/* profile - what holds for the clients of some networks, where it is not what holds for everybody.
 *
 *     client-profile:            a name, networks, and a mode of its own if it likes
 *     detector: ... profile:     options of a detector over the ones that it has for everybody
 *
 * Invariant: a client has one profile or none, whichever of its addresses asks, and the plan of a profile
 * is that of its detectors. Read-only once the configuration is loaded.
 */
#ifndef ENGINE_PROFILE_H
#define ENGINE_PROFILE_H

#include "base/network.h"
#include "base/option.h"
#include "detect/detector.h"
#include "engine/plan.h"

/* Index of profile_mode_words; the first two are enum mode. */
#define PROFILE_MODE_INHERIT 2

/* The `client-profile:` clause. */
struct profile_settings {
	uint64_t mode; /* enum mode or PROFILE_MODE_INHERIT */
	char *name;
	struct option_list clients;
};
extern const struct option profile_options[];

struct client_profile {
	char *name;
	uint64_t mode;           /* enum mode or PROFILE_MODE_INHERIT */
	struct networks clients; /* in the order of the file */
	void *detector[DETECTOR_COUNT]; /* its own where a clause of it says something, else the one for everybody */
	struct plan plan;
};

struct config;
struct draft;

/* Makes the profiles of the clauses in <draft>; all their detectors are still those for everybody. */
void profiles_make(struct draft *draft);

/* The config of detector <id> that <profile> has for itself: a copy, unless it has one already. NULL: out
 * of memory.
 */
void *profile_own(const struct config *config, struct client_profile *profile, unsigned id);

/* Whether <profile> has a config of detector <id> for itself. */
bool profile_owns(const struct config *config, const struct client_profile *profile, unsigned id);

void profiles_free(struct config *config);

/* Octets allocated for the profiles of <config>, about. */
size_t profiles_memory(const struct config *config);

#endif
