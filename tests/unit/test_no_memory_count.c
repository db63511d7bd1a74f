/* SPDX-License-Identifier: BSD-3-Clause */
/* test_no_memory_count - memory runs out while nodes count together: in Warden, in libcrypto.
 *
 * Each time it does not start and says why, or it goes on: what is lost is counted, nothing leaks, and with memory there
 * again sums reach Redis.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "fake_redis.h"
#include "together/count.h"
#include "scarce.h"
#include "store/outbox.h"

#ifndef SANITIZED

static struct fake_redis fake;
static struct counting counting;
static uint64_t now = NOW;

static uint64_t test_clock(void)
{
	return now;
}

static void tell(struct warden *warden, uint64_t pair)
{
	struct parcel parcel = { .now = now, .pair = pair, .client_key = 2, .domain = 3, .pair_bits = 80, .is_new = true,
	                         .domain_at = 4, .qname_len = 17 };

	memcpy(parcel.qname, "\3abc\7example\3org", 17);
	assert_true(outbox_put(&warden->mapping, &parcel));
}

static void rounds(unsigned seconds)
{
	for (unsigned i = 0; i < 10 * seconds; i++, now += 100)
		for (unsigned turn = 0; turn < 3; turn++) {
			count_round(&counting, now);
			fake_redis_work(&fake);
		}
}

static void run(struct warden *warden, long nth, bool and_all_others, long *hit)
{
	uint64_t sent;
	bool opened;

	said[0] = '\0';
	error[0] = '\0';
	arm(nth, and_all_others);
	opened = count_open(&counting, warden, -1, test_clock, error, sizeof(error));
	if (opened) {
		tell(warden, 7);
		rounds(12);
	}
	*hit = disarm();
	if (opened) {
		rounds(35); /* as long as it may wait before it tries again */
		sent = counted(warden, COUNTER_redis_sent);
		tell(warden, 8);
		rounds(7);
		assert_int_equal(counted(warden, COUNTER_redis_sent), sent + 1);
		assert_int_equal(warden->mapping.header->gauge[GAUGE_redis_up], 1);
	} else {
		expect_sentence();
	}
	count_close(&counting);
	fake_redis_work(&fake);
}

static void run_all(struct warden *warden, bool and_all_others)
{
	long nth = 0, hit;

	do {
		remember();
		run(warden, ++nth, and_all_others, &hit);
		ERR_clear_error(); /* libcrypto keeps sentences about what it lacked */
		expect_no_leak(nth);
	} while (hit);
	printf("%ld allocations\n", nth - 1);
	assert_true(nth > 20);
}

static void counting_goes_on(void **state)
{
	static char path[160];
	char config[256];
	struct warden *warden;
	long hit;

	(void)state;
	snprintf(path, sizeof(path), "%s", temp("redis.sock"));
	fake_redis_open(&fake, path);
	snprintf(config, sizeof(config), "warden:\n fleet-redis: \"%s\"\n fleet-node: \"one\"\n", path);
	warden = open_engine(config, true);
	ERR_raise(ERR_LIB_USER, 1); /* libcrypto keeps what a thread's first error takes, and its first HMAC */
	ERR_clear_error();
	run(warden, 0, false, &hit);
	run_all(warden, false);
	run_all(warden, true);
	warden_close(warden);
	fake_redis_close(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counting_goes_on),
	};

	signal(SIGPIPE, SIG_IGN); /* which the thread has blocked */
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
	return 77; /* skipped */
}

#endif
