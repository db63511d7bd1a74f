/* SPDX-License-Identifier: BSD-3-Clause */
/* ring - a bounded queue in the segment: many producers, one consumer.
 *
 * In the segment, so that forked workers reach the one consumer, and what a resolver that
 * was killed had to say is heard after the restart (bounded queue after D. Vyukov). An
 * entry's <turn> says whose turn it is: t to be filled with ticket t, t + 1 to be read,
 * t + capacity to be filled again.
 *
 * Producers never wait: a full ring loses what they have. A producer that dies between taking
 * a ticket and handing it over is skipped by the consumer after RING_PATIENCE; should it
 * only have slept that long, one item may be garbled: whoever reads it checks what it uses
 * as an index.
 *
 * Users: journal.h (events), outbox.h (charges that other nodes should know of).
 */
#ifndef STORE_RING_H
#define STORE_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_PATIENCE 1000 /* milliseconds */
#define RING_ITEM_MAX 504  /* octets */

struct ring_entry {
	_Alignas(64) _Atomic uint64_t turn;
	_Atomic uint64_t word[RING_ITEM_MAX / 8];
};

/* Private to the process; <head> and <tail> are words of the segment, on lines of their own. */
struct ring {
	_Atomic uint64_t *head, *tail;
	struct ring_entry *entries;
	uint32_t mask;
	uint64_t waiting_since; /* the consumer's: since when the oldest ticket is overdue; 0: it is not */
};

/* Octets that the entries take. <capacity> is a power of two. */
uint64_t ring_size(uint32_t capacity);
void ring_view(struct ring *ring, _Atomic uint64_t *head, _Atomic uint64_t *tail, void *memory, uint32_t capacity);

/* Makes a fresh ring of whatever is there. */
void ring_init(struct ring *ring);

/* Begins a ring anew that no producer or consumer can have left like this, dead or alive: nothing would
 * come through it any more. Nobody else uses the segment.
 */
void ring_recover(struct ring *ring);

/* Hands over the <len> octets of <item>, whole words. False when the ring was full. Thread-safe. */
bool ring_put(struct ring *ring, const void *item, size_t len);

/* Takes the oldest item. False when there is none. One consumer at a time. <now> is in
 * milliseconds, for patience with a ticket that is not handed over; <skipped> counts those
 * given up.
 */
bool ring_get(struct ring *ring, void *item, size_t len, uint64_t now, uint64_t *skipped);

#endif
