/* SPDX-License-Identifier: BSD-3-Clause */
/* test_no_memory_served - memory runs out while the service starts, at every command on its socket, and over an event.
 *
 * Each time it starts or says why not; a client is answered, or its connection ends; the engine goes on; and nothing
 * leaks. When there is memory again, everything works.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "scarce.h"
#include "served.h"

#ifndef SANITIZED

static char answer[65536];

/* What <command> is answered, into <answer>; "" when nothing. Allocates nothing itself. */
static void tell(const char *command)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval patience = { .tv_sec = 5 };
	size_t got = 0;
	char line[512];
	ssize_t n = 0;

	answer[0] = '\0';
	strcpy(to.sun_path, temp("ctl"));
	setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	snprintf(line, sizeof(line), "UBCT1 %s\n", command);
	if (connect(client, (struct sockaddr *)&to, sizeof(to)) == 0 &&
	    send(client, line, strlen(line), MSG_NOSIGNAL) == (ssize_t)strlen(line))
		while ((n = recv(client, answer + got, sizeof(answer) - 1 - got, 0)) > 0)
			got += (size_t)n;
	answer[got] = '\0';
	close(client);
	if (n < 0 && errno == EAGAIN)
		fail_msg("'%s' is not answered, nor refused", command);
}

static const char *const commands[] = {
	"help", "status", "hold 192.0.2.7 example.com 600 by the test", "list_holds", "explain 192.0.2.7 example.com",
	"show 192.0.2.7", "top clients", "top domains", "list_clients", "test 192.0.2.7 www.example.com A",
	"allow_add 192.0.2.7 example.com", "list_allow", "allow_remove 192.0.2.7 example.com", "release 192.0.2.7 example.com",
	"set_mode enforce", "stats_noreset", "log_reopen", "reload", "nonsense",
};

/* Without memory for clients there is no socket, and it has been said. */
static bool listens(void)
{
	return !strstr(said, "control-socket: ");
}

static void start_now(struct warden *warden)
{
	if (warden_start(warden, error, sizeof(error)))
		fail_msg("%s", error);
}

static void start_all(bool and_all_others)
{
	long nth = 0, hit;

	do {
		struct warden *warden;

		remember();
		warden = open_now(false);
		arm(++nth, and_all_others);
		error[0] = '\0';
		if (warden_start(warden, error, sizeof(error)))
			expect_sentence();
		else if (listens())
			tell("status");
		hit = disarm();
		expect_works(warden);
		warden_close(warden);
		expect_no_leak(nth);
	} while (hit);
	printf("start: %ld allocations\n", nth - 1);
	assert_true(nth > 5);
}

static void starting(void **state)
{
	struct warden *warden;

	(void)state;
	write_everything(false);
	for (unsigned i = 0; i < 2; i++) { /* threads leave something for the next ones, and libraries for good */
		warden = open_now(false);
		start_now(warden);
		tell("status");
		expect_works(warden);
		warden_close(warden);
	}
	ERR_raise(ERR_LIB_USER, 1); /* libcrypto keeps what a thread's first error takes */
	ERR_clear_error();
	start_all(false);
	start_all(true);
}

/* Every command, over and over in one service: what a client leaves behind goes a moment after it. */
static void say_all(struct warden *warden, bool and_all_others)
{
	long total = 0;

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		long nth = 0, hit;

		do {
			said[0] = '\0';
			arm(++nth, and_all_others);
			tell(commands[i]);
			hit = disarm();
			if (!strcmp(commands[i], "reload") && engine_reload(warden, error, sizeof(error)))
				fail_msg("%s", error);
			for (unsigned n = 0; n < 100 && !is_as_before(); n++)
				nap();
			expect_no_leak(nth);
			expect_works(warden);
		} while (hit);
		total += nth - 1;
	}
	printf("%zu commands: %ld allocations\n", sizeof(commands) / sizeof(*commands), total);
	assert_true(total > 50);
}

/* An event that the writer has no memory for is lost and counted; the next one is written. */
static void write_events(struct warden *warden)
{
	uint64_t written = counted(warden, COUNTER_events_written), lost = counted(warden, COUNTER_events_lost), put = 0;
	long nth = 0, hit;
	char text[64];

	do {
		nth += 40; /* each takes a tick of the writer; event_line() itself has been tried out */
		snprintf(text, sizeof(text), "hold 192.0.2.9 d%ld.com 60", nth);
		tell(text);
		expect_in(answer, "ok");
		snprintf(text, sizeof(text), "www.d%ld.com", nth);
		arm(nth, false);
		assert_int_equal(decision_on(warden, "192.0.2.9", text, 1).verdict, WARDEN_REFUSE);
		put++;
		for (unsigned n = 0; n < 250; n++, nap())
			if (counted(warden, COUNTER_events_written) + counted(warden, COUNTER_events_lost) == written + lost + put)
				break;
		hit = disarm();
		assert_int_equal(counted(warden, COUNTER_events_written) + counted(warden, COUNTER_events_lost), written + lost + put);
	} while (hit);
	assert_true(counted(warden, COUNTER_events_lost) > lost);
	assert_true(counted(warden, COUNTER_events_written) > written);
}

static void serving(void **state)
{
	struct warden *warden;

	(void)state;
	write_everything(false);
	warden = open_now(false);
	start_now(warden);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		tell(commands[i]); /* what threads keep for good */
	for (unsigned i = 0; i < 20; i++)
		nap();
	remember();
	say_all(warden, false);
	say_all(warden, true);
	write_events(warden);
	tell("status");
	expect_in(answer, "mode: enforce");
	warden_close(warden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starting),
		cmocka_unit_test(serving),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
	return 77; /* skipped */
}

#endif
