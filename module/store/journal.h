/* SPDX-License-Identifier: BSD-3-Clause */
/* journal - a ring of records between the workers and the event writer.
 *
 * In the segment, so that forked workers reach the one writer and a resolver that
 * was killed writes its last events after the restart. Many producers, one consumer
 * (bounded queue after D. Vyukov): a record's <turn> says whose turn it is: t to be
 * filled with ticket t, t + 1 to be read, t + capacity to be filled again.
 *
 * Producers never wait: a full ring loses the record, and its sequence number is
 * missing from the events. A producer that dies between taking a ticket and handing
 * it over is skipped by the consumer after JOURNAL_PATIENCE; should it only have slept
 * that long, one record may be garbled: numbers wrong, never an address.
 */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "store/layout.h"

#define JOURNAL_PATIENCE 1000 /* milliseconds */
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

struct journal_entry {
	_Alignas(64) _Atomic uint64_t turn;
	_Atomic uint64_t word[63];
};

struct journal {
	struct segment_header *header;
	struct journal_entry *entries;
	uint32_t mask;
	uint64_t waiting_since; /* the consumer's: since when the oldest ticket is overdue; 0: it is not */
};

uint64_t journal_size(uint32_t capacity);
void journal_view(struct journal *journal, struct segment_header *header, void *memory, uint32_t capacity);

/* Makes a fresh ring of zeroed <journal>. */
void journal_init(struct journal *journal);

/* Begins a ring anew that no writer or reader can have left like this, dead or alive: nothing would come through
 * it any more. Nobody else uses the segment.
 */
void journal_recover(struct journal *journal);

/* Numbers <record> and hands it over. False when the ring was full. Thread-safe. */
bool journal_put(struct journal *journal, struct record *record);

/* Takes the oldest record. False when there is none. One consumer at a time. <now> is in
 * milliseconds, for patience with a ticket that is not handed over; <skipped> counts those
 * given up.
 */
bool journal_get(struct journal *journal, struct record *record, uint64_t now, uint64_t *skipped);

#endif
