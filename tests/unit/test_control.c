/* SPDX-License-Identifier: BSD-3-Clause */
/* test_control - the control socket as its users, and others, meet it. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "served.h"

/* --- commands ------------------------------------------------------------------------------ */

static void test_replies(void **state)
{
	static const struct {
		const char *command, *reply;
	} cases[] = {
		{ "frobnicate", "error unknown command 'frobnicate'\n" },
		{ "", "error unknown command ''\n" },
		{ "status now", "error usage: status\n" },
		{ "list_clients", "" },
		{ "list_clients x", "error 'x' is not a number up to 4294967295\n" },
		{ "list_holds", "" },
		{ "explain", "error usage: explain CLIENT DOMAIN\n" },
		{ "explain 192.0.2.7", "error usage: explain CLIENT DOMAIN\n" },
		{ "explain 192.0.2.7 example.com now", "error usage: explain CLIENT DOMAIN\n" },
		{ "explain any example.com", "error 'any' is not an address\n" },
		{ "explain 192.0.2.7 exa..mple", "error 'exa..mple' is not a domain\n" },
		{ "set_mode", "error mode is observe or enforce, not ''\n" },
		{ "hold", "error say whom: CLIENT or any, then DOMAIN or any\n" },
		{ "hold any any", "error any client and any domain would be everybody\n" },
		{ "hold 192.0.2.300 any", "error '192.0.2.300' is neither an address nor any\n" },
		{ "hold any exa..mple", "error 'exa..mple' is neither a domain nor any\n" },
		{ "hold any example.com 0", "error hold: '0' is not between 1s and 365d\n" },
		{ "hold any example.com 366d", "error hold: '366d' is not between 1s and 365d\n" },
		{ "hold any example.com 60x ticket",
		  "error hold: '60x' is not a time: write 90s, 5m, 1h or 1d\n" },
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
	expect_in(control("help"), "hold CLIENT|any DOMAIN|any [SECONDS] [COMMENT]");
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
	expect_in(reply, "version: " WARDEN_VERSION "\nmode: enforce\nuptime: ");
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

/* --- the protocol -------------------------------------------------------------------------- */

static void test_pieces(void **state)
{
	static const char line[] = "UBCT1  set_mode observe\n";
	struct warden *warden = engine_start();
	char reply[256];
	int client = dial();

	(void)state;
	for (size_t i = 0; line[i]; i++) {
		assert_int_equal(send(client, line + i, 1, 0), 1);
		if (i % 8 == 0)
			nap();
	}
	reply_read(client, reply, sizeof(reply));
	assert_string_equal(reply, "ok\n");
	warden_close(warden);
}

static void test_hostile(void **state)
{
	static char endless[100000];
	static const struct {
		const char *octets;
		size_t len;
		const char *reply;
	} cases[] = {
		{ "\n", 1, "error this is not unbound-control's protocol, version 1\n" },
		{ "GET / HTTP/1.1\r\n", 16, "error a command is printable ASCII\n" },
		{ "UBCT2  stats\n", 13,
		  "error this is not unbound-control's protocol, version 1\n" },
		{ "UBCT1  st\0ats\n", 14, "error unknown command 'st'\n" },
		{ "UBCT1  \033[2J\n", 12, "error a command is printable ASCII\n" },
		{ endless, sizeof(endless), "error the command is too long\n" },
	};
	struct warden *warden = engine_start();
	char reply[256];

	(void)state;
	memset(endless, 'x', sizeof(endless));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int client = dial();

		send(client, cases[i].octets, cases[i].len, MSG_NOSIGNAL);
		reply_read(client, reply, sizeof(reply));
		assert_string_equal(reply, cases[i].reply);
	}
	close(dial()); /* says nothing and goes */
	expect_in(control("status"), "mode: enforce");
	warden_close(warden);
}

/* A client that says nothing delays the next one by LINE_TIME, and a stop not at all. */
static void test_silent(void **state)
{
	struct warden *warden = engine_start();
	int silent = dial();
	uint64_t began = now_ms();

	(void)state;
	expect_in(control("status"), "mode: enforce");
	assert_in_range(now_ms() - began, 1000, 4000);
	close(silent);
	silent = dial();
	nap();
	began = now_ms();
	warden_close(warden);
	assert_in_range(now_ms() - began, 0, 1500);
	close(silent);
}

/* --- the socket ---------------------------------------------------------------------------- */

static void test_socket(void **state)
{
	struct warden *warden = engine_start(), *second;
	char error[512] = "";
	struct stat file;

	(void)state;
	assert_int_equal(stat(socket_path, &file), 0);
	assert_int_equal(file.st_mode & 07777, 0660);

	second = engine_open();
	assert_int_equal(warden_start(second, error, sizeof(error)), -1);
	expect_in(error, "another resolver listens there");
	warden_close(second);
	expect_in(control("status"), "mode: enforce");
	warden_close(warden);
	assert_int_equal(stat(socket_path, &file), -1);
}

static void test_stale_socket(void **state)
{
	struct warden *warden;
	int status;
	pid_t child = fork();

	(void)state;
	if (!child) {
		engine_start();
		kill(getpid(), SIGKILL);
	}
	waitpid(child, &status, 0);
	assert_int_equal(access(socket_path, F_OK), 0);
	warden = engine_start();
	expect_in(control("status"), "mode: enforce");
	warden_close(warden);
}

/* A file in the socket's place is left alone, and the events are still written. */
static void test_not_a_socket(void **state)
{
	struct warden *warden;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/state", folder);
	mkdir(path, 0750);
	close(open(socket_path, O_CREAT | O_WRONLY, 0600));
	warden = engine_start();
	assert_true(was_logged("not a socket"));
	warden_close(warden);
	assert_int_equal(access(socket_path, F_OK), 0);
	assert_int_equal(access(events_path, F_OK), 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_replies),
		TEST(test_counts),
		TEST(test_explain),
		TEST(test_status),
		TEST(test_pieces),
		TEST(test_hostile),
		TEST(test_silent),
		TEST(test_socket),
		TEST(test_stale_socket),
		TEST(test_not_a_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
