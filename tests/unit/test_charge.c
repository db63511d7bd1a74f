/* SPDX-License-Identifier: BSD-3-Clause */
/* test_charge - every sum that the engine keeps against an exact reference, over days of random
 * traffic; each branch of a charge once for itself; and the steps of clocks.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/look.h"
#include "mixture.h"
#include "reference.h"
#include "support.h"

/* The detectors of names look at cached answers as well, and what they add to the filter of names
 * moves the moments at which it forgets: without them those are known exactly.
 */
#define CONFIG \
	"warden:\n  mode: observe\n  profile: normal\n" \
	"detector:\n  name: \"long-names\"\n  enable: no\n" \
	"detector:\n  name: \"null-rate\"\n  enable: no\n" \
	"detector:\n  name: \"signature-iodine\"\n  enable: no\n" \
	"detector:\n  name: \"dga\"\n  enable: no\n" \
	"detector:\n  name: \"random-subdomain\"\n  enable: no\n"

#define OBSERVATIONS 40000
#define CHECK_EVERY  5000
#define WEEK         (7 * DAY)

/* One in a hundred; and half a bit, for sums so small that a step of the ledger's clock or the
 * last bit of a float is a part of them.
 */
#define RELATIVE 0.01
#define SLACK    0.1

static struct warden *warden;
static struct reference reference;
static struct mixture mixture;
static uint8_t client[MIXTURE_CLIENTS][16];

/* Addresses whose hashes differ in the bits that tell the clients of a domain apart. */
static void choose_clients(void)
{
	uint64_t taken = 0;

	for (unsigned n = 1, count = 0; count < MIXTURE_CLIENTS; n++) {
		char text[32];
		uint64_t hash;

		snprintf(text, sizeof(text), "198.51.%u.%u", n / 250, n % 250);
		address(client[count], text);
		hash = client_hash(&warden->mapping, client[count]);
		if (taken >> (hash & 63) & 1)
			continue;
		taken |= UINT64_C(1) << (hash & 63);
		reference_client(&reference, client[count++], hash % 8);
	}
}

static void start(unsigned seed)
{
	warden = open_engine(CONFIG, true);
	fix_secret(warden, seed);
	reference_start(&reference, atomic_load(&warden->rules)->config->suffixes);
	choose_clients();
}

static int setup(void **state)
{
	(void)state;
	start(1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	reference_end(&reference);
	warden_close(warden);
	return 0;
}

/* --- the ledgers, read out of the slots ------------------------------------------------------ */

static bool read_slot(const struct table *table, uint64_t hash, unsigned first, unsigned count,
                      void *ledger)
{
	struct place place = table_find(table, hash);
	uint64_t words[64], whose;

	if (!place.slot)
		return false;
	assert_true(slot_read(place.slot, &whose, first, count, words));
	assert_true(whose == hash);
	memcpy(ledger, words, count * sizeof(*words));
	return true;
}

#define READ(table, hash, first, ledger) \
	read_slot(&warden->mapping.table, hash, first, WORDS(*(ledger)), ledger)

static uint64_t hash_of_domain(unsigned domain)
{
	const struct name *name = &reference.domain[domain].name;

	return domain_hash(&warden->mapping, name->wire, name->len);
}

static bool read_pair(unsigned c, unsigned d, struct pair_ledger *ledger)
{
	uint64_t hash = pair_hash(&warden->mapping, client_hash(&warden->mapping, client[c]), hash_of_domain(d));

	return READ(pairs, hash, PAIR_DATA + NOTES_WORDS, ledger);
}

static bool read_client(unsigned c, struct client_ledger *ledger)
{
	return READ(clients, client_hash(&warden->mapping, client[c]), CLIENT_DATA + NOTES_WORDS, ledger);
}

static bool read_domain(unsigned d, struct domain_ledger *ledger)
{
	return READ(domains, hash_of_domain(d), DOMAIN_DATA + DOMAIN_NOTES_WORDS, ledger);
}

/* By the words of its key, whatever it is hashed by: those servers that <domain> has. */
static bool read_delegation(unsigned c, unsigned d, struct delegation_ledger *ledger)
{
	struct place domain = table_find(&warden->mapping.domains, hash_of_domain(d));
	uint64_t servers = domain.slot ? slot_get(domain.slot, DOMAIN_DELEGATION) : 0;

	for (uint32_t i = 0; servers && i < table_capacity(&warden->mapping.delegations); i++) {
		struct place place = table_at(&warden->mapping.delegations, i);
		uint64_t key[2];

		if (!place.slot || slot_get(place.slot, DELEGATION_SERVERS) != servers)
			continue;
		key[0] = slot_get(place.slot, DELEGATION_CLIENT);
		key[1] = slot_get(place.slot, DELEGATION_CLIENT + 1);
		if (!memcmp(key, client[c], sizeof(key)))
			return READ(delegations, place.hash, DELEGATION_DATA, ledger);
	}
	return false;
}

/* --- the comparison -------------------------------------------------------------------------- */

static struct {
	double relative, absolute; /* the largest deviations; the former of sums above 100 */
	const char *what_relative, *what_absolute;
	unsigned sums, wrong;
} worst;

/* <sum> was last moved at <last>. */
static void compare(const char *what, unsigned c, unsigned d, double sum, uint64_t last, uint64_t now,
                    uint64_t window, double exact)
{
	double seen = sum * exp(-((double)now - (double)last) / (double)window);
	double off = fabs(seen - exact);

	worst.sums++;
	if (off > worst.absolute) {
		worst.absolute = off;
		worst.what_absolute = what;
	}
	if (exact > 100 && off / exact > worst.relative) {
		worst.relative = off / exact;
		worst.what_relative = what;
	}
	if (off <= RELATIVE * exact + SLACK)
		return;
	if (worst.wrong++ < 20)
		printf("%s of client %u, domain %u: %g, but exactly it is %g\n", what, c, d, seen, exact);
}

static void compare_up(const char *const what[4], unsigned c, unsigned d, const struct sums *sums,
                       uint64_t last, uint64_t now, const struct book *book)
{
	compare(what[0], c, d, sums->day, last, now, DAY, book_bits(book, now, DAY));
	compare(what[1], c, d, sums->fast, last, now, 10 * MINUTE, book_bits(book, now, 10 * MINUTE));
	compare(what[2], c, d, sums->names, last, now, DAY, book_names(book, now, DAY));
	compare(what[3], c, d, sums->length, last, now, DAY, book_length(book, now, DAY));
}

#define OF(whom) (const char *const[]){ whom ": day", whom ": ten minutes", whom ": names", whom ": length" }

static void compare_pair(unsigned c, unsigned d, uint64_t now)
{
	const struct reference_pair *pair = &reference.pair[c][d];
	struct pair_ledger ledger;

	if (!pair->up.count && !pair->down.count)
		return;
	assert_true(read_pair(c, d, &ledger));
	compare_up(OF("pair"), c, d, &ledger.up, ledger.span.last, now, &pair->up);
	compare("pair: down, day", c, d, ledger.down, ledger.span.last, now, DAY, book_bits(&pair->down, now, DAY));
	compare("pair: down, ten minutes", c, d, ledger.down_fast, ledger.span.last, now, 10 * MINUTE,
	        book_bits(&pair->down, now, 10 * MINUTE));
	compare("pair: waiting", c, d, ledger.waiting, ledger.span.last, now, DAY,
	        book_bits(&pair->waiting, now, DAY));
}

static void compare_client(unsigned c, uint64_t now)
{
	const struct reference_client *exact = &reference.client[c];
	struct client_ledger ledger;

	if (!exact->up.count && !exact->domains.count)
		return;
	assert_true(read_client(c, &ledger));
	compare_up(OF("client"), c, 0, &ledger.up, ledger.span.last, now, &exact->up);
	compare("client: domains", c, 0, ledger.domains, ledger.span.last, now, DAY,
	        book_bits(&exact->domains, now, DAY));
	assert_int_equal(ledger.mixed, exact->mixed);
}

static void compare_domain(unsigned d, uint64_t now)
{
	const struct book *book = &reference.domain[d].up;
	struct domain_ledger ledger = { .span.last = 0 };

	assert_true(read_domain(d, &ledger));
	compare_up(OF("domain"), 0, d, &ledger.up, ledger.span.last, now, book);
	compare("domain: week", 0, d, ledger.week, ledger.span.last, now, WEEK, book_bits(book, now, WEEK));
}

/* Those that are still some domain's: of others nobody knows by which key to look for them. */
static void compare_delegations(uint64_t now)
{
	for (unsigned i = 0; i < reference.delegations; i++) {
		const struct reference_delegation *exact = &reference.delegation[i];
		struct delegation_ledger ledger;

		for (unsigned d = 0; d < reference.domains; d++) {
			if (reference.domain[d].servers != exact->servers)
				continue;
			assert_true(read_delegation(exact->client, d, &ledger));
			compare_up(OF("delegation"), exact->client, d, &ledger.up, ledger.span.last, now, &exact->up);
			compare("delegation: domains", exact->client, d, ledger.domains, ledger.span.last, now, DAY,
			        book_bits(&exact->domains, now, DAY));
			break;
		}
	}
	assert_int_equal(table_used(&warden->mapping.delegations), reference.delegations);
}

static void compare_all(uint64_t now)
{
	for (unsigned c = 0; c < MIXTURE_CLIENTS; c++) {
		compare_client(c, now);
		for (unsigned d = 0; d < reference.domains; d++)
			compare_pair(c, d, now);
	}
	for (unsigned d = 0; d < reference.domains; d++)
		compare_domain(d, now);
	compare_delegations(now);
	assert_int_equal(worst.wrong, 0);
}

static void see(const struct warden_observation *obs)
{
	warden_observe(warden, obs);
	reference_see(&reference, obs);
}

/* A branch that no traffic took is not tested. */
static void all_taken(void)
{
	assert_true(reference.taken.new_names > 1000 && reference.taken.repeats > 1000);
	assert_true(reference.taken.popular > 100 && reference.taken.shared > 100);
	assert_true(reference.taken.as_before > 100 && reference.taken.again > 100 && reference.taken.rested > 100);
	assert_true(reference.taken.rested < reference.taken.repeats - 100);
	assert_true(reference.taken.not_rare > 100 && reference.taken.not_rare < reference.taken.repeats - 100);
	assert_true(reference.taken.mixed > 100 && reference.taken.always_mixed > 100);
	assert_true(reference.taken.dear_labels > 50);
	assert_true(reference.taken.new_domains > reference.taken.dear_labels + 50);
	assert_true(reference.taken.waited > 20 && reference.taken.delegated > 100);
	assert_true(reference.taken.pieces > 100 && reference.taken.pieces_again > 100);
}

/* Another thread's clock, a moment behind; but not across midnight, where the askers of a domain
 * are counted anew.
 */
static void behind(struct warden_observation *obs, uint64_t *random)
{
	uint64_t before = obs->now - random_next(random) % CLOCK_JITTER;

	if (before / DAY == obs->now / DAY)
		obs->now = before;
}

static void compare_traffic(unsigned seed, bool jitter)
{
	uint64_t random = seed;

	start(seed);
	memset(&worst, 0, sizeof(worst));
	mixture_start(&mixture, seed, NOW);
	for (unsigned n = 1; n <= OBSERVATIONS; n++) {
		mixture_next(&mixture, client);
		if (jitter)
			behind(&mixture.obs, &random);
		see(&mixture.obs);
		if (n % CHECK_EVERY == 0)
			compare_all(mixture.now);
	}
	printf("%.1f days, %u sums: at most %.3f %% off (%s), at most %.2f bits (%s)\n",
	       (double)(mixture.now - NOW) / DAY, worst.sums, 100 * worst.relative,
	       worst.what_relative, worst.absolute, worst.what_absolute);
	all_taken();
	teardown(NULL);
}

static void random_traffic(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 4; seed++)
		compare_traffic(seed, false);
}

static void clocks_of_threads(void **state)
{
	(void)state;
	compare_traffic(5, true);
}

/* --- steps of the clock ---------------------------------------------------------------------- */

#define HOSTER "ns.hoster.net"

/* A question of the first client at <now>, and its answer from the servers at HOSTER. */
static void ask_at(uint64_t now, const char *qname, bool of_reference)
{
	struct warden_server server;
	struct name hoster;
	struct asked asked;

	question(&asked, "192.0.2.1", qname, 28);
	memcpy(asked.obs.client, client[0], 16);
	asked.obs.now = now;
	warden_observe(warden, &asked.obs);
	if (of_reference)
		reference_see(&reference, &asked.obs);
	assert_true(name_from_text(&hoster, HOSTER));
	server = (struct warden_server){ hoster.raw, hoster.len };
	asked.obs.what = WARDEN_ANSWER;
	asked.obs.zone = asked.name.wire + asked.name.label[asked.name.labels - 2];
	asked.obs.zone_len = (uint8_t)name_tail_len(&asked.name, asked.name.labels - 2u);
	asked.obs.servers = &server;
	asked.obs.server_count = 1;
	warden_observe(warden, &asked.obs);
	if (of_reference)
		reference_see(&reference, &asked.obs);
}

static void assert_near(double seen, double exact)
{
	if (fabs(seen - exact) > RELATIVE * exact)
		fail_msg("%g, but exactly it is %g", seen, exact);
}

/* The ledgers are of another life: they start anew. What was seen is not forgotten. */
static void step_back(void **state)
{
	uint64_t before = NOW + DAY, after = before - HOUR;
	struct delegation_ledger delegation;
	struct domain_ledger domain;
	struct client_ledger of_client;
	struct pair_ledger pair;
	double bits;

	(void)state;
	ask_at(before, "one.example.org", false);
	ask_at(after, "two.example.org", true); /* the reference was not there before */
	bits = book_bits(&reference.pair[0][0].up, after, DAY);
	assert_true(bits > 5);
	assert_true(read_pair(0, 0, &pair) && read_client(0, &of_client));
	assert_true(read_domain(0, &domain) && read_delegation(0, 0, &delegation));
	assert_near(pair.up.day, bits);
	assert_near(pair.up.fast, bits);
	assert_near(pair.up.names, 1);
	assert_near(of_client.up.day, bits);
	assert_near(domain.up.day, bits);
	assert_near(domain.week, bits);
	assert_near(delegation.up.day, bits);
	assert_true(pair.span.first == after && of_client.span.first == after);
	assert_true(domain.span.first == after && delegation.span.first == after);

	ask_at(after + MINUTE, "one.example.org", false);
	assert_true(read_pair(0, 0, &pair));
	assert_near(pair.up.names, 1);
	assert_true(pair.up.day > bits && pair.up.day < bits + 1);
}

/* What was there has faded, and what was seen is new again. */
static void step_forward(void **state)
{
	struct pair_ledger pair;

	(void)state;
	ask_at(NOW, "one.example.org", true);
	ask_at(NOW + MINUTE, "one.example.org", true);
	memset(&worst, 0, sizeof(worst));
	compare_all(NOW + MINUTE);
	ask_at(NOW + 400 * DAY, "one.example.org", true);
	compare_all(NOW + 400 * DAY);
	assert_true(read_pair(0, 0, &pair));
	assert_near(pair.up.names, 1);
	assert_true(pair.span.first == NOW + 400 * DAY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_traffic),
		cmocka_unit_test(clocks_of_threads),
		TEST(step_back),
		TEST(step_forward),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
