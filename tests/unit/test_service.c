/* SPDX-License-Identifier: BSD-3-Clause */
/* test_service - what happens beside the resolver: event file, snapshots, ends of holds. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "service/service.h"
#include "served.h"

static unsigned lines_of(const char *path)
{
	FILE *file = fopen(path, "r");
	unsigned lines = 0;
	int c;

	while (file && (c = getc(file)) != EOF)
		lines += c == '\n';
	if (file)
		fclose(file);
	return lines;
}

static void expect_lines(const char *path, unsigned lines)
{
	uint64_t began = now_ms();

	while (lines_of(path) != lines && now_ms() - began < PATIENCE)
		nap();
	assert_int_equal(lines_of(path), lines);
}

/* --- events -------------------------------------------------------------------------------- */

static void test_events(void **state)
{
	struct warden *warden = engine_start();
	char moved[128];

	(void)state;
	snprintf(moved, sizeof(moved), "%s/state/events.1", folder);
	assert_string_equal(control("hold 192.0.2.7 example.com"), "ok\n");
	assert_string_equal(control("hold 192.0.2.7 example.org"), "ok\n");
	assert_string_equal(control("hold 192.0.2.7 example.net"), "ok\n");
	assert_string_equal(control("hold 192.0.2.7 example.edu"), "ok\n");
	meet_hold(warden, "www.example.com");
	expect_lines(events_path, 1);
	assert_int_equal(rename(events_path, moved), 0);
	meet_hold(warden, "www.example.org");
	expect_lines(events_path, 1);
	assert_int_equal(lines_of(moved), 1);
	/* as logrotate's `create` does it */
	assert_int_equal(rename(events_path, moved), 0);
	close(open(events_path, O_CREAT | O_WRONLY, 0640));
	meet_hold(warden, "www.example.edu");
	expect_lines(events_path, 1);
	assert_int_equal(remove(events_path), 0);
	assert_string_equal(control("log_reopen"), "ok\n");
	expect_lines(events_path, 0);
	/* what is in the journal at the end is written */
	meet_hold(warden, "www.example.net");
	warden_close(warden);
	assert_int_equal(lines_of(events_path), 1);
}

/* Nobody reads: nothing waits, what is lost is counted and said once. */
static void test_fifo(void **state)
{
	struct warden *warden;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/state", folder);
	mkdir(path, 0750);
	assert_int_equal(mkfifo(events_path, 0600), 0);
	warden = engine_start();
	assert_true(was_logged("event-file: cannot open"));
	control("hold 192.0.2.7 example.com");
	meet_hold(warden, "www.example.com");
	expect_control("status", "events: 0 written, 1 lost");
	warden_close(warden);
}

/* A line cut short by a full disk is taken back, and the next one is whole again. */
static void test_full_disk(void **state)
{
	struct rlimit before, tight;
	struct warden *warden = engine_start();
	struct stat file;

	(void)state;
	control("hold 192.0.2.7 example.com");
	control("hold 192.0.2.7 example.org");
	control("hold 192.0.2.7 example.net");
	meet_hold(warden, "www.example.com");
	expect_lines(events_path, 1);
	assert_int_equal(stat(events_path, &file), 0);
	getrlimit(RLIMIT_FSIZE, &before);
	tight = (struct rlimit){ .rlim_cur = (rlim_t)file.st_size + 100,
		                 .rlim_max = before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	meet_hold(warden, "www.example.org");
	expect_control("status", "events: 1 written, 1 lost");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(was_logged("1 events lost"));
	tight.rlim_cur = (rlim_t)file.st_size;
	assert_int_equal(stat(events_path, &file), 0);
	assert_int_equal(file.st_size, tight.rlim_cur);
	meet_hold(warden, "www.example.net");
	expect_lines(events_path, 2);
	warden_close(warden);
}

static void test_snapshot(void **state)
{
	struct warden *warden;
	char path[128];

	(void)state;
	config_write(" snapshot-interval: 1s\n");
	warden = engine_start();
	snprintf(path, sizeof(path), "%s/state/snapshot", folder);
	expect_control("status", " seconds ago)");
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(remove(path), 0);
	warden_close(warden);
	assert_int_equal(access(path, F_OK), 0);
}

/* An ended hold goes by itself. */
static void test_expiry(void **state)
{
	struct warden *warden = engine_start();

	(void)state;
	control("hold 192.0.2.7 example.com 1");
	expect_in(control("stats_noreset"), "warden.holds.count=1\n");
	expect_control("stats_noreset", "warden.holds.count=0\n");
	warden_close(warden);
}

/* A forked worker closes its copy: nothing of the parent's may end or be removed. */
static void test_fork(void **state)
{
	struct warden *warden = engine_start();
	int status;
	pid_t child = fork();

	(void)state;
	if (!child) {
		warden_close(warden);
		_exit(0);
	}
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	expect_in(control("status"), "mode: enforce");
	warden_close(warden);
}

/* What the counting thread had in hand when the process was forked is left alone there. */
static void test_fork_amid_counting(void **state)
{
	struct warden *warden = engine_start();
	int status;
	pid_t child = fork();

	(void)state;
	if (!child) {
		struct redis *redis = &warden->service->counting.redis;
		int fd = dup(0);

		redis->state = REDIS_READY;
		redis->fd = fd;
		warden_close(warden);
		_exit(fcntl(fd, F_GETFD) < 0);
	}
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	warden_close(warden);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_events),
		TEST(test_fifo),
		TEST(test_full_disk),
		TEST(test_snapshot),
		TEST(test_expiry),
		TEST(test_fork),
		TEST(test_fork_amid_counting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
