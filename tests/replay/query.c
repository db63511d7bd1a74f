/* SPDX-License-Identifier: BSD-3-Clause */
/* query - reads a question with its answer, and fills in what differs each time it is asked. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/dns.h"
#include "base/network.h"
#include "report/address.h"
#include "recorded/field.h"

#include "query.h"

#define MESSAGE_LEN 16u /* header, type and class of the question */
#define RECORD_LEN  12u /* its owner compressed to two octets */

/* ---- {...} --------------------------------------------------------------------- */

/* What a template has become so far. */
struct text {
	char *at, *end; /* one octet behind <end> is left for the NUL */
	bool fits;
};

static void put(struct text *text, char octet)
{
	if (text->at == text->end)
		text->fits = false;
	else
		*text->at++ = octet;
}

static unsigned random_below(uint64_t *x, unsigned bound)
{
	return (unsigned)((random_next(x) >> 32) * bound >> 32);
}

static void put_base32(struct text *text, uint64_t *random, uint64_t times)
{
	while (times--)
		put(text, "abcdefghijklmnopqrstuvwxyz234567"[random_next(random) >> 59]);
}

static void put_number(struct text *text, uint64_t number)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, number);
	for (const char *digit = digits; *digit; digit++)
		put(text, *digit);
}

/* One of the words in <choice>, which | stands between. */
static void put_one(struct text *text, uint64_t *random, const char *choice)
{
	unsigned words = 1, wanted;

	for (const char *c = choice; *c; c++)
		words += *c == '|';
	wanted = random_below(random, words);
	while (wanted)
		wanted -= *choice++ == '|';
	while (*choice && *choice != '|')
		put(text, *choice++);
}

static void put_mixed(struct text *text, uint64_t *random, const char *letters)
{
	for (; *letters; letters++)
		put(text, *letters >= 'a' && *letters <= 'z' && random_below(random, 2) ? *letters & ~0x20 : *letters);
}

/* Writes what <blank>, the inside of a {...}, stands for. False when it is not understood. */
static bool put_blank(struct scenario *scenario, struct text *text, char *blank, uint64_t n)
{
	static const char *const words[] = { "n", "rand", "x", "hash", "one", "mix", NULL };
	enum { N, RAND, X, HASH, ONE, MIX } which;
	char *argument = strchr(blank, ':');
	uint64_t number = 0, of_n = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
	int found;

	if (argument)
		*argument++ = '\0';
	found = find_word(blank, words);
	if (found < 0)
		return false;
	which = (unsigned)found;
	if (which == X && argument && !strcmp(argument, "n"))
		number = n;
	else if (which < ONE && argument && (!read_number(argument, &number) || !number))
		return false;
	if (which != N && (!argument || !*argument))
		return false;
	switch (which) {
	case N:
		put_number(text, number ? (n - 1) % number + 1 : n);
		break;
	case RAND:
		put_base32(text, &scenario->random, number);
		break;
	case X:
		while (number--)
			put(text, 'x');
		break;
	case HASH:
		random_next(&of_n);
		put_base32(text, &of_n, number);
		break;
	case ONE:
		put_one(text, &scenario->random, argument);
		break;
	case MIX:
		put_mixed(text, &scenario->random, argument);
		break;
	}
	return true;
}

/* Writes <template> with its {...} filled in. False when it is not understood, or too long. */
static bool fill_in(struct scenario *scenario, const char *template, uint64_t n, char *filled,
                    size_t size)
{
	struct text text = { .at = filled, .end = filled + size - 1, .fits = true };
	char blank[1024];

	while (*template) {
		size_t len = strcspn(template, "}");

		if (*template != '{') {
			put(&text, *template++);
			continue;
		}
		if (!template[len] || len > sizeof(blank))
			return false;
		memcpy(blank, template + 1, len - 1);
		blank[len - 1] = '\0';
		if (!put_blank(scenario, &text, blank, n))
			return false;
		template += len + 1;
	}
	*text.at = '\0';
	return text.fits;
}

static bool fill_in_name(struct scenario *scenario, const char *template, uint64_t n, struct name *name)
{
	char text[NAME_TEXT_MAX];

	if (fill_in(scenario, template, n, text, sizeof(text)) && name_from_text(name, text))
		return true;
	scenario_fail(scenario, "'%s' does not make a name", template);
	return false;
}

/* ---- reading ------------------------------------------------------------------- */

/* Reads TYPE or TYPE,TYPE... Cuts <word>. */
static bool read_types(struct query *query, char *word)
{
	for (char *type = strtok(word, ","); type; type = strtok(NULL, ","))
		if (query->types == TYPES_MAX || !field_type(type, &query->type[query->types++]))
			return false;
	return query->types;
}

/* Reads TYPE:DATA. Cuts <word>. */
static bool read_record(struct query *query, char *word)
{
	char *data = strchr(word, ':');

	if (!data || query->records == RECORDS_MAX)
		return false;
	*data = '\0';
	query->record[query->records].data = data + 1;
	return field_type(word, &query->record[query->records++].type);
}

/* Reads FLAG or FLAG,FLAG... Cuts <word>. */
static bool read_flags(struct query *query, char *word)
{
	static const char *const words[] = { "edns", "folded", "refresh", "odd-header", "odd-edns", NULL };
	static const uint8_t flags[] = { WARDEN_FLAG_EDNS, WARDEN_FLAG_FOLDED, WARDEN_FLAG_REFRESH,
	                                 WARDEN_FLAG_ODD_HEADER, WARDEN_FLAG_ODD_EDNS };

	for (char *flag = strtok(word, ","); flag; flag = strtok(NULL, ",")) {
		int found = find_word(flag, words);

		if (found < 0)
			return false;
		query->flags |= flags[found];
	}
	return query->flags;
}

/* Reads `with FLAGS`, `class N` and `subnet PREFIX` at *word, as many of them as there are. */
static bool read_question_rest(struct query *query, char ***word, unsigned *count)
{
	for (; *count > 1; *word += 2, *count -= 2) {
		uint64_t number;

		if (!strcmp(**word, "with")) {
			if (!read_flags(query, (*word)[1]))
				return false;
		} else if (!strcmp(**word, "class")) {
			if (!read_number((*word)[1], &number) || number > UINT16_MAX)
				return false;
			query->qclass = (uint16_t)number;
		} else if (!strcmp(**word, "subnet")) {
			query->subnet = (*word)[1];
		} else {
			break;
		}
	}
	return true;
}

bool query_read(struct query *query, char **word, unsigned count)
{
	uint64_t ttl;

	*query = (struct query){ .path = WARDEN_PATH_MISS, .qclass = DNS_CLASS_IN };
	if (count < 4 || strcmp(word[1], "query") || !read_types(query, word[3]))
		return false;
	query->client = word[0];
	query->name = word[2];
	word += 4;
	count -= 4;
	if (count && field_path(*word, &query->path)) {
		query->answered = query->path != WARDEN_PATH_MISS;
		word++;
		count--;
	}
	if (!read_question_rest(query, &word, &count))
		return false;
	if (!count)
		return true;
	query->answered = true;
	if (count < 2 || strcmp(word[0], "->"))
		return false;
	query->nodata = !strcmp(word[1], "NODATA");
	if (!query->nodata && !field_rcode(word[1], &query->rcode))
		return false;
	word += 2;
	count -= 2;
	if (count > 1 && !strcmp(*word, "ttl")) {
		if (!read_number(word[1], &ttl) || ttl > UINT32_MAX)
			return false;
		query->ttl = (uint32_t)ttl;
		word += 2;
		count -= 2;
	}
	for (; count && strcmp(*word, "from"); word++, count--)
		if (query->nodata || !read_record(query, *word))
			return false;
	if (!count)
		return true;
	if (count != 4 || strcmp(word[2], "zone"))
		return false;
	query->servers = word[1];
	query->zone = word[3];
	return true;
}

/* ---- asking -------------------------------------------------------------------- */

/* Any octet may be written as \DDD, as in names. <text> is shorter than RDATA_MAX. */
static uint16_t octets_of(uint8_t *rdata, const char *text)
{
	uint16_t len = 0;

	for (; *text; text++) {
		unsigned value;

		if (*text == '\\' && strspn(text + 1, "0123456789") >= 3 && sscanf(text + 1, "%3u", &value) == 1 &&
		    value <= UINT8_MAX) {
			rdata[len++] = (uint8_t)value;
			text += 3;
		} else {
			rdata[len++] = (uint8_t)*text;
		}
	}
	return len;
}

/* Makes the data of a record: of an address, of a name, or the octets as they stand. */
static bool fill_in_record(struct scenario *scenario, uint16_t type, const char *template, uint64_t n,
                           struct warden_record *record, uint8_t rdata[RDATA_MAX])
{
	char text[RDATA_MAX];
	uint8_t address[16];
	struct name name;

	record->type = type;
	record->rdata = rdata;
	if (!fill_in(scenario, template, n, text, sizeof(text)))
		goto nothing;
	switch (type) {
	case DNS_TYPE_A: case DNS_TYPE_AAAA:
		if (!address_from_text(address, text) || address_is_v4(address) != (type == DNS_TYPE_A))
			goto nothing;
		record->rdata_len = type == DNS_TYPE_A ? 4 : 16;
		memcpy(rdata, address + 16 - record->rdata_len, record->rdata_len);
		return true;
	case DNS_TYPE_NS: case DNS_TYPE_CNAME: case DNS_TYPE_PTR: case DNS_TYPE_DNAME:
		if (!name_from_text(&name, text))
			goto nothing;
		record->rdata_len = name.len;
		memcpy(rdata, name.raw, name.len);
		return true;
	default:
		record->rdata_len = octets_of(rdata, text);
		return true;
	}
nothing:
	scenario_fail(scenario, "'%s' does not make a record", template);
	return false;
}

static bool fill_in_delegation(struct scenario *scenario, const struct query *query, uint64_t n,
                               struct asked *asked)
{
	char text[NAME_TEXT_MAX];
	unsigned count = 0;

	if (!fill_in_name(scenario, query->zone, n, &asked->zone))
		return false;
	if (!fill_in(scenario, query->servers, n, text, sizeof(text)))
		goto nothing;
	for (char *server = strtok(text, ","); server; server = strtok(NULL, ","), count++) {
		if (count == SERVERS_MAX || !name_from_text(&asked->server[count], server))
			goto nothing;
		asked->servers[count].id = asked->server[count].raw;
		asked->servers[count].id_len = asked->server[count].len;
	}
	asked->obs.zone = asked->zone.raw;
	asked->obs.zone_len = asked->zone.len;
	asked->obs.servers = asked->servers;
	asked->obs.server_count = (uint8_t)count;
	return true;
nothing:
	scenario_fail(scenario, "'%s' does not make servers", query->servers);
	return false;
}

/* The client of <query> and, if it tells one, the subnet that it asks for. */
static bool fill_in_who(struct scenario *scenario, const struct query *query, uint64_t n,
                        struct warden_observation *obs)
{
	char text[NAME_TEXT_MAX];
	struct network subnet;

	if (!fill_in(scenario, query->client, n, text, sizeof(text)) || !address_from_text(obs->client, text)) {
		scenario_fail(scenario, "'%s' does not make a client", query->client);
		return false;
	}
	if (!query->subnet)
		return true;
	if (!fill_in(scenario, query->subnet, n, text, sizeof(text)) || !network_parse(&subnet, text)) {
		scenario_fail(scenario, "'%s' does not make a subnet", query->subnet);
		return false;
	}
	memcpy(obs->subnet, subnet.address, sizeof(obs->subnet));
	obs->subnet_prefix = subnet.bits;
	return true;
}

bool query_fill_in(struct scenario *scenario, const struct query *query, uint64_t n, struct asked *asked)
{
	struct warden_observation *obs = &asked->obs;

	*obs = (struct warden_observation){
		.qclass = query->qclass, .path = query->path, .rcode = query->rcode, .flags = query->flags,
		.ttl = query->ttl,
	};
	if (!fill_in_who(scenario, query, n, obs))
		return false;
	if (!fill_in_name(scenario, query->name, n, &asked->name))
		return false;
	obs->qname = asked->name.raw;
	obs->qname_len = asked->name.len;
	for (unsigned i = 0; i < query->records; i++) {
		asked->record[i].ttl = query->ttl;
		if (!fill_in_record(scenario, query->record[i].type, query->record[i].data, n,
		                    &asked->record[i], asked->rdata[i]))
			return false;
	}
	obs->records = asked->record;
	obs->record_count = query->records;
	obs->answer_count = (uint16_t)query->records;
	if (!query->records) /* something was in it, unless it says that nothing was */
		obs->answer_count = query->answered && !query->nodata && obs->rcode == DNS_RCODE_NOERROR;
	obs->answer_size = MESSAGE_LEN + obs->qname_len + obs->answer_count * RECORD_LEN;
	for (unsigned i = 0; i < query->records; i++)
		obs->answer_size += asked->record[i].rdata_len;
	return !query->zone || fill_in_delegation(scenario, query, n, asked);
}
