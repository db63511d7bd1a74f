/* SPDX-License-Identifier: BSD-3-Clause */
/* merge - several recordings, told as one, in order of time.
 *
 *     reader thread of input 1 --> chunk, chunk --+
 *     reader thread of input 2 --> chunk, chunk --+--> earliest item first --> sink
 *     reader thread of input 3 --> chunk, chunk --+
 *
 * A format pushes what it reads, so each input has a thread that reads it into chunks (copied.h) and
 * waits when MERGE_CHUNKS of them are full. Who merges waits until every input has an item, or is at
 * its end, and takes the earliest: of equally early ones, that of the input which was named first. So
 * the order does not depend on the threads. An input whose own times go back is taken as it comes: an
 * item is never before one that stood before it.
 *
 * Invariant: a chunk belongs to the reader until it is handed over, and to who merges from then on;
 * both look at the queue under its lock only.
 */
#ifndef RECORDED_MERGE_H
#define RECORDED_MERGE_H

#include "recorded/input.h"

#define MERGE_CHUNKS 2 /* of an input, full ones, beside one at each end */

/* Reads the <count> <inputs>, those that are open, and tells <sink>, in this thread; <about> is called
 * before what an input said, with its number. What went wrong is in the input's error. False without
 * memory: nothing was told then.
 */
bool merge(struct input_file *inputs, unsigned count, const struct sink *sink,
           void (*about)(void *arg, unsigned input));

#endif
