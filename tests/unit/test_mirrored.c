/* SPDX-License-Identifier: BSD-3-Clause */
/* test_mirrored - what a door is told of the holds: what it would be told by asking, question by question. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support.h"

#define ENFORCE "warden:\n mode: enforce\n"

/* What was told, a line each, in any order: "192.0.2.1/128 example.com. refuse". */
static char told[65536];

static void take(void *arg, const struct warden_hold *hold)
{
	char name[NAME_TEXT_MAX] = "any";
	size_t len = strlen(told);

	(void)arg;
	if (hold->domain)
		name_text(name, hold->domain, hold->domain_len);
	if (hold->prefix)
		snprintf(told + len, sizeof(told) - len, "%02x%02x..%02x%02x/%u %s %s\n", hold->client[0],
		         hold->client[1], hold->client[14], hold->client[15], hold->prefix, name,
		         warden_verdict_name(hold->verdict));
	else
		snprintf(told + len, sizeof(told) - len, "any %s %s\n", name, warden_verdict_name(hold->verdict));
}

static unsigned lines(void)
{
	unsigned count = 0;

	for (const char *c = told; *c; c++)
		count += *c == '\n';
	return count;
}

/* Asks what is told at <now>. Returns how many lines. */
static unsigned ask(struct warden *warden, uint64_t now)
{
	told[0] = '\0';
	warden_holds(warden, now, take, NULL);
	return lines();
}

#define TOLD(line) assert_non_null(strstr(told, line "\n"))
#define NOT_TOLD(text) assert_null(strstr(told, text))

static void hold(struct warden *warden, const char *client, const char *domain)
{
	uint8_t octets[16];
	struct name name;
	char error[FAULT_MAX];

	if (client)
		address(octets, client);
	if (domain)
		assert_true(name_from_text(&name, domain));
	assert_true(engine_hold(warden, client ? octets : NULL, domain ? &name : NULL, NOW, NOW + HOUR, "",
	                        error, sizeof(error)));
}

static void each_kind(void **state)
{
	struct warden *warden = open_engine(ENFORCE " client-prefix-v4: 24\n client-prefix-v6: 56\n", true);

	(void)state;
	assert_int_equal(ask(warden, NOW), 0);
	hold(warden, "192.0.2.1", "example.com");
	hold(warden, "2001:db8::1", NULL);
	hold(warden, NULL, "Sub.Example.NET");
	assert_int_equal(ask(warden, NOW), 3);
	TOLD("0000..0200/120 example.com refuse");
	TOLD("2001..0000/56 any refuse");
	TOLD("any sub.example.net refuse");
	assert_int_equal(ask(warden, NOW + HOUR - 1), 3);
	assert_int_equal(ask(warden, NOW + HOUR), 0);
	warden_close(warden);
}

static void nothing_in_observe_mode(void **state)
{
	struct warden *warden = open_engine("", true);
	uint64_t version;

	(void)state;
	hold(warden, "192.0.2.1", "example.com");
	assert_int_equal(ask(warden, NOW), 0);
	version = warden_holds_version(warden);
	engine_set_mode(warden, MODE_ENFORCE);
	assert_true(warden_holds_version(warden) > version);
	assert_int_equal(ask(warden, NOW), 1);
	warden_close(warden);
}

/* Who or what is allowed by the configuration: not held, or let through what is held for more. */
static void allowed_are_let_through(void **state)
{
	struct warden *warden = open_engine(ENFORCE " allow-client: 192.0.2.128/25\n allow-client: 2001:db8:9::/48\n"
	                                    " allow-domain: example.org\n allow-domain: a.b.example.com\n", true);

	(void)state;
	hold(warden, "192.0.2.200", NULL);          /* an allowed client's own */
	hold(warden, "192.0.2.1", "www.example.org"); /* below an allowed name */
	assert_int_equal(ask(warden, NOW), 0);
	hold(warden, NULL, "example.net");
	assert_int_equal(ask(warden, NOW), 3);
	TOLD("any example.net refuse");
	TOLD("0000..0280/121 any pass");
	TOLD("2001..0000/48 any pass");
	hold(warden, "192.0.2.1", "example.com");
	ask(warden, NOW);
	TOLD("any a.b.example.com pass");
	NOT_TOLD("example.org");
	hold(warden, "192.0.2.1", NULL);
	ask(warden, NOW);
	TOLD("any a.b.example.com pass");
	TOLD("any example.org pass");
	warden_close(warden);
}

/* Networks in each other, with modes of their own, whatever everybody's is: who is observed is let through. */
static void profiles_in_each_other(void **state)
{
	static const char *const modes[] = { "observe", "enforce" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		char config[512];
		struct warden *warden;

		snprintf(config, sizeof(config), "warden:\n mode: %s\nclient-profile:\n name: a\n client: 10.0.0.0/8\n"
		         " mode: enforce\nclient-profile:\n name: b\n client: 10.1.0.0/16\n mode: observe\n", modes[i]);
		warden = open_engine(config, true);
		hold(warden, NULL, "example.com");
		ask(warden, NOW);
		if (i)
			TOLD("any example.com refuse");
		else
			TOLD("0000..0000/104 example.com refuse");
		TOLD("0000..0000/112 any pass");
		warden_close(warden);
	}
}

/* Whoever asks for others may ask for some who are allowed. */
static void forwarders_are_let_through(void **state)
{
	struct warden *warden = open_engine(ENFORCE " forwarder: 192.0.2.53\n", true);

	(void)state;
	hold(warden, NULL, "example.com");
	assert_int_equal(ask(warden, NOW), 2);
	TOLD("0000..0235/128 any pass");
	warden_close(warden);
}

/* With a /64 the client ::1 is all zeros, and not everybody. */
static void zeros_are_a_client(void **state)
{
	struct warden *warden = open_engine(ENFORCE, true);

	(void)state;
	hold(warden, "::1", "example.com");
	assert_int_equal(ask(warden, NOW), 1);
	TOLD("0000..0000/64 example.com refuse");
	warden_close(warden);
}

/* A forwarder's address is in all its clients' questions. */
static void forwarders_are_not_told(void **state)
{
	struct warden *warden = open_engine(ENFORCE " forwarder: 192.0.2.53\n forwarder: 2001:db8::53\n", true);

	(void)state;
	hold(warden, "192.0.2.53", "example.com");
	hold(warden, "2001:db8::53", NULL);
	assert_int_equal(ask(warden, NOW), 0);
	hold(warden, "192.0.2.54", "example.com");
	ask(warden, NOW);
	NOT_TOLD("0235/128 example.com");
	NOT_TOLD("0053/128 example.com");
	TOLD("0000..0236/128 example.com refuse");
	warden_close(warden);
}

/* Silence depends on the transport, which a mirror does not look at. */
static void silence_is_not_told(void **state)
{
	struct warden *warden = open_engine(ENFORCE "detector:\n name: null-rate\n action: drop\n", true);

	(void)state;
	assert_int_equal(provoke(warden, "192.0.2.1", "example.com").verdict, WARDEN_DROP);
	assert_int_equal(ask(warden, NOW), 0);
	/* But for one that can be silent. */
	warden->mirror.drops = 1;
	assert_int_equal(ask(warden, NOW), 1);
	TOLD("0000..0201/128 example.com drop");
	warden_close(warden);
}

static void exemptions_by_hand(void **state)
{
	struct warden *warden = open_engine(ENFORCE, true);
	uint8_t octets[16];
	struct name name;
	char error[FAULT_MAX];

	(void)state;
	address(octets, "192.0.2.1");
	assert_true(name_from_text(&name, "example.com"));
	assert_true(engine_allow(warden, octets, &name, NOW, NOW + HOUR, "", error, sizeof(error)));
	assert_int_equal(ask(warden, NOW), 1);
	TOLD("0000..0201/128 example.com pass");
	warden_close(warden);
}

/* More allowed names than can be told: what would deny one of them is left out, the rest is not. */
static void too_many_allowed(void **state)
{
	static char list[200000], config[256];
	size_t used = 0;
	struct warden *warden;

	(void)state;
	for (unsigned i = 0; i < ALLOWED_TOLD_MAX; i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "n%u.example.org\n", i);
	snprintf(list + used, sizeof(list) - used, "a.b.example.com\n");
	snprintf(config, sizeof(config), ENFORCE " allow-list: %s\n", temp_file("allow.list", list));
	warden = open_engine(config, true);
	hold(warden, "192.0.2.1", NULL);
	hold(warden, "192.0.2.1", "example.com");
	hold(warden, "192.0.2.1", "b.example.com");
	hold(warden, NULL, "com");
	assert_int_equal(ask(warden, NOW), 0);
	hold(warden, "192.0.2.1", "c.example.com");
	hold(warden, NULL, "example.net");
	assert_int_equal(ask(warden, NOW), 2);
	TOLD("0000..0201/128 c.example.com refuse");
	TOLD("any example.net refuse");
	warden_close(warden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind),
		cmocka_unit_test(nothing_in_observe_mode),
		cmocka_unit_test(allowed_are_let_through),
		cmocka_unit_test(profiles_in_each_other),
		cmocka_unit_test(forwarders_are_let_through),
		cmocka_unit_test(zeros_are_a_client),
		cmocka_unit_test(forwarders_are_not_told),
		cmocka_unit_test(silence_is_not_told),
		cmocka_unit_test(exemptions_by_hand),
		cmocka_unit_test(too_many_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
