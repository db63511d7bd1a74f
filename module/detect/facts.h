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
#include "detect/signature.h"
#include "name/name.h"

/* Bits of detector.needs. What is not listed is always there. */
enum fact {
	FACT_NOVEL = 1 << 0,           /* .novel */
	FACT_NOVEL_UNCACHED = 1 << 1,  /* .novel, but not of what the cache answers: it is not looked up for that */
	FACT_FRESH = 1 << 2,           /* .fresh, and .novel */
	FACT_CONTACT = 1 << 3,         /* .contact: of an answer */
	FACT_ABSENT = 1 << 4,          /* .absent: of an answer */
	FACT_RECORDS = 1 << 5,         /* .obs->records: doors collect them only when wanted */
	FACT_PAIR = 1 << 6,            /* .pair and .told, */
	FACT_CLIENT = 1 << 7,          /* .client and .crowd, */
	FACT_DOMAIN = 1 << 8,          /* .domain, */
	FACT_DELEGATION = 1 << 9,      /* .delegation: the ledgers are kept for those who ask for them */
	FACT_ANSWERED = 1 << 10,       /* .pair and .answered; records are needed for it */
	FACT_LISTED = 1 << 11,         /* .listed */
	FACT_SIGNATURE = 1 << 12,      /* .match and .signature */
	FACT_NORMS = 1 << 13,          /* .length_tail and .bulk_tail */
	FACT_PLACES = 1 << 14,         /* .locations; records are needed for it */
};

/* What a detector can have recalled, see detector.recall. */
#define RECALL_MAX 32
#define RECALL_AGE (30 * DAY) /* at least: up to twice as long */

/* A list that the name, or a tail of it, is in. */
struct listing {
	const char *list;  /* name of the list */
	const char *note;  /* what the list says of the entry, the provider for instance; "" without */
	uint8_t detector;  /* whose list it is */
	uint8_t index;     /* of the list among all lists */
	uint8_t label;     /* where in the name the entry begins: 0 when it is the name itself */
	uint8_t action;    /* of the list, for the operator's own */
};

#define LISTED_MAX 8

/* Where an address of the answer is. Networks are a matter of configuration, these of databases. */
struct location {
	uint32_t asn;     /* 0: not known */
	char country[2];  /* ISO 3166, NULs: not known */
	uint16_t record;  /* index into obs->records */
};

#define LOCATIONS_MAX 16

/* A tail that is not known: too little was seen, or it is not of a kind that is measured. */
#define TAIL_UNKNOWN (-1.0)
#define TAIL_COMMON  (1.0 / 16)

/* A domain that fewer clients ask for is a rare one. */
#define RARE_CLIENTS 3

/* Whether the client is one. */
struct crowd {
	double clients; /* that it seems to be: more than 1 for a forwarder, or an address translator */
	double budgets; /* of rare domains that it gets: those of its clients; in a small network, by what it asks for */
};

/* What was told through other nodes of the fleet, over a day. All 0: nothing, as far as is known. */
struct told_elsewhere {
	double bits;
	uint32_t nodes; /* that have counted anything */
	uint64_t names; /* distinct ones through all nodes, this one included; 0: not known */
};

struct elsewheres {
	struct told_elsewhere pair, client, domain;
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
	bool fresh;              /* nor has anybody else; what is answered here counts for each client */

	uint64_t client_hash;    /* stands for the client, as long as the segment does */
	uint64_t domain_hash;    /* for the registrable domain */
	uint64_t name_hash;      /* for the whole name in lower case */
	uint64_t first_asked;    /* when this client first asked for the domain, as far back as the pair is known */
	uint64_t queries;        /* of the pair, this one included */
	bool contacted;          /* it is known already that .contact will not be */
	uint64_t began;          /* when Warden began to watch: what is older is new to it all the same */
	uint64_t nth;            /* question of the client by this path, from 1; 0: an answer, or not known */
	uint32_t idle;           /* seconds since anything else was seen of the client; 0: not known */
	uint64_t answers;        /* of the client, this one included, as long as it is known; 0 without a slot */
	uint64_t network;        /* clients in it, as far as they are known */

	/* The lists that the name is in, the longest entry of each, longest first. When they are too
	 * many, the operator's with the weakest action are left out.
	 */
	uint8_t listed_count;
	const struct listing *listed;

	/* What known tools make of names and answers: at hand, and with what came before. */
	struct signature_match match;
	struct signature signature;

	/* Of answers that say whether the name is there, NOERROR or NXDOMAIN. */
	bool contact;            /* the first one for the domain that the client got in the last day; never local */
	bool absent;             /* it is not there, and nobody has been told so in the last day */

	/* How much of all traffic of the question's type is as far out, 0..1, or TAIL_UNKNOWN. What
	 * is not far out is not told exactly: at least TAIL_COMMON. And of how many that is a part.
	 */
	double length_tail;      /* names this long or longer */
	double bulk_tail;        /* answers this large for their question, or larger */
	uint32_t length_known, bulk_known;

	uint8_t location_count;
	const struct location *locations;

	uint32_t recalled;       /* bit i: key i of detector.recall had come up before; for that detector alone */

	unsigned clients;        /* that asked for the domain since yesterday, at most about 60 */
	bool rare;               /* these are fewer than RARE_CLIENTS */

	/* Charged for this observation; a question that stays in the resolver tells nothing. */
	double told;             /* bits that the question tells the domain's servers */
	double told_whole;       /* the same, and the domain's own label when it is new to the client */
	double told_here;        /* bits that it would have told, were it not answered from local data */
	double answered;         /* bits of the answer that the pair had not got before */
	struct crowd crowd;

	/* The ledgers, this observation included; NULL without need or slot. */
	const struct pair_ledger *pair;
	const struct client_ledger *client;
	const struct domain_ledger *domain;
	const struct delegation_ledger *delegation;
	const struct elsewheres *elsewhere; /* of these three, as far as they are counted together; NULL: none is */

	/* For `risk` alone, which is asked when all others have spoken. */
	struct risk {
		uint16_t pair, client;             /* scores, 0..100 */
		uint16_t warn, refuse;             /* `warn-score:` and `refuse-score:`, 0: never */
		uint64_t pair_said, client_said;   /* a bit for each detector with a part in it */
		bool sure;                         /* one of the pair's is of high confidence */
	} risk;
};

#endif
