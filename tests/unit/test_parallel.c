/* SPDX-License-Identifier: BSD-3-Clause */
/* test_parallel - processes and threads on one segment: every sum is exact at the end.
 *
 * Every slot is there beforehand: a newcomer may find its set locked by somebody who sleeps,
 * and is then counted as busy instead of waited for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/counts.h"
#include "support.h"

#define PROCESSES 3
#define THREADS   3
#define ROUNDS    20000
#define CLIENTS   20
#define DOMAINS   7

#define LOOKS (PROCESSES * THREADS * ROUNDS)
#define FIRST (CLIENTS * DOMAINS)

static const char *config(void)
{
	static char text[2048];

	snprintf(text, sizeof(text), "warden:\n profile: small\n mode: enforce\n shared-memory: \"%s\"\n"
	         " snapshot-file: \"\"\n event-file: \"\"\n control-socket: \"\"\n" EVERY_DETECTOR, temp("segment"));
	return text;
}

/* Every client asks for the same on all paths; some of it is refused. */
static void look(unsigned thread, void *arg)
{
	struct warden *warden = arg;
	struct asked asked;
	char client[32], name[64];

	for (unsigned n = 0; n < ROUNDS; n++) {
		snprintf(client, sizeof(client), "192.0.2.%u", 1 + n % CLIENTS);
		snprintf(name, sizeof(name), "n%u.t%u.d%u.com", n / 8, thread, n % DOMAINS);
		question(&asked, client, name, n % 50 ? 1 : 10);
		asked.obs.path = (uint8_t)(n / CLIENTS % WARDEN_PATH_COUNT);
		asked.obs.what = asked.obs.path == WARDEN_PATH_MISS ? WARDEN_QUESTION
		                                                    : WARDEN_QUESTION | WARDEN_ANSWER;
		warden_observe(warden, &asked.obs);
	}
}

static void introduce(struct warden *warden)
{
	struct asked asked;
	char client[32], name[64];

	for (unsigned n = 0; n < FIRST; n++) {
		snprintf(client, sizeof(client), "192.0.2.%u", 1 + n % CLIENTS);
		snprintf(name, sizeof(name), "d%u.com", n / CLIENTS);
		question(&asked, client, name, 1);
		asked.obs.path = WARDEN_PATH_CACHE;
		warden_observe(warden, &asked.obs);
	}
}

static int child(void)
{
	struct warden_setup setup = { .config_file = config_path(), .now = NOW };
	char error[512];
	struct warden *warden = warden_open(&setup, error, sizeof(error));

	if (!warden) {
		fprintf(stderr, "%s\n", error);
		return 1;
	}
	in_threads(THREADS, look, warden);
	warden_close(warden);
	return 0;
}

/* Questions of all pairs; what their domains are yet to be told of goes to <owed>. */
static uint64_t queries(const struct table *pairs, uint64_t *owed)
{
	uint64_t word[PAIR_DATA], hash, total = 0;

	*owed = 0;
	for (uint32_t i = 0; i < table_capacity(pairs); i++) {
		struct place place = table_at(pairs, i);

		if (!place.slot || !slot_read(place.slot, &hash, 0, PAIR_DATA, word))
			continue;
		total += pair_queries(word);
		*owed += pair_owes(word[PAIR_AT_ONCE]);
	}
	return total;
}

static uint64_t sum(const struct table *table, unsigned word)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < table_capacity(table); i++) {
		struct place place = table_at(table, i);

		total += place.slot ? slot_get(place.slot, word) : 0;
	}
	return total;
}

static void sums_are_exact(void **state)
{
	struct warden *warden;
	struct mapping *mapping;
	uint64_t events, owed;

	(void)state;
	warden = open_engine(config(), false);
	introduce(warden);
	warden_close(warden);
	for (unsigned i = 0; i < PROCESSES; i++)
		if (fork() == 0)
			_exit(child());
	for (unsigned i = 0; i < PROCESSES; i++) {
		int status = -1;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	warden = open_engine(config(), false);
	mapping = &warden->mapping;
	assert_int_equal(counted(warden, COUNTER_misses) + counted(warden, COUNTER_joined) +
	                 counted(warden, COUNTER_cachehits) + counted(warden, COUNTER_local), LOOKS + FIRST);
	assert_int_equal(counted(warden, COUNTER_misses), LOOKS / WARDEN_PATH_COUNT);
	assert_int_equal(counted(warden, COUNTER_answers), LOOKS / WARDEN_PATH_COUNT * 3);
	assert_int_equal(table_used(&mapping->clients), CLIENTS);
	assert_int_equal(table_used(&mapping->domains), DOMAINS);
	assert_int_equal(table_used(&mapping->pairs), FIRST);
	for (unsigned i = 0; i < CLIENTS; i++) {
		char client[32];

		snprintf(client, sizeof(client), "192.0.2.%u", 1 + i);
		assert_int_equal(client_counted(warden, client, CLIENT_MISSES) +
		                 client_counted(warden, client, CLIENT_JOINED) +
		                 client_counted(warden, client, CLIENT_CACHEHITS) +
		                 client_counted(warden, client, CLIENT_LOCAL), LOOKS / CLIENTS + DOMAINS);
	}
	assert_int_equal(queries(&mapping->pairs, &owed), LOOKS + FIRST);
	assert_int_equal(sum(&mapping->domains, DOMAIN_QUERIES) + owed, LOOKS + FIRST);
	assert_int_equal(sum(&mapping->clients, CLIENT_REFUSED), counted(warden, COUNTER_refused));
	assert_int_equal(sum(&mapping->pairs, PAIR_REFUSED), counted(warden, COUNTER_refused));
	assert_true(counted(warden, COUNTER_refused) > 0);
	assert_int_equal(atomic_load(&mapping->header->holds), table_used(&mapping->holds));

	/* Every event is in the ring or counted as lost, under its own number. */
	events = drain(warden, NULL, 0);
	assert_int_equal(events, counted(warden, COUNTER_events_queued));
	assert_int_equal(events + counted(warden, COUNTER_events_lost), atomic_load(&mapping->header->sequence));
	printf("%u looks, %u gave up a slot\n", LOOKS, (unsigned)counted(warden, COUNTER_busy));
	assert_true(counted(warden, COUNTER_busy) < LOOKS / 2);
	warden_close(warden);
}

/* ---- as Unbound does it without threads ----------------------------------------- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MANY 30000
#else
#define MANY 300000
#endif
#define WORKERS 4 /* threads, and as many processes */

static const char *plain_config(void)
{
	static char text[1024];

	snprintf(text, sizeof(text), "warden:\n profile: small\n mode: enforce\n shared-memory: \"%s\"\n"
	         " snapshot-file: \"\"\n event-file: \"\"\n control-socket: \"\"\n", temp("segment"));
	return text;
}

static void client_name(char text[32], unsigned n)
{
	snprintf(text, 32, "192.0.2.%u", 1 + n);
}

/* Who is held for a domain asks for it each tenth time. Ends the process unless all that is denied is refused. */
static void look_a_lot(unsigned worker, void *arg)
{
	struct warden *warden = arg;
	struct asked usual[CLIENTS], held[CLIENTS];
	char client[32];

	for (unsigned i = 0; i < CLIENTS; i++) {
		client_name(client, i);
		question(&usual[i], client, "www.d0.com", 1);
		usual[i].obs.path = worker % 2 ? WARDEN_PATH_CACHE : WARDEN_PATH_LOCAL;
		question(&held[i], client, "www.d1.com", 1);
	}
	for (unsigned n = 0; n < MANY; n++)
		if (n % 10 == 9 && warden_observe(warden, &held[n / 10 % CLIENTS].obs).verdict != WARDEN_REFUSE)
			abort();
		else if (n % 10 != 9)
			warden_observe(warden, &usual[n / 10 % CLIENTS].obs);
}

/* The workers are forked from a process that has the engine open, and has looked already; others are its threads. */
static void forked_workers(void **state)
{
	unsigned looks = 2 * WORKERS * MANY + CLIENTS * 2, refused = 2 * WORKERS * (MANY / 10) + CLIENTS;
	uint8_t octets[16];
	struct warden *warden;
	char text[256], client[32];
	struct name domain;

	(void)state;
	temp_clean();
	warden = open_engine(plain_config(), false);
	assert_true(name_from_text(&domain, "d1.com"));
	for (unsigned i = 0; i < CLIENTS; i++) {
		client_name(client, i);
		address(octets, client);
		if (!engine_hold(warden, octets, &domain, NOW, NOW + 3600000, "", text, sizeof(text)))
			fail_msg("%s", text);
		decision_on(warden, client, "www.d0.com", 1);
		assert_int_equal(decision_on(warden, client, "www.d1.com", 1).verdict, WARDEN_REFUSE);
	}
	for (unsigned i = 0; i < WORKERS; i++)
		if (fork() == 0) {
			look_a_lot(i, warden);
			warden_close(warden); /* as a worker's module does */
			_exit(0);
		}
	in_threads(WORKERS, look_a_lot, warden);
	for (unsigned i = 0; i < WORKERS; i++) {
		int status = -1;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(counted(warden, COUNTER_misses) + counted(warden, COUNTER_cachehits) +
	                 counted(warden, COUNTER_local), looks);
	assert_int_equal(counted(warden, COUNTER_refused), refused);
	assert_int_equal(counted(warden, COUNTER_held), refused);
	for (unsigned i = 0; i < CLIENTS; i++) {
		client_name(client, i);
		assert_int_equal(client_counted(warden, client, CLIENT_MISSES) + client_counted(warden, client, CLIENT_CACHEHITS) +
		                 client_counted(warden, client, CLIENT_LOCAL), looks / CLIENTS);
	}
	assert_int_equal(sum(&warden->mapping.clients, CLIENT_REFUSED), refused);
	assert_int_equal(sum(&warden->mapping.pairs, PAIR_REFUSED), refused);
	assert_int_equal(sum(&warden->mapping.domains, DOMAIN_REFUSED), refused);
	assert_int_equal(sum(&warden->mapping.pairs, PAIR_QUERIES), looks);
	assert_int_equal(sum(&warden->mapping.domains, DOMAIN_QUERIES), looks);
	assert_int_equal(sum(&warden->mapping.holds, HOLD_HITS), refused);
	printf("%u looks, %u refused\n", looks, refused);
	warden_close(warden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_exact),
		cmocka_unit_test(forked_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
