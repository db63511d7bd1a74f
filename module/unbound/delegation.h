/* SPDX-License-Identifier: BSD-3-Clause */
/* delegation - the zone cut whose servers a question was resolved by.
 *
 * The iterator has it: the delegation point that it asks. There is one after the other while
 * it follows referrals, and it starts again at the root when the answer is a CNAME:
 *
 *     asked for a.evil.example    .  -->  example  -->  evil.example      the one we want
 *     CNAME www.example.net       .  -->  net  -->  example.net           of another domain
 *
 * So it is looked up whenever a packet leaves for a server, and the deepest zone that was asked
 * for the client's own name is kept. An answer that no server was asked for has none: from the
 * cache, from local data or an auth-zone.
 *
 * Included after Unbound's "config.h".
 */
#ifndef UNBOUND_DELEGATION_H
#define UNBOUND_DELEGATION_H

#include <warden/observation.h>

struct delegpt;
struct module_qstate;

/* Servers that are told of a delegation: of more, the first ones in the order of their names or
 * addresses. They are told in any order.
 */
#define DELEGATION_SERVERS_MAX 8

/* A packet leaves on behalf of <qstate>, to a server of <zone>: the deeper of <before>, which may
 * be NULL, and the delegation of that zone. <before> when it is another name than that of
 * <qstate> which is asked for. The result lives as long as <qstate>.
 */
const struct delegpt *delegation_asked(const struct module_qstate *qstate, const uint8_t *zone,
                                       const struct delegpt *before);

/* Fills in zone and servers of <obs> from <delegation>, which may be NULL: none. <servers> has
 * DELEGATION_SERVERS_MAX elements.
 */
void delegation_tell(struct warden_observation *obs, const struct delegpt *delegation,
                     struct warden_server *servers);

#endif
