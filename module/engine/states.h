/* SPDX-License-Identifier: BSD-3-Clause */
/* states - copies of the slots' data, for those who work on them.
 *
 *     slot   | seq hash key counters | data ...............................|
 *     data   what the engine notes, the ledger, then the detectors' states
 *
 * A client has ten cache lines, a pair eight. Each of them may have to come from memory, or
 * from another core that has just written it. So a slot is copied by its lines, only those that
 * somebody at hand needs, and of these only words that have changed go back. Who needs which
 * is known from the detectors alone, and worked out once.
 *
 * Invariant: between states_edit() and states_commit() the slots are ours, so a line that
 * turns out to be needed later can still be fetched.
 */
#ifndef ENGINE_STATES_H
#define ENGINE_STATES_H

#include "engine/engine.h"
#include "engine/policy.h"

struct look;

#define CLIENT_DATA_WORDS (CLIENT_WORDS - CLIENT_DATA)
#define PAIR_DATA_WORDS   (PAIR_WORDS - PAIR_DATA)
#define DOMAIN_DATA_WORDS (DOMAIN_WORDS - DOMAIN_DATA)
#define DELEGATION_DATA_WORDS (DELEGATION_WORDS - DELEGATION_DATA)

/* Words of the data that the engine has for itself. */
#define WORDS(type)          (sizeof(type) / sizeof(uint64_t))
#define DOMAIN_NOTES_WORDS   1 /* when it was first seen */
#define CLIENT_OWN_WORDS     (NOTES_WORDS + WORDS(struct client_ledger))
#define PAIR_SIGHTINGS_WORD  (NOTES_WORDS + WORDS(struct pair_ledger))
#define PAIR_OWN_WORDS       (PAIR_SIGHTINGS_WORD + WORDS(struct sightings))
#define DOMAIN_OWN_WORDS     (DOMAIN_NOTES_WORDS + WORDS(struct domain_ledger))

/* Cache lines of the three slots that detectors share: a bit for each. */
#define LINES_AT_CLIENT  0
#define LINES_AT_PAIR    (LINES_AT_CLIENT + SLOT_LINES(CLIENT_WORDS))
#define LINES_AT_DOMAIN  (LINES_AT_PAIR + SLOT_LINES(PAIR_WORDS))
#define LINES_OF_CLIENT  ((1u << LINES_AT_PAIR) - 1)
#define LINES_OF_PAIR    (((1u << LINES_AT_DOMAIN) - 1) & ~LINES_OF_CLIENT)
#define LINES_OF_DOMAIN  (((1u << SLOT_LINES(DOMAIN_WORDS)) - 1) << LINES_AT_DOMAIN)

static_assert(LINES_AT_DOMAIN + SLOT_LINES(DOMAIN_WORDS) <= 32, "a bit for each");

/* Those with <count> words of data from number <first> on. */
#define LINES_CLIENT(first, count) (SLOT_LINES_WITH(CLIENT_DATA + (first), count) << LINES_AT_CLIENT)
#define LINES_PAIR(first, count)   (SLOT_LINES_WITH(PAIR_DATA + (first), count) << LINES_AT_PAIR)
#define LINES_DOMAIN(first, count) (SLOT_LINES_WITH(DOMAIN_DATA + (first), count) << LINES_AT_DOMAIN)

#define LINES_CLIENT_NOTES  LINES_CLIENT(0, NOTES_WORDS)
#define LINES_CLIENT_LEDGER LINES_CLIENT(NOTES_WORDS, WORDS(struct client_ledger))
#define LINES_PAIR_NOTES    LINES_PAIR(0, NOTES_WORDS)
#define LINES_PAIR_OWN      LINES_PAIR(0, PAIR_OWN_WORDS)
#define LINES_DOMAIN_OWN    LINES_DOMAIN(0, DOMAIN_OWN_WORDS)

/* Copies, with each word where it is in its slot. */
struct states {
	uint64_t client_token, pair_token, domain_token, delegation_token; /* 0: not locked */
	bool busy;                      /* another thread has one that is wanted */
	uint32_t lines;                 /* that are there; of the delegation all are, if it is locked */
	_Alignas(64) uint64_t client[SLOT_IMAGE(CLIENT_WORDS)], pair[SLOT_IMAGE(PAIR_WORDS)];
	uint64_t domain[SLOT_IMAGE(DOMAIN_WORDS)], delegation[SLOT_IMAGE(DELEGATION_WORDS)];
};

/* Fills in warden->reach: which lines each detector works on, and where in struct states its own states
 * are. After warden->layout.
 */
void states_plan(struct warden *warden);

/* Calls for the memory of <lines>. */
void states_call(const struct look *look, uint32_t lines);

/* Locks the slots with <lines>, and copies these; the pair is always one of them, and the delegation if
 * there is a place for it. Without <domain_changes> the domain is only read: everybody may be asking
 * for a popular one at once. False when one of them cannot be had; states_commit() is due either way.
 */
bool states_edit(struct look *look, struct states *states, uint32_t lines, bool domain_changes);

/* Copies <lines> too, as far as they are not there. False when a slot cannot be had that was not locked. */
bool states_fetch(struct look *look, struct states *states, uint32_t lines);

/* Writes back what has changed, and gives the slots back. */
void states_commit(struct look *look, const struct states *states);

/* Whether all of <lines> are there. */
static inline bool states_have(const struct states *states, uint32_t lines)
{
	return !(lines & ~states->lines);
}

/* The notes of a subject; what is about a domain is noted with the pair that showed it. */
static inline struct notes *notes_of(struct states *states, unsigned subject)
{
	uint64_t *words = subject == SUBJECT_CLIENT ? SLOT_WORD(states->client, CLIENT_DATA)
	                                            : SLOT_WORD(states->pair, PAIR_DATA);

	return (struct notes *)(void *)words;
}

static inline struct client_ledger *client_ledger_of(struct states *states)
{
	return (struct client_ledger *)(void *)SLOT_WORD(states->client, CLIENT_DATA + NOTES_WORDS);
}

static inline struct pair_ledger *pair_ledger_of(struct states *states)
{
	return (struct pair_ledger *)(void *)SLOT_WORD(states->pair, PAIR_DATA + NOTES_WORDS);
}

static inline struct sightings *sightings_of(struct states *states)
{
	return (struct sightings *)(void *)SLOT_WORD(states->pair, PAIR_DATA + PAIR_SIGHTINGS_WORD);
}

/* When the domain was first seen. */
static inline uint64_t *domain_notes_of(struct states *states)
{
	return SLOT_WORD(states->domain, DOMAIN_DATA);
}

static inline struct domain_ledger *domain_ledger_of(struct states *states)
{
	return (struct domain_ledger *)(void *)SLOT_WORD(states->domain, DOMAIN_DATA + DOMAIN_NOTES_WORDS);
}

static inline struct delegation_ledger *delegation_ledger_of(struct states *states)
{
	return (struct delegation_ledger *)(void *)SLOT_WORD(states->delegation, DELEGATION_DATA);
}

/* The state at <offset> octets of <states>; NULL for 0, where none is. */
static inline void *state_at(struct states *states, uint16_t offset)
{
	return offset ? (unsigned char *)states + offset : NULL;
}

#endif
