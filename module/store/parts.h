/* SPDX-License-Identifier: BSD-3-Clause */
/* parts - where each part of the segment lies, and how large it is: all that follows from the capacities.
 *
 * Whoever adds a part to layout.h adds it here, and to put_segment() of snapshot.c where it is not made of
 * words that are right one by one.
 */
#ifndef STORE_PARTS_H
#define STORE_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "store/mapping.h"

/* How long a generation of each filter lasts; what is in it is remembered that long to twice. */
extern const uint64_t filter_age[FILTER_COUNT];

/* Octets that a segment of <sizes> takes. */
size_t parts_size(const struct segment_sizes *sizes);

/* Whether capacities found in a file are such that a segment could have. */
bool parts_plausible(const struct segment_sizes *sizes);

/* Makes <mapping>'s views of a segment of <sizes> that is at <memory>. */
void parts_view(struct mapping *mapping, void *memory, const struct segment_sizes *sizes);

/* The capacities, as this process knows them: the header is anybody's to write. */
struct segment_sizes parts_sizes(const struct mapping *mapping);

#endif
