/* SPDX-License-Identifier: BSD-3-Clause */
/* delegation - reads the iterator's delegation point.
 *
 * Lifetime: the iterator's state and all its delegation points, with their names, are copies in
 * the region of the qstate, which is freed as a whole when the qstate is: behind the reply
 * callbacks. A pointer to one stays good after the iterator has dropped it, and after the
 * validator has made it start anew.
 *
 * Invariant: only the worker that owns the qstate comes here; nothing is locked, allocated or
 * written to.
 *
 * The iterator's state is its own affair. It is tied to Unbound's version and configure line
 * (fingerprint.h) as all that we read is, but a distributor's patch changes neither. So no
 * delegation point is looked at unless the iterator's copy of the question still is the
 * question, and none is taken but the one that Unbound says it asks. The first also tells
 * that it is not after a CNAME.
 */
#include "config.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include "iterator/iter_delegpt.h"
#include "iterator/iterator.h"
#include "services/mesh.h"
#include "services/modstack.h"
#include "util/data/dname.h"
#include "util/data/msgreply.h"
#include "util/module.h"

#include "unbound/delegation.h"

#define NAME_MAX_LEN 255 /* RFC 1035 section 2.3.4 */

typedef int order(const struct warden_server *a, const struct warden_server *b);

const struct delegpt *delegation_asked(const struct module_qstate *qstate, const uint8_t *zone,
                                       const struct delegpt *before)
{
	/* Not once for all: a reload may change the modules. */
	int id = modstack_find(&qstate->env->mesh->mods, "iterator");
	const struct iter_qstate *iterator = id < 0 ? NULL : qstate->minfo[id];
	const struct delegpt *now;

	/* The same octets, not a name that is equal: a copy is made of a CNAME's target. */
	if (!iterator || iterator->qchase.qname != qstate->qinfo.qname)
		return before;
	now = iterator->dp;
	if (!now || now->name != zone)
		return before;
	/* Both are above the same name, so the one with more labels is inside the other. When no
	 * server answers the iterator goes back up, to ask for others.
	 */
	return before && before->namelabs > now->namelabs ? before : now;
}

static int order_of_names(const struct warden_server *a, const struct warden_server *b)
{
	return query_dname_compare((uint8_t *)(uintptr_t)a->id, (uint8_t *)(uintptr_t)b->id);
}

static int order_of_addresses(const struct warden_server *a, const struct warden_server *b)
{
	if (a->id_len != b->id_len)
		return a->id_len - b->id_len;
	return memcmp(a->id, b->id, a->id_len);
}

/* Takes <server> into the <count> elements of <servers>, which are in order and differ from
 * each other: the same one may be listed with several ports. Returns how many there are now.
 */
static uint8_t keep(struct warden_server *servers, uint8_t count, struct warden_server server,
                    order *compare)
{
	uint8_t at = count;

	while (at) {
		int difference = compare(&server, &servers[at - 1]);

		if (!difference)
			return count;
		if (difference > 0)
			break;
		at--;
	}
	if (at == DELEGATION_SERVERS_MAX)
		return count;
	if (count < DELEGATION_SERVERS_MAX)
		count++;
	memmove(&servers[at + 1], &servers[at], (size_t)(count - 1 - at) * sizeof(*servers));
	servers[at] = server;
	return count;
}

/* The names, without those that the iterator tries only when all others fail: they come from
 * the parent's idea of the zone, and whether they are there depends on what failed before.
 */
static uint8_t names(struct warden_server *servers, const struct delegpt *delegation)
{
	uint8_t count = 0;

	for (const struct delegpt_ns *ns = delegation->nslist; ns; ns = ns->next)
		if (!ns->lame && ns->name && ns->namelen && ns->namelen <= NAME_MAX_LEN)
			count = keep(servers, count,
			             (struct warden_server){ ns->name, (uint8_t)ns->namelen },
			             order_of_names);
	return count;
}

static uint8_t addresses(struct warden_server *servers, const struct delegpt *delegation)
{
	const struct delegpt_addr *target = delegation->target_list;
	uint8_t count = 0;

	for (; target; target = target->next_target) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)&target->addr;
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&target->addr;
		struct warden_server server = { (const uint8_t *)&in->sin_addr, sizeof(in->sin_addr) };

		if (target->addr.ss_family == AF_INET6)
			server = (struct warden_server){ in6->sin6_addr.s6_addr, sizeof(in6->sin6_addr) };
		else if (target->addr.ss_family != AF_INET)
			continue;
		count = keep(servers, count, server, order_of_addresses);
	}
	return count;
}

void delegation_tell(struct warden_observation *obs, const struct delegpt *delegation,
                     struct warden_server *servers)
{
	if (!delegation || !delegation->name || !delegation->namelen ||
	    delegation->namelen > NAME_MAX_LEN)
		return;
	obs->zone = delegation->name;
	obs->zone_len = (uint8_t)delegation->namelen;
	/* Addresses of named servers are found one by one, so which are known is chance. */
	obs->server_count = names(servers, delegation);
	if (!delegation->nslist)
		obs->server_count = addresses(servers, delegation);
	obs->servers = servers;
}
