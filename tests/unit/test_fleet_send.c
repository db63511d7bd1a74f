/* SPDX-License-Identifier: BSD-3-Clause */
/* test_fleet_send - updates: how many, how large, and what becomes of those that are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "primary/primary.h"
#include "fleet_nodes.h"
#include "support.h"

#define ENFORCE "warden:\n mode: enforce\n"

static struct member node;
static size_t largest, heaviest;
static uint64_t now;

static void hold_many(unsigned count)
{
	char domain[64];

	for (unsigned i = 0; i < count; i++) {
		snprintf(domain, sizeof(domain), "n%u.com", i);
		member_holds(&node, NULL, domain, now);
	}
}

static size_t size_of(const ldns_rr_list *list)
{
	size_t size = 0;

	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++)
		size += ldns_rr_uncompressed_size(ldns_rr_list_rr(list, i));
	return size;
}

static int measure(const ldns_rr_list *add, const ldns_rr_list *remove)
{
	if (ldns_rr_list_rr_count(add) > largest)
		largest = ldns_rr_list_rr_count(add);
	if (size_of(add) + size_of(remove) > heaviest)
		heaviest = size_of(add) + size_of(remove);
	return 0;
}

static int open_node(void **state)
{
	now = NOW;
	largest = heaviest = 0;
	return primary_reset(state);
}

/* As many in one as fit, and no more. */
static void batches(void **state)
{
	(void)state;
	member_join(&node, "n1", ENFORCE " fleet-rate: 100000\n fleet-publish: no\n");
	primary_says = measure;
	hold_many(UPDATE_CHANGES_MAX * 2 + 1);
	member_work(&node, now);
	assert_int_equal(votes_of("n1"), UPDATE_CHANGES_MAX * 2 + 1);
	assert_int_equal(primary_updates, 3);
	assert_int_equal(largest, UPDATE_CHANGES_MAX);
	assert_true(heaviest < PRIMARY_UPDATE_OCTETS);
	assert_int_equal(counted(node.warden, COUNTER_fleet_sent), 3);
	member_leave(&node);
}

/* The sender's own limit, both sides; changes and removals are free. */
static void rate(void **state)
{
	(void)state;
	member_join(&node, "n1", ENFORCE " fleet-rate: 6\n");
	hold_many(8);
	member_work(&node, now);
	assert_int_equal(votes_of("n1"), 6);
	member_work(&node, now + 10 * SECOND - 1);
	assert_int_equal(votes_of("n1"), 6);
	member_work(&node, now + 10 * SECOND);
	member_work(&node, now + 11 * SECOND);
	assert_int_equal(votes_of("n1"), 7);
	member_releases(&node, NULL, "n0.com", now + 11 * SECOND);
	now += 11 * SECOND;
	member_work(&node, now);
	assert_true(votes_of("n1") <= 7);
	for (unsigned i = 0; i < 20; i++)
		member_work(&node, now += SECOND);
	assert_int_equal(votes_of("n1"), 7);
	member_leave(&node);
}

/* Whatever names n13.com is refused, with all that is in the same update. */
static int refuse_one(const ldns_rr_list *add, const ldns_rr_list *remove)
{
	int rcode = 0;

	(void)remove;
	for (size_t i = 0; i < ldns_rr_list_rr_count(add); i++) {
		char *text = ldns_rr2str(ldns_rr_list_rr(add, i));

		if (strstr(text, "n13.com"))
			rcode = LDNS_RCODE_REFUSED;
		free(text);
	}
	return rcode;
}

static size_t sizes[8];

static int refuse_all(const ldns_rr_list *add, const ldns_rr_list *remove)
{
	(void)remove;
	if (primary_updates < 8)
		sizes[primary_updates] = ldns_rr_list_rr_count(add);
	return LDNS_RCODE_REFUSED;
}

/* Who is to blame is found in as many tries as it can be halved. */
static void halved(void **state)
{
	(void)state;
	member_join(&node, "n1", ENFORCE " fleet-rate: 100000\n fleet-publish: no\n");
	primary_says = refuse_all;
	hold_many(UPDATE_CHANGES_MAX);
	member_work(&node, now);
	for (unsigned i = 0, size = UPDATE_CHANGES_MAX; size; i++, size /= 2)
		assert_int_equal(sizes[i], size);
	member_leave(&node);
}

static void one_is_refused(void **state)
{
	unsigned before;

	(void)state;
	member_join(&node, "n1", ENFORCE " fleet-rate: 100000\n fleet-publish: no\n");
	primary_says = refuse_one;
	hold_many(100);
	for (unsigned i = 0; i < 30; i++)
		member_work(&node, now += SECOND);
	assert_int_equal(votes_of("n1"), 99);
	assert_true(primary_updates < 60);
	assert_true(counted(node.warden, COUNTER_fleet_failed) > 5);

	/* It is tried again, less and less often, and others do not wait for it. */
	before = primary_updates;
	member_holds(&node, NULL, "example.org", now);
	member_work(&node, now += SECOND);
	assert_int_equal(votes_of("n1"), 100);
	for (unsigned i = 0; i < 600; i++)
		member_work(&node, now += SECOND);
	assert_true(primary_updates - before < 20);
	primary_says = NULL;
	for (unsigned i = 0; i < 600; i++)
		member_work(&node, now += SECOND);
	assert_int_equal(votes_of("n1"), 101);
	assert_int_equal(node.sharing.waiting, 0);
	member_leave(&node);
}

/* Who may vote but not publish, votes. */
static int refuse_triggers(const ldns_rr_list *add, const ldns_rr_list *remove)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(add); i++)
		if (ldns_rr_get_type(ldns_rr_list_rr(add, i)) == LDNS_RR_TYPE_CNAME)
			return PRIMARY_NOT_OURS;
	(void)remove;
	return 0;
}

static void may_only_vote(void **state)
{
	(void)state;
	member_join(&node, "n1", ENFORCE " fleet-rate: 100000\n");
	primary_says = refuse_triggers;
	hold_many(20);
	for (unsigned i = 0; i < 60; i++)
		member_work(&node, now += SECOND);
	assert_int_equal(votes_of("n1"), 20);
	assert_int_equal(records_at("n1.com", LDNS_RR_TYPE_CNAME), 0);
	assert_true(primary_updates < 100);
	member_leave(&node);
}

/* A publisher's key that is good for its own votes and for triggers, as contrib/fleet/knot.conf has it. */
static unsigned not_ours;

static int refuse_votes_of_others(const ldns_rr_list *add, const ldns_rr_list *remove)
{
	int rcode = 0;

	(void)add;
	for (size_t i = 0; i < ldns_rr_list_rr_count(remove); i++) {
		char *text = ldns_rr2str(ldns_rr_list_rr(remove, i));

		if (ldns_rr_get_type(ldns_rr_list_rr(remove, i)) == LDNS_RR_TYPE_TXT && !strstr(text, ".n1._warden."))
			rcode = PRIMARY_NOT_OURS;
		free(text);
	}
	not_ours += rcode != 0;
	return rcode;
}

/* Votes that ended long ago, of a node that is no more. */
static void leave_votes(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		primary_add("%032x.dead._warden." ZONE_NAME ". TXT \"v=1\" \"node=dead\" \"domain=dead%u.com\" "
		            "\"verdict=refuse\" \"detector=x\" \"confidence=high\" \"score=50\" \"made=%u\" \"expires=%u\"", i, i,
		            (unsigned)(NOW / SECOND) - 7200, (unsigned)(NOW / SECOND) - 3600);
}

/* They hold up neither votes nor triggers, however many, and who may not remove them asks each six hours. */
static void may_not_clean_up(void **state)
{
	char domain[64];

	(void)state;
	not_ours = 0;
	leave_votes(120);
	member_join(&node, "n1", ENFORCE " fleet-rate: 100000\n");
	primary_says = refuse_votes_of_others;
	for (unsigned i = 0; i < 60; i++) {
		snprintf(domain, sizeof(domain), "n%u.com", i);
		member_holds(&node, NULL, domain, now);
		member_work(&node, now += SECOND);
		assert_int_equal(votes_of("n1"), i + 1);
		member_work(&node, now);
		assert_int_equal(records_at(domain, LDNS_RR_TYPE_CNAME), 1);
	}
	assert_int_equal(not_ours, 1);
	assert_int_equal(counted(node.warden, COUNTER_fleet_failed), 0); /* nobody need look into that */
	for (unsigned i = 0; i < 6 * 3600 - 61; i += 10)
		member_work(&node, now += 10 * SECOND);
	assert_int_equal(not_ours, 1);
	member_work(&node, now += MINUTE);
	assert_int_equal(not_ours, 2);
	assert_int_equal(votes_of("dead"), 120);

	/* The key has become good for it. */
	primary_says = NULL;
	for (unsigned i = 0; i < 6 * 60 + 10; i++)
		member_work(&node, now += MINUTE);
	assert_int_equal(votes_of("dead"), 0);
	member_leave(&node);
}

static int fail_all(const ldns_rr_list *add, const ldns_rr_list *remove)
{
	(void)add;
	(void)remove;
	return LDNS_RCODE_SERVFAIL;
}

/* However long the primary's disk was full: a minute later all is there. */
static void server_failure(void **state)
{
	(void)state;
	member_join(&node, "n1", ENFORCE);
	primary_says = fail_all;
	member_holds(&node, NULL, "example.org", now);
	for (unsigned i = 0; i < 40; i++)
		member_work(&node, now += MINUTE / 2);
	assert_int_equal(votes_of("n1"), 0);
	primary_says = NULL;
	for (unsigned i = 0; i < 61; i++)
		member_work(&node, now += SECOND);
	assert_int_equal(votes_of("n1"), 1);
	member_leave(&node);
}

/* What was taken and is not in the zone after all is sent again, and not at once. */

static void lost_again(void **state)
{
	(void)state;
	member_join(&node, "n1", ENFORCE " fleet-publish: no\n");
	member_holds(&node, NULL, "example.org", now);
	member_work(&node, now);
	assert_int_equal(votes_of("n1"), 1);
	primary_reset(state); /* somebody has emptied the zone */
	node.heard = 0;
	member_work(&node, now + 29 * SECOND);
	assert_int_equal(votes_of("n1"), 0);
	member_work(&node, now + 30 * SECOND);
	assert_int_equal(votes_of("n1"), 1);
	member_leave(&node);
}

/* No answer may mean that it was done: what comes of it is found in the zone. */
static void no_answer(void **state)
{
	(void)state;
	member_join(&node, "n1", ENFORCE " fleet-publish: no\n");
	member_work(&node, now);
	node.away = true;
	member_holds(&node, NULL, "example.org", now);
	member_work(&node, now);
	member_releases(&node, NULL, "example.org", now);
	for (unsigned i = 0; i < 30; i++)
		member_work(&node, now += SECOND);
	assert_int_equal(node.sharing.own_count, 0);
	assert_int_equal(node.sharing.zone.matter_count, 0);
	primary_add("%032x.n1._warden." ZONE_NAME ". TXT \"v=1\" \"node=n1\" \"domain=example.org\" \"verdict=refuse\" "
	            "\"detector=x\" \"confidence=high\" \"score=50\" \"made=%u\" \"expires=%u\"", 1, (unsigned)(NOW / SECOND),
	            (unsigned)(NOW / SECOND) + 3600);
	node.away = false;
	sharing_answers_again(&node.sharing);
	member_work(&node, now += SECOND);
	member_work(&node, now += SECOND);
	assert_int_equal(votes_of("n1"), 0);
	assert_int_equal(held_by(&node, NULL, "example.org", now), -1); /* our own vote is nobody's verdict on us */
	member_leave(&node);
}

/* Away for a day, with holds that come and go: no more waits than is held. */
static void bounded(void **state)
{
	char domain[64];

	(void)state;
	member_join(&node, "n1", ENFORCE " fleet-rate: 100000\n");
	member_work(&node, now);
	node.away = true;
	for (unsigned i = 0; i < 2000; i++) {
		snprintf(domain, sizeof(domain), "n%u.com", i);
		member_detects(&node, NULL, domain, CONFIDENCE_HIGH, now, now + MINUTE);
		member_work(&node, now += SECOND);
		assert_true(node.sharing.own_count <= 63);
	}
	assert_true(node.sharing.waiting <= 61);
	member_leave(&node);
}

static int refuse(const ldns_rr_list *add, const ldns_rr_list *remove)
{
	(void)add;
	(void)remove;
	return LDNS_RCODE_REFUSED;
}

/* The clock steps back by hours: nothing waits for it to be again what it was. */
static void clock_steps_back(void **state)
{
	(void)state;
	member_join(&node, "n1", ENFORCE " fleet-publish: no\n");
	primary_says = refuse;
	member_holds(&node, NULL, "example.org", now);
	member_work(&node, now);
	primary_says = NULL;
	now -= 2 * HOUR;
	member_holds(&node, NULL, "example.net", now);
	member_work(&node, now);
	assert_int_equal(votes_of("n1"), 2); /* neither the pace of all nor the turn of the one that was refused */
	node.away = true;
	member_holds(&node, NULL, "example.com", now);
	member_work(&node, now);
	node.away = false;
	now -= 2 * HOUR;
	member_holds(&node, NULL, "example.com", now);
	member_work(&node, now);
	assert_int_equal(votes_of("n1"), 3);
	member_leave(&node);
}

static struct member owner;

/* A vote of the owner's ends, while nobody reaches the primary, and is queued to be removed. */
static void grow_stale(void)
{
	member_join(&node, "n1", ENFORCE);
	member_join(&owner, "n2", ENFORCE " fleet-publish: no\n");
	member_work(&node, now);
	member_detects(&owner, NULL, "example.org", CONFIDENCE_HIGH, now, now + MINUTE);
	member_work(&owner, now);
	member_work(&node, now);
	assert_int_equal(votes_of("n2"), 1);
	owner.away = node.away = true;
	for (now += 2 * MINUTE; now < NOW + 3 * MINUTE; now += SECOND)
		member_work(&node, now);
}

static void renew(void)
{
	owner.away = false;
	sharing_answers_again(&owner.sharing);
	member_detects(&owner, NULL, "example.org", CONFIDENCE_HIGH, now, now + HOUR);
	for (unsigned i = 0; i < 2; i++)
		member_work(&owner, now);
}

static void meet_again(void)
{
	node.away = false;
	sharing_answers_again(&node.sharing);
	member_work(&node, now);
}

/* Its owner renews it before: it is a vote again, as soon as we hear of that, */
static void stale_no_more(void **state)
{
	(void)state;
	grow_stale();
	renew();
	meet_again();
	assert_int_equal(node.sharing.stale_count, 0);
	assert_int_equal(votes_of("n2"), 1);
	assert_int_equal(owner.sharing.zone.votes, 1);
	member_leave(&owner);
	member_leave(&node);
}

static int renew_first(const ldns_rr_list *add, const ldns_rr_list *remove)
{
	(void)add;
	assert_true(ldns_rr_list_rr_count(remove) > 0);
	primary_says = NULL;
	renew();
	return 0;
}

/* and even if we do not. */
static void stale_unheard(void **state)
{
	(void)state;
	grow_stale();
	primary_says = renew_first;
	meet_again();
	assert_null(primary_says);
	assert_int_equal(votes_of("n2"), 1);
	member_leave(&owner);
	member_leave(&node);
}

/* Queued once, however often it is looked at before its turn. */
static void stale_once(void **state)
{
	(void)state;
	grow_stale();
	assert_int_equal(node.sharing.stale_count + node.sharing.update.count, 1);
	meet_again();
	assert_int_equal(votes_of("n2"), 0);
	member_leave(&owner);
	member_leave(&node);
}

int main(void)
{
#define SHARED(test) cmocka_unit_test_setup_teardown(test, open_node, primary_end)
	const struct CMUnitTest tests[] = {
		SHARED(batches),
		SHARED(rate),
		SHARED(halved),
		SHARED(one_is_refused),
		SHARED(may_only_vote),
		SHARED(may_not_clean_up),
		SHARED(server_failure),
		SHARED(lost_again),
		SHARED(no_answer),
		SHARED(bounded),
		SHARED(clock_steps_back),
		SHARED(stale_no_more),
		SHARED(stale_unheard),
		SHARED(stale_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
