/* SPDX-License-Identifier: BSD-3-Clause */
/* facts - what the engine works out about an observation for the detectors.
 *
 * Computed once, before any detector runs, and only what the detectors that will
 * run have asked for by their `needs`.
 */
#ifndef DETECT_FACTS_H
#define DETECT_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include <warden/observation.h>

#include "detect/ledger.h"
#include "name/name.h"

/* Bits of detector.needs. What is not listed is always there. */
enum fact {
	FACT_NOVEL = 1,       /* .novel */
	FACT_RECORDS = 2,     /* .obs->records: doors collect them only when wanted */
	FACT_PAIR = 4,        /* .pair and .told, */
	FACT_CLIENT = 8,      /* .client and .crowd, */
	FACT_DOMAIN = 16,     /* .domain, */
	FACT_DELEGATION = 32, /* .delegation: the ledgers are kept for those who ask for them */
	FACT_ANSWERED = 64,   /* .pair and .answered; records are needed for it */
};

/* A domain that fewer clients ask for is a rare one. */
#define RARE_CLIENTS 3

/* Whether the client is one. */
struct crowd {
	double clients; /* that it seems to be: more than 1 for a forwarder, or an address translator */
	double budgets; /* of rare domains that it gets: those of its clients; in a small network, by what it asks for */
};

struct facts {
	const struct warden_observation *obs;
	uint64_t now;            /* obs->now */
	const struct name *name; /* obs->qname, checked */
	uint8_t payload_labels;  /* labels left of the registrable domain */
	uint8_t text_len;        /* name_text_len() */
	bool question, answer;   /* bits of obs->what */
	bool novel;              /* this client has not asked for this name in the last day */
	bool unheard;            /* nor have the domain's servers heard it from this client */

	unsigned clients;        /* that asked for the domain since yesterday, at most about 60 */
	bool rare;               /* these are fewer than RARE_CLIENTS */

	/* Charged for this observation; a question that stays in the resolver tells nothing. */
	double told;             /* bits that the question tells the domain's servers */
	double told_whole;       /* the same, and the domain's own label when it is new to the client */
	double answered;         /* bits of the answer that the pair had not got before */
	struct crowd crowd;

	/* The ledgers, this observation included; NULL without need or slot. */
	const struct pair_ledger *pair;
	const struct client_ledger *client;
	const struct domain_ledger *domain;
	const struct delegation_ledger *delegation;
};

#endif
