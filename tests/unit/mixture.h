/* SPDX-License-Identifier: BSD-3-Clause */
/* mixture - random traffic that goes everywhere the charges branch.
 *
 * Not what people ask for (that is tests/traffic/), but everything at once: clients with and
 * without 0x20, domains that one client asks for and domains that all do, names new, shared and
 * repeated in and out of order, answers of all kinds, new and known, delegations that several
 * domains share, that change and that are nobody's, and gaps from milliseconds to hours.
 *
 * Invariant: the same seed makes the same traffic, and time does not go back.
 */
#ifndef TESTS_UNIT_MIXTURE_H
#define TESTS_UNIT_MIXTURE_H

#include <warden/observation.h>

#include "name/name.h"

#define MIXTURE_CLIENTS 20
#define MIXTURE_DOMAINS 60
#define MIXTURE_NAMES   24 /* of a domain that are asked for again */
#define MIXTURE_RECORDS 4
#define MIXTURE_SERVERS 3

struct mixture {
	uint64_t random, now;
	char domain[MIXTURE_DOMAINS][64];
	char name[MIXTURE_DOMAINS][MIXTURE_NAMES][200];
	unsigned names[MIXTURE_DOMAINS], next[MIXTURE_CLIENTS];
	unsigned moved[MIXTURE_DOMAINS]; /* how often a domain has changed its servers */
	struct {
		unsigned left, client, domain;
	} hurry; /* a client that asks for a few names of a domain over and over */

	/* The observation, and what it points to. */
	struct warden_observation obs;
	struct name qname, zone, server[MIXTURE_SERVERS];
	struct warden_record record[MIXTURE_RECORDS];
	uint8_t rdata[MIXTURE_RECORDS][256];
	struct warden_server servers[MIXTURE_SERVERS];
	bool answer_due; /* to the question in <obs> */
};

void mixture_start(struct mixture *mixture, uint64_t seed, uint64_t now);

/* Makes the next observation in <mixture>->obs. <client> gives the addresses of all. */
void mixture_next(struct mixture *mixture, uint8_t client[MIXTURE_CLIENTS][16]);

#endif
