/* SPDX-License-Identifier: BSD-3-Clause */
/* test_watch - what counting together is made of: where Redis is, HMACs, numbers out of Redis, the window over midnight,
 * and the table of what waits.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/endpoint.h"
#include "fleet/count.h"
#include "support.h"

static void places(void **state)
{
	static const char *const bad[] = { "", "@", "localhost", "192.0.2.1@", "192.0.2.1@0", "192.0.2.1@65536", "192.0.2.1@1x",
	                                   "192.0.2.1:1", "@1", "2001:db8::1@-1", "run/redis.sock" };
	struct endpoint at;
	char path[ENDPOINT_MAX + 1];

	(void)state;
	assert_true(endpoint_parse(&at, "192.0.2.1", 53) && at.port == 53 && !endpoint_is_path(&at));
	assert_true(endpoint_parse(&at, "2001:db8::1@65535", 53) && at.port == 65535);
	assert_string_equal(at.host, "2001:db8::1");
	assert_true(endpoint_parse(&at, "/run/a@1", 53) && endpoint_is_path(&at) && !at.port);
	assert_string_equal(at.host, "/run/a@1");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(endpoint_parse(&at, bad[i], 53));
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[ENDPOINT_MAX] = '\0';
	assert_false(endpoint_parse(&at, path, 53));
	path[ENDPOINT_MAX - 1] = '\0';
	assert_true(endpoint_parse(&at, path, 53));
}

static void window_over_midnight(void **state)
{
	uint64_t midnight = NOW / DAY * DAY;

	(void)state;
	/* What was today's sum is yesterday's a moment later, and weighs the same. */
	assert_true(fabs(count_window(800, 0, midnight + DAY - 1) - count_window(0, 800, midnight + DAY)) < 1e-9);
	assert_true(fabs(count_window(800, 100, midnight + DAY - 1) - 800) < 0.01);
	assert_true(fabs(count_window(0, 800, midnight + DAY + 12 * HOUR) - 400) < 1e-9);
	assert_true(count_window(0, 800, midnight + 2 * DAY - 1) < 0.1);
}

static void numbers(void **state)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "nan", "inf", "1e3", "0x10", "1.5", "1000000000001",
	                                   "99999999999999999999", "999999999999999999999999", "1\n" };
	double bits;

	(void)state;
	assert_true(count_number("0", 1, &bits) && bits == 0);
	assert_true(count_number("1000000000000", 13, &bits) && bits == 1e12);
	assert_true(count_number("12345", 3, &bits) && bits == 123);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(count_number(bad[i], strlen(bad[i]), &bits));
	assert_false(count_number("1\0002", 3, &bits));
}

static void blind_names(void **state)
{
	static const uint8_t client[16] = { 1 }, domain[] = "\7example\3org";
	uint8_t a[BLIND_LEN], b[BLIND_LEN];
	struct blind blind, other;

	(void)state;
	assert_true(blind_open(&blind, "secret") && blind_open(&other, "secrets"));
	assert_true(blind_make(&blind, SUBJECT_OF_PAIR, client, domain, sizeof(domain), a));
	assert_true(blind_make(&blind, SUBJECT_OF_PAIR, client, domain, sizeof(domain), b));
	assert_memory_equal(a, b, BLIND_LEN);
	assert_true(blind_make(&other, SUBJECT_OF_PAIR, client, domain, sizeof(domain), b));
	assert_memory_not_equal(a, b, BLIND_LEN);
	assert_true(blind_make(&blind, SUBJECT_OF_DOMAIN, NULL, domain, sizeof(domain), a));
	assert_true(blind_make(&blind, SUBJECT_OF_NAME, NULL, domain, sizeof(domain), b));
	assert_memory_not_equal(a, b, BLIND_LEN);
}

/* However many come, the table stays as large as it is, and none is displaced that has something to say. */
static void watch_is_bounded(void **state)
{
	struct watch watch;
	uint64_t seed = 7, hash;
	uint8_t id[BLIND_LEN] = { 0 };
	unsigned placed = 0, named = 0;
	double waiting = 0;
	bool is_new;

	(void)state;
	assert_true(watch_open(&watch));
	for (unsigned i = 0; i < 4 * WATCH_SUBJECTS; i++) {
		struct watched *subject = watch_find(&watch, (hash = random_next(&seed)) ? hash : 1, NOW, &is_new);

		if (!subject)
			continue;
		assert_true(is_new);
		placed++;
		watch_charge(subject, 2, NOW);
		watch_name(&watch, subject, id);
		watch_name(&watch, subject, id);
		watch_name(&watch, subject, id);
	}
	assert_in_range(placed, WATCH_SUBJECTS * 9 / 10, WATCH_SUBJECTS);
	for (unsigned i = 0; i < WATCH_SUBJECTS; i++) {
		waiting += watch.subject[i].waiting;
		while (watch.subject[i].hash && watch_take_name(&watch, &watch.subject[i], id))
			named++;
	}
	assert_true(waiting == 2.0 * placed);
	assert_int_equal(named, WATCH_NAMES);
	/* A day later there is room for another, but not where something waits, or is under way. */
	assert_int_equal(watch_hand(&watch.subject[0]), 2);
	assert_null(watch_find(&watch, (UINT64_C(1) << 40) + 1, NOW + DAY, &is_new));
	watch_taken(&watch.subject[0]);
	assert_ptr_equal(watch_find(&watch, (UINT64_C(1) << 40) + 1, NOW + DAY, &is_new), &watch.subject[0]);
	assert_null(watch_find(&watch, (UINT64_C(1) << 40) + 8, NOW + DAY, &is_new));
	watch_close(&watch);
}

static void parts_of_bits_wait(void **state)
{
	struct watched subject = { .hash = 1 };

	(void)state;
	watch_charge(&subject, 0.75, NOW);
	assert_int_equal(watch_hand(&subject), 0);
	watch_charge(&subject, 1.5, NOW);
	watch_charge(&subject, NAN, NOW);
	watch_charge(&subject, -5, NOW);
	assert_int_equal(watch_hand(&subject), 2);
	assert_true(subject.waiting == 0.25);
	watch_refused(&subject);
	assert_true(subject.waiting == 2.25 && subject.charges == 2);
	watch_charge(&subject, 1e300, NOW);
	assert_int_equal(watch_hand(&subject), 1000000000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(window_over_midnight),
		cmocka_unit_test(numbers),
		cmocka_unit_test(blind_names),
		cmocka_unit_test(watch_is_bounded),
		cmocka_unit_test(parts_of_bits_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
