/* SPDX-License-Identifier: BSD-3-Clause */
/* ring - tickets, turns, and words copied in and out. */
#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "store/ring.h"

static_assert(sizeof(struct ring_entry) == 512, "an entry is whole cache lines");

uint64_t ring_size(uint32_t capacity)
{
	return (uint64_t)capacity * sizeof(struct ring_entry);
}

void ring_view(struct ring *ring, _Atomic uint64_t *head, _Atomic uint64_t *tail, void *memory, uint32_t capacity)
{
	*ring = (struct ring){ .head = head, .tail = tail, .entries = memory, .mask = capacity - 1 };
}

void ring_init(struct ring *ring)
{
	for (uint32_t i = 0; i <= ring->mask; i++)
		atomic_store_explicit(&ring->entries[i].turn, i, memory_order_relaxed);
	atomic_store_explicit(ring->head, 0, memory_order_relaxed);
	atomic_store_explicit(ring->tail, 0, memory_order_relaxed);
}

/* Whether each entry is free for its next ticket, filled, or somebody's who has died over it. */
static bool is_sound(const struct ring *ring)
{
	uint64_t head = atomic_load_explicit(ring->head, memory_order_relaxed);
	uint64_t tail = atomic_load_explicit(ring->tail, memory_order_relaxed);
	uint64_t capacity = (uint64_t)ring->mask + 1;

	if (head - tail > capacity)
		return false;
	for (uint64_t ticket = tail; ticket - tail < capacity; ticket++) {
		uint64_t turn = atomic_load_explicit(&ring->entries[ticket & ring->mask].turn, memory_order_relaxed);
		bool filled = turn == ticket + 1 && ticket - tail < head - tail;
		bool taken = turn == ticket + capacity && ticket == tail && head != tail; /* the reader died over it */

		if (turn != ticket && !filled && !taken)
			return false;
	}
	return true;
}

void ring_recover(struct ring *ring)
{
	if (!is_sound(ring))
		ring_init(ring);
}

/* Takes a ticket. NULL when the ring is full. */
static struct ring_entry *entry_take(struct ring *ring, uint64_t *ticket)
{
	uint64_t head = atomic_load_explicit(ring->head, memory_order_relaxed);

	for (;;) {
		struct ring_entry *entry = &ring->entries[head & ring->mask];
		uint64_t turn = atomic_load_explicit(&entry->turn, memory_order_acquire);

		if (turn < head)
			return NULL;
		if (turn > head) {
			uint64_t moved = atomic_load_explicit(ring->head, memory_order_relaxed);

			/* Whoever filled the entry moved the head before; else the ring is garbage. */
			if (moved == head)
				return NULL;
			head = moved;
			continue;
		}
		if (atomic_compare_exchange_weak_explicit(ring->head, &head, head + 1, memory_order_relaxed,
		                                          memory_order_relaxed)) {
			*ticket = head;
			return entry;
		}
	}
}

bool ring_put(struct ring *ring, const void *item, size_t len)
{
	const unsigned char *octets = item;
	struct ring_entry *entry;
	uint64_t ticket, word;

	entry = entry_take(ring, &ticket);
	if (!entry)
		return false;
	for (size_t i = 0; i < len / sizeof(word); i++) {
		memcpy(&word, octets + i * sizeof(word), sizeof(word));
		atomic_store_explicit(&entry->word[i], word, memory_order_relaxed);
	}
	/* Fails when the consumer gave us up meanwhile: then the item is counted as lost there. */
	atomic_compare_exchange_strong_explicit(&entry->turn, &ticket, ticket + 1,
	                                        memory_order_release, memory_order_relaxed);
	return true;
}

bool ring_get(struct ring *ring, void *item, size_t len, uint64_t now, uint64_t *skipped)
{
	uint64_t tail = atomic_load_explicit(ring->tail, memory_order_relaxed);
	unsigned char *octets = item;

	for (;;) {
		struct ring_entry *entry = &ring->entries[tail & ring->mask];
		uint64_t turn = atomic_load_explicit(&entry->turn, memory_order_acquire);

		if (turn == tail + 1) {
			for (size_t i = 0; i < len / sizeof(uint64_t); i++) {
				uint64_t word = atomic_load_explicit(&entry->word[i], memory_order_relaxed);

				memcpy(octets + i * sizeof(word), &word, sizeof(word));
			}
			atomic_store_explicit(&entry->turn, tail + ring->mask + 1, memory_order_release);
			atomic_store_explicit(ring->tail, tail + 1, memory_order_relaxed);
			ring->waiting_since = 0;
			return true;
		}
		if (atomic_load_explicit(ring->head, memory_order_relaxed) == tail)
			return false;

		/* Somebody has the ticket and has not handed the item over. */
		if (!ring->waiting_since)
			ring->waiting_since = now;
		if (clock_since(now, ring->waiting_since) < RING_PATIENCE)
			return false;
		if (!atomic_compare_exchange_strong_explicit(&entry->turn, &turn, tail + ring->mask + 1,
		                                             memory_order_release, memory_order_relaxed))
			continue;
		++*skipped;
		ring->waiting_since = 0;
		atomic_store_explicit(ring->tail, ++tail, memory_order_relaxed);
	}
}
