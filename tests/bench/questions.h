/* SPDX-License-Identifier: BSD-3-Clause */
/* questions - the observations that benchmarks are made of: ordinary traffic, and whatever of it has
 * to be new in a row.
 *
 * A population is so many clients, each with so many domains that it keeps asking for, one name of each.
 * Who asks, for which of its domains, and which domains these are follow Zipf's law: the n-th asks as often as
 * 1 / (n + q), where q grows with the number, so that no one client is a flood by itself. Clients and pairs
 * beyond the caches of the processor, as a provider has them, are just larger numbers.
 *
 * Invariant: what is new is new once or a few times to each pair, and looks like a host name: more would be a
 * tunnel, and looked at longer. A smaller population is part of a larger one with as many domains.
 */
#ifndef TESTS_BENCH_QUESTIONS_H
#define TESTS_BENCH_QUESTIONS_H

#include <stdint.h>

#include <warden/observation.h>

#define NEW_EVERY 14 /* of the misses of ordinary traffic 7 in 100 are for new names: tests/traffic/ordinary */

/* Those who take slots from others come last, so that they disturb nobody's measurement but their own. */
enum kind {
	CACHE_HIT,  /* answered from the cache: a pair and a name that are known */
	ORDINARY,   /* misses: known names, and new ones every now and then */
	KNOWN_NAME,
	NEW_NAME,
	ANSWER,     /* two addresses, for a miss */
	CACHE_PAIR, /* answered from the cache: a domain that others know */
	NEW_DOMAIN, /* that nobody has asked for */
	NEW_CLIENT,
	KIND_COUNT
};

extern const char *const kind_names[KIND_COUNT];

struct population {
	uint32_t clients;
	uint32_t pairs;   /* domains of each client */
	uint32_t domains; /* of all */
	uint32_t first;   /* number of the first client and of the first domain: apart enough, two never meet */
};

/* How many domains <clients> ask for between them: grows with the square root (Heaps' law). */
uint32_t population_domains(uint32_t clients);

/* How many observations of <kind>, of <looks>, the clients of <population> can be asked for in a row without
 * doing what ordinary clients do not: nobody asks for hundreds of new domains in an hour.
 */
uint64_t population_looks(const struct population *population, enum kind kind, uint64_t looks);

/* One thread's questions. */
struct stream {
	struct population population;
	uint64_t random; /* state of the generator */
	uint64_t serial; /* of the next that is new; no two streams have the same */
	uint64_t count;  /* made so far */
};

struct question {
	struct warden_observation obs;
	struct warden_record record[2];
	uint8_t qname[64], address[2][4];
};

/* The next of <kind> in <stream>, asked at <now> milliseconds. */
void question_make(struct question *question, enum kind kind, struct stream *stream, uint64_t now);

/* The question of client number <client> for number <pair> of its domains: to make all pairs known. */
void question_of_pair(struct question *question, const struct population *population, uint32_t client,
                      uint32_t pair, uint64_t now);

/* Question number <n> of those who only fill tables: each is for a domain of its own. */
void question_of_stranger(struct question *question, const struct population *population, uint64_t n,
                          uint64_t now);

/* Makes it one that is answered from the cache. */
void question_cached(struct question *question);

/* Makes the answer of it. */
void question_answer(struct question *question);

#endif
