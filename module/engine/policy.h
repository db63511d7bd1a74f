/* SPDX-License-Identifier: BSD-3-Clause */
/* policy - from opinions to a verdict, and which of them are worth an event.
 *
 * High confidence takes the detector's action as configured; medium is at most a tag,
 * low at most a log line. The strongest verdict of an observation is its verdict.
 *
 * An event is made when a detector becomes surer of its subject, which is also when its
 * verdict can rise, and once more in every log period in which it speaks. What is held back is counted and told with the
 * next event. Dry run is not known here: observe mode takes the same path, and only the
 * door does nothing of it.
 */
#ifndef ENGINE_POLICY_H
#define ENGINE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include <warden/warden.h>

#include "base/clock.h"
#include "engine/config.h"

#define RISK_STEP HOUR /* after which an opinion that nobody repeats weighs less */

/* RFC 8914 section 4. */
#define EDE_OTHER      0  /* of what is tagged only */
#define EDE_BLOCKED    15
#define EDE_PROHIBITED 18 /* of what an operator holds by hand, and of clients who are held as a whole */

/* Index in notes.spoke of what an operator's hold says. */
#define SPEAKER_OPERATOR 63
#define SPEAKER_FLEET    62

static_assert(DETECTOR_COUNT <= SPEAKER_FLEET, "two bits of notes.spoke for every detector");

/* What the engine itself remembers of a client or a pair: the first words of its data.
 * All zeros is a new one.
 */
struct notes {
	uint64_t first_seen;  /* milliseconds since 1970 */
	uint64_t period;      /* when the current log period began; 0: none */
	uint64_t spoke[2];    /* two bits per speaker: the confidence of its last event in this period */
	uint64_t risk[2];     /* two bits per speaker: the confidence that it adds to the risk with */
	uint32_t suppressed;  /* events held back since the last one */
	uint32_t risk_moved;  /* when <risk> was last lowered, in seconds since 1970 */
};

#define NOTES_WORDS (sizeof(struct notes) / sizeof(uint64_t))

/* The verdict that <opinion> of a detector with these <options> amounts to; <config> has the lists. */
enum warden_verdict policy_verdict(const struct config *config, const struct detector_config *options,
                                   const struct opinion *opinion);

/* Takes an opinion of detector <speaker> into the risk of a pair or a client: as long as nobody is
 * as sure again, it counts for a step of confidence less every hour.
 */
void policy_add_risk(struct notes *notes, unsigned speaker, uint8_t confidence, uint64_t now);

/* Brings the risk to <now>; policy_add_risk() does so by itself. */
void policy_fade_risk(struct notes *notes, uint64_t now);

/* Whether one of the opinions in <notes> is of high confidence. */
bool policy_risk_is_sure(const struct notes *notes);

/* Whether one of the opinions in <notes> is more than low. */
bool policy_is_suspect(const struct notes *notes);

/* The sum of what the opinions in <notes> add where detectors have these <options>, at most 100. <said>: a
 * bit for each detector with a part in it.
 */
uint8_t policy_risk(void *const options[DETECTOR_COUNT], const struct notes *notes, uint64_t *said);

/* Whether <speaker> with this <confidence> deserves an event now. Then <suppressed> is how many were
 * held back before it. Changes <notes>.
 */
bool policy_speak(struct notes *notes, unsigned speaker, uint8_t confidence, uint64_t now,
                  uint64_t log_period, uint32_t *suppressed);

#endif
