/* SPDX-License-Identifier: BSD-3-Clause */
/* mapping - the file of the shared segment: made, attached, refused, restored.
 *
 *     segment there and ours   attach
 *     segment foreign or torn  one sentence, renamed to NAME.refused, a fresh one
 *     segment gone             the snapshot's content where it is ours, else a fresh one
 *
 * Whoever makes or replaces the file holds an exclusive flock meanwhile, and everyone
 * who uses it a shared one; so nobody sees a half-made segment, and one that another
 * resolver uses is never moved from under it. The space is reserved with
 * posix_fallocate: a sparse file on a full tmpfs would be SIGBUS later.
 */
#ifndef STORE_MAPPING_H
#define STORE_MAPPING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sentence.h"
#include "store/counters.h"
#include "store/filter.h"
#include "store/journal.h"
#include "store/layout.h"
#include "store/ring.h"
#include "store/table.h"

/* A mapped segment and typed views into it. Private to the process. */
struct mapping {
	struct segment_header *header;
	size_t size;
	int file; /* -1 for private memory */
	struct bank *banks;
	struct norms *norms;
	struct counters counters; /* not when read-only */
	struct table clients, pairs, domains, delegations, holds;
	struct filter filter[FILTER_COUNT];
	struct journal journal;
	struct ring outbox;
	struct elsewhere_entry *elsewhere;
	uint32_t elsewhere_capacity;
};

/* Attaches the segment at <path> or makes it; <path> NULL is memory of this process
 * only. <snapshot> (may be NULL) is read when there is no segment. <detectors> is the
 * digest of detector_layout(). <now> is milliseconds since 1970. <log> (may be NULL)
 * gets a sentence for each thing the operator should know. Returns 0, or -1 with a
 * sentence in <error>.
 */
int mapping_attach(struct mapping *mapping, const char *path, const char *snapshot,
                   const struct segment_sizes *sizes, uint64_t detectors, uint64_t now,
                   sentence_log *log, char *error, size_t error_len);

/* Maps an existing segment or snapshot read-only, whatever its capacities: for tools.
 * Everything in it is checked so that reading can give wrong numbers, never a wrong
 * address. Returns 0, or -1 with a sentence in <error>.
 */
int mapping_read(struct mapping *mapping, const char *path, uint64_t detectors, char *error,
                 size_t error_len);

/* Makes <copy> of <mapping>, which is attached to a file, for this process alone: what is written to it
 * nobody else sees. It is not a picture of one moment: what has not been written to goes on changing
 * with <mapping>, and a page may be copied while others write to it. Costs address space, and memory
 * for the pages that are written to. Its journal is empty, with room for COPY_JOURNAL records, and
 * nothing may be put into its outbox: see mapping_is_shared(). Returns 0, or -1 with a sentence in <error>. mapping_detach() is due, before that of <mapping>.
 */
#define COPY_JOURNAL 128
int mapping_copy(struct mapping *copy, const struct mapping *mapping, char *error, size_t error_len);

/* Whether anybody else can see what is written: not of private memory, nor of a copy. */
static inline bool mapping_is_shared(const struct mapping *mapping)
{
	return mapping->file >= 0;
}

/* Unmaps. The file stays. A zeroed or failed <mapping> is fine. */
void mapping_detach(struct mapping *mapping);

#endif
