/* SPDX-License-Identifier: BSD-3-Clause */
/* answered - answers as they leave, whoever made them.
 *
 * What was judged when it was resolved has been told (question.h), and only a hold that was made
 * since can still keep it from its client. All else is told here, and denied as far as that goes:
 * an answer from local data belongs to this one reply and is replaced (denied.h), one that others
 * have a part in is emptied (emptied.h).
 *
 * Included after Unbound's "config.h" and "util/module.h".
 */
#ifndef UNBOUND_ANSWERED_H
#define UNBOUND_ANSWERED_H

#include "util/module.h"

/* An answer is about to leave: tells it, and adds the Extended DNS Error of a verdict.
 * For inplace_cb_register_wrapped(), with a struct hook as <arg>. Thread-safe; may run with
 * rrset locks held, so it takes none and does no I/O. Returns 1, which Unbound ignores.
 */
inplace_cb_reply_func_type answered_call;

#endif
