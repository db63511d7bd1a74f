/* SPDX-License-Identifier: BSD-3-Clause */
/* test_fleet_limits - what other nodes cannot do, however many votes they write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fleet/bucket.h"
#include "fleet_nodes.h"
#include "support.h"

#define ENFORCE "warden:\n mode: enforce\n"
#define CLIENT  "192.0.2.7"

static struct member node;

static void vote_by(const char *voter, const char *subject, uint64_t now)
{
	static unsigned id;

	primary_add("%032x.%s._warden." ZONE_NAME ". TXT \"v=1\" \"node=%s\" %s \"verdict=refuse\" \"detector=x\" "
	            "\"confidence=high\" \"score=50\" \"made=%u\" \"expires=%u\"", id++, voter, voter, subject,
	            (unsigned)(now / SECOND), (unsigned)(now / SECOND) + 3600);
}

#define FOR_DOMAIN(domain) "\"domain=" domain "\""
#define FOR_CLIENT(client) "\"client=" client "\""

static void tokens(void **state)
{
	struct bucket bucket = { 0 };

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_true(bucket_take(&bucket, 3, NOW));
	assert_false(bucket_take(&bucket, 3, NOW));
	assert_false(bucket_take(&bucket, 3, NOW + 20 * SECOND - 1));
	assert_true(bucket_take(&bucket, 3, NOW + 20 * SECOND));
	assert_false(bucket_take(&bucket, 3, NOW + 20 * SECOND));
	assert_false(bucket_take(&bucket, 3, NOW - HOUR)); /* a clock that steps back gives nothing away, */
	assert_true(bucket_take(&bucket, 3, NOW - HOUR + 20 * SECOND)); /* and takes nothing */
	for (unsigned i = 0; i < 3; i++)
		assert_true(bucket_take(&bucket, 3, NOW + DAY));
	assert_false(bucket_take(&bucket, 3, NOW + DAY));
	assert_false(bucket_take(&bucket, 1, NOW + DAY)); /* less of it, and what was spent is spent */
}

/* What must not be denied is not, and is counted once. */
static void spared(void **state)
{
	uint8_t octets[16];
	struct name name;
	char error[FAULT_MAX];

	(void)state;
	member_join(&node, "n1", ENFORCE " fleet-never: example.org\n fleet-never: www.example.com\n"
	            " fleet-never: 198.51.100.0/24\n allow-domain: allowed.example\n allow-client: 192.0.2.128/25\n"
	            " never-hold: 203.0.113.1\n forwarder: 203.0.113.2\n local-domain: corp.example\n");
	address(octets, "192.0.2.9");
	assert_true(name_from_text(&name, "exempt.example"));
	assert_true(engine_allow(node.warden, NULL, &name, NOW, NOW + DAY, "", error, sizeof(error)));
	assert_true(engine_allow(node.warden, octets, NULL, NOW, NOW + DAY, "", error, sizeof(error)));
	vote_by("n2", FOR_DOMAIN("example.org"), NOW);
	vote_by("n2", FOR_DOMAIN("example.com"), NOW); /* a name below it is on the list */
	vote_by("n2", FOR_CLIENT("198.51.100.7/32"), NOW);
	vote_by("n2", FOR_CLIENT("198.51.100.7/32") FOR_DOMAIN("example.net"), NOW);
	vote_by("n2", FOR_DOMAIN("allowed.example"), NOW);
	vote_by("n2", FOR_CLIENT("192.0.2.200/32"), NOW);
	vote_by("n2", FOR_CLIENT("203.0.113.1/32"), NOW);
	vote_by("n2", FOR_CLIENT("203.0.113.2/32"), NOW);
	vote_by("n2", FOR_DOMAIN("exempt.example"), NOW);
	vote_by("n2", FOR_CLIENT("192.0.2.9/32"), NOW);
	/* No domains of ours, no clients of ours. */
	vote_by("n2", FOR_DOMAIN("org"), NOW);
	vote_by("n2", FOR_DOMAIN("co.uk"), NOW);
	vote_by("n2", FOR_DOMAIN("github.io"), NOW);
	vote_by("n2", FOR_DOMAIN("corp.example"), NOW);
	vote_by("n2", FOR_DOMAIN("www.example.net"), NOW);
	vote_by("n2", FOR_DOMAIN("name.nosuchtld0"), NOW);
	vote_by("n2", FOR_CLIENT("192.0.2.0/24"), NOW);
	vote_by("n2", FOR_CLIENT("128.0.0.0/1"), NOW);
	vote_by("n2", FOR_CLIENT("2001:db8::/48"), NOW);
	vote_by("n2", FOR_CLIENT("2001:db8::1/128"), NOW);
	for (uint64_t now = NOW; now < NOW + MINUTE; now += SECOND)
		member_work(&node, now);
	assert_int_equal(node.sharing.taken, 0);
	assert_int_equal(holds_count(&node.warden->mapping).holds, 0);
	assert_int_equal(counted(node.warden, COUNTER_fleet_spared), 20);
	assert_int_equal(counted(node.warden, COUNTER_fleet_malformed), 0);
	assert_int_equal(records_at("example.org", LDNS_RR_TYPE_CNAME), 0);

	/* Beside them, all is well. */
	vote_by("n2", FOR_DOMAIN("example.net"), NOW);
	vote_by("n2", FOR_CLIENT("2001:db8::/64"), NOW);
	member_work(&node, NOW + MINUTE);
	assert_int_equal(node.sharing.taken, 2);
	assert_int_equal(held_by(&node, NULL, "example.net", NOW), HOLD_BY_FLEET);

	/* An exemption by hand has it out again. */
	assert_true(name_from_text(&name, "example.net"));
	assert_true(engine_allow(node.warden, NULL, &name, NOW + MINUTE, NOW + DAY, "", error, sizeof(error)));
	member_work(&node, NOW + MINUTE + SECOND);
	assert_int_equal(held_by(&node, NULL, "example.net", NOW + MINUTE + SECOND), -1);
	member_leave(&node);
}

/* Of what somebody here must not be denied, nobody elsewhere is told. */
static void not_told(void **state)
{
	(void)state;
	member_join(&node, "n1", ENFORCE " fleet-never: example.org\n allow-domain: www.example.com\n");
	member_holds(&node, NULL, "example.org", NOW);
	member_holds(&node, NULL, "org", NOW);
	member_holds(&node, NULL, "www.example.net", NOW);
	member_holds(&node, NULL, "example.com", NOW); /* for Wardens, who know what they allow; not for subscribers */
	member_work(&node, NOW);
	assert_int_equal(votes_of("n1"), 1);
	assert_int_equal(records_at("example.com", LDNS_RR_TYPE_CNAME), 0);
	member_leave(&node);
}

static void malformed(void **state)
{
	ldns_rr *rr;

	(void)state;
	member_join(&node, "n1", ENFORCE);
	vote_by("n2", FOR_DOMAIN("Example.org"), NOW);
	vote_by("n2", "", NOW);
	primary_add("0123.n2._warden." ZONE_NAME ". TXT x");
	primary_add("%032x.n2._warden." ZONE_NAME ". TXT \"v=1\" \"node=n3\" \"domain=example.org\" \"verdict=refuse\" "
	            "\"detector=x\" \"confidence=high\" \"score=50\" \"made=%u\" \"expires=%u\"", 7, (unsigned)(NOW / SECOND),
	            (unsigned)(NOW / SECOND) + 60);
	member_work(&node, NOW);
	assert_int_equal(counted(node.warden, COUNTER_fleet_malformed), 4);
	assert_int_equal(node.sharing.taken, 0);

	/* A second vote of a node for the same is none. */
	vote_by("n2", FOR_DOMAIN("example.org"), NOW);
	vote_by("n2", FOR_DOMAIN("example.org"), NOW);
	member_work(&node, NOW);
	assert_int_equal(counted(node.warden, COUNTER_fleet_malformed), 5);
	assert_int_equal(node.sharing.taken, 1);

	/* What was there before comes again with each whole transfer, and is no news; what is more than that, is. */
	assert_int_equal(ldns_rr_new_frm_str(&rr, "0123.n2._warden." ZONE_NAME ". TXT x", 0, NULL, NULL), LDNS_STATUS_OK);
	sharing_whole(&node.sharing);
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(counted(node.warden, COUNTER_fleet_malformed), 5);
		sharing_record(&node.sharing, true, rr);
	}
	assert_int_equal(counted(node.warden, COUNTER_fleet_malformed), 6);
	ldns_rr_free(rr);
	member_leave(&node);
}

/* A vote is worth nothing before it was made, but for what clocks differ by. */
static void from_the_future(void **state)
{
	(void)state;
	member_join(&node, "n1", ENFORCE);
	vote_by("n2", FOR_DOMAIN("example.org"), NOW + 5 * MINUTE);
	vote_by("n2", FOR_DOMAIN("example.com"), NOW + 5 * MINUTE + SECOND);
	member_work(&node, NOW);
	assert_int_equal(held_by(&node, NULL, "example.org", NOW), HOLD_BY_FLEET);
	assert_int_equal(held_by(&node, NULL, "example.com", NOW), -1);
	member_work(&node, NOW + SECOND);
	assert_int_equal(held_by(&node, NULL, "example.com", NOW + SECOND), HOLD_BY_FLEET);
	member_leave(&node);
}

/* fleet-rate and fleet-limit, both sides of each; and each node has its own. */
static void limits(void **state)
{
	char subject[64];

	(void)state;
	member_join(&node, "n1", ENFORCE " fleet-rate: 4\n fleet-limit: 6\n");
	for (unsigned i = 0; i < 8; i++) {
		snprintf(subject, sizeof(subject), "\"domain=n%u.com\"", i);
		vote_by("n2", subject, NOW);
	}
	vote_by("n3", FOR_DOMAIN("example.org"), NOW);
	member_work(&node, NOW);
	assert_int_equal(node.sharing.taken, 5);
	assert_int_equal(held_by(&node, NULL, "example.org", NOW), HOLD_BY_FLEET);
	assert_int_equal(counted(node.warden, COUNTER_fleet_limited), 4);
	member_work(&node, NOW + 15 * SECOND - 1);
	assert_int_equal(node.sharing.taken, 5);
	member_work(&node, NOW + 15 * SECOND + SECOND);
	assert_int_equal(node.sharing.taken, 6);
	for (uint64_t now = NOW; now < NOW + 10 * MINUTE; now += 10 * SECOND)
		member_work(&node, now);
	assert_int_equal(node.sharing.taken, 7);
	assert_int_equal(counted(node.warden, COUNTER_fleet_limited), 4);
	member_leave(&node);
}

/* The options of a reload are in force at once. */
static void reload(void **state)
{
	char subject[64], error[FAULT_MAX];
	FILE *file;

	(void)state;
	member_join(&node, "n1", ENFORCE " fleet-limit: 3\n");
	for (unsigned i = 0; i < 8; i++) {
		snprintf(subject, sizeof(subject), "\"domain=n%u.com\"", i);
		vote_by("n2", subject, NOW);
	}
	member_work(&node, NOW);
	assert_int_equal(node.sharing.taken, 3);
	file = fopen(config_path(), "w");
	assert_non_null(file);
	fprintf(file, "%s", engine_config(ENFORCE " fleet-limit: 5\n"));
	fclose(file);
	assert_int_equal(engine_reload(node.warden, error, sizeof(error)), 0);
	member_work(&node, NOW + SECOND);
	assert_int_equal(node.sharing.taken, 5);
	file = fopen(config_path(), "w");
	assert_non_null(file);
	fprintf(file, "%s", engine_config(ENFORCE " fleet-limit: 8\n fleet-min-nodes: 2\n"));
	fclose(file);
	assert_int_equal(engine_reload(node.warden, error, sizeof(error)), 0);
	member_work(&node, NOW + 3 * SECOND);
	assert_int_equal(node.sharing.taken, 0);
	assert_int_equal(holds_count(&node.warden->mapping).holds, 0);
	member_leave(&node);
}

static uint64_t processor_ms(void)
{
	return (uint64_t)clock() * 1000 / CLOCKS_PER_SEC;
}

/* One node floods the zone: its votes are bounded, work is, and the others' are taken all the same. */
static void flood(void **state)
{
	uint64_t begun = processor_ms();
	char domain[64];

	(void)state;
	member_join(&node, "n1", ENFORCE);
	sharing_whole(&node.sharing);
	for (unsigned i = 0; i < VOTES_OF_NODE_MAX + 1000; i++) {
		snprintf(domain, sizeof(domain), "n%u.com", i);
		member_hears_vote(&node, "bad", domain, NOW, NOW + DAY);
	}
	member_hears_vote(&node, "good", "example.org", NOW, NOW + DAY);
	sharing_done(&node.sharing, 1);
	node.away = true;
	assert_int_equal(node.sharing.zone.votes, VOTES_OF_NODE_MAX + 1);
	assert_int_equal(counted(node.warden, COUNTER_fleet_limited), 1000);
	for (unsigned turn = 0; turn < 200 && sharing_work(&node.sharing, NOW); turn++)
		;
	assert_int_equal(held_by(&node, NULL, "example.org", NOW), HOLD_BY_FLEET);
	assert_int_equal(node.sharing.taken, 61); /* fleet-rate of the flood */
	printf("%u votes: %llu ms of a processor\n", VOTES_OF_NODE_MAX, (unsigned long long)(processor_ms() - begun));
	for (uint64_t now = NOW; now < NOW + 30 * MINUTE; now += 30 * SECOND) {
		bool more = true;

		for (unsigned turn = 0; turn < 200 && more; turn++)
			more = sharing_work(&node.sharing, now);
	}
	assert_int_equal(node.sharing.taken, 1001); /* and its fleet-limit */

	/* An end to it. */
	sharing_whole(&node.sharing);
	member_hears_vote(&node, "good", "example.org", NOW, NOW + DAY);
	sharing_done(&node.sharing, 2);
	for (unsigned turn = 0; turn < 200 && sharing_work(&node.sharing, NOW + 30 * MINUTE); turn++)
		;
	assert_int_equal(node.sharing.taken, 1);
	assert_int_equal(node.sharing.zone.matter_count, 1);
	member_leave(&node);
}

/* Other nodes' verdicts fill half of the table, and no more: what this node finds out has room. */
static void half_the_table(void **state)
{
	char domain[64], voter[16];
	uint32_t room;

	(void)state;
	member_join(&node, "n1", ENFORCE " fleet-rate: 60000\n fleet-limit: 60000\n");
	room = table_capacity(&node.warden->mapping.holds);
	sharing_whole(&node.sharing);
	for (unsigned i = 0; i < room; i++) {
		snprintf(domain, sizeof(domain), "n%u.com", i);
		snprintf(voter, sizeof(voter), "m%u", i % 8);
		member_hears_vote(&node, voter, domain, NOW, NOW + DAY);
	}
	sharing_done(&node.sharing, 1);
	for (unsigned turn = 0; turn < 200 && sharing_work(&node.sharing, NOW); turn++)
		;
	assert_int_equal(node.sharing.taken, room / 2);
	assert_int_equal(holds_count(&node.warden->mapping).holds, room / 2);
	member_leave(&node);
}

/* So many nodes that there is none left for another. */
static void nodes(void **state)
{
	char voter[32], domain[32];

	(void)state;
	member_join(&node, "n1", ENFORCE);
	sharing_whole(&node.sharing);
	for (unsigned i = 0; i < NODES_MAX + 10; i++) {
		snprintf(voter, sizeof(voter), "m%u", i);
		snprintf(domain, sizeof(domain), "n%u.com", i);
		member_hears_vote(&node, voter, domain, NOW, NOW + DAY);
	}
	sharing_done(&node.sharing, 1);
	assert_int_equal(node.sharing.zone.votes, NODES_MAX - 1);
	assert_int_equal(counted(node.warden, COUNTER_fleet_limited), 11);
	member_leave(&node);
}

int main(void)
{
#define SHARED(test) cmocka_unit_test_setup_teardown(test, primary_reset, primary_end)
	const struct CMUnitTest tests[] = {
		SHARED(tokens),
		SHARED(spared),
		SHARED(not_told),
		SHARED(malformed),
		SHARED(from_the_future),
		SHARED(limits),
		SHARED(reload),
		SHARED(flood),
		SHARED(nodes),
		SHARED(half_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
