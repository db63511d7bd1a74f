/* SPDX-License-Identifier: BSD-3-Clause */
/* copied - observations that outlive the call they came with, one behind the other in a chunk.
 *
 *     chunk | item | qname | zone | records, their data | servers, their ids | item | ...
 *
 * What a reader tells points into memory of its own. Here everything it points to is copied behind
 * it, so a chunk can be given to another thread. What was left out is an item, too: it keeps its
 * place among the others.
 *
 * Invariant: an item's pointers lead into its own chunk and nowhere else.
 */
#ifndef RECORDED_COPIED_H
#define RECORDED_COPIED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <warden/observation.h>

#define COPIED_CHUNK (128 * 1024) /* octets; more where one item needs more */

struct copied_item {
	struct warden_observation obs; /* of what was left out: its time alone, which is that of the item before */
	uint64_t skipped;  /* the number of the line or packet that was left out; 0: none, it is <obs> */
	const char *reason; /* why */
	size_t size;       /* octets to the next item */
};

struct copied_chunk;

/* A chunk with room for <obs>, or NULL without memory. free() it. */
struct copied_chunk *copied_new(const struct warden_observation *obs);

/* Appends a copy. False when there is no room for it. */
bool copied_add(struct copied_chunk *chunk, const struct warden_observation *obs);
bool copied_add_skip(struct copied_chunk *chunk, uint64_t now, uint64_t number, const char *reason);

/* The item at <offset> octets; NULL at the end. */
const struct copied_item *copied_at(const struct copied_chunk *chunk, size_t offset);

#endif
