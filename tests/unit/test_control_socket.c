/* SPDX-License-Identifier: BSD-3-Clause */
/* test_control_socket - the control socket as its users, and others, meet it. */
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

#include "base/clock.h"
#include "engine/engine.h"
#include "served.h"
#include "service/control_peer.h"

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
		{ "UBCT1  st\0ats\n", 14, "error unknown command 'st'; help lists them\n" },
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

/* Nobody waits for those who say nothing, say it slowly, or do not take what they asked for. */
static void test_slow_ones(void **state)
{
	enum { SILENT = 20, SLOW = 20, DEAF = 20 };
	struct warden *warden = engine_start();
	int silent[SILENT], slow[SLOW], deaf[DEAF];
	uint64_t began;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		char name[64];

		/* Makes list_clients too long for the socket's own buffer. */
		snprintf(name, sizeof(name), "192.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
		query_of(warden, name, "www.example.com", 1);
	}
	for (unsigned i = 0; i < SILENT; i++)
		silent[i] = dial();
	for (unsigned i = 0; i < SLOW; i++) {
		slow[i] = dial();
		send(slow[i], "UBCT1  st", 9, MSG_NOSIGNAL);
	}
	for (unsigned i = 0; i < DEAF; i++) {
		deaf[i] = dial();
		send(deaf[i], "UBCT1  list_clients 0\n", 22, MSG_NOSIGNAL);
	}
	began = now_ms();
	for (unsigned i = 0; i < 5; i++) /* behind what was asked before */
		expect_in(control("status"), "mode: enforce");
	/* One after the other, all of them would take two minutes. */
	assert_in_range(now_ms() - began, 0, 6000);

	/* Nor does the end. */
	began = now_ms();
	warden_close(warden);
	assert_in_range(now_ms() - began, 0, 1500);
	for (unsigned i = 0; i < SILENT; i++)
		close(silent[i]);
	for (unsigned i = 0; i < SLOW; i++)
		close(slow[i]);
	for (unsigned i = 0; i < DEAF; i++)
		close(deaf[i]);
}

/* Memory for replies that are not taken is bounded: the oldest of them go first. */
static void test_greedy(void **state)
{
	enum { GREEDY = 30 };
	struct warden *warden = engine_start();
	unsigned whole = 0, dropped = 0;
	int greedy[GREEDY];

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		char name[64];

		snprintf(name, sizeof(name), "192.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
		query_of(warden, name, "www.example.com", 1);
	}
	for (unsigned i = 0; i < GREEDY; i++) {
		greedy[i] = dial();
		send(greedy[i], "UBCT1  list_clients 0\n", 22, MSG_NOSIGNAL);
	}
	expect_in(control("status"), "mode: enforce");
	for (unsigned i = 0; i < GREEDY; i++) {
		static char reply[1 << 20];
		size_t got = 0;
		ssize_t n;

		while ((n = recv(greedy[i], reply + got, sizeof(reply) - got, 0)) > 0)
			got += (size_t)n;
		assert_true(got > 100);
		whole += n == 0 && reply[got - 1] == '\n' && got > 300000;
		dropped += got < 300000;
		close(greedy[i]);
	}
	assert_int_equal(whole + dropped, GREEDY);
	assert_in_range(whole, 10, 20);
	warden_close(warden);
}

static void test_reply_too_long(void **state)
{
	struct reply reply = { .most = 20000 };
	FILE *out = reply_open(&reply);
	unsigned lines = 0;

	(void)state;
	while (!ferror(out) && lines < 100000)
		fprintf(out, "line %07u\n", lines++);
	assert_true(lines < 10000); /* told to stop */
	reply_close(&reply, out);
	assert_in_range(reply.len, 10000, 20000);
	assert_memory_equal(reply.text + reply.len - strlen(REPLY_CUT), REPLY_CUT, strlen(REPLY_CUT));
	assert_int_equal((reply.len - strlen(REPLY_CUT)) % strlen("line 0000000\n"), 0);
	reply_free(&reply);

	out = reply_open(&reply);
	fputs("short\n", out);
	reply_close(&reply, out);
	assert_int_equal(reply.len, 6);
	assert_memory_equal(reply.text, "short\n", 6);
	reply_free(&reply);
}

/* A silent client is told so, and in time; what it says then is too late. */
static void test_silent(void **state)
{
	struct warden *warden = engine_start();
	char reply[256];
	int silent = dial();
	uint64_t began = now_ms();

	(void)state;
	reply_read(silent, reply, sizeof(reply));
	assert_string_equal(reply, "error no command in time\n");
	assert_in_range(now_ms() - began, 1900, 6000);
	warden_close(warden);
}

/* Nor does it help to be busy all the time: letter by letter, or taking the reply octet by octet. */
static void test_deadlines(void **state)
{
	struct peer peer = { .state = PEER_NOBODY };
	static char octets[4096];
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	peer_begin(&peer, pair[0], 10000);
	for (int64_t now = 10000; now < 12000; now += 100) {
		assert_int_equal(send(pair[1], "x", 1, 0), 1);
		assert_false(peer_step(&peer, true, now));
		assert_int_equal(peer.state, PEER_SPEAKS);
	}
	/* No room for the complaint yet. */
	while (send(pair[0], octets, sizeof(octets), 0) > 0)
		continue;
	assert_int_equal(send(pair[1], "x", 1, 0), 1);
	assert_false(peer_step(&peer, true, 12000));
	assert_int_equal(peer.state, PEER_LISTENS);
	assert_false(peer_step(&peer, true, 41999));
	assert_int_equal(peer.state, PEER_LISTENS);
	assert_false(peer_step(&peer, true, 42000));
	assert_int_equal(peer.state, PEER_NOBODY);
	close(pair[1]);

	/* Whoever does not close is closed. */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	peer_begin(&peer, pair[0], 10000);
	assert_false(peer_step(&peer, false, 12000));
	assert_int_equal(peer.state, PEER_LEAVES);
	for (int64_t now = 12000; now < 12200; now += 50) {
		assert_int_equal(send(pair[1], "x", 1, 0), 1);
		assert_false(peer_step(&peer, true, now));
		assert_int_equal(peer.state, PEER_LEAVES);
	}
	assert_int_equal(send(pair[1], "x", 1, 0), 1);
	assert_false(peer_step(&peer, true, 12200));
	assert_int_equal(peer.state, PEER_NOBODY);
	close(pair[1]);
}

/* Who goes in the middle of the command or of the reply is nobody's trouble. */
static void test_gone(void **state)
{
	static char much[1 << 20];
	struct warden *warden = engine_start();

	(void)state;
	memset(much, 'y', sizeof(much));
	for (unsigned i = 0; i < 40; i++) {
		int client = dial();

		switch (i % 4) {
		case 0:
			break;
		case 1:
			send(client, "UBCT1  stat", 11, MSG_NOSIGNAL);
			break;
		case 2:
			send(client, "UBCT1  stats_noreset\n", 21, MSG_NOSIGNAL);
			break;
		default:
			send(client, much, sizeof(much), MSG_NOSIGNAL | MSG_DONTWAIT);
			break;
		}
		close(client);
	}
	expect_in(control("status"), "mode: enforce");
	warden_close(warden);
}

/* A client of many does not cut off one that takes its time over the reply, while there is room. */
static void test_reader_takes_time(void **state)
{
	struct warden *warden = engine_start();
	static char reply[65536];
	int reader = dial();

	(void)state;
	send(reader, "UBCT1  stats_noreset\n", 21, 0);
	for (unsigned i = 0; i < 10; i++) {
		expect_in(control("status"), "mode: enforce");
		nap();
	}
	reply_read(reader, reply, sizeof(reply));
	expect_in(reply, "mem.warden.shared=");
	warden_close(warden);
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
		TEST(test_pieces),
		TEST(test_hostile),
		TEST(test_slow_ones),
		TEST(test_greedy),
		cmocka_unit_test(test_reply_too_long),
		TEST(test_silent),
		cmocka_unit_test(test_deadlines),
		TEST(test_gone),
		TEST(test_reader_takes_time),
		TEST(test_socket),
		TEST(test_stale_socket),
		TEST(test_not_a_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
