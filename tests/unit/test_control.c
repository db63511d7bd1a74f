/* SPDX-License-Identifier: BSD-3-Clause */
/* test_control - the commands of the control socket that change something or tell of the whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "served.h"

static void test_replies(void **state)
{
	static const struct {
		const char *command, *reply;
	} cases[] = {
		{ "frobnicate", "error unknown command 'frobnicate'; help lists them\n" },
		{ "", "error unknown command ''; help lists them\n" },
		{ "status now", "error usage: status\n" },
		{ "list_clients", "" },
		{ "list_clients x", "error 'x' is not a number up to 4294967295\n" },
		{ "list_holds", "" },
		{ "explain", "error usage: explain CLIENT DOMAIN\n" },
		{ "explain 192.0.2.7", "error usage: explain CLIENT DOMAIN\n" },
		{ "explain 192.0.2.7 example.com now", "error usage: explain CLIENT DOMAIN\n" },
		{ "list_clients 10 x", "error usage: list_clients [N]\n" },
		{ "explain any example.com", "error 'any' is not an address like 192.0.2.7 or 2001:db8::7\n" },
		{ "explain 192.0.2.7 exa..mple", "error 'exa..mple' is not a domain like www.example.org\n" },
		{ "set_mode enforce now", "error usage: set_mode observe|enforce\n" },
		{ "set_mode", "error mode is observe or enforce, not ''\n" },
		{ "hold", "error say whom: CLIENT or any, then DOMAIN or any\n" },
		{ "hold any any", "error any client and any domain would be everybody: name one of them\n" },
		{ "hold 192.0.2.300 any", "error '192.0.2.300' is neither an address like 192.0.2.7 or 2001:db8::7 nor any\n" },
		{ "hold any exa..mple", "error 'exa..mple' is neither a domain like example.org nor any\n" },
		{ "hold any example.com 0", "error SECONDS: '0' is not between 1s and 365d\n" },
		{ "hold any example.com 366d", "error SECONDS: '366d' is not between 1s and 365d\n" },
		{ "hold any example.com -5", "error SECONDS: '-5' is not a time: write 90s, 5m, 1h or 1d\n" },
		{ "hold any example.com 60x ticket",
		  "error SECONDS: '60x' is not a time: write 90s, 5m, 1h or 1d\n" },
		{ "hold any . 60", "error '.' is every name: say any\n" },
		{ "release any example.com", "error there is no such hold\n" },
		{ "hold 192.0.2.7 example.com 60 seen on  a ticket", "ok\n" },
		{ "hold 2001:db8::1 any for ever", "ok\n" },
		{ "release 192.0.2.7 example.com", "ok\n" },
		{ "release 192.0.2.7 example.com", "error there is no such hold\n" },
		{ "list_holds",
		  "2001:db8:: any verdict=refuse expires=3600 detector=operator hits=0 "
		  "comment=\"for ever\"\n" },
		{ "release 2001:db8::1 any", "ok\n" },
		{ "hold any example.com", "ok\n" },
		{ "release any example.com now", "error usage: release CLIENT|any DOMAIN|any\n" },
		{ "set_mode observe", "ok\n" },
		{ "list_holds",
		  "any example.com verdict=refuse expires=3600 detector=operator hits=0 "
		  "dry_run=yes comment=\"\"\n" },
		{ "set_mode enforce", "ok\n" },
		{ "log_reopen", "ok\n" },
		{ "reload", "ok\n" },
	};
	struct warden *warden = engine_start();
	char audit[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *reply = control(cases[i].command);

		if (strcmp(reply, cases[i].reply))
			fail_msg("'%s' gave: %s", cases[i].command, reply);
	}
	snprintf(audit, sizeof(audit), "info: control: uid %u: done: hold 192.0.2.7 example.com 60",
	         (unsigned)getuid());
	assert_true(was_logged(audit));
	assert_true(was_logged("failed: release any example.com"));
	assert_false(was_logged("list_holds"));
	expect_in(control("hold any ."), "error '.' is every name");
	/* With a /64 that client is all zeros, but not everybody. */
	assert_string_equal(control("hold ::1 example.org"), "ok\n");
	expect_in(control("list_holds"), ":: example.org verdict=refuse ");
	assert_string_equal(control("release :: example.org"), "ok\n");
	expect_in(control("help"), "hold CLIENT|any DOMAIN|any [SECONDS] [COMMENT]");
	warden_close(warden);
}

/* What is let through by hand is an exemption, not a hold, and is in force for the next question. */
static void test_allow(void **state)
{
	static const struct {
		const char *command, *reply;
	} cases[] = {
		{ "list_allow", "and by the configuration: 0 networks of clients, 0 domains\n" },
		{ "allow_add", "error say whom: CLIENT or any, then DOMAIN or any\n" },
		{ "allow_add any any", "error any client and any domain would be everybody: name one of them\n" },
		{ "allow_add any .", "error '.' is every name: say any\n" },
		{ "allow_add 192.0.2.300 any", "error '192.0.2.300' is neither an address like 192.0.2.7 or 2001:db8::7 nor any\n" },
		{ "allow_add any example.com 366d", "error SECONDS: '366d' is not between 1s and 365d\n" },
		{ "allow_add any example.com 5parsecs",
		  "error SECONDS: '5parsecs' is not a time: write 90s, 5m, 1h or 1d\n" },
		{ "allow_remove any example.com", "error there is no such exemption\n" },
		{ "allow_remove any", "error say whom: CLIENT or any, then DOMAIN or any\n" },
		{ "hold 192.0.2.7 any", "ok\n" },
		{ "allow_add 192.0.2.7 example.com 1h ticket 4 \"of mine\"", "ok\n" },
		{ "allow_add any www.example.net a deep one", "ok\n" },
		{ "list_holds",
		  "192.0.2.7 any verdict=refuse expires=3600 detector=operator hits=0 comment=\"\"\n" },
		{ "list_allow",
		  "any www.example.net expires=never hits=0 comment=\"a deep one\"\n"
		  "192.0.2.7 example.com expires=3600 hits=0 comment=\"ticket 4 ?of mine?\"\n"
		  "and by the configuration: 0 networks of clients, 0 domains\n" },
	};
	struct warden *warden = engine_start();
	char audit[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *reply = control(cases[i].command);

		if (strcmp(reply, cases[i].reply))
			fail_msg("'%s' gave: %s", cases[i].command, reply);
	}
	assert_int_equal(query(warden, "a.example.com", 1).verdict, WARDEN_PASS);
	assert_int_equal(query(warden, "a.www.example.net", 1).verdict, WARDEN_PASS);
	assert_int_equal(query(warden, "example.net", 1).verdict, WARDEN_REFUSE);
	assert_string_equal(control("release 192.0.2.7 example.com"), "error there is no such hold\n");
	assert_string_equal(control("allow_remove 192.0.2.7 example.com"), "ok\n");
	assert_int_equal(query(warden, "a.example.com", 1).verdict, WARDEN_REFUSE);
	assert_string_equal(control("allow_remove 192.0.2.7 any"), "error there is no such exemption\n");

	snprintf(audit, sizeof(audit), "info: control: uid %u: done: allow_add 192.0.2.7 example.com 1h ticket",
	         (unsigned)getuid());
	assert_true(was_logged(audit));
	assert_true(was_logged("failed: allow_remove 192.0.2.7 any"));
	assert_false(was_logged("list_allow"));
	warden_close(warden);

	config_write(" allow-client: 192.0.2.0/24\n allow-domain: example.org\n allow-domain: example.net\n");
	warden = engine_start();
	expect_in(control("list_allow"), "any www.example.net expires=never hits=1 ");
	expect_in(control("list_allow"), "and by the configuration: 1 networks of clients, 2 domains\n");
	warden_close(warden);
}

static void test_counts(void **state)
{
	struct warden *warden = engine_start();

	(void)state;
	query(warden, "www.example.com", 1);
	query(warden, "www.example.com", 1);
	expect_in(control("list_clients 1"),
	          "192.0.2.7 queries=2 misses=2 joined=0 cachehits=0 local=0");
	expect_in(control("stats_noreset"), "warden.num.queries=2\n");
	expect_in(control("stats"), "warden.num.queries=2\n");
	expect_in(control("stats"), "warden.num.queries=0\n");
	expect_in(control("stats"), "warden.clients.count=1\n");
	warden_close(warden);
}

static void test_explain(void **state)
{
	struct warden *warden = engine_start();

	(void)state;
	query(warden, "www.example.com", 1);
	expect_in(control("explain 192.0.2.7 www.example.com"),
	          "client: 192.0.2.7\ndomain: example.com (of www.example.com)\n");
	expect_in(control("explain 192.0.2.7 example.com"), ", questions 1, refused 0, ");
	assert_string_equal(control("hold 192.0.2.7 example.com"), "ok\n");
	expect_in(control("explain 192.0.2.7 example.com"), "\nhold: refuse for the client and the domain until ");
	warden_close(warden);
}

static void test_status(void **state)
{
	struct warden *warden = engine_start();
	const char *reply = control("status");

	(void)state;
	expect_in(reply, "version: " WARDEN_VERSION "\nmode: enforce\nholds: 0 in force, 0 exemptions, "
	          "local zones not in use\nuptime: ");
	expect_in(reply, "/segment (");
	expect_in(reply, "/warden.conf (generation ");
	expect_in(reply, "events: 0 written, 0 lost\n");
	expect_in(reply, "/state/snapshot (not yet)\n");
	assert_null(strstr(reply, "configuration error"));

	config_write(" log-periodd: 5\n");
	reply = control("reload");
	assert_int_equal(strncmp(reply, "error ", 6), 0);
	expect_in(reply, "warden.conf:8: ");
	expect_in(control("status"), "configuration error: ");
	config_write("");
	assert_string_equal(control("reload"), "ok\n");
	assert_null(strstr(control("status"), "configuration error"));
	warden_close(warden);
}

/* A trip is told where one looks first, and set_mode ends it. */
static void test_tripped(void **state)
{
	static const char *const clients[] = { "192.0.2.1", "192.0.2.2" };
	struct warden *warden;

	(void)state;
	config_write(" max-held-clients: 1\n trust-udp: yes\ndetector:\n name: \"null-rate\"\n count: 3\n");
	warden = engine_start();
	expect_in(control("status"), "mode: enforce\n");
	for (unsigned i = 0; i < 2; i++)
		for (unsigned n = 0; n < 40; n++) {
			char name[64];

			snprintf(name, sizeof(name), "n%u.example.com", n);
			query_of(warden, clients[i], name, 10);
		}
	expect_control("status", "TRIPPED: ");
	expect_in(control("status"), "mode: observe\n");
	assert_string_equal(control("set_mode enforce"), "ok\n");
	expect_in(control("status"), "mode: enforce\n");
	assert_null(strstr(control("status"), "TRIPPED"));
	warden_close(warden);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_replies),
		TEST(test_allow),
		TEST(test_counts),
		TEST(test_explain),
		TEST(test_status),
		TEST(test_tripped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
