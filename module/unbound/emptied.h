/* SPDX-License-Identifier: BSD-3-Clause */
/* emptied - lets an answer that is about to be encoded go without its records.
 *
 * What a reply callback returns is ignored, and a cached answer is locked and shared: it can be
 * neither stopped nor changed. But Unbound writes a record of the question's own in front of the
 * answer's, which it has for local-data aliases (query_info.local_alias), and when one does not
 * fit, nothing behind it is written and the answer is marked as truncated (TC). So the question,
 * which is the worker's own, gets an alias of 64 KiB. The client sees an empty truncated
 * answer, and asks again by TCP.
 *
 * Included after Unbound's "config.h".
 */
#ifndef UNBOUND_EMPTIED_H
#define UNBOUND_EMPTIED_H

#include <stdbool.h>

struct query_info;
struct reply_info;

/* Whether emptied_answer() can do it: Unbound writes the record for some response codes only. */
bool emptied_possible(const struct query_info *question, const struct reply_info *rep);

/* Makes the answer to <question> an empty one. What it adds lives until the thread does it again. */
void emptied_answer(struct query_info *question);

#endif
