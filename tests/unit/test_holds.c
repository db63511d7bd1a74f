/* SPDX-License-Identifier: BSD-3-Clause */
/* test_holds - whom a hold meets, until when, and that all of it comes back as it was given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <warden/warden.h>

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
		.verdict = WARDEN_REFUSE,
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

	return hold_met(&mapping, client, domain, 0, now, &hit);
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
	assert_int_equal(holds_expire(&mapping, NOW + 1000 + HOLD_MEMORY - 1), 0);
	assert_int_equal(holds(), 1); /* known for a day: should it be made again */
	assert_int_equal(holds_expire(&mapping, NOW + 1000 + HOLD_MEMORY), 0);
	assert_int_equal(holds(), 0);
	assert_int_equal(table_used(&mapping.holds), 0);
}

/* What an operator made has ended when it has. */
static void no_memory_of_operators(void **state)
{
	struct hold hold = { .domain_hash = DOMAIN, .verdict = WARDEN_REFUSE, .detector = HOLD_BY_OPERATOR,
	                     .expires = NOW + 1000 };

	(void)state;
	for (unsigned i = 0; i < 2; i++, hold.verdict = WARDEN_PASS) {
		assert_true(hold_set(&mapping, CLIENT, &hold, NOW));
		holds_expire(&mapping, NOW + 1999); /* left for a second: it may be getting a new end */
		assert_int_equal(holds(), 1);
		holds_expire(&mapping, NOW + 2000);
		assert_int_equal(holds(), 0);
	}
}

/* Made again within a day after its end, a hold has a strike more; made again before that, or later,
 * or for somebody else, it has not.
 */
static void strikes(void **state)
{
	struct hold hold = { .domain_hash = DOMAIN, .verdict = WARDEN_REFUSE, .expires = NOW + 1000 };

	(void)state;
	assert_int_equal(hold_strikes(&mapping, CLIENT, DOMAIN, NOW), 0);
	assert_true(hold_set(&mapping, CLIENT, &hold, NOW));
	assert_int_equal(hold_strikes(&mapping, CLIENT, DOMAIN, NOW + 999), 0);
	assert_int_equal(hold_strikes(&mapping, CLIENT, DOMAIN, NOW + 1000), 1);
	assert_int_equal(hold_strikes(&mapping, CLIENT, DOMAIN, NOW + 999 + HOLD_MEMORY), 1);
	assert_int_equal(hold_strikes(&mapping, CLIENT, DOMAIN, NOW + 1000 + HOLD_MEMORY), 0);
	assert_int_equal(hold_strikes(&mapping, CLIENT, 99, NOW + 1000), 0);
	assert_int_equal(hold_strikes(&mapping, 0, DOMAIN, NOW + 1000), 0);
	hold.strikes = HOLD_STRIKES_MAX;
	assert_true(hold_set(&mapping, CLIENT, &hold, NOW));
	assert_int_equal(hold_strikes(&mapping, CLIENT, DOMAIN, NOW + 999), HOLD_STRIKES_MAX);
	assert_int_equal(hold_strikes(&mapping, CLIENT, DOMAIN, NOW + 1000), HOLD_STRIKES_MAX);
	assert_true(hold_release(&mapping, CLIENT, DOMAIN, NOW));
	assert_int_equal(hold_strikes(&mapping, CLIENT, DOMAIN, NOW + 1000), 0);
}

/* An exemption and a hold of the same client and domain are two things. */
static void exemptions(void **state)
{
	struct hold hold = { .domain_hash = DOMAIN, .verdict = WARDEN_PASS, .detector = HOLD_BY_OPERATOR,
	                     .expires = NOW + 1000 }, found;

	(void)state;
	assert_false(exemption_met(&mapping, CLIENT, DOMAIN, NOW));
	assert_true(hold_set(&mapping, CLIENT, &hold, NOW));
	assert_true(holds_exempt(&mapping));
	assert_true(exemption_met(&mapping, CLIENT, DOMAIN, NOW + 999));
	assert_false(exemption_met(&mapping, CLIENT, DOMAIN, NOW + 1000));
	assert_false(exemption_met(&mapping, CLIENT, 99, NOW));
	assert_false(exemption_met(&mapping, 99, DOMAIN, NOW));
	assert_false(meets(CLIENT, DOMAIN, NOW));
	assert_false(hold_find(&mapping, CLIENT, DOMAIN, NOW, &found));
	assert_true(exemption_find(&mapping, CLIENT, DOMAIN, NOW, &found));
	assert_int_equal(holds_expire(&mapping, NOW), 0); /* it holds nobody */

	assert_true(set(CLIENT, DOMAIN, NOW + HOUR));
	assert_true(meets(CLIENT, DOMAIN, NOW));
	assert_true(hold_release(&mapping, CLIENT, DOMAIN, NOW));
	assert_true(exemption_met(&mapping, CLIENT, DOMAIN, NOW));
	assert_true(exemption_release(&mapping, CLIENT, DOMAIN, NOW));
	assert_false(exemption_release(&mapping, CLIENT, DOMAIN, NOW));
	holds_expire(&mapping, NOW);
	assert_int_equal(holds(), 0);

	/* For any client, and for any domain. */
	for (unsigned any = 0; any < 2; any++) {
		hold.domain_hash = any ? 0 : DOMAIN;
		assert_true(hold_set(&mapping, any ? CLIENT : 0, &hold, NOW));
		assert_true(exemption_met(&mapping, CLIENT, DOMAIN, NOW));
		assert_int_equal(exemption_met(&mapping, 99, DOMAIN, NOW), !any);
		assert_int_equal(exemption_met(&mapping, CLIENT, 99, NOW), any);
		assert_true(exemption_release(&mapping, any ? CLIENT : 0, hold.domain_hash, NOW));
	}
}

/* Whether names have to be looked at label by label, and which: from the first such hold to the last one's end. */
static void deep(void **state)
{
	struct hold hold = { .domain_hash = DOMAIN, .verdict = WARDEN_REFUSE, .deep = true,
	                     .detector = HOLD_BY_OPERATOR, .expires = NOW + 1000 };

	(void)state;
	assert_true(set(99, 98, NOW + HOUR));
	assert_false(holds_are_deep(&mapping));
	assert_true(hold_set(&mapping, CLIENT, &hold, NOW));
	assert_true(hold_set(&mapping, CLIENT, &hold, NOW)); /* counted twice, until it is counted again */
	assert_true(holds_are_deep(&mapping) && holds_may_be_of(&mapping, DOMAIN));
	assert_false(holds_may_be_of(&mapping, 98) || holds_may_be_of(&mapping, DOMAIN + 64));
	holds_expire(&mapping, NOW + 999);
	assert_true(holds_are_deep(&mapping) && holds_may_be_of(&mapping, DOMAIN));
	assert_false(holds_may_be_of(&mapping, 98) || holds_may_be_of(&mapping, DOMAIN + 64));
	holds_recount(&mapping);
	assert_true(holds_are_deep(&mapping) && holds_may_be_of(&mapping, DOMAIN));
	assert_false(holds_may_be_of(&mapping, 98) || holds_may_be_of(&mapping, DOMAIN + 64));
	holds_expire(&mapping, NOW + 1000); /* finds that it has ended: a change */
	holds_expire(&mapping, NOW + 1000);
	assert_false(holds_are_deep(&mapping) || holds_may_be_of(&mapping, DOMAIN));
}

/* Whoever keeps a copy of the holds sees when to look again, and only then. */
static void version(void **state)
{
	uint64_t before = holds_version(&mapping);
	struct hold_hit hit;

	(void)state;
	assert_true(set(CLIENT, DOMAIN, NOW + 1000));
	assert_true(holds_version(&mapping) > before);
	before = holds_version(&mapping);
	hold_met(&mapping, CLIENT, DOMAIN, 0, NOW, &hit);
	holds_expire(&mapping, NOW + 999);
	hold_release(&mapping, 99, DOMAIN, NOW);
	assert_true(holds_version(&mapping) == before);
	holds_expire(&mapping, NOW + 1000);
	assert_true(holds_version(&mapping) > before);
	before = holds_version(&mapping);
	holds_expire(&mapping, NOW + 1001);
	assert_true(holds_version(&mapping) == before);
	hold_release(&mapping, CLIENT, DOMAIN, NOW);
	assert_true(holds_version(&mapping) > before);
}

/* A hold in force stays, however long nobody has met it, and whatever comes; one that has ended makes room. */
static void stays(void **state)
{
	struct hold hold = { .domain_hash = DOMAIN, .verdict = WARDEN_PASS, .detector = HOLD_BY_OPERATOR,
	                     .expires = UINT64_MAX };
	const uint64_t later = NOW + 3 * 24 * HOUR;
	unsigned made = 0;

	(void)state;
	assert_true(hold_set(&mapping, CLIENT, &hold, NOW));
	hold.verdict = WARDEN_REFUSE;
	for (uint64_t i = 100; i < 5000; i++)
		made += hold_set(&mapping, i, &hold, later);
	assert_in_range(made, 1, table_capacity(&mapping.holds));
	assert_true(exemption_met(&mapping, CLIENT, DOMAIN, later));
}

/* Holds of one verdict may be passed over for the sake of others. */
static void passed_over(void **state)
{
	struct hold hold = { .domain_hash = DOMAIN, .verdict = WARDEN_TRUNCATE, .expires = NOW + 1000 };
	struct hold_hit hit;

	(void)state;
	assert_true(hold_set(&mapping, CLIENT, &hold, NOW));
	assert_true(hold_met(&mapping, CLIENT, DOMAIN, 0, NOW, &hit));
	assert_int_equal(hit.scope, HELD_PAIR);
	assert_false(hold_met(&mapping, CLIENT, DOMAIN, WARDEN_TRUNCATE, NOW, &hit));
	assert_true(set(CLIENT, 0, NOW + 1000));
	assert_true(hold_met(&mapping, CLIENT, DOMAIN, WARDEN_TRUNCATE, NOW, &hit));
	assert_int_equal(hit.scope, HELD_CLIENT);
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
		assert_true(hold_met(&mapping, CLIENT, DOMAIN, 0, NOW, &hit));
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
		TEST(no_memory_of_operators),
		TEST(strikes),
		TEST(exemptions),
		TEST(deep),
		TEST(version),
		TEST(stays),
		TEST(passed_over),
		TEST(half_made),
		TEST(renewed),
		TEST(comes_back_whole),
		TEST(full_table),
		TEST(count_stays_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
