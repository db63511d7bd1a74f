/* SPDX-License-Identifier: BSD-3-Clause */
/* journal - the ring: tickets, turns, and words copied in and out. */
#include <string.h>

#include "base/clock.h"
#include "store/journal.h"

#define RECORD_WORDS ((sizeof(struct record) + 7) / 8)

static_assert(RECORD_WORDS <= 63, "a record fits one entry");

uint64_t journal_size(uint32_t capacity)
{
	return (uint64_t)capacity * sizeof(struct journal_entry);
}

void journal_view(struct journal *journal, struct segment_header *header, void *memory, uint32_t capacity)
{
	*journal = (struct journal){ .header = header, .entries = memory, .mask = capacity - 1 };
}

void journal_init(struct journal *journal)
{
	for (uint32_t i = 0; i <= journal->mask; i++)
		atomic_store_explicit(&journal->entries[i].turn, i, memory_order_relaxed);
	atomic_store_explicit(&journal->header->journal_head, 0, memory_order_relaxed);
	atomic_store_explicit(&journal->header->journal_tail, 0, memory_order_relaxed);
}

/* Whether each entry is free for its next ticket, filled, or somebody's who has died over it. */
static bool is_sound(const struct journal *journal)
{
	uint64_t head = atomic_load_explicit(&journal->header->journal_head, memory_order_relaxed);
	uint64_t tail = atomic_load_explicit(&journal->header->journal_tail, memory_order_relaxed);
	uint64_t capacity = (uint64_t)journal->mask + 1;

	if (head - tail > capacity)
		return false;
	for (uint64_t ticket = tail; ticket - tail < capacity; ticket++) {
		uint64_t turn = atomic_load_explicit(&journal->entries[ticket & journal->mask].turn, memory_order_relaxed);
		bool filled = turn == ticket + 1 && ticket - tail < head - tail;
		bool taken = turn == ticket + capacity && ticket == tail && head != tail; /* the reader died over it */

		if (turn != ticket && !filled && !taken)
			return false;
	}
	return true;
}

void journal_recover(struct journal *journal)
{
	if (!is_sound(journal))
		journal_init(journal);
}

/* Takes a ticket. NULL when the ring is full. */
static struct journal_entry *entry_take(struct journal *journal, uint64_t *ticket)
{
	uint64_t head = atomic_load_explicit(&journal->header->journal_head, memory_order_relaxed);

	for (;;) {
		struct journal_entry *entry = &journal->entries[head & journal->mask];
		uint64_t turn = atomic_load_explicit(&entry->turn, memory_order_acquire);

		if (turn < head)
			return NULL;
		if (turn > head) {
			uint64_t moved = atomic_load_explicit(&journal->header->journal_head,
			                                      memory_order_relaxed);

			/* Whoever filled the entry moved the head before; else the ring is garbage. */
			if (moved == head)
				return NULL;
			head = moved;
			continue;
		}
		if (atomic_compare_exchange_weak_explicit(&journal->header->journal_head, &head, head + 1,
		                                          memory_order_relaxed, memory_order_relaxed)) {
			*ticket = head;
			return entry;
		}
	}
}

bool journal_put(struct journal *journal, struct record *record)
{
	uint64_t words[RECORD_WORDS] = { 0 };
	struct journal_entry *entry;
	uint64_t ticket;

	record->sequence = 1 + atomic_fetch_add_explicit(&journal->header->sequence, 1, memory_order_relaxed);
	entry = entry_take(journal, &ticket);
	if (!entry)
		return false;
	memcpy(words, record, sizeof(*record));
	for (unsigned i = 0; i < RECORD_WORDS; i++)
		atomic_store_explicit(&entry->word[i], words[i], memory_order_relaxed);
	/* Fails when the consumer gave us up meanwhile: then the record is counted as lost there. */
	atomic_compare_exchange_strong_explicit(&entry->turn, &ticket, ticket + 1,
	                                        memory_order_release, memory_order_relaxed);
	return true;
}

bool journal_get(struct journal *journal, struct record *record, uint64_t now, uint64_t *skipped)
{
	uint64_t tail = atomic_load_explicit(&journal->header->journal_tail, memory_order_relaxed);
	uint64_t words[RECORD_WORDS];

	for (;;) {
		struct journal_entry *entry = &journal->entries[tail & journal->mask];
		uint64_t turn = atomic_load_explicit(&entry->turn, memory_order_acquire);

		if (turn == tail + 1) {
			for (unsigned i = 0; i < RECORD_WORDS; i++)
				words[i] = atomic_load_explicit(&entry->word[i], memory_order_relaxed);
			memcpy(record, words, sizeof(*record));
			atomic_store_explicit(&entry->turn, tail + journal->mask + 1, memory_order_release);
			atomic_store_explicit(&journal->header->journal_tail, tail + 1, memory_order_relaxed);
			journal->waiting_since = 0;
			return true;
		}
		if (atomic_load_explicit(&journal->header->journal_head, memory_order_relaxed) == tail)
			return false;

		/* Somebody has the ticket and has not handed the record over. */
		if (!journal->waiting_since)
			journal->waiting_since = now;
		if (clock_since(now, journal->waiting_since) < JOURNAL_PATIENCE)
			return false;
		if (!atomic_compare_exchange_strong_explicit(&entry->turn, &turn, tail + journal->mask + 1,
		                                             memory_order_release, memory_order_relaxed))
			continue;
		++*skipped;
		journal->waiting_since = 0;
		atomic_store_explicit(&journal->header->journal_tail, ++tail, memory_order_relaxed);
	}
}
