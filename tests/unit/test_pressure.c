/* SPDX-License-Identifier: BSD-3-Clause */
/* test_pressure - a flood of clients and domains that are never seen again (a /64 for each question, random
 * names) does not push out who matters:
 *
 *     held         a hold is in force until it ends, whatever comes
 *     suspicious   a quarter of a budget, or an opinion above low: for TABLE_KEEP_IDLE without a question
 *     busy         as long as, between two questions, newcomers are fewer than an eighth of the slots
 *
 * The last is a matter of chance: a slot goes when it is the oldest of sixteen, and an eighth of the slots
 * is one newcomer for each set. What more of them do is printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/dns.h"
#include "support.h"

#define CONFIG "warden:\n mode: enforce\n profile: small\n"
#define SOME   200 /* of each kind */
#define PERIOD 4   /* seconds between two questions of who is busy */

static struct warden *warden;
static uint64_t now;    /* milliseconds */
static uint32_t serial; /* of newcomers */

static void start(void)
{
	warden = open_engine(CONFIG, true);
	now = NOW;
	serial = 0;
}

/* Client number <n> of a kind. */
static struct warden_decision ask(unsigned kind, unsigned n, const char *qname, uint16_t qtype)
{
	struct asked asked;
	char client[64];

	snprintf(client, sizeof(client), "2001:db8:%x:%x::1", kind, n);
	question(&asked, client, qname, qtype);
	asked.obs.now = now;
	return warden_observe(warden, &asked.obs);
}

enum kind { HELD = 1, SUSPICIOUS, BUSY };

static const char *name_of(enum kind kind, unsigned n, const char *host)
{
	static const char *const words[] = { [HELD] = "held", [SUSPICIOUS] = "odd", [BUSY] = "busy" };
	static char text[128];

	snprintf(text, sizeof(text), "%s.%s%u.com", host, words[kind], n);
	return text;
}

/* Where the three slots of client <n> of <kind> are. */
struct slots {
	struct place client, pair, domain;
};

static struct slots slots_of(enum kind kind, unsigned n)
{
	const struct mapping *mapping = &warden->mapping;
	uint8_t octets[16] = { 0 };
	uint64_t client, domain;
	struct name name;
	char text[64];

	snprintf(text, sizeof(text), "2001:db8:%x:%x::", (unsigned)kind, n); /* as it is masked */
	address(octets, text);
	assert_true(name_from_text(&name, name_of(kind, n, "x") + 2));
	client = client_hash(mapping, octets);
	domain = domain_hash(mapping, name.wire, name.len);
	return (struct slots){
		.client = table_find(&mapping->clients, client),
		.pair = table_find(&mapping->pairs, pair_hash(mapping, client, domain)),
		.domain = table_find(&mapping->domains, domain),
	};
}

static bool are_all_there(const struct slots *slots)
{
	return slots->client.slot && slots->pair.slot && slots->domain.slot;
}

static unsigned still_there(enum kind kind)
{
	unsigned there = 0;

	for (unsigned n = 0; n < SOME; n++) {
		struct slots slots = slots_of(kind, n);

		there += are_all_there(&slots);
	}
	return there;
}

/* ---- who matters --------------------------------------------------------------- */

static void make_held(void)
{
	for (unsigned n = 0; n < SOME; n++) {
		ask(HELD, n, name_of(HELD, n, "one"), DNS_TYPE_NULL);
		ask(HELD, n, name_of(HELD, n, "two"), DNS_TYPE_NULL);
		assert_int_equal(ask(HELD, n, name_of(HELD, n, "three"), DNS_TYPE_NULL).verdict, WARDEN_REFUSE);
	}
	assert_int_equal(atomic_load(&warden->mapping.header->holds), SOME);
}

static unsigned still_held(void)
{
	unsigned held = 0;

	for (unsigned n = 0; n < SOME; n++)
		held += ask(HELD, n, name_of(HELD, n, "www"), DNS_TYPE_A).verdict == WARDEN_REFUSE;
	return held;
}

/* Names that nobody can guess, until a quarter of the budget is gone. */
static void make_suspicious(void)
{
	uint64_t random = 4711;
	char host[33];

	for (unsigned n = 0; n < SOME; n++) {
		struct slots slots = { .pair.slot = NULL };

		for (unsigned i = 0; i < 30 && !(slots.pair.slot && place_weight(&slots.pair) > TABLE_KEEP); i++) {
			snprintf(host, sizeof(host), "%016llx%08llx", (unsigned long long)random_next(&random),
			         (unsigned long long)random_next(&random) & 0xffffffff);
			assert_int_equal(ask(SUSPICIOUS, n, name_of(SUSPICIOUS, n, host), DNS_TYPE_A).verdict,
			                 WARDEN_PASS);
			slots = slots_of(SUSPICIOUS, n);
			assert_true(are_all_there(&slots));
		}
		assert_in_range(place_weight(&slots.pair), TABLE_KEEP + 1, TABLE_PINNED - 1);
	}
}

static void ask_busy(void)
{
	for (unsigned n = 0; n < SOME; n++)
		ask(BUSY, n, name_of(BUSY, n, "www"), DNS_TYPE_A);
}

/* How many of the busy have lost no question. */
static unsigned never_lost(uint64_t questions)
{
	unsigned whole = 0;

	for (unsigned n = 0; n < SOME; n++) {
		struct slots slots = slots_of(BUSY, n);

		whole += are_all_there(&slots) && slot_get(slots.client.slot, CLIENT_MISSES) == questions &&
		         slot_get(slots.pair.slot, PAIR_QUERIES) == questions;
	}
	return whole;
}

/* ---- and who does not ---------------------------------------------------------- */

/* For <seconds>, <rate> clients a second ask for one random domain each. */
static void flood(unsigned seconds, unsigned rate)
{
	struct asked asked;

	question(&asked, "::", "x.com", DNS_TYPE_A);
	for (unsigned second = 0; second < seconds; second++, now += SECOND)
		for (unsigned i = 0; i < rate; i++, serial++) {
			char text[64];

			snprintf(text, sizeof(text), "www.x%08x.com", serial * 2654435761u);
			assert_true(name_from_text(&asked.name, text));
			asked.obs.qname = asked.name.raw;
			asked.obs.qname_len = asked.name.len;
			memcpy(asked.obs.client, "\x20\x01\x0d\xb9", 4);
			memcpy(asked.obs.client + 4, &serial, sizeof(serial));
			asked.obs.now = now;
			warden_observe(warden, &asked.obs);
		}
}

/* Asks <rounds> times, each PERIOD seconds, in a flood. */
static void busy_in_flood(unsigned rounds, unsigned rate)
{
	for (unsigned round = 0; round < rounds; round++) {
		ask_busy();
		flood(PERIOD, rate);
	}
}

/* ---- tests --------------------------------------------------------------------- */

static void nobody_who_matters_goes(void **state)
{
	unsigned clients, rate, rounds = 256;

	(void)state;
	start();
	clients = table_capacity(&warden->mapping.clients);
	rate = clients / 8 / PERIOD;
	make_held();
	make_suspicious();
	busy_in_flood(rounds, rate);
	printf("%u newcomers, %u times the clients, %u times pairs and domains, in %u seconds\n", serial,
	       serial / clients, serial / table_capacity(&warden->mapping.pairs), rounds * PERIOD);
	assert_true(serial >= 8 * clients && serial >= 4 * table_capacity(&warden->mapping.pairs));
	assert_true(counted(warden, COUNTER_clients_evicted) > 4 * clients); /* it was a flood */
	assert_int_equal(counted(warden, COUNTER_untracked), 0);
	assert_int_equal(never_lost(rounds), SOME);
	assert_int_equal(still_there(SUSPICIOUS), SOME);
	assert_int_equal(still_held(), SOME);
	warden_close(warden);
}

/* Nobody asked for a day, but for the flood. */
static void suspicion_lasts_a_day(void **state)
{
	uint64_t made;
	unsigned clients;

	(void)state;
	start();
	clients = table_capacity(&warden->mapping.clients);
	make_suspicious();
	made = now;
	flood(20, clients / 4);
	now = made + TABLE_KEEP_IDLE * SECOND - 30 * SECOND;
	flood(20, clients / 4);
	assert_int_equal(still_there(SUSPICIOUS), SOME);
	now = made + TABLE_KEEP_IDLE * SECOND + MINUTE;
	flood(20, clients / 4);
	assert_int_equal(still_there(SUSPICIOUS), 0); /* and no longer: who is gone must not fill tables for ever */
	warden_close(warden);
}

/* From where on the busy lose their slots. The clients' table is the smallest, so it is the first. */
static void how_much_the_busy_bear(void **state)
{
	static const unsigned eighths[] = { 1, 2, 4, 6, 8, 16 };
	unsigned whole[sizeof(eighths) / sizeof(*eighths)];

	(void)state;
	for (size_t i = 0; i < sizeof(eighths) / sizeof(*eighths); i++) {
		start();
		busy_in_flood(64, table_capacity(&warden->mapping.clients) * eighths[i] / 8 / PERIOD);
		whole[i] = never_lost(64);
		printf("newcomers between two questions: %2u/8 of the slots; %u of %u busy ones lost nothing\n",
		       eighths[i], whole[i], SOME);
		warden_close(warden);
	}
	assert_int_equal(whole[0], SOME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_who_matters_goes),
		cmocka_unit_test(suspicion_lasts_a_day),
		cmocka_unit_test(how_much_the_busy_bear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
