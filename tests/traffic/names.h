/* SPDX-License-Identifier: BSD-3-Clause */
/* names - what there is to ask for, and how popular it is.
 *
 * The list of names does not tell popularity. Domains get a rank, by chance but with those of
 * many names in front on the whole, and so do the names of a domain; the one of rank r is asked
 * for in proportion to 1/r among its like (Zipf's law, as measured for DNS by Jung et al. 2002).
 */
#ifndef TRAFFIC_NAMES_H
#define TRAFFIC_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "chance.h"

/* One name of the list. */
struct host {
	const uint8_t *wire;
	uint8_t len;
	bool is_reverse; /* below in-addr.arpa or ip6.arpa: one asks for PTR */
	uint32_t domain; /* index of its registrable domain */
};

struct domain {
	const uint8_t *wire; /* inside one of its hosts */
	uint8_t len;
	uint32_t first, count; /* its hosts by rank: elements of names.by_domain */
	double size; /* what its rank was made of */
};

struct names {
	struct host *host;     /* in the order of the list */
	struct domain *domain; /* by rank */
	uint32_t *by_domain;
	uint8_t *octets;
	double *harmonic; /* [r]: 1 + 1/2 + ... + 1/r */
	uint32_t host_count, domain_count;
};

/* Reads <path>, one name a line. False, with a sentence on stderr, when it cannot. */
bool names_read(struct names *names, const char *path, struct chance *chance);
void names_free(struct names *names);

/* A rank from 0 to <count> - 1 by Zipf's law. <count> is at most names->host_count. */
uint32_t names_rank(const struct names *names, uint32_t count, struct chance *chance);

/* A host that somebody would ask for. */
uint32_t names_popular(const struct names *names, struct chance *chance);

#endif
