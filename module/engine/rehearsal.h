/* SPDX-License-Identifier: BSD-3-Clause */
/* rehearsal - what would become of a question, without its being asked.
 *
 * The engine itself looks at it, under the rules in force, in a copy of the segment that is thrown away
 * afterwards (mapping_copy()): so the rehearsal knows all that the engine knows, and nothing that is kept
 * is changed, nor can be. It is one question alone, as it stands: of its answer, and of the questions
 * that would follow, nobody can know.
 *
 * Events are held back where a detector has spoken before; in a rehearsal everybody speaks.
 */
#ifndef ENGINE_REHEARSAL_H
#define ENGINE_REHEARSAL_H

#include "engine/lists.h"
#include "engine/look.h"

/* A list that the name is on. */
struct rehearsed_list {
	char name[CONFIG_NAME_MAX + 1], note[LIST_NOTE_MAX + 1];
	uint8_t detector; /* whose list it is */
	uint8_t action;   /* of the list, for the operator's own */
	uint8_t label;    /* where in the name the entry begins */
};

struct rehearsal {
	uint8_t client[16];      /* masked */
	char profile[CONFIG_NAME_MAX + 1]; /* of the client; "": none */
	uint64_t client_hash;
	unsigned domain_label;   /* where in the name its registrable domain begins */
	bool observes;           /* mode observe, for this client */
	bool allows_client;      /* by the configuration */
	int allows_domain;       /* likewise: label at which its entry begins, or -1 */

	unsigned lists;
	struct rehearsed_list list[LISTED_MAX];

	struct warden_decision decision;
	unsigned records;
	struct record record[FINDINGS_MAX]; /* of a hold that was met, and of who spoke */
	uint64_t spoke;          /* a bit for each detector that did: the one that made the hold has no record
	                          * when it says the same again */
	uint64_t of_answers;     /* a bit for each enabled detector that looks at answers */
};

/* Rehearses <obs>, a question of <name>. False with a sentence in <error>. For a slow thread: takes the
 * time of a few page faults, and blocks nobody.
 */
bool engine_rehearse(struct warden *warden, const struct warden_observation *obs, const struct name *name,
                     struct rehearsal *rehearsal, char *error, size_t error_len);

#endif
