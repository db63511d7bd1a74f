/* SPDX-License-Identifier: BSD-3-Clause */
/* mixture - dice. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mixture.h"
#include "support.h"

#define POPULAR 8 /* domains that everybody asks for; each of the others is for one or two clients */
#define UNKNOWN 56 /* from here on TLDs that do not exist */

static unsigned below(struct mixture *mixture, unsigned end)
{
	return (unsigned)(random_next(&mixture->random) >> 11) % end;
}

static bool percent(struct mixture *mixture, unsigned chance)
{
	return below(mixture, 100) < chance;
}

/* Appends <len> random characters to <text>. */
static void letters(struct mixture *mixture, char *text, unsigned len)
{
	static const char alphabet[] = "etaonrishdlfcmugypwbvkjxqz0123456789-_";
	size_t at = strlen(text);

	/* The first half of the letters is in most names. */
	for (unsigned i = 0; i < len; i++)
		text[at++] = alphabet[below(mixture, percent(mixture, 60) ? 13 : i ? 38 : 36)];
	text[at] = '\0';
}

void mixture_start(struct mixture *mixture, uint64_t seed, uint64_t now)
{
	static const char *const endings[] = { ".com", ".org", ".de", ".co.uk", ".duckdns.org", ".net" };

	memset(mixture, 0, sizeof(*mixture));
	mixture->random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	mixture->now = now;
	for (unsigned i = 0; i < MIXTURE_DOMAINS; i++) {
		char *domain = mixture->domain[i];

		/* Every fourth has a label that costs more than ordinary ones. */
		letters(mixture, domain, i % 4 ? 4 + below(mixture, 6) : 16 + below(mixture, 20));
		sprintf(domain + strlen(domain), "%u%s", i, i < UNKNOWN ? endings[i % 6] : ".nosuchtld");
	}
}

static void gap(struct mixture *mixture)
{
	static const struct {
		unsigned until; /* of 1000 */
		double mean;
	} gaps[] = { { 350, 20 }, { 750, 1500 }, { 950, 9000 }, { 993, 60000 }, { 1000, 3600000 } };
	unsigned chance = below(mixture, 1000), i = 0;
	double u = (below(mixture, 1000000) + 0.5) / 1e6;

	while (chance >= gaps[i].until)
		i++;
	mixture->now += (uint64_t)(-log(u) * gaps[i].mean);
}

/* A name of domain number <d>: known, the next in turn, or new. */
static const char *name_below(struct mixture *mixture, unsigned client, unsigned d)
{
	char (*names)[200] = mixture->name[d];
	unsigned which = mixture->names[d], kind = below(mixture, 100);
	char text[200] = "";

	if (which && kind < (mixture->hurry.left ? 85 : 10))
		return names[mixture->next[client]++ % (which < 5 ? which : 5)];
	if (which && kind < 65)
		return names[below(mixture, which)];
	if (which == MIXTURE_NAMES)
		which = below(mixture, MIXTURE_NAMES);
	else
		mixture->names[d]++;
	for (unsigned i = 0, count = below(mixture, 4); i < count; i++) {
		letters(mixture, text, 1 + below(mixture, percent(mixture, 15) ? 40 : 9));
		strcat(text, ".");
	}
	strcat(text, mixture->domain[d]);
	return strcpy(names[which], text);
}

/* A third of the clients use 0x20; of the others a few questions are mixed or all upper case. */
static void ask(struct mixture *mixture, unsigned client, const char *text)
{
	char cased[256];
	bool mixes = client % 5 == 0 || percent(mixture, 3), upper = !mixes && percent(mixture, 1);
	size_t i;

	for (i = 0; text[i]; i++)
		cased[i] = (char)((mixes && percent(mixture, 50)) || upper ? toupper(text[i]) : text[i]);
	cased[i] = '\0';
	if (!name_from_text(&mixture->qname, cased))
		abort();
	mixture->obs.qname = mixture->qname.raw;
	mixture->obs.qname_len = mixture->qname.len;
}

static size_t put_name(struct mixture *mixture, uint8_t *rdata, unsigned d)
{
	char text[64] = "";
	struct name name;

	if (percent(mixture, 60))
		sprintf(text, "mx%u.%s", below(mixture, 3), mixture->domain[d]);
	else {
		letters(mixture, text, 3 + below(mixture, 20));
		strcat(text, ".example.net");
	}
	if (!name_from_text(&name, text))
		abort();
	memcpy(rdata, name.raw, name.len);
	return name.len;
}

static size_t put_octets(struct mixture *mixture, uint8_t *rdata, size_t len)
{
	bool known = percent(mixture, 50);

	for (size_t i = 0; i < len; i++)
		rdata[i] = (uint8_t)(known ? i + below(mixture, 2) * (i == 0) : below(mixture, 256));
	return len;
}

static size_t put_parameter(struct mixture *mixture, uint8_t *rdata, unsigned key, size_t len)
{
	rdata[0] = 0;
	rdata[1] = (uint8_t)key;
	rdata[2] = 0;
	rdata[3] = (uint8_t)len;
	return 4 + put_octets(mixture, rdata + 4, len);
}

static void put_record(struct mixture *mixture, unsigned n, unsigned d)
{
	static const uint16_t types[] = { 1, 1, 28, 28, 16, 5, 15, 65, 46, 10, 2 };
	struct warden_record *record = &mixture->record[n];
	uint8_t *rdata = mixture->rdata[n];
	size_t len;

	record->type = types[below(mixture, sizeof(types) / sizeof(*types))];
	record->rdata = rdata;
	switch (record->type) {
	case 1:
		len = put_octets(mixture, rdata, 4);
		break;
	case 28:
		len = put_octets(mixture, rdata, 16);
		break;
	case 2: case 5:
		len = put_name(mixture, rdata, d);
		break;
	case 15:
		rdata[0] = 0;
		rdata[1] = (uint8_t)below(mixture, 20);
		len = 2 + put_name(mixture, rdata + 2, d);
		break;
	case 65:
		rdata[0] = 0;
		rdata[1] = 1;
		rdata[2] = 0; /* the owner itself */
		len = 3 + put_parameter(mixture, rdata + 3, 1, 3);
		if (percent(mixture, 50))
			len += put_parameter(mixture, rdata + len, 4, 8);
		if (percent(mixture, 50))
			len += put_parameter(mixture, rdata + len, 5, 60);
		break;
	default:
		len = put_octets(mixture, rdata, 1 + below(mixture, 100));
	}
	record->rdata_len = (uint16_t)len;
}

/* The zone that the answer came from: the domain's or one inside, a registry's, or another's. */
static void put_zone(struct mixture *mixture, unsigned d)
{
	const struct name *qname = &mixture->qname;
	unsigned kind = below(mixture, 100), labels;

	if (kind < 25)
		return; /* not known */
	if (kind < 75) {
		if (!name_from_text(&mixture->zone, mixture->domain[d]))
			abort();
	} else if (kind < 95) { /* any tail of the name, the root as well */
		labels = below(mixture, qname->labels + 1u);
		if (!name_parse(&mixture->zone, name_tail(qname, labels), name_tail_len(qname, labels)))
			abort();
	} else if (!name_from_text(&mixture->zone, mixture->domain[below(mixture, MIXTURE_DOMAINS)])) {
		abort();
	}
	mixture->obs.zone = mixture->zone.wire;
	mixture->obs.zone_len = mixture->zone.len;
}

/* Twelve hosters; some domains move from one to the next now and then. */
static void put_servers(struct mixture *mixture, unsigned d)
{
	unsigned count = 1 + d % MIXTURE_SERVERS, first = below(mixture, count), hoster;

	mixture->moved[d] += percent(mixture, 1);
	hoster = (d + mixture->moved[d]) % 12;
	for (unsigned i = 0; i < count; i++) {
		struct name *server = &mixture->server[i];
		char text[64];

		sprintf(text, percent(mixture, 20) ? "NS%u.Hoster%u.net" : "ns%u.hoster%u.net",
		        (first + i) % count, hoster);
		if (!name_from_text(server, text))
			abort();
		mixture->servers[i] = (struct warden_server){ server->raw, server->len };
	}
	mixture->obs.servers = mixture->servers;
	mixture->obs.server_count = (uint8_t)count;
}

static void answer(struct mixture *mixture, unsigned d)
{
	mixture->obs.record_count = below(mixture, MIXTURE_RECORDS + 1);
	for (unsigned i = 0; i < mixture->obs.record_count; i++)
		put_record(mixture, i, d);
	mixture->obs.answer_count = (uint16_t)mixture->obs.record_count;
	mixture->obs.records = mixture->record;
	put_zone(mixture, d);
	put_servers(mixture, d);
}

static unsigned choose_domain(struct mixture *mixture, unsigned client)
{
	unsigned kind = below(mixture, 100);

	if (kind < 30)
		return below(mixture, POPULAR);
	if (kind < (client % 5 ? 33 : 45))
		return below(mixture, MIXTURE_DOMAINS); /* whoever: rare domains are not rare for ever */
	if (kind < 48)
		return UNKNOWN + below(mixture, MIXTURE_DOMAINS - UNKNOWN);
	/* Five of its own, and each of these is also another's. */
	return POPULAR + (client * 5 / 2 + below(mixture, 5)) % (UNKNOWN - POPULAR);
}

static unsigned domain_of_obs(const struct mixture *mixture)
{
	char text[NAME_TEXT_MAX];
	size_t len = strlen(name_text(text, mixture->qname.wire, mixture->qname.len));

	for (unsigned d = 0; d < MIXTURE_DOMAINS; d++) {
		size_t tail = strlen(mixture->domain[d]);

		if (tail <= len && !strcmp(text + len - tail, mixture->domain[d]))
			return d;
	}
	abort();
}

void mixture_next(struct mixture *mixture, uint8_t client[MIXTURE_CLIENTS][16])
{
	static const uint16_t types[] = { 1, 1, 1, 28, 28, 65, 16, 15, 5, 10 };
	struct warden_observation *obs = &mixture->obs;
	unsigned who, d, path;

	if (mixture->answer_due) {
		mixture->answer_due = false;
		mixture->now += below(mixture, 300);
		obs->now = mixture->now;
		obs->what = WARDEN_ANSWER;
		answer(mixture, domain_of_obs(mixture));
		return;
	}
	if (mixture->hurry.left) {
		mixture->hurry.left--;
		mixture->now += below(mixture, 2000);
	} else {
		gap(mixture);
		mixture->hurry.client = below(mixture, MIXTURE_CLIENTS);
		mixture->hurry.domain = choose_domain(mixture, mixture->hurry.client);
		mixture->hurry.left = percent(mixture, 2) ? below(mixture, 60) : 0;
	}
	who = mixture->hurry.client;
	d = mixture->hurry.domain;
	path = below(mixture, 100);
	*obs = (struct warden_observation){
		.now = mixture->now,
		.what = WARDEN_QUESTION,
		.path = WARDEN_PATH_MISS,
		.qtype = types[percent(mixture, 50) ? below(mixture, sizeof(types) / sizeof(*types)) : 0],
		.qclass = 1,
	};
	memcpy(obs->client, client[who], 16);
	ask(mixture, who, name_below(mixture, who, d));
	if (path < 75) {
		mixture->answer_due = path < 60;
		return;
	}
	obs->what |= WARDEN_ANSWER;
	obs->path = path < 80 ? WARDEN_PATH_JOINED : path < 98 ? WARDEN_PATH_CACHE : WARDEN_PATH_LOCAL;
	if (path < 98)
		answer(mixture, d);
}
