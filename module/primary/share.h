/* SPDX-License-Identifier: BSD-3-Clause */
/* share - what is kept of a transfer, and of whom.
 *
 *     ID.n1._warden.fleet.example.    a record of the writer n1
 *
 * The primary lets each node write below its own name, as much as it likes. So that none of them, nor ten, can make the
 * zone more than anybody takes, a record of no use is not kept, and of each writer no more than a share.
 *
 * Invariants: ten shares are less than what is kept in all (primary/transfer.h). This node's own records have no share:
 * it knows what it wrote, and would write what it misses again and again.
 */
#ifndef PRIMARY_SHARE_H
#define PRIMARY_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ldns/ldns.h>

#define SHARE_WRITERS_MAX 4096 /* of what others write, nothing is kept */

struct share_rules {
	const char *below; /* the label right below the zone below which each label is a writer; NULL: none is */
	const char *self;  /* the writer that we are */
	uint16_t data_max; /* octets of a record's data that are of use; 0: any */
	uint32_t octets;   /* of a writer's share */
};

struct writer;

/* What each has used up, in one transfer. */
struct shares {
	struct writer *writers;
	size_t count, room;
};

enum share { SHARE_KEEP, SHARE_LEAVE, SHARE_NO_MEMORY };

/* What to do with a record of the zone whose name has <zone_len> octets. <metered>: its octets count. */
enum share share_take(struct shares *shares, const struct share_rules *rules, size_t zone_len, const ldns_rr *rr,
                      bool metered);

void shares_free(struct shares *shares);

#endif
