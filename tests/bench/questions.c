/* SPDX-License-Identifier: BSD-3-Clause */
/* questions - see questions.h. */
#include <math.h>
#include <string.h>

#include "questions.h"

#define FIRST_NEW UINT32_C(0x40000000) /* numbers of domains and clients that are new, from here on */

const char *const kind_names[KIND_COUNT] = {
	[CACHE_HIT] = "cache hit",
	[ORDINARY] = "miss, ordinary",
	[KNOWN_NAME] = "miss, known name",
	[NEW_NAME] = "miss, new name",
	[ANSWER] = "answer",
	[CACHE_PAIR] = "cache hit, new pair",
	[NEW_DOMAIN] = "miss, new domain",
	[NEW_CLIENT] = "miss, new client",
};

uint32_t population_domains(uint32_t clients)
{
	return (uint32_t)(316 * sqrt(clients));
}

uint64_t population_looks(const struct population *population, enum kind kind, uint64_t looks)
{
	uint64_t most = looks;

	if (kind == NEW_NAME)
		most = (uint64_t)population->clients * population->pairs;
	if (kind == NEW_DOMAIN || kind == CACHE_PAIR)
		most = (uint64_t)population->clients * 8;
	return most < looks ? most : looks;
}

/* The finalizer of SplitMix64: as good as random, and the same each time. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static uint64_t random_next(struct stream *stream)
{
	stream->random += UINT64_C(0x9e3779b97f4a7c15);
	return mix(stream->random);
}

/* Who of <count> a random number means: Zipf's law as Mandelbrot has it, by the inverse of its sum. */
static uint32_t zipf(uint32_t count, uint64_t random)
{
	double q = count > 1000 ? count / 1000.0 : 1;
	double rank = q * (exp((double)(random >> 11) * 0x1p-53 * log((count + q) / q)) - 1);

	return rank < count ? (uint32_t)rank : count - 1;
}

/* ---- names ---------------------------------------------------------------------- */

static const char syllables[32][3] = {
	"ba", "be", "bo", "ca", "co", "da", "de", "do", "fa", "fi", "ga", "go", "ha", "ho", "ka", "ki",
	"la", "le", "lo", "ma", "mi", "mo", "na", "ne", "no", "pa", "pi", "ra", "ri", "sa", "so", "ta",
};
static const char *const hosts[16] = {
	"www", "api", "cdn", "img", "mail", "static", "app", "login", "shop", "news", "media", "assets",
	"edge", "docs", "m", "data",
};
static const char *const suffixes[8] = {
	"\3com", "\3com", "\3com", "\3net", "\3org", "\2de", "\2co\2uk", "\2io",
};

static uint8_t *put_text(uint8_t *at, const char *text)
{
	size_t len = strlen(text);

	memcpy(at, text, len);
	return at + len;
}

/* "img", and from 16 on "img217". */
static uint8_t *put_host(uint8_t *at, uint64_t host)
{
	uint8_t *length = at++, digits[20];
	unsigned count = 0;

	at = put_text(at, hosts[host % 16]);
	for (host /= 16; host; host /= 10)
		digits[count++] = (uint8_t)('0' + host % 10);
	while (count)
		*at++ = digits[--count];
	*length = (uint8_t)(at - length - 1);
	return at;
}

/* "lemoka.com": three syllables or more, another one for each number. */
static uint8_t *put_domain(uint8_t *at, uint32_t domain)
{
	const char *suffix = suffixes[domain % 8];
	uint8_t *length = at++;

	for (unsigned i = 0; i < 3 || domain; i++, domain >>= 5)
		at = put_text(at, syllables[domain & 31]);
	*length = (uint8_t)(at - length - 1);
	at = put_text(at, suffix);
	*at++ = 0;
	return at;
}

/* ---- questions ------------------------------------------------------------------ */

/* A question for <host> of <domain>.*/
static void ask(struct question *question, uint32_t client, uint32_t domain, uint64_t host, uint64_t now)
{
	uint8_t *end = put_domain(put_host(question->qname, host), domain);

	question->obs = (struct warden_observation){
		.now = now,
		.what = WARDEN_QUESTION,
		.path = WARDEN_PATH_MISS,
		.flags = WARDEN_FLAG_EDNS,
		.qtype = mix(domain + now) % 3 ? 1 : 28,
		.qclass = 1,
		.qname_len = (uint16_t)(end - question->qname),
		.qname = question->qname,
		.answer_count = 2,
		.answer_size = 80,
		.ttl = 300,
	};
	memcpy(question->obs.client, "\x20\x01\x0d\xb8", 4);
	memcpy(question->obs.client + 4, &client, 4);
}

static uint32_t pair_seed(uint32_t client, uint32_t pair)
{
	return (uint32_t)mix((uint64_t)client << 32 | pair);
}

void question_of_pair(struct question *question, const struct population *population, uint32_t client,
                      uint32_t pair, uint64_t now)
{
	uint32_t seed = pair_seed(client, pair);
	uint32_t domain = zipf(population->domains, mix(seed));

	ask(question, population->first + client, population->first + domain, seed % 4, now);
}

void question_of_stranger(struct question *question, const struct population *population, uint64_t n,
                          uint64_t now)
{
	ask(question, population->first + (uint32_t)(n % population->clients), population->first + (uint32_t)n, 0,
	    now);
}

void question_cached(struct question *question)
{
	question->obs.what = WARDEN_QUESTION | WARDEN_ANSWER;
	question->obs.path = WARDEN_PATH_CACHE;
}

/* The domain's own addresses, from servers that all domains have. */
void question_answer(struct question *question)
{
	static const struct warden_server servers[] = {
		{ (const uint8_t *)"\3ns1\4host\3net", 14 }, { (const uint8_t *)"\3ns2\4host\3net", 14 },
	};
	struct warden_observation *obs = &question->obs;
	const uint8_t *zone = question->qname + 1 + question->qname[0];

	obs->zone = zone;
	obs->zone_len = (uint8_t)(question->qname + obs->qname_len - zone);
	for (unsigned i = 0; i < 2; i++) {
		uint8_t address[4] = { 93, zone[1], zone[3], (uint8_t)(zone[4] + i) };

		memcpy(question->address[i], address, sizeof(address));
		question->record[i] = (struct warden_record){ question->address[i], 300, 1, 4 };
	}
	obs->what = WARDEN_ANSWER;
	obs->qtype = 1;
	obs->records = question->record;
	obs->record_count = 2;
	obs->servers = servers;
	obs->server_count = 2;
}

void question_make(struct question *question, enum kind kind, struct stream *stream, uint64_t now)
{
	const struct population *population = &stream->population;
	uint32_t client = zipf(population->clients, random_next(stream));
	uint32_t pair = zipf(population->pairs, random_next(stream));
	uint32_t seed = pair_seed(client, pair), domain = zipf(population->domains, mix(seed));
	uint64_t host = seed % 4, serial;

	stream->count++;
	if (kind == NEW_NAME || kind == NEW_DOMAIN || (kind == ORDINARY && stream->count % NEW_EVERY == 0)) {
		/* By turns, and not mostly those who ask mostly. */
		serial = stream->serial++;
		client = (uint32_t)(serial % population->clients);
		seed = pair_seed(client, (uint32_t)(serial / population->clients % population->pairs));
		domain = zipf(population->domains, mix(seed));
		host = 16 + serial % 160000;
		if (kind == NEW_DOMAIN) {
			domain = FIRST_NEW + (uint32_t)serial;
			host = 0;
		}
	}
	if (kind == CACHE_PAIR) {
		domain = (uint32_t)(mix(stream->serial++) % population->domains);
		host = 0;
	}
	if (kind == NEW_CLIENT)
		client = FIRST_NEW + (uint32_t)stream->serial++;
	ask(question, population->first + client, population->first + domain, host, now);
	if (kind == CACHE_HIT || kind == CACHE_PAIR)
		question_cached(question);
	if (kind == ANSWER)
		question_answer(question);
}
