/* SPDX-License-Identifier: BSD-3-Clause */
/* test_tap - who has a seat at tap-socket:, who has to wait for descriptors, and what the line of status says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support.h"
#include "wardend/spared.h"
#include "wardend/tap.h"

static struct spared spared;
static struct tap tap;
static unsigned came;

static void has_come(void *arg)
{
	(void)arg;
	came++;
}

static void nothing(void *arg)
{
	(void)arg;
}

static struct warden *open_tap(const char *path)
{
	struct warden *warden = open_engine("", true);
	char error[512] = "";

	*said = '\0';
	came = 0;
	tap = (struct tap){ .spared = &spared, .changed = nothing, .came = has_come };
	if (tap_open(&tap, warden, path, error, sizeof(error)))
		fail_msg("%s", error);
	return warden;
}

static int connected(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int one = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(connect(one, (struct sockaddr *)&address, sizeof(address)), 0);
	return one;
}

static bool is_readable(int socket)
{
	return poll(&(struct pollfd){ .fd = socket, .events = POLLIN }, 1, 0) > 0;
}

/* The caller is told, once it is said, and who waits is let in later. */
static void out_of_descriptors(void **state)
{
	const char *path = temp("dnstap.sock");
	struct warden *warden = open_tap(path);
	struct rlimit usual, none;
	int one = connected(path);

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = usual.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	for (unsigned i = 0; i < 3; i++)
		assert_false(tap_accept(&tap));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
	assert_string_equal(said, "tap-socket: a resolver has to wait: Too many open files\n");
	assert_int_equal(came, 0);
	assert_true(is_readable(tap.listener));
	assert_true(tap_accept(&tap));
	assert_int_equal(came, 1);
	assert_int_equal(tap_count(&tap), 1);
	/* Nobody waits any more, which is no reason to. */
	assert_true(tap_accept(&tap));
	assert_int_equal(came, 1);
	tap_close(&tap);
	close(one);
	warden_close(warden);
}

static void seats(void **state)
{
	const char *path = temp("dnstap.sock");
	struct warden *warden = open_tap(path);
	int one[TAP_SEATS + 1];

	(void)state;
	for (unsigned i = 0; i <= TAP_SEATS; i++) {
		one[i] = connected(path);
		assert_true(tap_accept(&tap));
	}
	assert_int_equal(came, TAP_SEATS);
	assert_int_equal(tap_count(&tap), TAP_SEATS);
	assert_string_equal(said, "tap-socket: a resolver is turned away: there is room for 32\n");
	assert_true(is_readable(one[TAP_SEATS])); /* its end */
	tap_close(&tap);
	for (unsigned i = 0; i <= TAP_SEATS; i++)
		close(one[i]);
	assert_int_equal(access(path, F_OK), -1);
	warden_close(warden);
}

/* By the time that has passed, not by the time that should have; and not what an earlier wardend has counted. */
static void rates(void **state)
{
	struct tap rated = { .listener = -1 };

	(void)state;
	assert_int_equal(tap_rate(&rated, 1000000, 5000), 0);
	assert_int_equal(tap_rate(&rated, 1005000, 10000), 1000);
	assert_int_equal(tap_rate(&rated, 1010000, 20000), 500);
	assert_int_equal(tap_rate(&rated, 1010000, 25000), 0);
	assert_int_equal(tap_rate(&rated, 1010001, 25000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(out_of_descriptors),
		cmocka_unit_test(seats),
		cmocka_unit_test(rates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
