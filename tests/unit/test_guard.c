/* SPDX-License-Identifier: BSD-3-Clause */
/* test_guard - max-held-clients: when detectors hold too many, nothing is refused any more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support.h"

/* Has detectors hold <count> clients from number <first> on, for two domains each. */
static void have_held(struct warden *warden, unsigned first, unsigned count)
{
	for (unsigned i = first; i < first + count; i++) {
		char client[32];

		snprintf(client, sizeof(client), "10.0.%u.%u", i / 250, i % 250);
		assert_int_equal(provoke(warden, client, "example.com").verdict, WARDEN_REFUSE);
		assert_int_equal(provoke(warden, client, "example.net").verdict, WARDEN_REFUSE);
	}
}

static bool enforces(struct warden *warden)
{
	return !decision_on(warden, "10.0.0.0", "www.example.com", 1).dry_run;
}

static void one_too_many(void **state)
{
	struct warden *warden = open_engine("warden:\n mode: enforce\n max-held-clients: 3\n", true);
	uint64_t version;

	(void)state;
	have_held(warden, 0, 3);
	assert_int_equal(engine_guard(warden, NOW), 3); /* not the six holds that these are */
	assert_true(enforces(warden));
	assert_false(engine_tripped(warden));

	have_held(warden, 3, 1);
	version = warden_holds_version(warden);
	said[0] = '\0';
	assert_int_equal(engine_guard(warden, NOW), 4);
	assert_true(engine_tripped(warden));
	assert_false(enforces(warden));
	assert_true(warden_holds_version(warden) > version); /* a mirror learns of it */
	assert_non_null(strstr(said, "detectors hold 4 clients"));
	assert_int_equal(atomic_load(&warden->mapping.header->tripped), 1);
	assert_int_equal(atomic_load(&warden->mapping.header->held_clients), 4);

	/* Said once; an operator may go on with these, but not with one more. */
	said[0] = '\0';
	engine_guard(warden, NOW);
	assert_string_equal(said, "");
	engine_set_mode(warden, MODE_ENFORCE);
	engine_guard(warden, NOW);
	assert_true(enforces(warden));
	assert_false(engine_tripped(warden));
	have_held(warden, 4, 1);
	engine_guard(warden, NOW);
	assert_true(engine_tripped(warden));
	warden_close(warden);
}

/* What operators hold does not count, nor what has ended, nor in observe mode. */
static void what_does_not_count(void **state)
{
	static const struct {
		const char *mode;
		uint64_t later;
		bool by_hand;
	} cases[] = { { "enforce", 0, true }, { "enforce", HOUR + SECOND, false }, { "observe", 0, false } };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		char config[128], error[FAULT_MAX];
		struct warden *warden;

		snprintf(config, sizeof(config), "warden:\n mode: %s\n max-held-clients: 3\n", cases[i].mode);
		warden = open_engine(config, true);
		if (!cases[i].by_hand)
			have_held(warden, 0, 4);
		for (unsigned j = 0; j < 4 && cases[i].by_hand; j++) {
			uint8_t client[16];
			char text[32];

			snprintf(text, sizeof(text), "10.0.0.%u", j);
			address(client, text);
			assert_true(engine_hold(warden, client, NULL, NOW, NOW + HOUR, "", error, sizeof(error)));
		}
		engine_guard(warden, NOW + cases[i].later);
		assert_false(engine_tripped(warden));
		warden_close(warden);
	}
}

/* Nor do those whom a profile only watches: nothing is refused to them. */
static void watched_clients(void **state)
{
	static const char *const modes[] = { "observe", "enforce" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		char config[256];
		struct warden *warden;

		snprintf(config, sizeof(config), "warden:\n mode: enforce\n max-held-clients: 3\nclient-profile:\n"
		         " name: some\n client: 10.0.0.0/8\n mode: %s\n", modes[i]);
		warden = open_engine(config, true);
		have_held(warden, 0, 4);
		assert_int_equal(engine_guard(warden, NOW), i ? 4 : 0);
		assert_int_equal(engine_tripped(warden), i);
		warden_close(warden);
	}
}

/* Clients that are held, some only with what other nodes were told: as detect/budget.h would have it. */
static void have_held_together(struct warden *warden, unsigned first, unsigned count)
{
	for (unsigned i = first; i < first + count; i++) {
		struct hold hold = { .verdict = WARDEN_REFUSE, .detector = DETECTOR_information, .confidence = CONFIDENCE_HIGH,
			             .together = true, .made = NOW, .expires = NOW + HOUR };
		struct name name;
		char client[32];

		snprintf(client, sizeof(client), "10.1.0.%u", i);
		address(hold.client, client);
		assert_true(name_from_text(&name, "example.com"));
		hold.domain_hash = domain_hash(&warden->mapping, name.wire, name.len);
		hold.name_len = name.len;
		memcpy(hold.name, name.wire, name.len);
		assert_true(hold_set(&warden->mapping, client_hash(&warden->mapping, hold.client), &hold, NOW));
	}
}

/* Domains that are held for everybody, likewise. */
static void have_domains_held_together(struct warden *warden, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct hold hold = { .verdict = WARDEN_REFUSE, .detector = DETECTOR_information, .confidence = CONFIDENCE_HIGH,
			             .together = true, .any_client = true, .made = NOW, .expires = NOW + HOUR };
		struct name name;
		char domain[32];

		snprintf(domain, sizeof(domain), "example-%u.org", i);
		assert_true(name_from_text(&name, domain));
		hold.domain_hash = domain_hash(&warden->mapping, name.wire, name.len);
		hold.name_len = name.len;
		memcpy(hold.name, name.wire, name.len);
		assert_true(hold_set(&warden->mapping, 0, &hold, NOW));
	}
}

static uint64_t believed(struct warden *warden)
{
	return atomic_load(&warden->mapping.header->gauge[GAUGE_redis_believed]);
}

/* Who has the sums can have few clients refused, and neither all of them nor nobody. */
static void poisoned_sums(void **state)
{
	struct warden *warden = open_engine("warden:\n mode: enforce\n max-held-clients: 3\n fleet-redis: \"127.0.0.1\"\n", true);
	uint64_t version;

	(void)state;
	have_held(warden, 0, 2);
	have_held_together(warden, 0, 1);
	assert_int_equal(engine_guard(warden, NOW), 3);
	assert_int_equal(believed(warden), 1);
	assert_int_equal(decision_on(warden, "10.1.0.0", "www.example.com", 1).verdict, WARDEN_REFUSE);

	have_held_together(warden, 1, 5);
	version = warden_holds_version(warden);
	said[0] = '\0';
	assert_int_equal(engine_guard(warden, NOW), 2);
	assert_non_null(strstr(said, "detectors hold 8 clients"));
	assert_non_null(strstr(said, "fleet-redis is not believed until set_mode or reload"));
	assert_int_equal(believed(warden), 0);
	assert_false(engine_tripped(warden));
	assert_true(enforces(warden));
	assert_true(warden_holds_version(warden) > version);
	assert_int_equal(decision_on(warden, "10.1.0.0", "www.example.com", 1).verdict, WARDEN_PASS);
	assert_int_equal(decision_on(warden, "10.0.0.0", "www.example.com", 1).verdict, WARDEN_REFUSE);

	/* Said once; what a worker still made of it goes, and what is found here goes on, up to the limit. */
	said[0] = '\0';
	have_held_together(warden, 0, 1);
	assert_int_equal(engine_guard(warden, NOW), 2);
	assert_string_equal(said, "");
	have_held(warden, 2, 2);
	engine_guard(warden, NOW);
	assert_true(engine_tripped(warden));
	engine_set_mode(warden, MODE_ENFORCE);
	engine_guard(warden, NOW);
	assert_int_equal(believed(warden), 1);
	warden_close(warden);
}

/* Nor many domains denied to everybody. */
static void poisoned_domains(void **state)
{
	struct warden *warden = open_engine("warden:\n mode: enforce\n max-held-clients: 3\n fleet-redis: \"127.0.0.1\"\n", true);

	(void)state;
	have_held(warden, 0, 2);
	have_domains_held_together(warden, 3);
	assert_int_equal(engine_guard(warden, NOW), 2);
	assert_int_equal(believed(warden), 1);
	assert_int_equal(decision_on(warden, "10.9.9.9", "www.example-0.org", 1).verdict, WARDEN_REFUSE);

	have_domains_held_together(warden, 4);
	said[0] = '\0';
	assert_int_equal(engine_guard(warden, NOW), 2);
	assert_non_null(strstr(said, "detectors hold 4 domains, more than max-held-clients allows (3)"));
	assert_int_equal(believed(warden), 0);
	assert_false(engine_tripped(warden));
	assert_int_equal(decision_on(warden, "10.9.9.9", "www.example-0.org", 1).verdict, WARDEN_PASS);
	assert_int_equal(decision_on(warden, "10.0.0.0", "www.example.com", 1).verdict, WARDEN_REFUSE);
	engine_set_mode(warden, MODE_ENFORCE);
	engine_guard(warden, NOW);
	assert_int_equal(believed(warden), 1);
	warden_close(warden);
}

/* Too many here are too many, whoever else is held for whatever reason. */
static void too_many_of_both(void **state)
{
	struct warden *warden = open_engine("warden:\n mode: enforce\n max-held-clients: 3\n fleet-redis: \"127.0.0.1\"\n", true);

	(void)state;
	have_held(warden, 0, 4);
	have_held_together(warden, 0, 1);
	assert_int_equal(engine_guard(warden, NOW), 4);
	assert_int_equal(believed(warden), 0);
	assert_true(engine_tripped(warden));
	warden_close(warden);
}

/* A share of few clients is ten at least, and 0 is no limit. */
static void shares(void **state)
{
	static const struct {
		const char *limit;
		unsigned held;
		bool trips;
	} cases[] = { { "10%", 10, false }, { "10%", 11, true }, { "0", 60, false }, { "59", 60, true }, { "60", 60, false } };

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char config[128];
		struct warden *warden;

		snprintf(config, sizeof(config), "warden:\n mode: enforce\n max-held-clients: %s\n", cases[i].limit);
		warden = open_engine(config, true);
		have_held(warden, 0, cases[i].held);
		engine_guard(warden, NOW);
		assert_int_equal(engine_tripped(warden), cases[i].trips);
		warden_close(warden);
	}
}

/* Whoever is never held is looked at all the same. */
static void never_held(void **state)
{
	struct warden *warden = open_engine("warden:\n mode: enforce\n never-hold: 192.0.2.0/28\n", true);
	struct record record;

	(void)state;
	assert_int_equal(provoke(warden, "192.0.2.15", "example.com").verdict, WARDEN_TAG);
	assert_int_equal(drain(warden, &record, 1), 1);
	assert_int_equal(record.verdict, WARDEN_TAG);
	assert_int_equal(atomic_load(&warden->mapping.header->holds), 0);
	assert_int_equal(provoke(warden, "192.0.2.16", "example.com").verdict, WARDEN_REFUSE);
	warden_close(warden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_too_many),
		cmocka_unit_test(what_does_not_count),
		cmocka_unit_test(watched_clients),
		cmocka_unit_test(poisoned_sums),
		cmocka_unit_test(poisoned_domains),
		cmocka_unit_test(too_many_of_both),
		cmocka_unit_test(shares),
		cmocka_unit_test(never_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
