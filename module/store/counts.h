/* SPDX-License-Identifier: BSD-3-Clause */
/* counts - how often something happened, where it takes several words of a slot to tell.
 *
 * What the cache answers is counted by two locked additions, one with the client and one with the pair:
 * question and answer come in one, so the answer is not counted by itself; and the domain hears of
 * such a question later.
 *
 *     client   answers   CLIENT_ANSWERS + CLIENT_CACHEHITS
 *     pair     queries   PAIR_QUERIES + those in PAIR_AT_ONCE
 *              answers   PAIR_ANSWERS + those in PAIR_AT_ONCE
 *
 *     PAIR_AT_ONCE   | day 16 | 0 x 2 | contact 1 | many 1 | owed 4 | count 40 |
 *
 * <day> is the last one on which the pair told its domain that the client asks, <many> that the domain
 * was not a rare one then, which it cannot become on the same day, and <owed> how many questions the
 * domain has not been told of yet. <contact> says that an answer has told the client of the domain on that day.
 *
 * A clock that steps back to an earlier day and forward again makes a domain forget its clients, and the pairs
 * that have told it on that day do not tell it again before they owe for OWED_MAX questions, or ask upstream.
 *
 * Invariant: of a pair's questions its domain misses fewer than OWED_MAX + 1, and none once the pair has
 * asked upstream; a pair that is evicted takes what it owes with it.
 */
#ifndef STORE_COUNTS_H
#define STORE_COUNTS_H

#include <stdbool.h>

#include "store/slot.h"
#include "store/layout.h"

#define AT_ONCE_COUNT ((UINT64_C(1) << 40) - 1)
#define OWED_ONE      (UINT64_C(1) << 40)
#define OWED_MAX      UINT64_C(15)
#define AT_ONCE_MANY  (UINT64_C(1) << 44)
#define AT_ONCE_CONTACT (UINT64_C(1) << 45)
#define AT_ONCE_DAY   48 /* the lowest bit of it */

/* Of the words of a slot, copied. */
static inline uint64_t client_answers(const uint64_t *word)
{
	return word[CLIENT_ANSWERS] + word[CLIENT_CACHEHITS];
}

static inline uint64_t pair_queries(const uint64_t *word)
{
	return word[PAIR_QUERIES] + (word[PAIR_AT_ONCE] & AT_ONCE_COUNT);
}

static inline uint64_t pair_answers(const uint64_t *word)
{
	return word[PAIR_ANSWERS] + (word[PAIR_AT_ONCE] & AT_ONCE_COUNT);
}

/* A bit for each client that has asked for a domain on <day> or the one before it, of 64 that they share: from
 * the words of its slot.
 */
static inline uint64_t domain_client_bits(const uint64_t *word, uint64_t day)
{
	if (word[DOMAIN_DAY] == day)
		return word[DOMAIN_CLIENTS] | word[DOMAIN_CLIENTS_BEFORE];
	return word[DOMAIN_DAY] + 1 == day ? word[DOMAIN_CLIENTS] : 0;
}

/* What the domain is yet to be told of. */
static inline uint64_t pair_owes(uint64_t at_once)
{
	return at_once / OWED_ONE & OWED_MAX;
}

/* What PAIR_AT_ONCE becomes of <at_once> when the domain has been told, on <day>. */
static inline uint64_t pair_settled(uint64_t at_once, uint64_t day, bool many)
{
	uint64_t kept = AT_ONCE_COUNT | ((at_once ^ day << AT_ONCE_DAY) >> AT_ONCE_DAY ? 0 : AT_ONCE_CONTACT);

	return (at_once & kept) | (many ? AT_ONCE_MANY : 0) | day << AT_ONCE_DAY;
}

/* Whether one more question can wait to be told: the domain knows of the client today, and it is none of
 * which anybody must know at once whether it is rare.
 */
static inline bool pair_may_owe(uint64_t at_once, uint64_t day)
{
	return at_once & AT_ONCE_MANY && (at_once ^ day << AT_ONCE_DAY) >> AT_ONCE_DAY == 0 &&
	       pair_owes(at_once) < OWED_MAX;
}

#endif
