/* SPDX-License-Identifier: BSD-3-Clause */
/* test_maintenance - the thread that ends holds, guards against too many, and keeps a door's mirror; and
 * that an operator's command returns when what it changed is in force.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "served.h"
#include "service/service.h"

static char error[512];

/* A door's mirror: how many holds it was told, and what it says it has in force. */
static struct {
	_Atomic uint64_t kept, holds, version;
	_Atomic bool stuck;
	struct warden *warden;
} mirror;

static void count(void *arg, const struct warden_hold *hold)
{
	uint64_t *holds = arg;

	(void)hold;
	++*holds;
}

static void keep(void *arg, uint64_t now)
{
	struct warden *warden = mirror.warden;
	uint64_t holds = 0, version;

	assert_ptr_equal(arg, &mirror);
	atomic_fetch_add(&mirror.kept, 1);
	if (!warden || atomic_load(&mirror.stuck))
		return;
	version = warden_holds_version(warden);
	warden_holds(warden, now, count, &holds);
	atomic_store(&mirror.holds, holds);
	atomic_store(&mirror.version, version);
}

static uint64_t version(void *arg)
{
	(void)arg;
	return atomic_load(&mirror.version);
}

static struct warden *start(void)
{
	struct warden *warden;

	memset(&mirror, 0, sizeof(mirror));
	served_mirror = (struct warden_mirror){ .arg = &mirror, .keep = keep, .version = version };
	warden = engine_open();
	mirror.warden = warden;
	if (warden_start(warden, error, sizeof(error)))
		fail_msg("%s", error);
	return warden;
}

/* Waits until <number> is <wanted>. */
static void becomes(_Atomic uint64_t *number, uint64_t wanted)
{
	for (uint64_t end = now_ms() + PATIENCE; atomic_load(number) != wanted && now_ms() < end;)
		nap();
	assert_int_equal(atomic_load(number), wanted);
}

/* What was commanded is in the mirror when the command has returned. */
static void in_force_when_done(void **state)
{
	struct warden *warden = start();

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		assert_string_equal(control("hold 192.0.2.7 example.com 60"), "ok\n");
		assert_int_equal(atomic_load(&mirror.holds), 1);
		assert_string_equal(control("release 192.0.2.7 example.com"), "ok\n");
		assert_int_equal(atomic_load(&mirror.holds), 0);
	}
	assert_string_equal(control("hold 192.0.2.7 any 60"), "ok\n");
	expect_in(control("status"), "\nholds: 1 in force, 0 exemptions, local zones in step\n");
	assert_string_equal(control("set_mode observe"), "ok\n");
	assert_int_equal(atomic_load(&mirror.holds), 0);
	assert_string_equal(control("set_mode enforce"), "ok\n");
	assert_int_equal(atomic_load(&mirror.holds), 1);
	warden_close(warden);
}

/* A mirror that is stuck holds nobody up for longer than a second, and is told as such. */
static void a_stuck_mirror(void **state)
{
	struct warden *warden = start();
	uint64_t began;

	(void)state;
	atomic_store(&mirror.stuck, true);
	began = now_ms();
	control("hold 192.0.2.7 example.com 60");
	assert_in_range(now_ms() - began, 500, PATIENCE);
	expect_in(control("status"), "local zones behind\n");
	warden_close(warden);
}

/* Holds end by themselves, and the mirror learns of it. */
static void ended(void **state)
{
	struct warden *warden = start();

	(void)state;
	assert_string_equal(control("hold 192.0.2.7 example.com 1"), "ok\n");
	assert_int_equal(atomic_load(&mirror.holds), 1);
	becomes(&mirror.holds, 0);
	warden_close(warden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_force_when_done, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(a_stuck_mirror, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(ended, folder_setup, folder_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
