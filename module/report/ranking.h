/* SPDX-License-Identifier: BSD-3-Clause */
/* ranking - the largest few of very many, in memory for the few.
 *
 * A heap with the smallest entry kept at the root, so that a newcomer is compared with
 * the one it would displace. Entries with equal keys rank by index, lower first, so
 * that a listing is the same every time.
 */
#ifndef REPORT_RANKING_H
#define REPORT_RANKING_H

#include <stdint.h>

struct ranked {
	uint64_t key;
	uint32_t index;
};

struct ranking {
	struct ranked *entry;
	uint32_t count, limit;
};

/* Room for <limit> entries. Returns 0 or -ENOMEM. */
int ranking_init(struct ranking *ranking, uint32_t limit);
void ranking_free(struct ranking *ranking);

/* Keeps (key, index) if it is among the largest <limit> so far. */
void ranking_offer(struct ranking *ranking, uint64_t key, uint32_t index);

/* Puts the largest first. No more offers after this. */
void ranking_sort(struct ranking *ranking);

#endif
