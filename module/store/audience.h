/* SPDX-License-Identifier: BSD-3-Clause */
/* audience - how many clients have asked for a name lately.
 *
 * A name that several clients ask for is nobody's message: it can be told by its place in
 * a list of popular names. A name has a few seats in a filter, all in one block, and each client
 * sits on the one that its hash says; so a client that comes back is not counted twice.
 *
 * Invariant: clients that share a seat count as one, so the count errs downwards; upwards only
 * with the false positives of the filter.
 */
#ifndef STORE_AUDIENCE_H
#define STORE_AUDIENCE_H

#include "store/filter.h"

#define AUDIENCE_SEATS 8

/* Seats <client> (a hash) in the audience of the name with hash <name>. Returns how many
 * seats others have taken. Thread-safe, never blocks.
 */
unsigned audience_join(struct filter *filter, uint64_t name, uint64_t client, uint64_t now);

/* How many seats are taken. */
unsigned audience_size(const struct filter *filter, uint64_t name);

#endif
