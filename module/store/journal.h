/* SPDX-License-Identifier: BSD-3-Clause */
/* journal - a ring of records between the workers and the event writer.
 *
 * The ring of store/ring.h: a resolver that was killed writes its last events after the restart.
 * Each record has a number, also one that is lost: it is missing from the events then. A
 * garbled one, of a producer that slept for longer than JOURNAL_PATIENCE, has wrong numbers,
 * never a wrong address.
 */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "store/layout.h"
#include "store/ring.h"

#define JOURNAL_PATIENCE RING_PATIENCE
#define JOURNAL_EVIDENCE 12

/* What there is to say about one verdict. */
struct record {
	uint64_t sequence, now, hold_expires; /* hold_expires 0: no hold */
	uint64_t evidence[JOURNAL_EVIDENCE];
	uint64_t at_query;      /* number of this question in its pair, from 1 */
	uint64_t queries;       /* of the pair so far */
	uint32_t suppressed;    /* events of this subject held back since the last one */
	uint16_t qtype, qclass, client_port;
	uint8_t client[16];     /* as observed, not masked */
	uint8_t detector, verdict, confidence, reason, score;
	uint8_t path, transport, rcode;
	uint8_t what, dry_run, scope, payload_labels; /* labels left of the domain */
	uint8_t dynamic;        /* the name is below a dynamic DNS provider's */
	uint8_t denied;         /* what was at hand was kept from the client */
	uint64_t said;          /* a bit for each detector with a part in <score> */
	uint8_t qname_len;
	uint8_t qname[255];     /* wire format, lower case */
};

struct journal {
	struct segment_header *header;
	struct ring ring;
};

uint64_t journal_size(uint32_t capacity);
void journal_view(struct journal *journal, struct segment_header *header, void *memory, uint32_t capacity);

/* Makes a fresh ring of zeroed <journal>. */
void journal_init(struct journal *journal);

/* ring_recover() of it. */
void journal_recover(struct journal *journal);

/* Numbers <record> and hands it over. False when the ring was full. Thread-safe. */
bool journal_put(struct journal *journal, struct record *record);

/* Takes the oldest record, as ring_get() does. */
bool journal_get(struct journal *journal, struct record *record, uint64_t now, uint64_t *skipped);

#endif
