/* SPDX-License-Identifier: BSD-3-Clause */
/* look - one observation on its way through the engine.
 *
 *     observe.c   the path, and the verdict at its end
 *     seen.c      counts it with its client, domain and pair
 *     held.c      meets the holds and exemptions in force, and makes new holds
 *     call.c      which detectors may have something to say about it
 *     ask.c       gives it to them
 *     states.c    and what they work on: copies of the slots' data
 *     charge.c    writes what it tells into the ledgers, for them to read
 *     together.c  tells other nodes, and finds out what was told through them
 *     crowd.c     how many clients stand behind one address
 *     servers.c   knows which servers the domain is behind
 *     listed.c    which lists its name is in
 *     norms.c     how it compares with the network's other traffic
 *     places.c    where its answer's addresses are
 *
 * Lives on the stack of warden_observe().
 */
#ifndef ENGINE_LOOK_H
#define ENGINE_LOOK_H

#include "detect/content.h"
#include "engine/engine.h"
#include "engine/policy.h"
#include "engine/states.h"

/* Everything known about the observation at hand. */
struct look {
	struct warden *warden;
	struct mapping *mapping;
	const struct rules *rules;
	const struct config *config;
	const struct client_profile *profile; /* of the client; NULL: none */
	void *const *detector;   /* config of each, for this client */
	const struct plan *plan; /* of these */
	struct bank *bank;
	const struct warden_observation *obs;
	uint32_t second;

	uint8_t client[16];    /* masked */
	const uint8_t *source; /* who asks, not masked: the sender, or of a forwarder for whom it says it asks */
	bool told;             /* it is a forwarder who says so */
	uint64_t client_hash, domain_hash, pair_hash;
	uint64_t servers;      /* hash of the servers of the domain; 0: not known */
	uint64_t delegation_hash;
	struct place client_place, domain_place, pair_place, delegation_place;
	bool exempt;           /* by configuration or by hand: its client, its domain, or the two */
	bool contacted;        /* an answer has told the client of the domain today, as far as the pair knows */
	bool domain_looked_up; /* whether or not there is a slot for it */
	uint64_t name_hash;
	uint64_t asked, question; /* hashes of the client and the name, and these and the type */
	unsigned domain_label; /* where in <name> the domain begins */
	bool allowed;          /* <name> is, by its domain */
	bool proven;           /* who asks is at the address that the question came from */
	uint8_t name_signs;    /* what there is about <name>: knowledge.signs */
	bool heard;            /* the domain's servers have heard the name from this client */
	unsigned others;       /* clients that have asked for the name, if this one has not: ask.c counts them */
	unsigned clients;      /* that asked for the domain since yesterday, as far as it was looked up */
	bool rare;             /* they are few, and the domain is one */
	uint64_t queries;      /* of the pair, this one included */
	uint32_t idle;         /* seconds since anything else was seen of the client; 0: not known */
	uint64_t nth;          /* question of the client by its path; 0: none, or there is no slot */
	uint64_t answers;      /* of the client, this one included */
	bool open;             /* a question that is not answered yet: refusing it is possible */
	bool upstream;         /* it makes Unbound ask, on this client's account */
	struct elsewheres elsewhere; /* when facts.elsewhere points here */
	struct name name;      /* large, hence the last */
};

/* A detector that has spoken. */
struct finding {
	uint8_t speaker; /* detector, HOLD_BY_OPERATOR or HOLD_BY_FLEET */
	enum warden_verdict verdict;
	struct opinion opinion;
	uint64_t hold_expires; /* of the hold that it met or made; 0: none */
	uint8_t scope;         /* enum hold_scope, of the same */
	bool held;             /* it met the hold */
	uint32_t suppressed;
	uint8_t score;  /* risk of the pair, this included */
	uint64_t said;  /* a bit for each detector with a part in it */
	bool event;
};

/* One for each detector, and a hold. */
#define FINDINGS_MAX (DETECTOR_COUNT + 1)

/* Finds or takes the slot of <hash>, and counts what that took; <evicted> is the table's counter. */
struct place place_take(struct look *look, struct table *table, uint64_t hash, const uint64_t *key,
                        enum counter_id evicted);

/* The options that every detector has, of detector <id>, for the client of <look>. */
static inline const struct detector_config *look_options(const struct look *look, unsigned id)
{
	return look->detector[id];
}

/* Works out whom and what the observation is about: all hashes. Counts nothing. */
void identify(struct look *look);

/* Counts the observation with its client. After identify(). */
void client_seen(struct look *look);

/* Works out the filters' hashes of a question, and calls for their memory: the largest there is. A
 * question on its way upstream has them from the beginning.
 */
void identify_question(struct look *look);

/* Whether <hash> was in a filter; it is now. */
bool seen_before(struct look *look, enum filter_id id, uint64_t hash);

/* Counts the observation with its pair, and with its domain unless that can wait: then the domain is not
 * even looked up, and known not to be rare.
 */
void pair_seen(struct look *look);

/* Looks the domain up where that has not been done. */
void domain_seen(struct look *look);

/* Counts a question that is refused. */
void refused_seen(struct look *look);

/* Whether an operator has exempted the client, the name or both (engine_allow()). */
bool exempted_by_hand(struct look *look);
static inline bool exempted(struct look *look)
{
	return holds_exempt(look->mapping) && exempted_by_hand(look);
}

/* The hold in force for the question at hand, if there is one that has a say here: <hit> then. */
bool hold_in_force(struct look *look, struct hold_hit *hit);

/* The same as a finding, with its event. */
bool held(struct look *look, struct finding *finding);

/* Whether somebody else would be denied the name that <look> is allowed. */
bool denied_to_others(struct look *look);

/* Holds what <finding> is about from now on, as far as its evidence goes. */
void hold_make(struct look *look, struct finding *finding);

/* Finds out which servers the domain is behind, and takes the slot of the client and them if
 * there may be something to write into it.
 */
void delegation_seen(struct look *look);

/* Notes which share of all questions the client has asked. */
void crowd_update(const struct look *look, struct client_ledger *client);

/* Writes into the ledgers what a question on its way upstream tells, and into <facts> what was
 * written; only those that <needs> names, and whose slots are locked.
 */
void charge_question(struct look *look, struct states *states, struct facts *facts, uint32_t needs);

/* Bits that a question has added to ledgers; 0 to those that it was not charged to. */
struct told_now {
	double pair, client, domain;
};

/* Has other nodes know of them, where there is enough to know, and finds out for facts->elsewhere what was told
 * through these. When they are counted together at all: config->together_from.
 */
void together_question(struct look *look, struct states *states, struct facts *facts, const struct told_now *charged);

/* Bits that were told elsewhere by the pair of <look>, which has this ledger. */
double together_pair_elsewhere(const struct look *look, const struct pair_ledger *pair);

/* The same for a question that local data answers: what it would tell if it went upstream. Only the
 * pair's ledger has a line for that.
 */
void charge_here(struct look *look, struct states *states, struct facts *facts);

/* The same for an answer that came from upstream. */
void charge_answer(struct look *look, struct states *states, struct facts *facts, uint32_t needs);

/* Fills facts->listed from the configuration. <listing> lives as long as <facts>. */
void listed_fill(const struct look *look, struct facts *facts, struct listing listing[LISTED_MAX]);

/* Whether the name is on a list of providers of dynamic DNS. */
bool listed_dynamic(const struct look *look);

/* Takes the observation into the network's norms, and compares it with them. */
void norms_fill(struct look *look, struct facts *facts);

/* Looks up where the addresses of an answer are. <location> lives as long as <facts>. */
void places_fill(const struct look *look, struct facts *facts, struct location location[LOCATIONS_MAX]);

/* Whether a detector wants to see the observation although its name is allowed. */
bool ask_wanted(const struct look *look);

/* What there is about the observation, of enum sign; SIGN_SIGNATURE where some may match.
 * Before pair_seen(), as for allowed names, it is not known what is rare, or early.
 */
uint32_t signs_of(const struct look *look);

/* The facts that are always there. */
struct facts facts_begin(const struct look *look);

/* Who of the plan is to be asked. */
struct call {
	const struct plan_row *row;
	uint64_t detectors; /* a bit for each, but for signatures; */
	bool signature;     /* one of those may match */
};

/* False when it is nobody. */
bool call_whom(const struct look *look, struct call *call);

/* Asks them. Fills <finding> with those that spoke; returns how many. */
unsigned ask(struct look *look, const struct call *call, struct finding finding[DETECTOR_COUNT]);

#endif
