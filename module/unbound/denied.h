/* SPDX-License-Identifier: BSD-3-Clause */
/* denied - what a client is given in place of an answer.
 *
 *     verdict     a question, or an answer that was resolved     local data
 *     REFUSE      REFUSED                                        REFUSED
 *     NXDOMAIN    NXDOMAIN                                       NXDOMAIN
 *     NODATA      NOERROR without records                        NOERROR without records
 *     TRUNCATE    the same with TC                               the same with TC
 *     DROP        nothing                                        REFUSED
 *
 * Negative answers are made without an SOA record, so nobody may cache them (RFC 2308 section 5):
 * when a hold ends, it ends. What leaves the cache can only be emptied (emptied.h).
 *
 * Included after Unbound's "config.h" and "util/module.h".
 */
#ifndef UNBOUND_DENIED_H
#define UNBOUND_DENIED_H

#include <stdbool.h>

#include <warden/warden.h>

#include "util/module.h"

/* Whether <decision> keeps something from a client. */
static inline bool denied_by(const struct warden_decision *decision)
{
	return warden_verdict_denies(decision->verdict) && !decision->dry_run;
}

/* Makes what <verdict> denies of <qstate>, for all who wait for it: for a caller that ends it then.
 * What is for UDP only becomes a refusal when somebody waits on a stream. Returns the response code
 * that Unbound will show the reply callbacks, header bits included: never 0.
 */
int denied_to_all(struct module_qstate *qstate, enum warden_verdict verdict);

/* Makes of <rep>, which is about to be encoded and is of this one reply, what <verdict> denies. */
void denied_local(struct query_info *question, struct reply_info *rep, enum warden_verdict verdict);

#endif
