/* SPDX-License-Identifier: BSD-3-Clause */
/* look - one observation on its way through the engine.
 *
 *     observe.c   the path, and the verdict at its end
 *     seen.c      counts it with its client, domain and pair
 *     ask.c       gives it to the detectors
 *
 * Lives on the stack of warden_observe().
 */
#ifndef ENGINE_LOOK_H
#define ENGINE_LOOK_H

#include "engine/engine.h"
#include "engine/policy.h"

#define CLIENT_DATA_WORDS (CLIENT_WORDS - CLIENT_DATA)
#define PAIR_DATA_WORDS   (PAIR_WORDS - PAIR_DATA)
#define DOMAIN_DATA_WORDS (DOMAIN_WORDS - DOMAIN_DATA)
#define DOMAIN_OWN_WORDS  1 /* before the detectors' states: when it was first seen */

/* Everything known about the observation at hand. */
struct look {
	struct warden *warden;
	struct mapping *mapping;
	const struct rules *rules;
	const struct config *config;
	struct bank *bank;
	const struct warden_observation *obs;
	uint32_t second;

	uint8_t client[16]; /* masked */
	uint64_t client_hash, domain_hash, pair_hash;
	struct place client_place, domain_place, pair_place;
	struct name name;
	uint64_t name_hash;
	unsigned domain_label; /* where in <name> the domain begins */
	bool allowed;          /* <name> is, by its domain */
	uint64_t queries;      /* of the pair, this one included */
	bool open;             /* a question that is not answered yet: refusing it is possible */
};

/* Copies of the data words of the slots that the detectors work on. */
struct states {
	uint64_t client_token, pair_token, domain_token; /* 0: not locked */
	uint64_t client[CLIENT_DATA_WORDS], pair[PAIR_DATA_WORDS], domain[DOMAIN_DATA_WORDS];
};

/* A detector that has spoken. */
struct finding {
	uint8_t speaker; /* detector, or HOLD_BY_OPERATOR */
	enum warden_verdict verdict;
	struct opinion opinion;
	uint64_t hold_expires;
	uint32_t suppressed;
	bool event;
};

/* Counts the observation with its client. */
void client_seen(struct look *look);

/* Checks the name and finds its domain. False when it is not a name. */
bool name_seen(struct look *look);

/* Counts the observation with its domain and pair. */
void pair_seen(struct look *look);

/* Counts a question that is refused. */
void refused_seen(struct look *look);

/* Locks and copies the slots in <wanted> (bits: 1 << SUBJECT_*). False when one of them
 * cannot be had; states_commit() is due either way.
 */
bool states_edit(struct look *look, struct states *states, unsigned wanted);
void states_commit(struct look *look, const struct states *states);

/* The notes of a subject; what is about a domain is noted with the pair that showed it. */
struct notes *notes_of(struct states *states, unsigned subject);

/* Asks the detectors of the plan. Fills <finding> with those that spoke; returns how many. */
unsigned ask(struct look *look, struct finding finding[DETECTOR_COUNT]);

#endif
