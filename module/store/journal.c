/* SPDX-License-Identifier: BSD-3-Clause */
/* journal - numbers records, and gives them to the ring. */
#include "store/journal.h"

static_assert(sizeof(struct record) % 8 == 0 && sizeof(struct record) <= RING_ITEM_MAX, "a record fits one entry");

uint64_t journal_size(uint32_t capacity)
{
	return ring_size(capacity);
}

void journal_view(struct journal *journal, struct segment_header *header, void *memory, uint32_t capacity)
{
	journal->header = header;
	ring_view(&journal->ring, &header->journal_head, &header->journal_tail, memory, capacity);
}

void journal_init(struct journal *journal)
{
	ring_init(&journal->ring);
}

void journal_recover(struct journal *journal)
{
	ring_recover(&journal->ring);
}

bool journal_put(struct journal *journal, struct record *record)
{
	record->sequence = 1 + atomic_fetch_add_explicit(&journal->header->sequence, 1, memory_order_relaxed);
	return ring_put(&journal->ring, record, sizeof(*record));
}

bool journal_get(struct journal *journal, struct record *record, uint64_t now, uint64_t *skipped)
{
	return ring_get(&journal->ring, record, sizeof(*record), now, skipped);
}
