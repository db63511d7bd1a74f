/* SPDX-License-Identifier: BSD-3-Clause */
/* test_talk - one question to a control socket, and wardend's three of them: answers, errors, silence, no end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/talk.h"
#include "fake_unbound.h"
#include "support.h"
#include "wardend/clocks.h"
#include "wardend/unbound.h"

static struct fake_unbound fake;
static unsigned lines;

static void take(void *arg, const char *line)
{
	(void)arg;
	assert_null(strchr(line, '\n'));
	lines++;
}

/* Lists, with <patience>; what was said against it, or "". */
static const char *list(int64_t patience)
{
	const struct control_of_unbound control = { .path = fake.path, .stop = -1, .patience = patience };
	const char *fault;

	lines = 0;
	fault = unbound_list(&control, take, NULL);
	return fault ? fault : "";
}

static void answers(void **state)
{
	(void)state;
	fake_unbound_open(&fake, temp("unbound.ctl"));
	assert_string_equal(list(2000), "");
	assert_int_equal(lines, 0);
	fake_unbound_set(&fake, "a.test. static");
	fake_unbound_set(&fake, "b.test. static");
	assert_string_equal(list(2000), "");
	assert_int_equal(lines, 2);
	/* An error is one in the first line only: a zone may be called so. */
	fake.instead = "error no\na.test. static\n";
	assert_string_equal(list(2000), "it does not list its local zones");
	assert_int_equal(lines, 0);
	fake.instead = "a.test. static\nerror.test. static\n";
	assert_string_equal(list(2000), "");
	assert_int_equal(lines, 2);
	/* A line without its end is none. */
	fake.instead = "a.test. static\nb.te";
	assert_string_equal(list(2000), "");
	assert_int_equal(lines, 1);
	fake_unbound_close(&fake);
}

/* Silent: until the deadline, and not a moment after <stop>. */
static void silence(void **state)
{
	struct control_of_unbound control = { .path = fake.path, .patience = 60000 };
	uint64_t one = 1;
	int64_t began;

	(void)state;
	fake_unbound_open(&fake, temp("unbound.ctl"));
	fake.silent = true;
	began = clock_steady();
	assert_string_equal(list(300), "it does not answer");
	assert_in_range(clock_steady() - began, 290, 5000);
	control.stop = eventfd(1, EFD_CLOEXEC);
	assert_int_equal(write(control.stop, &one, sizeof(one)), sizeof(one));
	began = clock_steady();
	assert_string_equal(unbound_list(&control, take, NULL), "it does not answer");
	assert_in_range(clock_steady() - began, 0, 5000);
	close(control.stop);
	fake_unbound_close(&fake);
}

/* No line is as long as that; and lines without end last until the deadline. */
static void no_end(void **state)
{
	int64_t began;

	(void)state;
	fake_unbound_open(&fake, temp("unbound.ctl"));
	fake.endless = "a";
	assert_string_equal(list(60000), "it does not speak as Unbound does");
	assert_int_equal(lines, 0);
	fake.endless = "a.test. static\n";
	began = clock_steady();
	assert_string_equal(list(300), "it does not answer");
	assert_in_range(clock_steady() - began, 290, 5000);
	assert_true(lines > 1000);
	fake_unbound_close(&fake);
}

static void nobody_there(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct talk talk = { .stop = -1, .deadline = INT64_MAX, .now = clock_steady };
	char long_path[200];
	int dead;

	(void)state;
	fake_unbound_open(&fake, temp("unbound.ctl"));
	fake_unbound_close(&fake);
	assert_string_equal(list(2000), "No such file or directory");
	/* A socket that nobody listens at any more. */
	strcpy(address.sun_path, fake.path);
	dead = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(dead, (struct sockaddr *)&address, sizeof(address)), 0);
	close(dead);
	assert_string_equal(list(2000), "Connection refused");
	unlink(fake.path);
	memset(long_path, 'a', sizeof(long_path));
	long_path[sizeof(long_path) - 1] = '\0';
	assert_string_equal(talk_begin(&talk, long_path), "its path is too long");
	talk_end(&talk);
	talk_end(&talk);
}

/* What was not taken is counted, and what is more than a piece is sent in several. */
static void changes(void **state)
{
	const struct control_of_unbound control = { .path = temp("unbound.ctl"), .stop = -1, .patience = 5000 };
	struct zones zones = { .item = NULL };
	char name[ZONE_NAME_MAX + 1];
	size_t failed = 1;

	(void)state;
	fake_unbound_open(&fake, control.path);
	for (unsigned i = 0; i < 4000; i++) {
		snprintf(name, sizeof(name), "a%u.test.", i);
		assert_true(zones_add(&zones, name, i % 2 ? ZONE_REFUSE : ZONE_NODATA));
	}
	zones_settle(&zones);
	assert_null(unbound_set(&control, &zones, &failed));
	assert_int_equal(failed, 0);
	assert_int_equal(fake_unbound_count(&fake), 4000);
	assert_true(fake_unbound_has(&fake, "a1.test. always_refuse"));
	assert_true(fake_unbound_has(&fake, "a2.test. always_nodata"));
	assert_in_range(fake.sets, 3, 20);
	strcpy(fake.refused, "a99");
	assert_null(unbound_remove(&control, &zones, &failed));
	assert_int_equal(failed, 11);
	assert_int_equal(fake_unbound_count(&fake), 11);
	fake.instead = "error\n";
	assert_null(unbound_set(&control, &zones, &failed));
	assert_int_equal(failed, 4000);
	zones_free(&zones);
	fake_unbound_close(&fake);
}

/* talk_send() of more than the other side reads: until the deadline. */
static void not_read(void **state)
{
	static const char much[4 * 1024 * 1024];
	struct talk talk = { .stop = -1, .deadline = clock_steady() + 300, .now = clock_steady };
	int pair[2];
	char one;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	talk.socket = pair[0];
	assert_false(talk_send(&talk, much, sizeof(much)));
	assert_true(clock_steady() >= talk.deadline);
	/* Nor is anything begun when it is too late. */
	assert_false(talk_send(&talk, "a", 1));
	assert_int_equal(talk_read(&talk, &one, 1), -1);
	talk.deadline = clock_steady() + 5000;
	close(pair[1]);
	assert_false(talk_send(&talk, "a", 1));
	talk_end(&talk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(silence),
		cmocka_unit_test(no_end),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(changes),
		cmocka_unit_test(not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
