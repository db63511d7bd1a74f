/* SPDX-License-Identifier: BSD-3-Clause */
/* test_fleet_sharing - nodes that share verdicts through a zone: who holds what, for how long, and why. */
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
#define CLIENT  "192.0.2.7"
#define DOMAIN  "example.org"

static struct member node[3];

static void join(unsigned count, const char *config)
{
	static const char *const names[] = { "n1", "n2", "n3" };

	for (unsigned i = 0; i < count; i++)
		member_join(&node[i], names[i], config);
}

static void leave(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		member_leave(&node[i]);
}

/* What one holds, all hold; and only who has found it out says so. */
static void no_echo(void **state)
{
	struct hold hold;

	(void)state;
	join(3, ENFORCE);
	member_detects(&node[0], CLIENT, DOMAIN, CONFIDENCE_HIGH, NOW, NOW + HOUR);
	members_work(node, 3, NOW);
	assert_int_equal(held_by(&node[0], CLIENT, DOMAIN, NOW), DETECTOR_information);
	for (unsigned i = 1; i < 3; i++) {
		assert_true(held_as(&node[i], CLIENT, DOMAIN, NOW, &hold));
		assert_int_equal(hold.detector, HOLD_BY_FLEET);
		assert_int_equal(hold.verdict, WARDEN_REFUSE);
		assert_true(hold.expires == NOW + HOUR);
		assert_string_equal(hold.comment, "n1 information score 50");
		assert_int_equal(counted(node[i].warden, COUNTER_fleet_taken), 1);
	}
	for (uint64_t now = NOW; now < NOW + HOUR; now += MINUTE)
		members_work(node, 3, now);
	assert_int_equal(votes_of(NULL), 1);
	assert_int_equal(votes_of("n1"), 1);

	/* It ends everywhere at the same time, and the zone is empty again. */
	assert_int_equal(held_by(&node[2], CLIENT, DOMAIN, NOW + HOUR - 1), HOLD_BY_FLEET);
	assert_int_equal(held_by(&node[2], CLIENT, DOMAIN, NOW + HOUR), -1);
	members_work(node, 3, NOW + HOUR + SECOND);
	assert_int_equal(votes_of(NULL), 0);
	assert_int_equal(node[1].sharing.taken, 0);
	leave(3);
}

/* Two nodes of two, both sides. */
static void quorum(void **state)
{
	(void)state;
	join(3, ENFORCE " fleet-min-nodes: 2\n");
	member_detects(&node[0], CLIENT, DOMAIN, CONFIDENCE_HIGH, NOW, NOW + HOUR);
	members_work(node, 3, NOW);
	assert_int_equal(votes_of(NULL), 1);
	assert_int_equal(held_by(&node[2], CLIENT, DOMAIN, NOW), -1);
	member_detects(&node[1], CLIENT, DOMAIN, CONFIDENCE_HIGH, NOW, NOW + 2 * HOUR);
	members_work(node, 3, NOW + SECOND);
	assert_int_equal(held_by(&node[2], CLIENT, DOMAIN, NOW + SECOND), HOLD_BY_FLEET);
	assert_int_equal(held_by(&node[0], CLIENT, DOMAIN, NOW + SECOND), DETECTOR_information);

	/* When the first of the two ends, so does what they agree on; or when it is taken back. */
	assert_int_equal(held_by(&node[2], CLIENT, DOMAIN, NOW + HOUR), -1);
	member_releases(&node[1], CLIENT, DOMAIN, NOW + 2 * SECOND);
	members_work(node, 3, NOW + 3 * SECOND);
	assert_int_equal(votes_of(NULL), 1);
	assert_int_equal(held_by(&node[2], CLIENT, DOMAIN, NOW + 3 * SECOND), -1);
	leave(3);
}

/* What two nodes hold for one sum that both have read is the word of neither. */
static void no_quorum_of_one_sum(void **state)
{
	(void)state;
	join(3, ENFORCE " fleet-min-nodes: 2\n");
	member_detects_together(&node[0], CLIENT, DOMAIN, NOW, NOW + HOUR);
	member_detects_together(&node[1], CLIENT, DOMAIN, NOW, NOW + HOUR);
	members_work(node, 3, NOW);
	assert_int_equal(votes_of(NULL), 0);
	assert_int_equal(held_by(&node[0], CLIENT, DOMAIN, NOW), DETECTOR_information);
	assert_int_equal(held_by(&node[2], CLIENT, DOMAIN, NOW), -1);

	/* Nor does such a hold make two of one node that has found it. */
	member_detects(&node[2], CLIENT, DOMAIN, CONFIDENCE_HIGH, NOW, NOW + HOUR);
	members_work(node, 3, NOW + SECOND);
	assert_int_equal(votes_of(NULL), 1);
	assert_int_equal(node[0].sharing.taken, 0);
	leave(3);
}

/* With three nodes of which two are needed: the verdict and the end that two share. */
static void agreement(void **state)
{
	struct hold hold;

	(void)state;
	join(1, ENFORCE " fleet-min-nodes: 2\n fleet-hold-max: 1h\n");
	for (unsigned i = 0; i < 3; i++) {
		static const char *const verdicts[] = { "refuse", "nodata", "truncate" };

		primary_add("%032x.m%u._warden." ZONE_NAME ". TXT \"v=1\" \"node=m%u\" \"domain=example.org\" \"verdict=%s\" "
		            "\"detector=x\" \"confidence=high\" \"score=50\" \"made=%u\" \"expires=%u\"", i, i, i, verdicts[i],
		            (unsigned)(NOW / SECOND), (unsigned)(NOW / SECOND) + 600 * (i + 1));
	}
	members_work(node, 1, NOW);
	assert_true(held_as(&node[0], NULL, DOMAIN, NOW, &hold));
	assert_int_equal(hold.verdict, WARDEN_NODATA);
	assert_true(hold.expires == NOW + 20 * MINUTE);
	leave(1);
}

/* Never longer than fleet-hold-max, whatever is said. */
static void hold_max(void **state)
{
	struct hold hold;

	(void)state;
	join(2, ENFORCE " fleet-hold-max: 10m\n");
	member_detects(&node[0], CLIENT, DOMAIN, CONFIDENCE_HIGH, NOW, NOW + DAY);
	members_work(node, 2, NOW);
	assert_true(held_as(&node[1], CLIENT, DOMAIN, NOW, &hold));
	assert_true(hold.expires == NOW + 10 * MINUTE);
	members_work(node, 2, NOW + 10 * MINUTE);
	assert_int_equal(held_by(&node[1], CLIENT, DOMAIN, NOW + 10 * MINUTE), -1);
	assert_int_equal(votes_of("n1"), 1);
	leave(2);
}

/* An operator who lets go of what others hold is not overruled, until they say something else. */
static void released_by_hand(void **state)
{
	(void)state;
	join(2, ENFORCE);
	member_detects(&node[0], CLIENT, DOMAIN, CONFIDENCE_HIGH, NOW, NOW + HOUR);
	members_work(node, 2, NOW);
	member_releases(&node[1], CLIENT, DOMAIN, NOW + 1);
	for (uint64_t now = NOW + SECOND; now < NOW + MINUTE; now += SECOND)
		members_work(node, 2, now);
	assert_int_equal(held_by(&node[1], CLIENT, DOMAIN, NOW + MINUTE), -1);
	assert_int_equal(votes_of("n1"), 1);
	member_detects(&node[0], CLIENT, DOMAIN, CONFIDENCE_HIGH, NOW + MINUTE, NOW + 2 * HOUR);
	members_work(node, 2, NOW + MINUTE);
	assert_int_equal(held_by(&node[1], CLIENT, DOMAIN, NOW + MINUTE), HOLD_BY_FLEET);
	leave(2);
}

/* What the guard ends, because it no longer believes the sums of other nodes, is no word of an operator's. */
static void released_by_the_guard(void **state)
{
	(void)state;
	for (unsigned guarded = 0; guarded < 2; guarded++) {
		join(2, ENFORCE);
		member_detects_together(&node[0], CLIENT, DOMAIN, NOW, NOW + HOUR);
		member_detects(&node[1], CLIENT, DOMAIN, CONFIDENCE_HIGH, NOW, NOW + HOUR);
		members_work(node, 2, NOW);
		members_work(node, 2, NOW + SECOND);
		assert_int_equal(held_by(&node[0], CLIENT, DOMAIN, NOW + SECOND), DETECTOR_information);
		atomic_store(&node[0].warden->alone, guarded);
		member_releases(&node[0], CLIENT, DOMAIN, NOW + SECOND);
		members_work(node, 2, NOW + 2 * SECOND);
		assert_int_equal(held_by(&node[0], CLIENT, DOMAIN, NOW + 2 * SECOND), guarded ? HOLD_BY_FLEET : -1);
		leave(2);
	}
}

/* One of the votes that were overruled ends: those that are left have nothing new to say. Another one has. */
static void released_for_good(void **state)
{
	uint64_t now = NOW;

	(void)state;
	join(1, ENFORCE " fleet-min-nodes: 2\n");
	member_work(&node[0], now);
	member_hears_vote(&node[0], "n2", DOMAIN, now, now + 10 * MINUTE);
	member_hears_vote(&node[0], "n3", DOMAIN, now, now + HOUR);
	member_hears_vote(&node[0], "n4", DOMAIN, now, now + HOUR);
	member_work(&node[0], now);
	assert_int_equal(held_by(&node[0], NULL, DOMAIN, now), HOLD_BY_FLEET);
	member_releases(&node[0], NULL, DOMAIN, now += SECOND);
	for (; now < NOW + 12 * MINUTE; now += SECOND) {
		member_work(&node[0], now);
		assert_int_equal(held_by(&node[0], NULL, DOMAIN, now), -1);
	}
	member_hears_vote(&node[0], "n5", DOMAIN, now, now + HOUR);
	member_work(&node[0], now);
	assert_int_equal(held_by(&node[0], NULL, DOMAIN, now), HOLD_BY_FLEET);
	leave(1);
}

/* Both hold it by themselves; who is released by hand is not held again because the other still does. */
static void released_where_found(void **state)
{
	(void)state;
	join(2, ENFORCE);
	for (unsigned i = 0; i < 2; i++)
		member_detects(&node[i], CLIENT, DOMAIN, CONFIDENCE_HIGH, NOW, NOW + HOUR);
	members_work(node, 2, NOW);
	assert_int_equal(votes_of(NULL), 2);
	member_releases(&node[1], CLIENT, DOMAIN, NOW + SECOND);
	members_work(node, 2, NOW + 2 * SECOND);
	members_work(node, 2, NOW + 4 * SECOND);
	assert_int_equal(votes_of("n2"), 0);
	assert_int_equal(held_by(&node[1], CLIENT, DOMAIN, NOW + 4 * SECOND), -1);
	assert_int_equal(held_by(&node[0], CLIENT, DOMAIN, NOW + 4 * SECOND), DETECTOR_information);
	leave(2);
}

/* After a restart the votes are still there: they are ours, and those without a hold are removed. */
static void restart(void **state)
{
	unsigned before;

	(void)state;
	join(2, ENFORCE);
	member_detects(&node[0], CLIENT, DOMAIN, CONFIDENCE_HIGH, NOW, NOW + HOUR);
	member_detects(&node[0], NULL, "example.net", CONFIDENCE_HIGH, NOW, NOW + HOUR);
	members_work(node, 2, NOW);
	assert_int_equal(votes_of("n1"), 2);
	before = primary_updates;
	member_restart(&node[0]);
	member_restart(&node[1]);
	members_work(node, 2, NOW + MINUTE);
	assert_int_equal(primary_updates, before);
	assert_int_equal(votes_of("n1"), 2);
	assert_int_equal(held_by(&node[1], CLIENT, DOMAIN, NOW + MINUTE), HOLD_BY_FLEET);
	assert_int_equal(counted(node[1].warden, COUNTER_fleet_taken), 2);

	/* One ends while the node is down; and one of another node's while the other is. */
	member_releases(&node[0], NULL, "example.net", NOW + MINUTE);
	member_restart(&node[0]);
	members_work(node, 1, NOW + 2 * MINUTE);
	assert_int_equal(votes_of("n1"), 1);
	member_restart(&node[1]);
	member_work(&node[1], NOW + 2 * MINUTE);
	member_work(&node[1], NOW + 2 * MINUTE + 10 * SECOND);
	assert_int_equal(held_by(&node[1], NULL, "example.net", NOW + 3 * MINUTE), -1);
	assert_int_equal(held_by(&node[1], CLIENT, DOMAIN, NOW + 3 * MINUTE), HOLD_BY_FLEET);
	leave(2);
}

/* Who only watches denies nothing, and asks nobody else to. */
static void observe(void **state)
{
	(void)state;
	member_join(&node[0], "n1", "");
	member_join(&node[1], "n2", ENFORCE);
	member_detects(&node[0], CLIENT, DOMAIN, CONFIDENCE_HIGH, NOW, NOW + HOUR);
	members_work(node, 2, NOW);
	assert_int_equal(votes_of(NULL), 0);
	engine_set_mode(node[0].warden, MODE_ENFORCE);
	members_work(node, 2, NOW);
	assert_int_equal(votes_of("n1"), 1);
	assert_int_equal(held_by(&node[1], CLIENT, DOMAIN, NOW), HOLD_BY_FLEET);
	engine_set_mode(node[0].warden, MODE_OBSERVE);
	members_work(node, 2, NOW);
	assert_int_equal(votes_of("n1"), 0);
	assert_int_equal(held_by(&node[1], CLIENT, DOMAIN, NOW), -1);
	leave(2);
}

/* How sure one must be; an operator always is. */
static void confidence(void **state)
{
	(void)state;
	join(1, ENFORCE " fleet-confidence: medium\n");
	member_detects(&node[0], CLIENT, "example.com", CONFIDENCE_LOW, NOW, NOW + HOUR);
	members_work(node, 1, NOW);
	assert_int_equal(votes_of(NULL), 0);
	member_detects(&node[0], CLIENT, "example.net", CONFIDENCE_MEDIUM, NOW, NOW + HOUR);
	member_holds(&node[0], "192.0.2.8", NULL, NOW);
	members_work(node, 1, NOW);
	assert_int_equal(votes_of(NULL), 2);
	leave(1);
}

/* Subscribers are told of domains; of clients only where that is wanted; of a pair as its domain says. */
static void posted(void **state)
{
	(void)state;
	join(2, ENFORCE);
	member_holds(&node[0], NULL, DOMAIN, NOW);
	member_holds(&node[0], "192.0.2.8", NULL, NOW);
	member_holds(&node[0], CLIENT, "example.net", NOW);
	members_work(node, 2, NOW);
	assert_int_equal(records_at("example.org", LDNS_RR_TYPE_CNAME), 1);
	assert_int_equal(records_at("*.example.org", LDNS_RR_TYPE_CNAME), 1);
	assert_int_equal(records_at("32.8.2.0.192.rpz-client-ip", LDNS_RR_TYPE_CNAME), 0);
	assert_int_equal(records_at("example.net", LDNS_RR_TYPE_CNAME), 0); /* how many ask for it is not known */
	member_releases(&node[0], NULL, DOMAIN, NOW);
	members_work(node, 2, NOW + MINUTE);
	assert_int_equal(records_at("example.org", LDNS_RR_TYPE_CNAME), 0);
	assert_int_equal(records_at("*.example.org", LDNS_RR_TYPE_CNAME), 0);
	leave(2);

	primary_reset(state);
	join(1, ENFORCE " fleet-clients: yes\n domain-of-pair: yes\n");
	member_holds(&node[0], "192.0.2.8", NULL, NOW);
	member_holds(&node[0], CLIENT, "example.net", NOW);
	members_work(node, 1, NOW);
	assert_int_equal(records_at("32.8.2.0.192.rpz-client-ip", LDNS_RR_TYPE_CNAME), 1);
	assert_int_equal(records_at("example.net", LDNS_RR_TYPE_CNAME), 1);
	leave(1);
}

/* Two of two are needed, and the other one votes for long: ours counts until it ends, */
static void posted_until_ours_ends(void **state)
{
	uint64_t walk;

	(void)state;
	join(1, ENFORCE " fleet-min-nodes: 2\n");
	member_detects(&node[0], NULL, DOMAIN, CONFIDENCE_HIGH, NOW, NOW + 5 * SECOND);
	member_work(&node[0], NOW);
	member_hears_vote(&node[0], "n2", DOMAIN, NOW, NOW + HOUR);
	member_work(&node[0], NOW);
	assert_int_equal(records_at("example.org", LDNS_RR_TYPE_CNAME), 1);
	walk = node[0].sharing.walk;
	for (uint64_t now = NOW + SECOND; now < NOW + 8 * SECOND; now += SECOND)
		member_work(&node[0], now);
	assert_int_equal(node[0].sharing.walk, walk); /* or the walk has found out */
	assert_int_equal(records_at("example.org", LDNS_RR_TYPE_CNAME), 0);
	leave(1);
}

static int keep_votes(const ldns_rr_list *add, const ldns_rr_list *remove)
{
	(void)add;
	for (size_t i = 0; i < ldns_rr_list_rr_count(remove); i++)
		if (ldns_rr_get_type(ldns_rr_list_rr(remove, i)) == LDNS_RR_TYPE_TXT)
			return LDNS_RCODE_REFUSED;
	return 0;
}

/* or is released, though the zone still has it. */
static void posted_until_released(void **state)
{
	ldns_rr *old;

	(void)state;
	join(1, ENFORCE " fleet-min-nodes: 2\n");
	member_detects(&node[0], NULL, DOMAIN, CONFIDENCE_HIGH, NOW, NOW + HOUR);
	member_work(&node[0], NOW);
	member_hears_vote(&node[0], "n2", DOMAIN, NOW, NOW + HOUR);
	member_work(&node[0], NOW);
	assert_int_equal(records_at("example.org", LDNS_RR_TYPE_CNAME), 1);
	primary_says = keep_votes;
	member_releases(&node[0], NULL, DOMAIN, NOW + SECOND);
	old = vote_record("n2", DOMAIN, NOW, NOW + HOUR);
	member_work(&node[0], NOW + SECOND);
	sharing_record(&node[0].sharing, false, old); /* renewed, so that it is not overruled */
	ldns_rr_free(old);
	member_hears_vote(&node[0], "n2", DOMAIN, NOW, NOW + 2 * HOUR);
	for (uint64_t now = NOW + SECOND; now < NOW + MINUTE; now += SECOND)
		member_work(&node[0], now);
	assert_int_equal(votes_of("n1"), 1);
	assert_int_equal(records_at("example.org", LDNS_RR_TYPE_CNAME), 0);
	leave(1);
}

static void ask(const char *client, uint64_t now)
{
	struct asked asked;

	question(&asked, client, "www.example.org", 1);
	asked.obs.now = now;
	warden_observe(node[0].warden, &asked.obs);
}

/* A vote tells who has asked since yesterday; of days ago, nothing. */
static void clients_told(void **state)
{
	(void)state;
	join(1, ENFORCE " domain-of-pair: rare\n");
	ask(CLIENT, NOW);
	ask("198.51.100.77", NOW);
	member_detects(&node[0], CLIENT, DOMAIN, CONFIDENCE_HIGH, NOW, NOW + HOUR);
	member_work(&node[0], NOW);
	assert_int_equal(node[0].sharing.own->vote.clients, 2);
	assert_int_equal(records_at("example.org", LDNS_RR_TYPE_CNAME), 1);
	member_detects(&node[0], CLIENT, DOMAIN, CONFIDENCE_HIGH, NOW + 3 * DAY, NOW + 3 * DAY + HOUR);
	member_work(&node[0], NOW + 3 * DAY);
	member_work(&node[0], NOW + 3 * DAY + SECOND);
	assert_int_equal(node[0].sharing.own->vote.clients, 0);
	leave(1);
}

/* What is never to be denied here is not told to others' subscribers either, from when that is said. */
static void never_posted(void **state)
{
	char error[FAULT_MAX];
	FILE *file;

	(void)state;
	join(1, ENFORCE);
	member_holds(&node[0], NULL, DOMAIN, NOW);
	member_work(&node[0], NOW);
	member_hears_vote(&node[0], "n2", DOMAIN, NOW, NOW + HOUR);
	member_work(&node[0], NOW);
	assert_int_equal(records_at("example.org", LDNS_RR_TYPE_CNAME), 1);
	file = fopen(config_path(), "w");
	assert_non_null(file);
	fprintf(file, "%s", engine_config(ENFORCE " fleet-never: example.org\n"));
	fclose(file);
	assert_int_equal(engine_reload(node[0].warden, error, sizeof(error)), 0);
	for (uint64_t now = NOW; now < NOW + MINUTE; now += SECOND)
		member_work(&node[0], now);
	assert_int_equal(node[0].sharing.zone.votes, 1); /* n2's */
	assert_int_equal(records_at("example.org", LDNS_RR_TYPE_CNAME), 0);
	assert_int_equal(records_at("*.example.org", LDNS_RR_TYPE_CNAME), 0);
	leave(1);
}

/* Who does not publish votes all the same; another one publishes it, and takes away what nobody wants. */
static void janitor(void **state)
{
	(void)state;
	member_join(&node[0], "n1", ENFORCE " fleet-publish: no\n");
	member_holds(&node[0], NULL, DOMAIN, NOW);
	members_work(node, 1, NOW);
	assert_int_equal(votes_of("n1"), 1);
	assert_int_equal(records_at("example.org", LDNS_RR_TYPE_CNAME), 0);
	member_join(&node[1], "n2", ENFORCE);
	primary_add("example.com." ZONE_NAME ". CNAME .");
	primary_add("example.net." ZONE_NAME ". CNAME rpz-passthru.");
	members_work(node, 2, NOW);
	assert_int_equal(records_at("example.org", LDNS_RR_TYPE_CNAME), 1);
	assert_int_equal(records_at("example.com", LDNS_RR_TYPE_CNAME), 0);
	assert_int_equal(records_at("example.net", LDNS_RR_TYPE_CNAME), 1);

	/* A node that is no more cannot remove its votes. */
	member_leave(&node[0]);
	member_work(&node[1], NOW + HOUR + MINUTE - 1);
	assert_int_equal(votes_of("n1"), 1);
	assert_int_equal(records_at("example.org", LDNS_RR_TYPE_CNAME), 0);
	members_work(&node[1], 1, NOW + HOUR + MINUTE + SECOND);
	assert_int_equal(votes_of("n1"), 0);
	member_leave(&node[1]);
}

/* A copy that comes as a whole again: what is in it stays, what is not goes. */
static void whole_again(void **state)
{
	(void)state;
	join(2, ENFORCE);
	member_holds(&node[0], NULL, DOMAIN, NOW);
	member_holds(&node[0], NULL, "example.com", NOW);
	members_work(node, 2, NOW);
	member_releases(&node[0], NULL, "example.com", NOW);
	member_work(&node[0], NOW);
	node[1].heard = 0;
	member_work(&node[1], NOW + SECOND);
	assert_int_equal(held_by(&node[1], NULL, DOMAIN, NOW), HOLD_BY_FLEET);
	assert_int_equal(held_by(&node[1], NULL, "example.com", NOW), -1);
	assert_int_equal(counted(node[1].warden, COUNTER_fleet_taken), 2);
	assert_int_equal(node[1].sharing.zone.votes, 1);
	leave(2);
}

/* The primary is away: what is known stays in force, what is new waits, and all of it is there in the end. */
static void away(void **state)
{
	(void)state;
	join(2, ENFORCE);
	member_holds(&node[0], NULL, DOMAIN, NOW);
	members_work(node, 2, NOW);
	node[0].away = node[1].away = true;
	member_holds(&node[0], NULL, "example.com", NOW);
	for (uint64_t now = NOW; now < NOW + 10 * MINUTE; now += SECOND)
		members_work(node, 2, now);
	assert_int_equal(held_by(&node[1], NULL, DOMAIN, NOW + 10 * MINUTE), HOLD_BY_FLEET);
	assert_int_equal(node[0].sharing.waiting, 1);
	assert_true(counted(node[0].warden, COUNTER_fleet_failed) > 0);
	assert_true(counted(node[0].warden, COUNTER_fleet_failed) < 150); /* less and less often, of two kinds */
	node[0].away = node[1].away = false;
	sharing_answers_again(&node[0].sharing);
	members_work(node, 2, NOW + 10 * MINUTE);
	assert_int_equal(held_by(&node[1], NULL, "example.com", NOW + 10 * MINUTE), HOLD_BY_FLEET);
	assert_int_equal(node[0].sharing.waiting, 0);
	leave(2);
}

/* A large zone, after a start: what was not looked at yet is nobody's trigger, as far as anybody knows. */
static void judged_when_all_is_seen(void **state)
{
	static const char *const voted[] = { "first.com", "last.com" };
	const unsigned count = 12000;
	ldns_rr_list *add, *remove;
	struct sharing *sharing = &node[0].sharing;
	unsigned slices = 0;
	ldns_rr *rr = NULL;

	(void)state;
	join(1, ENFORCE);
	sharing_whole(sharing);
	for (unsigned i = 0; i < count; i++) {
		char domain[32];

		snprintf(domain, sizeof(domain), "flood-%u.com", i);
		rr = !i              ? vote_record("n2", voted[0], NOW, NOW + HOUR)
		     : i == count - 1 ? vote_record("n4", voted[1], NOW, NOW + HOUR)
		                      : vote_record("n3", domain, NOW, NOW + HOUR);
		sharing_record(sharing, true, rr);
		ldns_rr_free(rr);
	}
	for (unsigned i = 0; i < 4; i++) {
		char text[128];

		snprintf(text, sizeof(text), "%s%s." ZONE_NAME ". IN CNAME .", i % 2 ? "*." : "", voted[i / 2]);
		assert_int_equal(ldns_rr_new_frm_str(&rr, text, 60, NULL, NULL), LDNS_STATUS_OK);
		sharing_record(sharing, true, rr);
		ldns_rr_free(rr);
	}
	sharing_done(sharing, 1);
	for (bool more = true; more; slices++) {
		more = sharing_work(sharing, NOW);
		while (sharing_update(sharing, NOW, &add, &remove)) {
			for (size_t i = 0; i < ldns_rr_list_rr_count(remove); i++) {
				char *text = ldns_rr2str(ldns_rr_list_rr(remove, i));

				if (strstr(text, voted[0]) || strstr(text, voted[1]))
					fail_msg("removed after slice %u: %s", slices + 1, text);
				free(text);
			}
			ldns_rr_list_deep_free(add);
			ldns_rr_list_deep_free(remove);
			sharing_answered(sharing, 0, NOW);
		}
	}
	assert_true(slices > 1);
	leave(1);
}

int main(void)
{
#define SHARED(test) cmocka_unit_test_setup_teardown(test, primary_reset, primary_end)
	const struct CMUnitTest tests[] = {
		SHARED(no_echo),
		SHARED(quorum),
		SHARED(no_quorum_of_one_sum),
		SHARED(agreement),
		SHARED(hold_max),
		SHARED(released_by_hand),
		SHARED(judged_when_all_is_seen),
		SHARED(released_by_the_guard),
		SHARED(released_for_good),
		SHARED(released_where_found),
		SHARED(restart),
		SHARED(observe),
		SHARED(confidence),
		SHARED(posted),
		SHARED(posted_until_ours_ends),
		SHARED(posted_until_released),
		SHARED(clients_told),
		SHARED(never_posted),
		SHARED(janitor),
		SHARED(whole_again),
		SHARED(away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
