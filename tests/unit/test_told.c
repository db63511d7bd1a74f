/* SPDX-License-Identifier: BSD-3-Clause */
/* test_told - frames of a resolver on their way to the engine: their time, what is counted, and whom it spares. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "report/tap.pb-c.h"
#include "store/counters.h"
#include "support.h"
#include "wardend/clocks.h"
#include "wardend/told.h"

#define QUERY   "\1\2\1\0\0\1\0\0\0\0\0\0\1a\3www\7example\3org\0\0\1\0\1"
#define REFUSAL "\1\2\201\205\0\1\0\0\0\0\0\0\1a\3www\7example\3org\0\0\1\0\1"

static struct told told;
static struct spared spared;
static unsigned changes;

static void changed(void *arg)
{
	(void)arg;
	changes++;
}

static struct warden *open_told(const char *config)
{
	struct warden *warden = open_engine(config, true);

	memset(&spared, 0, sizeof(spared));
	changes = 0;
	assert_true(told_open(&told, warden, &spared, changed, NULL));
	return warden;
}

static void close_told(struct warden *warden)
{
	told_close(&told);
	warden_close(warden);
}

/* A message of 192.0.2.<client>, <ago> milliseconds old. */
static void put(Tap__Message__Type type, uint8_t client, uint64_t ago)
{
	uint8_t four[4] = { 192, 0, 2, client }, packed[512];
	bool response = type == TAP__MESSAGE__TYPE__CLIENT_RESPONSE;
	uint64_t now = clock_now() - ago;
	Tap__Message inner = TAP__MESSAGE__INIT;
	Tap__Dnstap outer = TAP__DNSTAP__INIT;

	inner.type = type;
	inner.has_query_address = inner.has_query_port = 1;
	inner.query_address = (ProtobufCBinaryData){ sizeof(four), four };
	inner.query_port = 5353;
	inner.has_query_message = !response;
	inner.query_message = (ProtobufCBinaryData){ sizeof(QUERY) - 1, (uint8_t *)(uintptr_t)QUERY };
	inner.has_response_message = response;
	inner.response_message = (ProtobufCBinaryData){ sizeof(REFUSAL) - 1, (uint8_t *)(uintptr_t)REFUSAL };
	inner.has_query_time_sec = inner.has_response_time_sec = 1;
	inner.query_time_sec = inner.response_time_sec = now / 1000;
	outer.message = &inner;
	outer.type = TAP__DNSTAP__TYPE__MESSAGE;
	told_frame(&told, packed, tap__dnstap__pack(&outer, packed));
}

static uint64_t sum_of(const struct warden *warden, enum counter_id counter)
{
	return banks_sum(warden->mapping.banks, counter);
}

static void times(void **state)
{
	(void)state;
	assert_int_equal(told_time(NOW, NOW), NOW);
	assert_int_equal(told_time(NOW + AHEAD_MAX, NOW), NOW + AHEAD_MAX);
	assert_int_equal(told_time(NOW + AHEAD_MAX + 1, NOW), NOW);
	assert_int_equal(told_time(NOW - BEHIND_MAX, NOW), NOW - BEHIND_MAX);
	assert_int_equal(told_time(NOW - BEHIND_MAX - 1, NOW), NOW);
	assert_int_equal(told_time(0, NOW), NOW);
	assert_int_equal(told_time(UINT64_MAX / 10, NOW), NOW);
}

static void counts(void **state)
{
	struct warden *warden = open_told("");

	(void)state;
	put(TAP__MESSAGE__TYPE__CLIENT_QUERY, 1, 0);
	assert_int_equal(sum_of(warden, COUNTER_misses), 1);
	assert_int_equal(sum_of(warden, COUNTER_tap_clock), 0);
	put(TAP__MESSAGE__TYPE__CLIENT_QUERY, 2, 2 * BEHIND_MAX);
	assert_int_equal(sum_of(warden, COUNTER_tap_clock), 1);
	told_frame(&told, (const uint8_t *)"nonsense", 8);
	assert_int_equal(sum_of(warden, COUNTER_tap_skipped), 1);
	put(TAP__MESSAGE__TYPE__RESOLVER_QUERY, 1, 0);
	assert_int_equal(sum_of(warden, COUNTER_tap_frames), 4);
	assert_int_equal(sum_of(warden, COUNTER_tap_skipped), 1);
	assert_int_equal(sum_of(warden, COUNTER_misses), 2);
	close_told(warden);
}

/* Only others: said once. */
static void others(void **state)
{
	struct warden *warden = open_told("");
	const char *first;

	(void)state;
	*said = '\0';
	for (unsigned i = 0; i < 999; i++)
		put(TAP__MESSAGE__TYPE__RESOLVER_QUERY, 1, 0);
	assert_null(strstr(said, "other types"));
	for (unsigned i = 0; i < 2000; i++)
		put(TAP__MESSAGE__TYPE__RESOLVER_QUERY, 1, 0);
	first = strstr(said, "other types");
	assert_non_null(first);
	assert_null(strstr(first + 1, "other types"));
	close_told(warden);
	/* One that is of use, and nothing is said. */
	warden = open_told("");
	*said = '\0';
	put(TAP__MESSAGE__TYPE__CLIENT_QUERY, 1, 0);
	for (unsigned i = 0; i < 2000; i++)
		put(TAP__MESSAGE__TYPE__RESOLVER_QUERY, 1, 0);
	assert_null(strstr(said, "other types"));
	close_told(warden);
}

/* A refusal is the resolver's own word: nobody's failure, however many there are. */
static void refusals(void **state)
{
	struct warden *warden = open_told(EVERY_DETECTOR "warden:\n\tmode: enforce\n");

	(void)state;
	for (unsigned i = 0; i < 500; i++) {
		put(TAP__MESSAGE__TYPE__CLIENT_QUERY, 1, 0);
		put(TAP__MESSAGE__TYPE__CLIENT_RESPONSE, 1, 0);
	}
	assert_int_equal(sum_of(warden, BANK_DETECTORS + DETECTOR_failures), 0);
	close_told(warden);
}

static bool spares(const char *domain)
{
	struct name name;

	assert_true(name_from_text(&name, domain));
	return spared_has(&spared, name.wire, name.len, clock_now());
}

static void spared_names(void **state)
{
	struct warden *warden = open_told("warden:\n\tmode: enforce\n\tallow-client: 192.0.2.7\n");

	(void)state;
	put(TAP__MESSAGE__TYPE__CLIENT_QUERY, 1, 0);
	assert_false(spares("example.org"));
	put(TAP__MESSAGE__TYPE__CLIENT_QUERY, 7, 0);
	assert_true(spares("example.org"));
	assert_true(spares("a.www.example.org"));
	assert_true(spares("org"));
	assert_false(spares("b.www.example.org"));
	assert_false(spares("example.net"));
	/* For a day. */
	assert_true(spared_has(&spared, (const uint8_t *)"\7example\3org", 13, clock_now() + 23 * 3600000));
	assert_false(spared_has(&spared, (const uint8_t *)"\7example\3org", 13, clock_now() + 26 * UINT64_C(3600000)));
	close_told(warden);
	/* By hand; and whom nothing is enforced for. */
	warden = open_told("warden:\n\tmode: enforce\n");
	put(TAP__MESSAGE__TYPE__CLIENT_QUERY, 8, 0);
	assert_false(spares("example.org"));
	assert_true(engine_allow(warden, (const uint8_t[16]){ [10] = 255, [11] = 255, 192, 0, 2, 8 }, NULL, clock_now(),
	                         UINT64_MAX, "", said, sizeof(said)));
	put(TAP__MESSAGE__TYPE__CLIENT_QUERY, 8, 0);
	assert_true(spares("example.org"));
	close_told(warden);
}

/* A day means in the hour of the question, and in the SPARED_HOURS after it. */
static void spared_for(void **state)
{
	struct warden *warden = open_told("warden:\n\tmode: enforce\n\tallow-client: 192.0.2.7\n");
	const uint64_t hour = 3600000;
	struct asked asked;

	(void)state;
	question(&asked, "192.0.2.7", "example.org", 1);
	asked.obs.now = NOW / hour * hour;
	spared_note(&spared, warden, &asked.obs);
	assert_true(spared_has(&spared, asked.name.wire, asked.name.len, asked.obs.now));
	assert_true(spared_has(&spared, asked.name.wire, asked.name.len, asked.obs.now + (SPARED_HOURS + 1) * hour - 1));
	assert_false(spared_has(&spared, asked.name.wire, asked.name.len, asked.obs.now + (SPARED_HOURS + 1) * hour));
	/* And not before it. */
	assert_false(spared_has(&spared, asked.name.wire, asked.name.len, asked.obs.now - 1));
	close_told(warden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times),
		cmocka_unit_test(counts),
		cmocka_unit_test(others),
		cmocka_unit_test(refusals),
		cmocka_unit_test(spared_names),
		cmocka_unit_test(spared_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
