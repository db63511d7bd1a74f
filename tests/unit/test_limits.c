/* SPDX-License-Identifier: BSD-3-Clause */
/* test_limits - threads and descriptors run out, and whoever reads events stops: the engine goes on, and so does the
 * service once it can.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "served.h"
#include "support.h"

static char error[1024];
static unsigned domain_number;

/* Makes an event of a domain that has had none. Returns false when it was not refused. */
static bool make_event(struct warden *warden)
{
	char text[64];

	snprintf(text, sizeof(text), "hold 192.0.2.7 d%u.com", ++domain_number);
	if (strcmp(control(text), "ok\n") != 0)
		return false;
	snprintf(text, sizeof(text), "www.d%u.com", domain_number);
	return query(warden, text, 1).verdict == WARDEN_REFUSE;
}

static void wait_for_more(struct warden *warden, enum counter_id id, uint64_t than)
{
	uint64_t began = now_ms();

	while (counted(warden, id) <= than && now_ms() - began < PATIENCE)
		nap();
	if (counted(warden, id) <= than)
		fail_msg("it stays at %u", (unsigned)than);
}

/* ---- threads -------------------------------------------------------------------- */

/* In a child, as somebody whom nobody else is, with room for <threads>. Returns whether the service started. */
static int serve_with(rlim_t threads)
{
	struct rlimit limit, before;
	uid_t nobody = 60000 + (uid_t)(getpid() % 5000);
	struct warden *warden;

	if (geteuid() == 0 && (chown(folder, nobody, nobody) || chmod(folder, 0700) || setresgid(nobody, nobody, nobody) ||
	                       setresuid(nobody, nobody, nobody)))
		return 2;
	warden = engine_open();
	getrlimit(RLIMIT_NPROC, &before);
	limit = (struct rlimit){ threads, before.rlim_max };
	if (setrlimit(RLIMIT_NPROC, &limit))
		return 3;
	error[0] = '\0';
	if (warden_start(warden, error, sizeof(error)) == 0) {
		if (!make_event(warden))
			return 4;
		warden_close(warden);
		return 0;
	}
	/* It says why, leaves no socket, and all questions go on. */
	if (!strstr(error, "cannot start a thread") || access(socket_path, F_OK) == 0)
		return 5;
	if (query(warden, "www.example.com", 1).verdict != WARDEN_PASS || counted(warden, COUNTER_misses) != 1)
		return 6;
	/* And when there are threads again it starts. */
	if (setrlimit(RLIMIT_NPROC, &before) || warden_start(warden, error, sizeof(error)) || !make_event(warden))
		return 7;
	warden_close(warden);
	return 1;
}

static void no_threads(void **state)
{
	unsigned started = 0, refused = 0;

	(void)state;
	for (rlim_t threads = 1; threads <= 8; threads++) {
		int status = -1;
		pid_t child;

		folder_teardown(NULL);
		assert_int_equal(folder_setup(NULL), 0);
		chmod(served_config, 0644);
		child = fork();
		if (child == 0)
			_exit(serve_with(threads));
		waitpid(child, &status, 0);
		assert_true(WIFEXITED(status));
		assert_in_range(WEXITSTATUS(status), 0, 1);
		started += WEXITSTATUS(status) == 0;
		refused += WEXITSTATUS(status) == 1;
	}
	printf("%u times it could not start, %u times it could\n", refused, started);
	assert_true(refused >= 3 && started >= 1);
}

/* ---- descriptors ---------------------------------------------------------------- */

static unsigned descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void limit_to(rlim_t count)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = count;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static struct warden *try_open(void)
{
	struct warden_setup setup = { .config_file = served_config, .log = say, .now = now_ms() };

	error[0] = said[0] = '\0';
	return warden_open(&setup, error, sizeof(error));
}

/* With room for <spare> more. Returns whether all of it worked. */
static bool open_with(unsigned spare)
{
	struct warden *warden;
	bool starts = false;
	rlim_t lowest = (rlim_t)dup(0);

	close((int)lowest);
	limit_to(lowest + spare);
	warden = try_open();
	if (!warden)
		assert_true(error[0]);
	if (warden) {
		starts = warden_start(warden, error, sizeof(error)) == 0;
		assert_true(starts || error[0]);
		assert_int_equal(query(warden, "www.example.com", 1).verdict, WARDEN_PASS);
	}
	limit_to(256);
	if (starts && !strstr(said, "control-socket")) {
		uint64_t written = counted(warden, COUNTER_events_written);

		/* Whatever could not be opened then is opened now. */
		assert_true(make_event(warden));
		wait_for_more(warden, COUNTER_events_written, written);
	} else {
		starts = false;
	}
	warden_close(warden);
	return starts;
}

static void no_descriptors(void **state)
{
	unsigned before, worked = 0;

	(void)state;
	assert_true(open_with(100));
	before = descriptors();
	for (unsigned spare = 0; spare < 14; spare++) {
		worked += open_with(spare);
		assert_int_equal(descriptors(), before);
	}
	printf("%u of 14 worked\n", worked);
	assert_in_range(worked, 1, 13);
}

/* A reload that may open nothing changes nothing: not even a list that need not be there is lost. */
static void reload_without(void **state)
{
	struct warden *warden;
	char path[128];
	FILE *list;
	rlim_t lowest;
	unsigned done = 0;

	(void)state;
	snprintf(path, sizeof(path), "%s/warden.d", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/warden.d/dynamic-dns.list", folder);
	list = fopen(path, "w");
	fputs("dynamic.example.org\n", list);
	fclose(list);
	warden = engine_start();
	lowest = (rlim_t)dup(0);
	close((int)lowest);
	for (unsigned spare = 0; spare < 8; spare++) {
		unsigned cell;
		size_t names;

		limit_to(lowest + spare);
		error[0] = '\0';
		done += engine_reload(warden, error, sizeof(error)) == 0;
		limit_to(256);
		assert_true(done || error[0]);
		names = rules_enter(warden, &cell)->config->list_count;
		for (size_t i = 0, dynamic = 0; i < names; i++) {
			const struct list *each = &rules_enter(warden, &cell)->config->list[i];

			rules_leave(warden, cell);
			dynamic += each->dynamic && each->entries > 0;
			if (i + 1 == names)
				assert_int_equal(dynamic, 1);
		}
		rules_leave(warden, cell);
		assert_int_equal(query(warden, "www.example.com", 1).verdict, WARDEN_PASS);
	}
	assert_in_range(done, 1, 7);
	assert_true(make_event(warden));
	warden_close(warden);
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
}

/* ---- a pipe whose reader stops --------------------------------------------------- */

/* Reads all that is in <pipe>. Returns how many whole lines; others fail the test. */
static unsigned lines_in(int pipe)
{
	static char text[1 << 20];
	size_t got = 0;
	unsigned lines = 0;
	ssize_t n;

	while ((n = read(pipe, text + got, sizeof(text) - 1 - got)) > 0)
		got += (size_t)n;
	text[got] = '\0';
	for (char *line = text, *end; *line; line = end + 1, lines++) {
		end = strchr(line, '\n');
		if (!end || line[0] != '{' || end[-1] != '}')
			fail_msg("half a line: '%s'", line);
	}
	return lines;
}

static void reader_stops(void **state)
{
	struct warden *warden;
	char path[128];
	uint64_t lost, written, made = 0;
	int pipe;

	(void)state;
	snprintf(path, sizeof(path), "%s/state", folder);
	mkdir(path, 0750);
	assert_int_equal(mkfifo(events_path, 0600), 0);
	pipe = open(events_path, O_RDONLY | O_NONBLOCK);
	assert_true(pipe >= 0);
	fcntl(pipe, F_SETPIPE_SZ, 4096);
	warden = engine_start();
	/* Nobody reads: nobody waits, either. */
	while (!counted(warden, COUNTER_events_lost) && made < 100) {
		assert_true(make_event(warden));
		made++;
		nap();
	}
	lost = counted(warden, COUNTER_events_lost);
	assert_true(lost > 0);
	/* He reads on: what was written is whole, and more comes. */
	written = counted(warden, COUNTER_events_written);
	assert_int_equal(lines_in(pipe), written);
	assert_true(make_event(warden));
	wait_for_more(warden, COUNTER_events_written, written);
	assert_int_equal(lines_in(pipe), 1);
	/* He goes: no signal ends anybody. Another one comes. */
	close(pipe);
	lost = counted(warden, COUNTER_events_lost);
	assert_true(make_event(warden));
	wait_for_more(warden, COUNTER_events_lost, lost);
	pipe = open(events_path, O_RDONLY | O_NONBLOCK);
	written = counted(warden, COUNTER_events_written);
	assert_true(make_event(warden));
	wait_for_more(warden, COUNTER_events_written, written);
	assert_int_equal(lines_in(pipe), 1);
	assert_true(was_logged("events lost"));
	warden_close(warden);
	close(pipe);
}

/* A pipe where the snapshot would be written is no reason to wait. */
static void snapshot_is_pipe(void **state)
{
	struct warden *warden;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/state", folder);
	mkdir(path, 0750);
	snprintf(path, sizeof(path), "%s/state/snapshot.new", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	config_write(" snapshot-interval: 1s\n");
	warden = engine_start();
	for (uint64_t began = now_ms(); !was_logged("cannot write") && now_ms() - began < PATIENCE;)
		nap();
	assert_true(was_logged("cannot write"));
	assert_true(make_event(warden));
	wait_for_more(warden, COUNTER_events_written, 0);
	warden_close(warden);
	unlink(path);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_threads),
		TEST(no_descriptors),
		TEST(reload_without),
		TEST(reader_stops),
		TEST(snapshot_is_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
