/* SPDX-License-Identifier: BSD-3-Clause */
/* test_clock_jumps - the clock goes a day ahead, and back, and back again: everything goes on each time.
 *
 * What windows of detectors do then stands in scenarios (tests/replay/ *-clock-back). Here it is the engine with all of
 * them: nothing is locked, nothing is full, all is counted, who has to be held is held, and events come through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support.h"

#define LOOKS 5000

static struct warden *warden;
static uint64_t asked_so_far;

static struct warden_decision ask_at(uint64_t now, const char *client, const char *qname, uint16_t qtype)
{
	struct asked asked;

	question(&asked, client, qname, qtype);
	asked.obs.now = now;
	asked_so_far++;
	return warden_observe(warden, &asked.obs);
}

/* Clients old and new, domains old and new. */
static void ordinary(uint64_t now, unsigned step)
{
	char client[32], name[64];

	for (unsigned n = 0; n < LOOKS; n++) {
		snprintf(client, sizeof(client), "10.%u.%u.%u", n % 2 ? step : 0, n / 250 % 20, n % 250);
		snprintf(name, sizeof(name), "www.d%u.com", n % 3 ? n % 200 : step * LOOKS + n);
		ask_at(now + n, client, name, 1);
	}
}

/* A detector refuses at the third NULL name of a new pair, and the pair is held from then on, until it is over. */
static void tunnel(uint64_t now, unsigned step)
{
	enum warden_verdict verdict;
	char client[32], name[64];

	snprintf(client, sizeof(client), "192.0.2.%u", 1 + step);
	for (unsigned i = 1; i <= 3; i++) {
		snprintf(name, sizeof(name), "host%u.tunnel%u.com", i, step);
		verdict = ask_at(now, client, name, 10).verdict;
		assert_true(i < 3 ? !warden_verdict_denies(verdict) : verdict == WARDEN_REFUSE);
	}
	snprintf(name, sizeof(name), "anything.tunnel%u.com", step);
	assert_int_equal(ask_at(now + 59 * MINUTE, client, name, 1).verdict, WARDEN_REFUSE);
	assert_false(warden_verdict_denies(ask_at(now + 61 * MINUTE, client, name, 1).verdict));
}

/* An operator's hold and its release are in force at once. */
static void by_hand(uint64_t now)
{
	uint8_t octets[16];
	struct name domain;
	char text[256];

	address(octets, "198.51.100.1");
	assert_true(name_from_text(&domain, "hand.example"));
	assert_true(engine_hold(warden, octets, &domain, now, now + HOUR, "", text, sizeof(text)));
	assert_int_equal(ask_at(now, "198.51.100.1", "www.hand.example", 1).verdict, WARDEN_REFUSE);
	assert_true(engine_release(warden, octets, &domain, now));
	assert_int_equal(ask_at(now, "198.51.100.1", "www.hand.example", 1).verdict, WARDEN_PASS);
}

/* Whose writer died over an event before the clock went back does not hold up the others until tomorrow. */
static void dead_writer(uint64_t before, uint64_t now)
{
	struct journal *journal = &warden->mapping.journal;
	uint64_t skipped = 0;
	struct record record = { .now = now };

	atomic_fetch_add(&journal->header->journal_head, 1); /* has a ticket, and is no more */
	assert_true(journal_put(journal, &record));
	assert_false(journal_get(journal, &record, before, &skipped));
	assert_false(journal_get(journal, &record, before + 100, &skipped));
	journal_get(journal, &record, now, &skipped);
	if (!skipped)
		journal_get(journal, &record, now + 2 * JOURNAL_PATIENCE, &skipped);
	assert_int_equal(skipped, 1);
	drain(warden, NULL, 0);
}

static void jumps(void **state)
{
	/* In hours. An hour and more passes in each, so that the clock has not been there before. */
	static const int at[] = { 0, 26, 2, -24, 28, 4, 700, 6 };
	uint64_t before = NOW;
	char text[32];

	(void)state;
	warden = open_engine("warden:\n mode: enforce\n profile: small\n max-held-clients: 0\n" EVERY_DETECTOR, true);
	for (unsigned step = 0; step < sizeof(at) / sizeof(*at); step++) {
		uint64_t now = NOW + (uint64_t)((int64_t)at[step] * (int64_t)HOUR);

		ordinary(now, step);
		tunnel(now, step);
		by_hand(now);
		assert_int_equal(counted(warden, COUNTER_misses), asked_so_far);
		assert_int_equal(counted(warden, COUNTER_busy), 0);
		assert_int_equal(counted(warden, COUNTER_untracked), 0);
		snprintf(text, sizeof(text), "192.0.2.%u", 1 + step);
		assert_int_equal(client_counted(warden, text, CLIENT_MISSES), 5);
		drain(warden, NULL, 0);
		dead_writer(before, now);
		holds_expire(&warden->mapping, now + 3 * DAY);
		assert_int_equal(atomic_load(&warden->mapping.header->holds), table_used(&warden->mapping.holds));
		before = now;
	}
	assert_true(counted(warden, COUNTER_events_queued) >= sizeof(at) / sizeof(*at));
	warden_close(warden);
}

/* A time to come is waited for, unless it is further ahead than it can have been set. */
static void reached(void **state)
{
	(void)state;
	assert_true(clock_reached(0, NOW, MINUTE));
	assert_true(clock_reached(NOW, NOW, MINUTE));
	assert_false(clock_reached(NOW, NOW - 1, MINUTE));
	assert_false(clock_reached(NOW, NOW - MINUTE, MINUTE));
	assert_true(clock_reached(NOW, NOW - MINUTE - 1, MINUTE));
	assert_true(clock_reached(UINT64_MAX, 0, MINUTE));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(reached), cmocka_unit_test(jumps) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
