/* SPDX-License-Identifier: BSD-3-Clause */
/* fleet_candidates - how much of ordinary traffic is worth counting together with other nodes.
 *
 *     fleet_candidates [CLIENTS [DAYS [OCTETS]]]
 *
 * The people of tests/traffic/ordinary ask, and in five seconds of each minute of their time we look which ledgers are
 * added to that stand at fleet-count-from or above: these are what a node would have told Redis then. What was told in
 * the last ten minutes is asked for all the same (module/together/watch.h). The first day, in which everything is new, is
 * left out. Prints lines for tests/bench/fleet-costs.txt, each for one client.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/states.h"

#include "../traffic/people.h"

#define BEGAN    UINT64_C(1700006400000) /* a midnight */
#define INTERVAL (5 * SECOND)
#define WATCHED  (10 * MINUTE)
#define MORE_FOR_DOMAINS 8

enum kind_of_subject { PAIRS, CLIENTS, DOMAINS, KINDS };
static const char *const kind_names[KINDS] = { "pair", "client", "domain" };

/* What is known of a slot since the look before. */
struct known {
	uint64_t hash, last, told_at, day;
	double bits;
};

struct count {
	struct known *known;
	double told, watched, watched_most, a_day, names;
};

/* The ledger of slot <index>: its sums and when they were brought up to date. False when there is none. */
static bool ledger_at(const struct mapping *mapping, enum kind_of_subject kind, uint32_t index, uint64_t *hash,
                      uint64_t *last, struct sums *sums)
{
	const struct table *table = kind == PAIRS     ? &mapping->pairs
	                            : kind == CLIENTS ? &mapping->clients
	                                              : &mapping->domains;
	const struct slot *slot = table_slot(table, index);
	union {
		uint64_t word[WORDS(struct pair_ledger)];
		struct pair_ledger pair;
		struct client_ledger client;
		struct domain_ledger domain;
	} ledger;
	unsigned at = kind == PAIRS     ? PAIR_DATA + NOTES_WORDS
	              : kind == CLIENTS ? CLIENT_DATA + NOTES_WORDS
	                                : DOMAIN_DATA + DOMAIN_NOTES_WORDS;
	size_t words = kind == PAIRS     ? WORDS(struct pair_ledger)
	               : kind == CLIENTS ? WORDS(struct client_ledger)
	                                 : WORDS(struct domain_ledger);

	*hash = atomic_load_explicit(&slot->hash, memory_order_relaxed);
	if (!*hash)
		return false;
	for (size_t i = 0; i < words; i++)
		ledger.word[i] = atomic_load_explicit(&slot->word[at + i], memory_order_relaxed);
	*last = ledger.pair.span.last;
	*sums = kind == PAIRS ? ledger.pair.up : kind == CLIENTS ? ledger.client.up : ledger.domain.up;
	return true;
}

static void look(const struct mapping *mapping, enum kind_of_subject kind, struct count *count, double from, uint64_t now,
                 bool is_day, bool is_interval)
{
	uint32_t capacity = table_capacity(kind == PAIRS     ? &mapping->pairs
	                                   : kind == CLIENTS ? &mapping->clients
	                                                     : &mapping->domains);
	double told = 0, watched = 0;

	for (uint32_t i = 0; i < capacity; i++) {
		struct known *known = &count->known[i];
		struct sums sums;
		uint64_t hash, last;

		if (!ledger_at(mapping, kind, i, &hash, &last, &sums))
			continue;
		if (known->hash != hash)
			*known = (struct known){ .hash = hash };
		/* More than what has faded of what was there: something was added. */
		if (last != known->last && sums.day >= from &&
		    sums.day > known->bits * exp(-(double)(last - known->last) / (double)DAY) + 0.5) {
			known->told_at = now;
			told++;
			if (is_day && known->day != now / DAY) {
				known->day = now / DAY;
				count->a_day++;
				count->names += sums.names;
			}
		}
		known->last = last;
		known->bits = sums.day;
		watched += known->told_at && now - known->told_at < WATCHED;
	}
	if (!is_day || !is_interval)
		return;
	count->told += told;
	count->watched += watched;
	count->watched_most = fmax(count->watched_most, watched);
}

int main(int argc, char **argv)
{
	struct crowd_plan plan = { 200, 0, 1500, 0.8, rhythm_office };
	unsigned days = 3;
	double from = 32, looks = 0;
	const char *source = getenv("WARDEN_SOURCE"), *build = getenv("WARDEN_BUILD");
	char path[4096], config[] = "/tmp/warden-candidates-XXXXXX";
	struct chance chance = { 20260724 };
	struct count counts[KINDS] = { 0 };
	struct resolver resolver;
	struct names names;
	FILE *out;

	if (argc > 1)
		plan.people = (uint32_t)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		days = (unsigned)strtoul(argv[2], NULL, 10);
	if (argc > 3)
		from = strtod(argv[3], NULL);
	out = fdopen(mkstemp(config), "w");
	if (!out || days < 2 || days > 30 || !plan.people || plan.people > 20000) {
		fputs("usage: fleet_candidates [CLIENTS [DAYS [OCTETS]]]\n", stderr);
		return 2;
	}
	fprintf(out, "warden:\n\tallow-list: \"%s/conf/allow.list\"\n", source ? source : ".");
	fclose(out);
	snprintf(path, sizeof(path), "%s/tests/data/ordinary-names.txt", build ? build : ".");
	if (!names_read(&names, path, &chance) || !resolver_open(&resolver, config, &names, BEGAN, 1))
		return EXIT_FAILURE;
	unlink(config);

	const struct mapping *mapping = &resolver.warden->mapping;
	struct crowd *crowd = crowd_new(&plan, &names, BEGAN, &chance);

	counts[PAIRS].known = calloc(table_capacity(&mapping->pairs), sizeof(struct known));
	counts[CLIENTS].known = calloc(table_capacity(&mapping->clients), sizeof(struct known));
	counts[DOMAINS].known = calloc(table_capacity(&mapping->domains), sizeof(struct known));
	if (!crowd || !counts[PAIRS].known || !counts[CLIENTS].known || !counts[DOMAINS].known)
		return EXIT_FAILURE;
	for (uint64_t minute = BEGAN + MINUTE; minute < BEGAN + days * DAY; minute += MINUTE) {
		for (uint64_t now = minute; now <= minute + INTERVAL; now += INTERVAL) {
			bool is_interval = now > minute, is_day = now > BEGAN + DAY;

			crowd_run(crowd, &resolver, now);
			for (unsigned kind = 0; kind < KINDS; kind++)
				look(mapping, kind, &counts[kind], 8 * from * (kind == DOMAINS ? MORE_FOR_DOMAINS : 1), now,
				     is_day, is_interval);
			looks += is_day && is_interval;
		}
	}
	for (unsigned kind = 0; kind < KINDS; kind++) {
		const struct count *count = &counts[kind];
		const char *name = kind_names[kind];
		double clients = plan.people;

		printf("%s_told_%u=%.6g # ordinary traffic of %u clients: %ss that have told something in five seconds, for a client, mean\n",
		       name, plan.people, count->told / looks / clients, plan.people, name);
		printf("%s_watched_%u=%.6g # ordinary traffic of %u clients: %ss that have in ten minutes, for a client, mean\n", name,
		       plan.people, count->watched / looks / clients, plan.people, name);
		printf("%s_watched_most_%u=%.6g # ordinary traffic of %u clients: the same, the most\n", name, plan.people,
		       count->watched_most / clients, plan.people);
		printf("%s_a_day_%u=%.6g # ordinary traffic of %u clients: %ss that have in a day, for a client\n", name, plan.people,
		       count->a_day / (days - 1) / clients, plan.people, name);
		printf("%s_names_%u=%.6g # ordinary traffic of %u clients: distinct names of each of those\n", name, plan.people,
		       count->a_day > 0 ? count->names / count->a_day : 0, plan.people);
		free(count->known);
	}
	crowd_free(crowd);
	resolver_close(&resolver);
	names_free(&names);
	return EXIT_SUCCESS;
}
