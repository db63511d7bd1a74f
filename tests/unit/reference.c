/* SPDX-License-Identifier: BSD-3-Clause */
/* reference - the texts, one function for each of their sentences. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "name/model.h"
#include "reference.h"

/* The constants of the texts. */
#define CHOICE       2.0        /* bits that say which code follows */
#define POPULAR      20.0       /* bits of a place in a list of a million names */
#define THREE        3          /* clients that make a name popular, or a domain not rare */
#define RESTED       0.125
#define NOT_RARE     0.125
#define LABEL        48.0       /* bits that an ordinary domain's label costs at most */
#define ALWAYS_MIXED 192        /* of 256 */
#define BEHIND       16         /* questions that an order is looked for in */
#define OF_LATE      255        /* repeated questions, then half of them are forgotten */

/* --- who and what --------------------------------------------------------------------------- */

/* An observation, read. */
struct sight {
	const struct warden_observation *obs;
	struct name name;
	unsigned client, domain, label; /* where in <name> the domain begins */
	bool rare, not_rare;            /* neither: there is no domain */
};

static unsigned client_of(const struct reference *reference, const uint8_t address[16])
{
	for (unsigned i = 0; i < reference->clients; i++)
		if (!memcmp(reference->client[i].address, address, 16))
			return i;
	abort();
}

static unsigned domain_of(struct reference *reference, const struct name *name, unsigned label)
{
	const uint8_t *wire = name_tail(name, label);
	size_t len = name_tail_len(name, label);
	struct reference_domain *domain;

	for (unsigned i = 0; i < reference->domains; i++) {
		domain = &reference->domain[i];
		if (domain->name.len == len && !memcmp(domain->name.wire, wire, len))
			return i;
	}
	if (reference->domains == REFERENCE_DOMAINS)
		abort();
	domain = &reference->domain[reference->domains];
	if (!name_parse(&domain->name, wire, len))
		abort();
	domain->is_domain = label < name->labels;
	return reference->domains++;
}

/* Who has asked for the domain today or yesterday, this one included. */
static unsigned askers(struct reference_domain *domain, unsigned client, uint64_t now)
{
	uint64_t day = now / A_DAY;

	if (domain->day != day) {
		domain->yesterday = domain->day + 1 == day ? domain->today : 0;
		domain->today = 0;
		domain->day = day;
	}
	domain->today |= UINT32_C(1) << client;
	return (unsigned)__builtin_popcount(domain->today | domain->yesterday);
}

static struct sight look_at(struct reference *reference, const struct warden_observation *obs)
{
	struct sight sight = { .obs = obs };
	struct reference_domain *domain;
	unsigned count;

	if (!name_parse(&sight.name, obs->qname, obs->qname_len))
		abort();
	sight.client = client_of(reference, obs->client);
	sight.label = suffix_domain(reference->suffixes, &sight.name);
	sight.domain = domain_of(reference, &sight.name, sight.label);
	domain = &reference->domain[sight.domain];
	count = askers(domain, sight.client, obs->now);
	sight.rare = domain->is_domain && count < THREE;
	sight.not_rare = domain->is_domain && count >= THREE;
	return sight;
}

/* --- servers -------------------------------------------------------------------------------- */

/* Whether somebody who owns the domain, or a part of it, chose the servers of <zone>. */
static bool is_owned(const struct reference *reference, const struct sight *sight)
{
	const struct warden_observation *obs = sight->obs;
	const struct name *name = &sight->name;
	struct name zone;

	if (!obs->zone || !name_parse(&zone, obs->zone, obs->zone_len) || zone.labels == 0)
		return false;
	if (zone.labels > name->labels || zone.len != name_tail_len(name, name->labels - zone.labels) ||
	    memcmp(name_tail(name, name->labels - zone.labels), zone.wire, zone.len) != 0)
		return false;
	return !suffix_is_registry(reference->suffixes, &zone);
}

static int compare_servers(const void *a, const void *b)
{
	const struct name *x = a, *y = b;

	return x->len != y->len ? x->len - y->len : memcmp(x->wire, y->wire, x->len);
}

/* The set of servers, as one key: in lower case and in order. */
static const struct kept *servers_of(struct reference *reference, const struct warden_observation *obs)
{
	struct name *name = must(calloc(obs->server_count, sizeof(*name)));
	uint8_t key[KEY_MAX];
	const struct kept *set;
	size_t len = 0;

	for (unsigned i = 0; i < obs->server_count; i++)
		if (!name_parse(&name[i], obs->servers[i].id, obs->servers[i].id_len))
			abort();
	qsort(name, obs->server_count, sizeof(*name), compare_servers);
	for (unsigned i = 0; i < obs->server_count; i++)
		len = join(key, len, name[i].wire, name[i].len);
	free(name);
	set = kept_of(&reference->interned, key, len);
	return set;
}

/* The client's book of the servers behind the domain; NULL when they are not known. */
static struct reference_delegation *delegation_of(struct reference *reference, const struct sight *sight)
{
	struct reference_domain *domain = &reference->domain[sight->domain];
	struct reference_delegation *delegation;

	if (!sight->rare)
		return NULL;
	if ((sight->obs->what & WARDEN_ANSWER) && sight->obs->server_count && is_owned(reference, sight))
		domain->servers = servers_of(reference, sight->obs);
	if (!domain->servers)
		return NULL;
	for (unsigned i = 0; i < reference->delegations; i++) {
		delegation = &reference->delegation[i];
		if (delegation->client == sight->client && delegation->servers == domain->servers)
			return delegation;
	}
	if (reference->delegations == reference->delegations_room) {
		reference->delegations_room += 256;
		reference->delegation = must(realloc(reference->delegation, reference->delegations_room *
		                                     sizeof(*reference->delegation)));
	}
	delegation = &reference->delegation[reference->delegations++];
	*delegation = (struct reference_delegation){ .client = sight->client, .servers = domain->servers };
	return delegation;
}

/* --- questions ------------------------------------------------------------------------------ */

/* Other clients that have asked for the name, as far as their seats tell them apart. */
static unsigned join_audience(struct reference *reference, const struct sight *sight)
{
	unsigned others = 0, own = reference->client[sight->client].seat;
	uint8_t key[KEY_MAX];
	size_t len;

	memory_move(&reference->audience, sight->obs->now);
	for (unsigned seat = 0; seat < 8; seat++) {
		struct kept *kept;

		len = join(key, 0, &seat, sizeof(seat));
		len = join(key, len, sight->name.wire, sight->name.len);
		kept = kept_of(&reference->audience, key, len);
		if (seat == own)
			kept->epoch = reference->audience.epoch;
		else
			others += is_remembered(&reference->audience, kept);
	}
	return others;
}

/* The question that came after the last one when that came before, within the last few. */
static const struct kept *foreseen(const struct reference_pair *pair)
{
	unsigned end = pair->asked, begin = end > BEHIND ? end - BEHIND : 0;

	for (unsigned i = end - 1; end && i > begin; i--)
		if (pair->history[i - 1] == pair->history[end - 1])
			return pair->history[i];
	return NULL;
}

static void note(struct reference_pair *pair, const struct kept *question)
{
	if (pair->asked == pair->room) {
		pair->room = pair->room ? 2 * pair->room : 64;
		pair->history = must(realloc(pair->history, pair->room * sizeof(*pair->history)));
	}
	pair->history[pair->asked++] = question;
}

/* A question that was asked before: as before, the last one again, or which other of <names>. */
static double repeated_bits(struct reference *reference, struct reference_pair *pair, bool as_before,
                            bool again, double names, double type)
{
	unsigned *kind = as_before ? &pair->as_before : again ? &pair->again : &pair->other;
	unsigned all = pair->as_before + pair->again + pair->other;
	double bits = -log2((*kind + 0.5) / (all + 1.5));

	if (!as_before && !again)
		bits += log2(fmax(names, 1) + 1) + type;
	if (all >= OF_LATE) {
		pair->as_before /= 2;
		pair->again /= 2;
		pair->other /= 2;
	}
	++*kind;
	reference->taken.as_before += as_before;
	reference->taken.again += again && !as_before;
	return bits;
}

static size_t question_key(const struct sight *sight, uint8_t key[KEY_MAX], bool of_type)
{
	bool is_upper = memcmp(sight->name.raw, sight->name.wire, sight->name.len) != 0 &&
	                !model_is_mixed(&sight->name, sight->name.labels);
	size_t len = join(key, 0, &sight->client, sizeof(sight->client));

	len = join(key, len, sight->name.wire, sight->name.len);
	if (!of_type)
		return len;
	len = join(key, len, &is_upper, sizeof(is_upper));
	return join(key, len, &sight->obs->qtype, sizeof(sight->obs->qtype));
}

/* Whether the client has asked for the name before; from now on it has. */
static bool is_known(struct reference *reference, const struct sight *sight)
{
	uint8_t key[KEY_MAX];
	size_t len = question_key(sight, key, false);

	return seen(&reference->names, key, len, sight->obs->now);
}

/* Whether this is the first new name of the domain that the client asks for. */
static bool is_new_domain(struct reference *reference, const struct sight *sight)
{
	const struct name *name = &reference->domain[sight->domain].name;
	uint8_t key[KEY_MAX];
	size_t len = join(key, 0, "domain", 6);

	len = join(key, len, &sight->client, sizeof(sight->client));
	len = join(key, len, name->wire, name->len);
	return reference->domain[sight->domain].is_domain && !seen(&reference->names, key, len, sight->obs->now);
}

static double price_of_type(uint16_t qtype)
{
	static const uint16_t usual[] = { 2, 5, 6, 12, 15, 16, 33, 35, 43, 48, 64, 257 };

	if (qtype == 1 || qtype == 28 || qtype == 65)
		return 2;
	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		if (usual[i] == qtype)
			return 6;
	return 20;
}

/* What a question comes to. */
struct price {
	double bits, label; /* <label>: of the domain's own label, when the domain is new */
	unsigned length, others;
	bool new_name, new_domain;
};

static struct price price_of(struct reference *reference, const struct sight *sight,
                             struct reference_pair *pair, bool always_mixed)
{
	uint64_t now = sight->obs->now;
	struct price price = { .new_name = !is_known(reference, sight) };
	double names = book_names(&pair->up, now, A_DAY);
	uint8_t key[KEY_MAX];
	size_t len = question_key(sight, key, true);
	const struct kept *question = kept_of(&reference->interned, key, len);
	bool as_before = foreseen(pair) == question, rested = !seen(&reference->recent, key, len, now);
	double type = price_of_type(sight->obs->qtype);
	bool again = pair->asked && pair->history[pair->asked - 1] == question;

	note(pair, question);
	if (price.new_name) {
		price.bits = model_cost(&sight->name, sight->label) / 16.0;
		price.length = sight->name.len - 2u;
		price.others = join_audience(reference, sight);
		if (price.others + 1 >= THREE && price.bits > POPULAR) {
			price.bits = POPULAR;
			reference->taken.popular++;
		}
		price.bits += CHOICE + type;
		price.new_domain = is_new_domain(reference, sight);
		if (price.new_domain)
			price.label = model_label_cost(name_tail(&sight->name, sight->label)) / 16.0;
		reference->taken.new_names++;
	} else {
		price.bits = repeated_bits(reference, pair, as_before, again, names, type);
		if (type < 20)
			price.bits *= (rested ? RESTED : 1) * (sight->not_rare ? NOT_RARE : 1);
		reference->taken.repeats++;
		reference->taken.rested += rested;
		reference->taken.not_rare += sight->not_rare;
	}
	if (model_is_mixed(&sight->name, sight->name.labels)) {
		if (!always_mixed)
			price.bits += model_case_cost(&sight->name, sight->name.labels) / 16.0;
		reference->taken.mixed += !always_mixed;
		reference->taken.always_mixed += always_mixed;
	} else if (price.new_name) {
		price.bits += model_case_cost(&sight->name, sight->name.labels) / 16.0;
	}
	return price;
}

/* A sixteenth of the way up or down, at least 1. */
static void client_mixes(struct reference_client *client, bool mixed)
{
	double way = mixed ? 255.0 - client->mixed : client->mixed;
	unsigned step = (unsigned)ceil(way / 16);

	client->mixed = mixed ? client->mixed + step : client->mixed - step;
}

static void question(struct reference *reference, const struct sight *sight)
{
	struct reference_client *client = &reference->client[sight->client];
	struct reference_domain *domain = &reference->domain[sight->domain];
	struct reference_pair *pair = &reference->pair[sight->client][sight->domain];
	struct price price = price_of(reference, sight, pair, client->mixed >= ALWAYS_MIXED);
	struct reference_delegation *delegation = delegation_of(reference, sight);
	uint64_t now = sight->obs->now;
	double dear = price.label > LABEL ? price.label - LABEL : 0;

	book_add(&pair->up, now, price.bits, price.length);
	if (sight->rare)
		book_add(&client->up, now, price.bits + dear, price.length);
	if (price.new_domain) {
		client_mixes(client, model_is_mixed(&sight->name, sight->name.labels));
		if (dear == 0)
			book_add(&client->domains, now, 1, 0);
		reference->taken.new_domains++;
		reference->taken.dear_labels += dear > 0;
	}
	if (price.new_name && !price.others && domain->is_domain)
		book_add(&domain->up, now, price.bits, price.length);
	reference->taken.shared += price.new_name && price.others;
	if (delegation) {
		book_add(&delegation->up, now, price.bits + price.label, price.length);
		if (price.new_domain)
			book_add(&delegation->domains, now, 1, 0);
		reference->taken.delegated++;
	} else if (sight->rare) {
		book_add(&pair->waiting, now, price.bits + price.label, 0);
	}
}

/* --- answers -------------------------------------------------------------------------------- */

/* What a piece of a record tells the pair, unless it is known already. */
static double piece(struct reference *reference, const struct sight *sight, uint16_t common,
                    const uint8_t *octets, size_t len, double bits)
{
	uint8_t key[KEY_MAX];
	size_t at = join(key, 0, "answer", 6);

	at = join(key, at, &common, sizeof(common));
	if (!common) {
		at = join(key, at, &sight->client, sizeof(sight->client));
		at = join(key, at, &sight->domain, sizeof(sight->domain));
	}
	at = join(key, at, octets, len);
	if (seen(&reference->names, key, at, sight->obs->now)) {
		reference->taken.pieces_again++;
		return 0;
	}
	reference->taken.pieces++;
	return bits;
}

static size_t name_len(const uint8_t *wire)
{
	size_t len = 1;

	while (wire[len - 1])
		len += wire[len - 1] + 1u;
	return len;
}

/* Octets that are no name, and a name that begins at <before>. */
static double with_name(const uint8_t *octets, size_t before)
{
	struct name name;

	if (!name_parse(&name, octets + before, name_len(octets + before)))
		abort();
	return 8.0 * (double)before + model_cost(&name, name.labels) / 16.0;
}

static double record_bits(struct reference *reference, const struct sight *sight,
                          const struct warden_record *record)
{
	const uint8_t *octets = record->rdata;
	size_t len = record->rdata_len, at, size;
	double bits;

	switch (record->type) {
	case 46: case 47: case 48: case 50: /* DNSSEC */
		return 0;
	case 2: case 5: case 12: /* NS, CNAME, PTR */
		return piece(reference, sight, 0, octets, len, with_name(octets, 0));
	case 15: /* MX */
		return piece(reference, sight, 0, octets, len, with_name(octets, 2));
	case 65: /* HTTPS: priority and target, then each parameter */
		at = 2 + name_len(octets + 2);
		bits = piece(reference, sight, 0, octets, at, with_name(octets, 2));
		for (; at < len; at += size) {
			bool ech = octets[at] == 0 && octets[at + 1] == 5;

			size = 4 + (size_t)(octets[at + 2] << 8 | octets[at + 3]);
			bits += piece(reference, sight, ech ? 65 : 0, octets + at, size, 8.0 * (double)size);
		}
		return bits;
	default:
		return piece(reference, sight, 0, octets, len, 8.0 * (double)len);
	}
}

static void answer(struct reference *reference, const struct sight *sight)
{
	struct reference_pair *pair = &reference->pair[sight->client][sight->domain];
	struct reference_delegation *delegation = delegation_of(reference, sight);
	uint64_t now = sight->obs->now;
	double bits = 0;

	for (unsigned i = 0; i < sight->obs->record_count; i++)
		bits += record_bits(reference, sight, &sight->obs->records[i]);
	book_add(&pair->down, now, bits, 0);
	if (!delegation || !pair->waiting.count)
		return;
	/* What was told before anybody knew whom, at what is left of it. */
	book_add(&delegation->up, now, book_bits(&pair->waiting, now, A_DAY), sight->name.len - 2u);
	book_add(&delegation->domains, now, 1, 0);
	pair->waiting.count = 0;
	reference->taken.waited++;
}

/* --- in the open ---------------------------------------------------------------------------- */

void reference_see(struct reference *reference, const struct warden_observation *obs)
{
	struct sight sight = look_at(reference, obs);

	if (obs->path != WARDEN_PATH_MISS && obs->path != WARDEN_PATH_JOINED)
		return; /* it stays in the resolver */
	if (obs->what & WARDEN_QUESTION && obs->path == WARDEN_PATH_MISS)
		question(reference, &sight); /* of joined ones somebody else's went upstream */
	if (obs->what & WARDEN_ANSWER)
		answer(reference, &sight);
}

void reference_client(struct reference *reference, const uint8_t address[16], unsigned seat)
{
	struct reference_client *client = &reference->client[reference->clients++];

	if (reference->clients > REFERENCE_CLIENTS)
		abort();
	memcpy(client->address, address, 16);
	client->seat = seat;
}

void reference_start(struct reference *reference, const struct suffixes *suffixes)
{
	memset(reference, 0, sizeof(*reference));
	reference->suffixes = suffixes;
	reference->names.age = reference->audience.age = A_DAY;
	reference->recent.age = 10 * A_SECOND;
}

void reference_end(struct reference *reference)
{
	memory_end(&reference->names);
	memory_end(&reference->audience);
	memory_end(&reference->recent);
	memory_end(&reference->interned);
	for (unsigned i = 0; i < REFERENCE_CLIENTS; i++) {
		book_end(&reference->client[i].up);
		book_end(&reference->client[i].domains);
		for (unsigned j = 0; j < REFERENCE_DOMAINS; j++) {
			book_end(&reference->pair[i][j].up);
			book_end(&reference->pair[i][j].down);
			book_end(&reference->pair[i][j].waiting);
			free(reference->pair[i][j].history);
		}
	}
	for (unsigned i = 0; i < REFERENCE_DOMAINS; i++)
		book_end(&reference->domain[i].up);
	for (unsigned i = 0; i < reference->delegations; i++) {
		book_end(&reference->delegation[i].up);
		book_end(&reference->delegation[i].domains);
	}
	free(reference->delegation);
}
