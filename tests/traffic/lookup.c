/* SPDX-License-Identifier: BSD-3-Clause */
/* lookup - see lookup.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lookup.h"
#include "name/name.h"

#define TYPE_A   1
#define CLASS_IN 1
#define SERVERS  2
#define HEADER   12u /* octets of a message: RFC 1035 section 4.1.1 */
#define OPT      11u /* RFC 6891 section 6.1.2 */

/* The name servers of a zone: of its own, or a provider's. */
struct servers {
	struct warden_server server[SERVERS];
	uint8_t own[SERVERS][4 + NAME_WIRE_MAX];
};

static void servers_of(struct servers *servers, const uint8_t *zone, uint8_t zone_len, bool shared)
{
	static const char provider[SERVERS][20] = { "\3ns1\10hostyard\3net", "\3ns2\10hostyard\3net" };

	for (unsigned i = 0; i < SERVERS; i++) {
		if (shared) {
			servers->server[i].id = (const uint8_t *)provider[i];
			servers->server[i].id_len = (uint8_t)(strlen(provider[i]) + 1);
			continue;
		}
		memcpy(servers->own[i], i ? "\3ns2" : "\3ns1", 4);
		memcpy(servers->own[i] + 4, zone, zone_len);
		servers->server[i].id = servers->own[i];
		servers->server[i].id_len = (uint8_t)(4 + zone_len);
	}
}

/* What is answered never changes: whatever is told goes up, nothing comes down. Other types
 * than A are not there.
 */
static void fill_answer(struct warden_observation *obs, const struct warden_record *address)
{
	obs->answer_size = HEADER + obs->qname_len + 4u + OPT;
	if (obs->qtype != address->type)
		return;
	obs->answer_size += 12u + address->rdata_len; /* its owner compressed to two octets */
	obs->answer_count = 1;
	obs->ttl = address->ttl;
	obs->record_count = 1;
	obs->records = address;
}

bool lookup(struct warden *warden, const struct lookup *asked, uint64_t now,
            struct warden_decision *decision)
{
	struct warden_observation obs = {
		.now = now,
		.client = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 198, 51, 100, (uint8_t)asked->client },
		.client_port = 53001,
		.what = WARDEN_QUESTION,
		.path = asked->cached ? WARDEN_PATH_CACHE : WARDEN_PATH_MISS,
		.flags = WARDEN_FLAG_EDNS,
		.qtype = asked->qtype,
		.qclass = CLASS_IN,
	};
	static const uint8_t rdata[4] = { 192, 0, 2, 53 };
	const struct warden_record address = {
		.rdata = rdata, .ttl = asked->ttl, .type = TYPE_A, .rdata_len = sizeof(rdata),
	};
	struct warden_decision answer;
	struct servers servers;
	struct name name;

	if (!name_from_text(&name, asked->name) || name.labels < 2) {
		fprintf(stderr, "'%s' is no name\n", asked->name);
		exit(2);
	}
	obs.qname = name.raw;
	obs.qname_len = name.len;
	fill_answer(&obs, &address);
	if (asked->cached) {
		obs.what |= WARDEN_ANSWER;
		*decision = warden_observe(warden, &obs);
		return true;
	}
	*decision = warden_observe(warden, &obs);
	if (decision->verdict == WARDEN_REFUSE && !decision->dry_run)
		return false;
	obs.what = WARDEN_ANSWER;
	obs.now += UPSTREAM_TIME;
	obs.zone = name_tail(&name, name.labels - 2u);
	obs.zone_len = (uint8_t)name_tail_len(&name, name.labels - 2u);
	servers_of(&servers, obs.zone, obs.zone_len, asked->shared_servers);
	obs.servers = servers.server;
	obs.server_count = SERVERS;
	answer = warden_observe(warden, &obs);
	if (answer.verdict > decision->verdict)
		*decision = answer;
	return true;
}
