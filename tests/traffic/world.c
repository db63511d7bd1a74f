/* SPDX-License-Identifier: BSD-3-Clause */
/* world - answers and delegations, made of the numbers of the host and its domain. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#include "world.h"

#define TYPE_CNAME     5
#define RCODE_NXDOMAIN 3

const uint16_t kind_type[KIND_COUNT] = {
	[KIND_A] = 1,    [KIND_AAAA] = 28, [KIND_HTTPS] = 65, [KIND_TXT] = 16,
	[KIND_MX] = 15,  [KIND_SRV] = 33,  [KIND_PTR] = 12,
};

/* Per cent of the names that have records of this type. */
static const unsigned has_kind[KIND_COUNT] = {
	[KIND_A] = 100, [KIND_AAAA] = 45, [KIND_HTTPS] = 25, [KIND_TXT] = 60,
	[KIND_MX] = 40, [KIND_SRV] = 30,  [KIND_PTR] = 90,
};

#define NXDOMAIN_PER_CENT 2
#define CNAME_PER_CENT    35
#define MOST_ADDRESSES    4 /* in one answer */

/* What a number of a host is for. */
enum trait { TRAIT_TTL = 8, TRAIT_EXISTS, TRAIT_CNAME, TRAIT_POOL, TRAIT_DNS, TRAIT_SERVER };

static uint64_t trait(uint32_t thing, unsigned what)
{
	return chance_of((uint64_t)thing << 8 | what);
}

static bool per_cent(uint64_t number, unsigned share)
{
	return number % 100 < share;
}

static uint32_t host_ttl(uint32_t host)
{
	static const struct {
		unsigned per_cent;
		uint32_t ttl;
	} mix[] = {
		{ 8, 20 }, { 7, 30 }, { 25, 60 }, { 30, 300 }, { 8, 900 }, { 17, 3600 }, { 5, 86400 },
	};
	unsigned point = (unsigned)(trait(host, TRAIT_TTL) % 100), i = 0;

	for (; point >= mix[i].per_cent; i++)
		point -= mix[i].per_cent;
	return mix[i].ttl;
}

static bool exists(uint32_t host)
{
	return !per_cent(trait(host, TRAIT_EXISTS), NXDOMAIN_PER_CENT);
}

static bool has_records(uint32_t host, enum kind kind)
{
	return exists(host) && per_cent(trait(host, kind), has_kind[kind]);
}

uint32_t world_ttl(uint32_t host, enum kind kind)
{
	static const uint32_t negative[] = { 60, 300, 900, 3600 };

	return has_records(host, kind) ? host_ttl(host) : negative[trait(host, TRAIT_TTL) % 4];
}

/* ---- records --------------------------------------------------------------------- */

static void fill(uint8_t *octets, size_t len, uint64_t number)
{
	for (size_t i = 0; i < len; i++) {
		if (i % 8 == 0)
			number = chance_of(number);
		octets[i] = (uint8_t)(number >> i % 8 * 8);
	}
}

/* Writes record data of <kind> and returns its length. */
static size_t make_rdata(uint8_t rdata[WORLD_RDATA_MAX], enum kind kind, const struct host *other,
                         uint64_t number)
{
	static const uint8_t https[] = { 0, 1, 0, 0, 1, 0, 6, 2, 'h', '3', 2, 'h', '2' };
	size_t len, before = 0;

	switch (kind) {
	case KIND_A:
		/* All public, as those of ordinary names are. */
		fill(rdata, 4, number);
		rdata[0] = (uint8_t)(11 + rdata[0] % 80);
		return 4;
	case KIND_AAAA:
		fill(rdata, 16, number);
		rdata[0] = 0x20 | rdata[0] % 16;
		return 16;
	case KIND_HTTPS:
		memcpy(rdata, https, sizeof(https));
		return sizeof(https);
	case KIND_TXT: /* a key, a policy: printable */
		len = 30 + number % 170;
		fill(rdata + 1, len, number);
		for (size_t i = 1; i <= len; i++)
			rdata[i] = (uint8_t)(' ' + rdata[i] % 95);
		rdata[0] = (uint8_t)len;
		return len + 1;
	case KIND_MX: /* preference */
		before = 2;
		break;
	case KIND_SRV: /* priority, weight, port */
		before = 6;
		break;
	default: /* PTR, and CNAME: the name alone */
		break;
	}
	memset(rdata, 0, before);
	memcpy(rdata + before, other->wire, other->len);
	return before + other->len;
}

/* How many different addresses a name answers with over time. Short TTLs are those of
 * networks that spread their load.
 */
static uint32_t pool_size(uint32_t host)
{
	uint32_t ttl = host_ttl(host);

	return ttl > 300 ? MOST_ADDRESSES : ttl > 60 ? 8 : 8u << trait(host, TRAIT_POOL) % 5;
}

static void add_record(struct world_answer *answer, struct warden_observation *obs, uint16_t type,
                       size_t len)
{
	uint32_t n = obs->record_count++;

	answer->record[n] = (struct warden_record){
		.rdata = answer->rdata[n], .rdata_len = (uint16_t)len, .type = type, .ttl = obs->ttl,
	};
	obs->answer_size += 12 + (uint32_t)len;
}

void world_answer(struct world_answer *answer, struct warden_observation *obs,
                  const struct names *names, uint32_t host, enum kind kind, uint64_t fetched)
{
	const struct host *other = &names->host[trait(host, TRAIT_CNAME) % names->host_count];
	uint32_t pool = pool_size(host);
	unsigned count = 1; /* of records, but for a CNAME */

	obs->records = answer->record;
	obs->record_count = 0;
	obs->answer_size = 12 + names->host[host].len + 4 + 11;
	obs->rcode = exists(host) ? 0 : RCODE_NXDOMAIN;
	obs->ttl = 0;
	if (has_records(host, kind)) {
		obs->ttl = host_ttl(host) - (uint32_t)((obs->now - fetched) / SECOND);
		if ((kind <= KIND_HTTPS) && per_cent(trait(host, TRAIT_CNAME) >> 32, CNAME_PER_CENT))
			add_record(answer, obs, TYPE_CNAME, make_rdata(answer->rdata[0], KIND_PTR, other, 0));
		if (kind == KIND_A || kind == KIND_AAAA)
			count += (unsigned)(trait(host, TRAIT_POOL) >> 32) % MOST_ADDRESSES;
		for (unsigned i = 0; i < count; i++) {
			uint64_t member = (chance_of(fetched) + i) % pool;

			/* Only addresses change with time. */
			if (kind > KIND_AAAA)
				member = 0;
			add_record(answer, obs, kind_type[kind],
			           make_rdata(answer->rdata[obs->record_count], kind, other,
			                      trait(host, kind) + member));
		}
	}
	obs->answer_count = (uint16_t)obs->record_count;
}

/* ---- delegations ----------------------------------------------------------------- */

/* Three ways to have a domain served: by servers of its own; by a provider that has the same for
 * all its customers; by one that picks a few of very many for each.
 */
#define OWN_PER_CENT    35
#define SHARED_PER_CENT 30
#define SHARED_COUNT    30   /* providers */
#define POOL_COUNT      4    /* providers */
#define POOL_SERVERS    2000 /* of each */

/* Writes <first>.<second>.net in wire format and returns its length. */
static size_t make_server(uint8_t wire[NAME_WIRE_MAX], const char *first, const char *second)
{
	size_t a = strlen(first), b = strlen(second);

	wire[0] = (uint8_t)a;
	memcpy(wire + 1, first, a);
	wire[1 + a] = (uint8_t)b;
	memcpy(wire + 2 + a, second, b);
	memcpy(wire + 2 + a + b, "\3net", 5);
	return a + b + 7;
}

void world_delegation(struct world_answer *answer, struct warden_observation *obs,
                      const struct names *names, uint32_t host)
{
	uint32_t number = names->host[host].domain;
	const struct domain *domain = &names->domain[number];
	uint64_t choice = trait(number, TRAIT_DNS);
	unsigned share = (unsigned)(choice % 100);
	unsigned count = 2 + (choice >> 8) % 2 * 2;

	for (unsigned i = 0; i < count; i++) {
		char first[16], second[32];
		size_t len;

		snprintf(first, sizeof(first), "ns%u", i + 1);
		if (share < OWN_PER_CENT) {
			len = strlen(first) + 1 + domain->len;
			if (len > NAME_WIRE_MAX)
				len = domain->len; /* the domain serves itself */
			answer->server_name[i][0] = (uint8_t)strlen(first);
			memcpy(answer->server_name[i] + 1, first, strlen(first));
			memcpy(answer->server_name[i] + len - domain->len, domain->wire, domain->len);
		} else if (share < OWN_PER_CENT + SHARED_PER_CENT) {
			/* A few of them have most of the customers. */
			double point = (double)(choice >> 16 & 0xffff) / 0x10000;

			snprintf(second, sizeof(second), "host-master-%u",
			         (unsigned)(point * point * SHARED_COUNT));
			len = make_server(answer->server_name[i], first, second);
		} else {
			snprintf(first, sizeof(first), "ns-%u",
			         (unsigned)(trait(number, TRAIT_SERVER + i) % POOL_SERVERS));
			snprintf(second, sizeof(second), "cloud-dns-%u", (unsigned)(choice >> 16) % POOL_COUNT);
			len = make_server(answer->server_name[i], first, second);
		}
		answer->server[i] = (struct warden_server){ answer->server_name[i], (uint8_t)len };
	}
	obs->zone = domain->wire;
	obs->zone_len = domain->len;
	obs->servers = answer->server;
	obs->server_count = (uint8_t)count;
}
