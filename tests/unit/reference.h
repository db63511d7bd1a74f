/* SPDX-License-Identifier: BSD-3-Clause */
/* reference - what the ledgers have to say, worked out the long way.
 *
 * Written from the texts (the heads of engine/charge.c, engine/servers.c, detect/repeats.h,
 * detect/content.h, store/audience.h and store/filter.h), not from the code below them.
 * Nothing is approximate: what was seen is in sets of whole names, not in filters; a sum is a
 * list of all charges, added up at full length whenever somebody asks (exact.h). Only what a text leaves
 * to the code is taken from it: the model of names and the public suffixes.
 *
 * Two things that the engine forgets on purpose are forgotten here as well. What was seen is
 * remembered for one to two ages of its filter, from the moment of the first kept on. And
 * clients are told apart by their seat of eight where the audience of a name is counted.
 *
 * Invariant: no call into engine, store or ledger.
 */
#ifndef TESTS_UNIT_REFERENCE_H
#define TESTS_UNIT_REFERENCE_H

#include <warden/observation.h>

#include "exact.h"
#include "name/suffix.h"

#define REFERENCE_CLIENTS 32
#define REFERENCE_DOMAINS 96

struct reference_pair {
	struct book up, down, waiting;
	const struct kept **history; /* all questions, oldest first */
	unsigned asked, room;
	unsigned as_before, again, other; /* repeated questions of late */
};

struct reference_client {
	uint8_t address[16];
	unsigned seat; /* that it takes in an audience */
	unsigned mixed;
	struct book up, domains;
};

struct reference_domain {
	struct name name;
	bool is_domain;           /* false: the names under TLDs that do not exist */
	uint64_t day;             /* the last one on which it was asked for, */
	uint32_t today, yesterday; /* by whom then, and on the day before: a bit each */
	const struct kept *servers;
	struct book up;
};

struct reference_delegation {
	unsigned client;
	const struct kept *servers;
	struct book up, domains;
};

struct reference {
	const struct suffixes *suffixes;
	struct memory names, audience, recent, interned;
	unsigned clients, domains, delegations, delegations_room;
	struct reference_client client[REFERENCE_CLIENTS];
	struct reference_domain domain[REFERENCE_DOMAINS];
	struct reference_pair pair[REFERENCE_CLIENTS][REFERENCE_DOMAINS];
	struct reference_delegation *delegation;

	/* How often each branch was taken: a test that never takes one says nothing about it. */
	struct {
		unsigned new_names, popular, repeats, as_before, again, rested, not_rare, mixed, always_mixed,
			new_domains, dear_labels, shared, waited, delegated, pieces, pieces_again;
	} taken;
};

/* Starts <reference>, which is large, with nothing seen. */
void reference_start(struct reference *reference, const struct suffixes *suffixes);
void reference_end(struct reference *reference);

/* Makes a client known; <seat> is 0..7. All have to be, before anything is seen. */
void reference_client(struct reference *reference, const uint8_t address[16], unsigned seat);

/* Charges an observation. */
void reference_see(struct reference *reference, const struct warden_observation *obs);

#endif
