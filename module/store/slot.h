/* SPDX-License-Identifier: BSD-3-Clause */
/* slot - one record in shared memory, and the only place that knows how to edit one.
 *
 *     seq | hash | key ... | counters ... | data ...
 *
 * <seq> is lock and version in one: even while stable, odd while somebody edits;
 * its upper half is the second in which that edit began, so that the slot of a
 * writer that died can be taken over. <hash> says whose the slot is, 0 nobody's.
 *
 *   hash, key   written when the slot changes hands, under <seq>
 *   counters    relaxed additions, outside <seq>: the busiest client loses no count
 *   data        several words that belong together: copied out, worked on, copied in. By
 *               words (slot_edit, slot_commit, slot_read), or on the hot path by cache lines
 *               (slot_take, slot_load, slot_give, slot_peek): only those that are needed
 *
 * The data words are stored with release and loaded with acquire, so a reader that
 * sees any new word also sees the odd <seq> before it and tries again; no fence is
 * needed, which keeps ThreadSanitizer usable.
 *
 * Allowed race: a counter added to a slot that changes hands in that moment lands
 * with its new owner. A stray count is tolerable; data that disagrees with its key
 * is not, so slot_edit() checks <hash> once it holds the slot.
 */
#ifndef STORE_SLOT_H
#define STORE_SLOT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SLOT_ATTEMPTS   64
#define SLOT_DEAD_AFTER 2  /* seconds of observation time */
#define SLOT_AHEAD      60 /* seconds by which the clocks of two threads may differ */

struct slot {
	_Atomic uint64_t seq;
	_Atomic uint64_t hash;
	_Atomic uint64_t word[]; /* key, counters, data: see struct table_shape */
};

static inline void slot_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#else
	atomic_signal_fence(memory_order_seq_cst);
#endif
}

/* Whether whoever took something in second <begun> must be dead in second <now>: no edit
 * takes that long. From far ahead says the same: then the clock stepped back since. From a
 * little ahead is a thread with a clock newer than ours, and alive.
 */
static inline bool slot_dead(uint32_t begun, uint32_t now)
{
	int32_t age = (int32_t)(now - begun);

	return age > SLOT_DEAD_AFTER || age < -SLOT_AHEAD;
}

/* Takes <slot> for writing. <now> is in seconds. Returns a token for slot_unlock(),
 * or 0 after a short while of trying: nobody waits for us, so the caller counts the
 * loss and moves on.
 */
static inline uint64_t slot_lock(struct slot *slot, uint32_t now)
{
	for (unsigned attempt = 0; attempt < SLOT_ATTEMPTS; attempt++, slot_relax()) {
		uint64_t seq = atomic_load_explicit(&slot->seq, memory_order_relaxed);
		uint64_t next;

		if ((seq & 1) && !slot_dead((uint32_t)(seq >> 32), now))
			continue;
		next = ((uint64_t)now << 32) | (uint32_t)((uint32_t)seq + 1) | 1;
		if (atomic_compare_exchange_weak_explicit(&slot->seq, &seq, next,
		                                          memory_order_acquire,
		                                          memory_order_relaxed))
			return next;
	}
	return 0;
}

/* Gives <slot> back. False if it was taken from us meanwhile. */
static inline bool slot_unlock(struct slot *slot, uint64_t token)
{
	uint64_t next = (token & UINT64_C(0xffffffff00000000)) | (uint32_t)((uint32_t)token + 1);

	return atomic_compare_exchange_strong_explicit(&slot->seq, &token, next,
	                                               memory_order_release,
	                                               memory_order_relaxed);
}

/* Ends the edit of <slot> whose writer died: readers alone would wait for its end for ever. */
static inline void slot_revive(struct slot *slot, uint32_t now)
{
	uint64_t seq = atomic_load_explicit(&slot->seq, memory_order_relaxed), token;

	if (!(seq & 1) || !slot_dead((uint32_t)(seq >> 32), now))
		return;
	token = slot_lock(slot, now);
	if (token)
		slot_unlock(slot, token);
}

/* Locks <slot> if it is still <hash>'s and copies <count> words from <first> on.
 * Returns a token for slot_commit(), or 0 when busy or not <hash>'s any more.
 */
static inline uint64_t slot_edit(struct slot *slot, uint64_t hash, uint32_t now, unsigned first,
                                 unsigned count, uint64_t *copy)
{
	uint64_t token = slot_lock(slot, now);

	if (!token)
		return 0;
	if (atomic_load_explicit(&slot->hash, memory_order_relaxed) != hash) {
		slot_unlock(slot, token);
		return 0;
	}
	for (unsigned i = 0; i < count; i++)
		copy[i] = atomic_load_explicit(&slot->word[first + i], memory_order_relaxed);
	return token;
}

/* Publishes <copy> and gives the slot back. False if it was taken from us meanwhile: whoever
 * slept through SLOT_DEAD_AFTER must not write into what may be another's by now.
 */
static inline bool slot_commit(struct slot *slot, uint64_t token, unsigned first, unsigned count,
                               const uint64_t *copy)
{
	if (atomic_load_explicit(&slot->seq, memory_order_relaxed) != token)
		return false;
	for (unsigned i = 0; i < count; i++)
		atomic_store_explicit(&slot->word[first + i], copy[i], memory_order_release);
	return slot_unlock(slot, token);
}

/* ---- by cache lines: for whoever needs only some of the data ------------------- */

/* A copy of a slot that some of its lines are in has each word where the slot has it. */
#define SLOT_LINE_WORDS    8
#define SLOT_AT(word)      (2 + (word)) /* behind <seq> and <hash> */
#define SLOT_IMAGE(words)  SLOT_AT(words)
#define SLOT_WORD(image, word) (&(image)[SLOT_AT(word)])
#define SLOT_LINES(words)  (SLOT_IMAGE(words) / SLOT_LINE_WORDS)

/* A bit for each line with one of <count> words from <first> on. */
#define SLOT_LINES_WITH(first, count) \
	((2u << (SLOT_AT((first) + (count) - 1) / SLOT_LINE_WORDS)) - (1u << (SLOT_AT(first) / SLOT_LINE_WORDS)))

/* Calls for the memory of <lines>. */
static inline void slot_prefetch(const struct slot *slot, uint32_t lines)
{
	for (; lines; lines &= lines - 1)
		__builtin_prefetch(&slot->seq + (unsigned)__builtin_ctz(lines) * SLOT_LINE_WORDS, 1);
}

/* Locks <slot> if it is still <hash>'s. Returns a token for slot_give(), or 0 as slot_edit() does. */
static inline uint64_t slot_take(struct slot *slot, uint64_t hash, uint32_t now)
{
	return slot_edit(slot, hash, now, 0, 0, NULL);
}

/* Copies the data in <lines> of a slot that we have, or that is looked at as slot_peek() does. The data begins at
 * word <first>, perhaps in the middle of a line that has counters as well: these are not ours. Whole lines
 * are written out, for compilers leave loops over atomics as they are.
 */
static inline void slot_load(const struct slot *slot, unsigned first, uint32_t lines, uint64_t *image)
{
	for (; lines; lines &= lines - 1) {
		unsigned at = (unsigned)__builtin_ctz(lines) * SLOT_LINE_WORDS;
		const _Atomic uint64_t *from = &slot->seq + at;
		uint64_t *to = image + at;

#define LOAD(i) to[i] = atomic_load_explicit(&from[i], memory_order_acquire)
		if (at >= SLOT_AT(first)) {
			LOAD(0), LOAD(1), LOAD(2), LOAD(3), LOAD(4), LOAD(5), LOAD(6), LOAD(7);
			continue;
		}
		for (unsigned i = SLOT_AT(first) - at; i < SLOT_LINE_WORDS; i++)
			LOAD(i);
#undef LOAD
	}
}

/* Takes a consistent copy of <lines> of the data of <slot> if it is still <hash>'s, without disturbing
 * anybody. False when it is not, or writers would not let us.
 */
static inline bool slot_peek(const struct slot *slot, uint64_t hash, unsigned first, uint32_t lines, uint64_t *image)
{
	for (unsigned attempt = 0; attempt < SLOT_ATTEMPTS; attempt++, slot_relax()) {
		uint64_t before = atomic_load_explicit(&slot->seq, memory_order_acquire);

		if (before & 1)
			continue;
		if (atomic_load_explicit(&slot->hash, memory_order_acquire) != hash)
			return false;
		slot_load(slot, first, lines, image);
		if (atomic_load_explicit(&slot->seq, memory_order_relaxed) == before)
			return true;
	}
	return false;
}

/* Publishes what has changed in <lines> of the data and gives the slot back. False as slot_commit(). To
 * compare costs less than a line that is written for nothing, here and at the next who reads it.
 */
static inline bool slot_give(struct slot *slot, uint64_t token, unsigned first, uint32_t lines,
                             const uint64_t *image)
{
	if (atomic_load_explicit(&slot->seq, memory_order_relaxed) != token)
		return false;
	for (; lines; lines &= lines - 1) {
		unsigned at = (unsigned)__builtin_ctz(lines) * SLOT_LINE_WORDS;
		_Atomic uint64_t *to = &slot->seq + at;
		const uint64_t *from = image + at;

#define STORE(i) \
	do { \
		if (atomic_load_explicit(&to[i], memory_order_relaxed) != from[i]) \
			atomic_store_explicit(&to[i], from[i], memory_order_release); \
	} while (0)
		if (at >= SLOT_AT(first)) {
			STORE(0); STORE(1); STORE(2); STORE(3); STORE(4); STORE(5); STORE(6); STORE(7);
			continue;
		}
		for (unsigned i = SLOT_AT(first) - at; i < SLOT_LINE_WORDS; i++)
			STORE(i);
#undef STORE
	}
	return slot_unlock(slot, token);
}

/* ---- reading ------------------------------------------------------------------- */

/* Takes a consistent copy of <count> words from <first> on, and the hash, without
 * disturbing writers. False when writers would not let us.
 */
static inline bool slot_read(const struct slot *slot, uint64_t *hash, unsigned first, unsigned count,
                             uint64_t *copy)
{
	for (unsigned attempt = 0; attempt < SLOT_ATTEMPTS; attempt++, slot_relax()) {
		uint64_t before = atomic_load_explicit(&slot->seq, memory_order_acquire);

		if (before & 1)
			continue;
		*hash = atomic_load_explicit(&slot->hash, memory_order_acquire);
		for (unsigned i = 0; i < count; i++)
			copy[i] = atomic_load_explicit(&slot->word[first + i], memory_order_acquire);
		if (atomic_load_explicit(&slot->seq, memory_order_relaxed) == before)
			return true;
	}
	return false;
}

/* Adds to a counter. Returns what it was. */
static inline uint64_t slot_add(struct slot *slot, unsigned word, uint64_t n)
{
	return atomic_fetch_add_explicit(&slot->word[word], n, memory_order_relaxed);
}

/* Makes a counter <value> if it is <expected>; false, with what it is in <expected>, when it is not. */
static inline bool slot_exchange(struct slot *slot, unsigned word, uint64_t *expected, uint64_t value)
{
	return atomic_compare_exchange_weak_explicit(&slot->word[word], expected, value, memory_order_relaxed,
	                                             memory_order_relaxed);
}

/* Sets <bits> of a word that no edit of the data touches. */
static inline void slot_set(struct slot *slot, unsigned word, uint64_t bits)
{
	atomic_fetch_or_explicit(&slot->word[word], bits, memory_order_relaxed);
}

/* Replaces a counter that only tells the last of something. */
static inline void slot_put(struct slot *slot, unsigned word, uint64_t value)
{
	if (atomic_load_explicit(&slot->word[word], memory_order_relaxed) != value)
		atomic_store_explicit(&slot->word[word], value, memory_order_relaxed);
}

static inline uint64_t slot_get(const struct slot *slot, unsigned word)
{
	return atomic_load_explicit(&slot->word[word], memory_order_relaxed);
}

#endif
