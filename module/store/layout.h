/* SPDX-License-Identifier: BSD-3-Clause */
/* layout - what lies where in the shared segment.
 *
 *     header | banks | norms | clients | pairs | domains | delegations | holds | filters | journal |
 *     outbox | elsewhere
 *
 * Fixed-width words only: no pointer, size_t, time_t, bool, enum, pid or pthread
 * object. Every part begins on a page. Offsets follow from the capacities alone, and
 * capacities and sizes are compared on attach, so a reader never computes an address
 * from what it finds in the file.
 *
 * Change anything here and raise SEGMENT_LAYOUT.
 */
#ifndef STORE_LAYOUT_H
#define STORE_LAYOUT_H

#include <assert.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

#define SEGMENT_MAGIC  UINT64_C(0x314e454452415721) /* "!WARDEN1" as octets */
#define SEGMENT_LAYOUT 7
#define SEGMENT_PAGE   4096

#define GAUGE_WORDS    16

/* A detector's counts and the histogram share the banks with the counters. */
#define BANK_COUNT      64
#define BANK_WORDS      192
#define BANK_DETECTORS  64  /* first word of the opinions per detector */
#define BANK_HISTOGRAM  128 /* first word of the durations: bucket i is 2^i ns */
#define HISTOGRAM_WORDS 32

/* What there is a filter for. */
enum filter_id {
	FILTER_NAMES,    /* a client's names of the last day, and a pair's answers */
	FILTER_AUDIENCE, /* names, by how many clients asked: see audience.h */
	FILTER_RECENT,   /* a client's questions of the last seconds */
	FILTER_MEMORY,   /* what detectors recall, for a month at any rate */
	FILTER_COUNT
};

/* Capacities: what `profile:` chooses. */
struct segment_sizes {
	uint32_t clients, pairs, domains, delegations, holds; /* slots: multiples of TABLE_WAYS */
	uint32_t journal;                                     /* records: a power of two */
	uint32_t outbox;                                      /* parcels: a power of two */
	uint32_t elsewhere;                                   /* entries: a power of two */
	uint32_t filter_blocks[FILTER_COUNT]; /* of 64 octets, per generation: powers of two */
};

/* The clock of a filter's generations. Every look at the filter reads it, and what is new is counted: apart
 * from it, or each name that is new to one thread would cost all others a cache line.
 */
struct filter_clock {
	_Alignas(64) _Atomic uint64_t epoch;
	_Atomic uint64_t began;              /* milliseconds since 1970 */
	_Alignas(64) _Atomic uint64_t filled; /* things added in this epoch */
};

/* Which names there may be deep holds of: bits of a hash each. */
#define DEEP_WORDS 128

struct segment_header {
	/* Compared on attach: any difference makes the file foreign. */
	uint64_t magic;
	uint32_t layout;
	uint32_t header_size;
	uint64_t detectors; /* digest of the detectors' states */
	struct segment_sizes sizes;
	uint64_t total;     /* octets of the file */

	/* Written once, before <ready>. */
	uint64_t created;   /* milliseconds since 1970 */
	uint8_t secret[HASH_SECRET_LEN];

	/* Read by every look; written when a hold is made or ends, and by the maintenance thread. */
	_Alignas(64) _Atomic uint64_t holds; /* slots taken in the table of holds: 0 saves looking there */
	_Atomic uint64_t deep_holds;         /* of these, at least those in force that are struct hold.deep */
	_Atomic uint64_t exemptions;         /* and at least those that are exemptions */
	_Atomic uint64_t hold_changes;       /* see holds_version() */
	_Atomic uint64_t holds_astray;       /* by how many <holds> was wrong at the last census */
	_Atomic uint64_t ready;              /* 1 once the rest may be looked at */
	_Atomic uint64_t banks_taken;
	_Atomic uint64_t generation;         /* of the configuration */

	/* Written for each client that is new, as long as there is room for one. */
	_Alignas(64) _Atomic uint64_t clients; /* slots ever taken in the table of clients: more are never known */
	_Atomic uint64_t held_clients;         /* that detectors hold */
	_Atomic uint64_t tripped;              /* 1: these were too many, so mode is observe */

	struct filter_clock filter[FILTER_COUNT];

	/* Written for each event. */
	_Alignas(64) _Atomic uint64_t sequence; /* of events, lost ones included */
	_Atomic uint64_t journal_head;
	_Alignas(64) _Atomic uint64_t journal_tail;

	/* Written for each question of a subject that is counted together. */
	_Alignas(64) _Atomic uint64_t outbox_head;
	_Alignas(64) _Atomic uint64_t outbox_tail;

	_Alignas(64) _Atomic uint64_t deep[DEEP_WORDS]; /* read with nearly every look once there are such holds */

	_Alignas(64) _Atomic uint64_t gauge[GAUGE_WORDS]; /* by enum gauge_id: counters.h */

	/* What `stats` last reset to: it prints sums minus these. */
	_Alignas(64) _Atomic uint64_t baseline[BANK_WORDS];
};

/* One thread adds to one bank as long as there are no more threads than banks. */
struct bank {
	_Alignas(64) _Atomic uint64_t word[BANK_WORDS];
};

/* How many of the network's questions were how long, and their answers how large: norms.h. */
#define NORMS_TYPES   8
#define NORMS_BUCKETS 128

struct norms {
	_Alignas(64) _Atomic uint32_t length[NORMS_TYPES][NORMS_BUCKETS];
	_Atomic uint32_t bulk[NORMS_TYPES][NORMS_BUCKETS];
};

/* Words of the slots, counted from slot.word: key, counters, data. The first TABLE_LINE_WORDS lie in the
 * slot's first cache line: what every question reads or counts stands there.
 */
enum client_word {
	CLIENT_ADDRESS = 0, /* 2 words: the 16 octets, as they lie in memory */
	CLIENT_MISSES = 2,
	CLIENT_CACHEHITS,
	CLIENT_ANSWERS,  /* but for those out of the cache: see counts.h */
	CLIENT_UNPROVEN, /* when it last asked without proof of its address, in seconds since 1970; 0: never */
	CLIENT_LOCAL,
	CLIENT_JOINED,
	CLIENT_REFUSED,
	CLIENT_HOLDS,    /* made for it lately: see held.c */
	CLIENT_DATA,
	CLIENT_WORDS = 78
};

enum pair_word {
	PAIR_CLIENT = 0, /* 2 words */
	PAIR_DOMAIN = 2, /* hash of the domain: its name stands in the domain's slot */
	PAIR_AT_ONCE = 3, /* questions and answers in one, and more: see counts.h */
	PAIR_QUERIES,     /* questions by themselves, */
	PAIR_ANSWERS,     /* and answers */
	PAIR_REFUSED,
	PAIR_DATA = 7,
	PAIR_WORDS = 62
};

#define DOMAIN_NAME_MAX   47
#define DOMAIN_NAME_WORDS 6 /* length octet, then up to 47 octets of wire format */

enum domain_word { /* the key, its name, comes second: nothing on the hot path reads it */
	DOMAIN_QUERIES = 0, /* what the cache answers comes later: see counts.h */
	DOMAIN_REFUSED,
	DOMAIN_CLIENTS,        /* who asked today: a bit for each client, by its hash */
	DOMAIN_CLIENTS_BEFORE, /* and on the day before that */
	DOMAIN_DAY,            /* which day today is, since 1970 */
	DOMAIN_DELEGATION,     /* hash of the servers that answered last; 0: not known */
	DOMAIN_NAME,
	DOMAIN_DATA = DOMAIN_NAME + DOMAIN_NAME_WORDS,
	DOMAIN_WORDS = 30
};

enum delegation_word {
	DELEGATION_CLIENT = 0,  /* 2 words */
	DELEGATION_SERVERS = 2, /* hash of the servers */
	DELEGATION_CHARGED = 3, /* counter: questions that were charged */
	DELEGATION_DATA = 4,
	DELEGATION_WORDS = 14
};

enum hold_word {
	HOLD_CLIENT = 0,  /* 2 words; zeros: any client */
	HOLD_DOMAIN = 2,  /* hash; 0: any domain */
	HOLD_NAME = 3,    /* 32 words: length octet, then wire format; length 0: any domain */
	HOLD_HITS = 35,   /* counter */
	HOLD_EXPIRES = 36, /* data from here on: milliseconds since 1970 */
	HOLD_MADE,
	HOLD_KIND,        /* see holds.h */
	HOLD_EVIDENCE,    /* EVIDENCE_MAX words */
	HOLD_COMMENT = 51, /* 11 words: text, NUL at the end */
	HOLD_WORDS = 62
};

#define ELSEWHERE_WAYS 4

/* What was told through other nodes: elsewhere.h. */
struct elsewhere_entry {
	_Alignas(32) _Atomic uint64_t hash;
	_Atomic uint64_t sums, heard;
	_Atomic uint64_t digest; /* of the three */
};

static_assert(sizeof(struct norms) == 8192 && sizeof(struct bank) == 1536, "shared layout changed: raise SEGMENT_LAYOUT");
static_assert(offsetof(struct segment_header, clients) / 64 != offsetof(struct segment_header, holds) / 64 &&
              offsetof(struct segment_header, sequence) / 64 != offsetof(struct segment_header, holds) / 64 &&
              offsetof(struct filter_clock, filled) / 64 != offsetof(struct filter_clock, epoch) / 64,
              "what threads write at every turn shares no cache line with what they only read");
static_assert(sizeof(struct segment_header) <= SEGMENT_PAGE, "the header is one page");

#endif
