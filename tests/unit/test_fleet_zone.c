/* SPDX-License-Identifier: BSD-3-Clause */
/* test_fleet_zone - the copy of the zone: what a transfer does to it, and what is left when it does not come to an end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fleet_nodes.h"
#include "support.h"

#define ENFORCE "warden:\n mode: enforce\n"
#define DOMAIN  "example.org"

static struct member node;

static void join(const char *config)
{
	member_join(&node, "n1", config);
	member_work(&node, NOW);
}

static void told(bool added, const char *voter, const char *domain, uint64_t expires)
{
	ldns_rr *rr = vote_record(voter, domain, NOW, expires);

	sharing_record(&node.sharing, added, rr);
	ldns_rr_free(rr);
}

static void work(uint64_t now)
{
	for (unsigned i = 0; i < 1000 && sharing_work(&node.sharing, now); i++)
		;
}

static bool is_held(const char *domain, uint64_t now)
{
	return held_by(&node, NULL, domain, now) == HOLD_BY_FLEET;
}

/* Of a transfer nothing is concluded before it is there as a whole: not that votes are gone, nor that they have come. */
static void in_part(void **state)
{
	ldns_rr_list *add, *remove;

	(void)state;
	join(ENFORCE);
	told(true, "n2", DOMAIN, NOW + HOUR);
	sharing_done(&node.sharing, 1);
	work(NOW);
	assert_true(is_held(DOMAIN, NOW));

	sharing_whole(&node.sharing);
	member_holds(&node, NULL, "example.com", NOW);
	for (uint64_t now = NOW; now < NOW + MINUTE; now += SECOND) {
		work(now);
		assert_true(is_held(DOMAIN, now));
		assert_false(sharing_update(&node.sharing, now, &add, &remove));
	}
	told(true, "n2", DOMAIN, NOW + HOUR);
	sharing_done(&node.sharing, 2);
	work(NOW + MINUTE);
	assert_true(is_held(DOMAIN, NOW + MINUTE));
	assert_true(sharing_update(&node.sharing, NOW + MINUTE, &add, &remove));
	ldns_rr_list_deep_free(add);
	ldns_rr_list_deep_free(remove);
	sharing_answered(&node.sharing, 0, NOW + MINUTE);

	told(false, "n2", DOMAIN, NOW + HOUR); /* step by step: it is replaced */
	work(NOW + 2 * MINUTE);
	assert_true(is_held(DOMAIN, NOW + 2 * MINUTE));
	told(true, "n2", DOMAIN, NOW + 2 * HOUR);
	told(true, "n2", "example.net", NOW + HOUR);
	work(NOW + 3 * MINUTE);
	assert_false(is_held("example.net", NOW + 3 * MINUTE));
	sharing_done(&node.sharing, 3);
	work(NOW + 4 * MINUTE);
	assert_true(is_held(DOMAIN, NOW + 4 * MINUTE));
	assert_true(is_held("example.net", NOW + 4 * MINUTE));
	member_leave(&node);
}

/* A record that is removed is that one, and not what stands in its place by now. */
static void replaced(void **state)
{
	(void)state;
	join(ENFORCE);
	told(true, "n2", DOMAIN, NOW + 2 * HOUR);
	told(false, "n2", DOMAIN, NOW + HOUR);
	sharing_done(&node.sharing, 1);
	work(NOW);
	assert_int_equal(node.sharing.zone.votes, 1);
	assert_true(is_held(DOMAIN, NOW));
	told(false, "n2", DOMAIN, NOW + 2 * HOUR);
	sharing_done(&node.sharing, 2);
	work(NOW);
	assert_int_equal(node.sharing.zone.votes, 0);
	assert_false(is_held(DOMAIN, NOW));
	member_leave(&node);
}

static void nodes_vote(const char *prefix, unsigned count)
{
	char voter[32], domain[32];

	sharing_whole(&node.sharing);
	for (unsigned i = 0; i < count; i++) {
		snprintf(voter, sizeof(voter), "%s%u", prefix, i);
		snprintf(domain, sizeof(domain), "n%u.com", i % 100);
		told(true, voter, domain, NOW + DAY);
	}
	sharing_done(&node.sharing, 1);
}

/* So many nodes that there is none left for another: until their votes are gone. Who has votes stays who it is. */
static void other_nodes(void **state)
{
	(void)state;
	join(ENFORCE);
	nodes_vote("a", NODES_MAX);
	work(NOW);
	assert_int_equal(node.sharing.zone.votes, NODES_MAX - 1);
	for (unsigned i = 0; i < 3; i++) {
		nodes_vote(i % 2 ? "a" : "b", 0);
		work(NOW + SECOND + i);
		told(true, "c", DOMAIN, NOW + HOUR + i * SECOND);
		sharing_done(&node.sharing, 1);
		nodes_vote(i % 2 ? "a" : "b", NODES_MAX - 3);
		told(true, "c", DOMAIN, NOW + HOUR + i * SECOND);
		told(true, "n1", DOMAIN, NOW + HOUR);
		sharing_done(&node.sharing, 1);
		work(NOW + 2 * SECOND + i);
		assert_int_equal(node.sharing.zone.votes, NODES_MAX - 3 + 2);
		assert_int_equal(node.sharing.zone.nodes[0].votes, 1);
		assert_string_equal(node.sharing.zone.nodes[0].name, "n1");
		nodes_vote("none", 0);
		for (unsigned turn = 0; turn < 10; turn++)
			work(NOW + MINUTE + turn * SECOND);
		assert_int_equal(node.sharing.zone.node_idle, NODES_MAX - 2);
	}
	member_leave(&node);
}

int main(void)
{
#define SHARED(test) cmocka_unit_test_setup_teardown(test, primary_reset, primary_end)
	const struct CMUnitTest tests[] = {
		SHARED(in_part),
		SHARED(replaced),
		SHARED(other_nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
