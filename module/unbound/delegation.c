/* SPDX-License-Identifier: BSD-3-Clause */
/* delegation - reads the iterator's delegation point.
 *
 * Lifetime: the iterator's state and all its delegation points, with their names, are copies in
 * the region of the qstate, which is freed as a whole when the qstate is: behind the reply
 * callbacks. A pointer to one stays good after the iterator has dropped it, and after the
 * validator has made it start anew.
 *
 * Who the servers are. A name inside the zone itself is whatever the zone's owner calls it, and
 * two hundred domains at one address have two hundred of them:
 *
 *     evil1.example  NS  ns1.evil1.example  A  192.0.2.53       told: 192.0.2.53
 *     evil2.example  NS  ns1.evil2.example  A  192.0.2.53       told: 192.0.2.53
 *     shop.example   NS  ns1.host.example                       told: ns1.host.example
 *
 * Such a name counts for nothing. When there is none but such, the servers are the addresses:
 * then all of target_list, where an address does not say whose it is, is theirs. What is told of
 * a domain is to stay the same over time:
 *
 *     names outside, if any          the addresses of servers outside are found one by one, so
 *                                    which are known is chance; those inside come as glue
 *     IPv4, IPv6 only without it     glue is cut where a response is full, AAAA records are
 *                                    looked up later or never, and A records live and die apart
 *                                    from them; nearly every server has IPv4, and the list has
 *                                    it whatever do-ip4 and do-ip6 say
 *     nothing when all are unknown   rather than now this and now that
 *
 * This only makes one name for a server do for all. Names in another domain, one for each zone,
 * or of the domain when the zone is below it (t.evil1.example NS ns.evil1.example), are still
 * told; so are addresses in the glue that no server has. When ns1.evil1.example serves evil2 too,
 * evil2 has its name and evil1 its address: one domain stands apart from all others of its owner.
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

/* The servers that are told. */
struct told {
	struct warden_server *servers;
	uint8_t count;
	bool cut; /* there were more, and the last one in order is at the end */
};

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

static void last_to_end(struct told *told, order *compare)
{
	struct warden_server *end = &told->servers[told->count - 1];

	for (struct warden_server *server = told->servers; server < end; server++)
		if (compare(server, end) > 0) {
			struct warden_server later = *server;

			*server = *end;
			*end = later;
		}
}

/* Takes <server>, in no order while there is room: few zones have so many. Then the first ones
 * in the order of <compare> stay, so that which ones does not depend on how they came in.
 */
static void keep(struct told *told, struct warden_server server, order *compare)
{
	if (told->count < DELEGATION_SERVERS_MAX) {
		told->servers[told->count++] = server;
		return;
	}
	if (!told->cut)
		last_to_end(told, compare);
	told->cut = true;
	if (compare(&server, &told->servers[told->count - 1]) < 0) {
		told->servers[told->count - 1] = server;
		last_to_end(told, compare);
	}
}

static int order_of_names(const struct warden_server *a, const struct warden_server *b)
{
	return query_dname_compare((uint8_t *)(uintptr_t)a->id, (uint8_t *)(uintptr_t)b->id);
}

static bool is_inside(const struct delegpt_ns *ns, const struct delegpt *zone)
{
	size_t at = 0;

	while (at + zone->namelen < ns->namelen)
		at += ns->name[at] + 1u;
	return at + zone->namelen == ns->namelen && !query_dname_compare(ns->name + at, zone->name);
}

/* The names outside of the zone; Unbound has each once. Without those that the iterator tries
 * only when all others fail: they come from the parent's idea of the zone, and whether they are
 * there depends on what failed before.
 */
static uint8_t names(struct warden_server *servers, const struct delegpt *delegation)
{
	struct told told = { .servers = servers };

	for (const struct delegpt_ns *ns = delegation->nslist; ns; ns = ns->next)
		if (!ns->lame && ns->name && ns->namelen && ns->namelen <= NAME_MAX_LEN &&
		    !is_inside(ns, delegation))
			keep(&told, (struct warden_server){ ns->name, (uint8_t)ns->namelen }, order_of_names);
	return told.count;
}

static int order_of_addresses(const struct warden_server *a, const struct warden_server *b)
{
	return memcmp(a->id, b->id, a->id_len);
}

/* Unbound lists an address once for each port. */
static bool is_among(const struct told *told, const struct warden_server *server)
{
	for (uint8_t i = 0; i < told->count; i++)
		if (!order_of_addresses(&told->servers[i], server))
			return true;
	return false;
}

/* The addresses of one <family>, without those that are the parent's idea. */
static uint8_t addresses(struct warden_server *servers, const struct delegpt *delegation,
                         sa_family_t family)
{
	const struct delegpt_addr *target = delegation->target_list;
	struct told told = { .servers = servers };

	for (; target; target = target->next_target) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)&target->addr;
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&target->addr;
		struct warden_server server = { (const uint8_t *)&in->sin_addr, sizeof(in->sin_addr) };

		if (target->lame || target->addr.ss_family != family)
			continue;
		if (family == AF_INET6)
			server = (struct warden_server){ in6->sin6_addr.s6_addr, sizeof(in6->sin6_addr) };
		if (!is_among(&told, &server))
			keep(&told, server, order_of_addresses);
	}
	return told.count;
}

void delegation_tell(struct warden_observation *obs, const struct delegpt *delegation,
                     struct warden_server *servers)
{
	uint8_t count;

	if (!delegation || !delegation->name || !delegation->namelen ||
	    delegation->namelen > NAME_MAX_LEN)
		return;
	obs->zone = delegation->name;
	obs->zone_len = (uint8_t)delegation->namelen;
	count = names(servers, delegation);
	if (!count)
		count = addresses(servers, delegation, AF_INET);
	if (!count)
		count = addresses(servers, delegation, AF_INET6);
	obs->server_count = count;
	obs->servers = servers;
}
