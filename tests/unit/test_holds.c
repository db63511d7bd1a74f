/* SPDX-License-Identifier: BSD-3-Clause */
/* test_holds - whom a hold meets, until when, and that all of it comes back as it was given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "store/holds.h"
#include "support.h"

#define CLIENT 11
#define DOMAIN 22

static struct mapping mapping;

static int setup(void **state)
{
	(void)state;
	open_private(&mapping);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mapping_detach(&mapping);
	return 0;
}

static bool set(uint64_t client, uint64_t domain, uint64_t expires)
{
	struct hold hold = {
		.domain_hash = domain,
		.verdict = 3,
		.detector = 2,
		.confidence = 3,
		.made = NOW,
		.expires = expires,
	};

	return hold_set(&mapping, client, &hold, NOW);
}

static bool meets(uint64_t client, uint64_t domain, uint64_t now)
{
	struct hold_hit hit;

	return hold_met(&mapping, client, domain, now, &hit);
}

static unsigned holds(void)
{
	return (unsigned)atomic_load(&mapping.header->holds);
}

/* A hold for (client, domain), zero for any, meets these: this pair, this client elsewhere,
 * this domain from elsewhere, neither.
 */
static const struct {
	uint64_t client, domain;
	bool pair, client_elsewhere, domain_elsewhere;
} scopes[] = {
	{ CLIENT, DOMAIN, true, false, false },
	{ CLIENT, 0, true, true, false },
	{ 0, DOMAIN, true, false, true },
};

static void scope(void **state)
{
	(void)state;
	assert_false(meets(CLIENT, DOMAIN, NOW));
	for (size_t i = 0; i < sizeof(scopes) / sizeof(*scopes); i++) {
		assert_true(set(scopes[i].client, scopes[i].domain, NOW + HOUR));
		assert_int_equal(meets(CLIENT, DOMAIN, NOW), scopes[i].pair);
		assert_int_equal(meets(CLIENT, 99, NOW), scopes[i].client_elsewhere);
		assert_int_equal(meets(99, DOMAIN, NOW), scopes[i].domain_elsewhere);
		assert_false(meets(99, 98, NOW));
		assert_int_equal(holds(), 1);
		assert_true(hold_release(&mapping, scopes[i].client, scopes[i].domain, NOW));
		assert_false(hold_release(&mapping, scopes[i].client, scopes[i].domain, NOW));
		assert_false(meets(CLIENT, DOMAIN, NOW));
		assert_int_equal(holds(), 0);
	}
}

static void expiry(void **state)
{
	struct hold hold;
	unsigned seen = 0;

	(void)state;
	set(CLIENT, DOMAIN, NOW + 1000);
	assert_true(meets(CLIENT, DOMAIN, NOW + 999));
	assert_false(meets(CLIENT, DOMAIN, NOW + 1000));
	for (uint32_t i = 0; i < table_capacity(&mapping.holds); i++) {
		seen += hold_read(&mapping, i, NOW + 999, &hold);
		assert_false(hold_read(&mapping, i, NOW + 1000, &hold));
	}
	assert_int_equal(seen, 1);
	assert_int_equal(holds_expire(&mapping, NOW + 999), 1);
	assert_int_equal(holds_expire(&mapping, NOW + 1000), 0);
	assert_int_equal(holds(), 1); /* left for a second: it may be getting a new end */
	assert_int_equal(holds_expire(&mapping, NOW + 2000), 0);
	assert_int_equal(holds(), 0);
	assert_int_equal(table_used(&mapping.holds), 0);
}

/* Whoever made it gave up before it had an end: no hold for ever. */
static void half_made(void **state)
{
	(void)state;
	set(CLIENT, DOMAIN, 0);
	assert_false(meets(CLIENT, DOMAIN, NOW));
	assert_int_equal(holds_expire(&mapping, NOW), 0);
	assert_int_equal(holds(), 1);
	assert_int_equal(holds_expire(&mapping, NOW + 3000), 0);
	assert_int_equal(holds(), 0);
}

static void renewed(void **state)
{
	(void)state;
	set(CLIENT, DOMAIN, NOW + 1000);
	assert_true(meets(CLIENT, DOMAIN, NOW));
	set(CLIENT, DOMAIN, NOW + 9000);
	assert_int_equal(holds(), 1);
	assert_true(meets(CLIENT, DOMAIN, NOW + 8999));
	assert_int_equal(holds_expire(&mapping, NOW + 5000), 1);
}

/* Every field, with the longest name and comment that there are. */
static void comes_back_whole(void **state)
{
	struct hold given = {
		.client = { 0x20, 1, 0xd, 0xb8, 1, 2, 3, 4 },
		.domain_hash = DOMAIN,
		.name_len = 255,
		.verdict = 3,
		.detector = HOLD_BY_OPERATOR,
		.confidence = 1,
		.made = NOW - 5,
		.expires = NOW + 1,
	}, back = { .hits = 0 };
	struct hold_hit hit;
	bool found = false;

	(void)state;
	for (unsigned i = 0; i < 255; i++)
		given.name[i] = (uint8_t)(i * 7 + 1);
	for (unsigned i = 0; i < JOURNAL_EVIDENCE; i++)
		given.evidence[i] = UINT64_MAX - i;
	memset(given.comment, 'x', HOLD_COMMENT_MAX);
	assert_true(hold_set(&mapping, CLIENT, &given, NOW));
	for (unsigned i = 0; i < 3; i++)
		assert_true(hold_met(&mapping, CLIENT, DOMAIN, NOW, &hit));
	assert_int_equal(hit.verdict, 3);
	assert_int_equal(hit.detector, HOLD_BY_OPERATOR);
	assert_int_equal(hit.confidence, 1);
	assert_int_equal(hit.expires, NOW + 1);
	assert_memory_equal(hit.evidence, given.evidence, sizeof(hit.evidence));

	for (uint32_t i = 0; i < table_capacity(&mapping.holds) && !found; i++)
		found = hold_read(&mapping, i, NOW, &back);
	assert_true(found);
	given.hits = 3;
	assert_memory_equal(&back, &given, sizeof(back));
}

static void full_table(void **state)
{
	unsigned made = 0, kept = 0;

	(void)state;
	for (unsigned n = 1; n <= 1000; n++)
		made += set(n, DOMAIN, NOW + HOUR);
	for (unsigned n = 1; n <= 1000; n++)
		kept += meets(n, DOMAIN, NOW);
	assert_int_equal(made, kept); /* none was lost to make room */
	assert_int_equal(holds(), made);
	assert_in_range(made, tiny_sizes.holds / 2, tiny_sizes.holds);
}

/* ---- threads ------------------------------------------------------------------- */

static void hold_and_release(unsigned thread, void *arg)
{
	(void)arg;
	for (unsigned round = 0; round < 20000; round++) {
		set(1 + (round + thread) % 6, DOMAIN, NOW + HOUR);
		meets(1 + round % 6, DOMAIN, NOW);
		hold_release(&mapping, 1 + (round * 5 + thread) % 6, DOMAIN, NOW);
	}
}

static void count_stays_right(void **state)
{
	(void)state;
	in_threads(4, hold_and_release, NULL);
	assert_int_equal(holds(), table_used(&mapping.holds));
	for (unsigned n = 1; n <= 6; n++)
		hold_release(&mapping, n, DOMAIN, NOW);
	assert_int_equal(holds(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(scope),
		TEST(expiry),
		TEST(half_made),
		TEST(renewed),
		TEST(comes_back_whole),
		TEST(full_table),
		TEST(count_stays_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
