/* SPDX-License-Identifier: BSD-3-Clause */
/* test_fleet_posting - when a client's verdict about a domain becomes one about the domain for all, and what never may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/domain_of_pair.h"
#include "fleet_nodes.h"
#include "support.h"

#define ENFORCE "warden:\n mode: enforce\n"
#define RARE    ENFORCE " domain-of-pair: rare\n"
#define CLIENT  "192.0.2.7"
#define DOMAIN  "example.org"

static struct member node[2];

static unsigned clients_at(struct member *member)
{
	const struct mapping *mapping = &member->warden->mapping;
	struct name name;

	assert_true(name_from_text(&name, DOMAIN));
	return domain_clients(mapping, domain_hash(mapping, name.wire, name.len), NOW);
}

/* So many clients ask <member> for the domain. */
static void asked_by(struct member *member, unsigned clients)
{
	char client[32];

	for (unsigned i = 1; i < 250 && clients_at(member) < clients; i++) {
		snprintf(client, sizeof(client), "192.0.2.%u", i);
		decision_on(member->warden, client, "www." DOMAIN, 1);
	}
	assert_int_equal(clients_at(member), clients);
}

static void vote_with(const char *voter, const char *client, unsigned clients)
{
	primary_add("%032x.%s._warden." ZONE_NAME ". TXT \"v=1\" \"node=%s\" \"client=%s/32\" \"domain=" DOMAIN "\" "
	            "\"verdict=refuse\" \"detector=x\" \"confidence=high\" \"score=50\" \"clients=%u\" \"made=%u\" \"expires=%u\"",
	            clients, voter, voter, client, clients, (unsigned)(NOW / SECOND), (unsigned)(NOW / SECOND) + 36000);
}

static unsigned triggers(void)
{
	return records_at(DOMAIN, LDNS_RR_TYPE_CNAME);
}

/* Without a word of the operator a pair is nobody else's. */
static void by_default(void **state)
{
	(void)state;
	member_join(&node[0], "n1", ENFORCE);
	asked_by(&node[0], 1);
	member_holds(&node[0], CLIENT, DOMAIN, NOW);
	members_work(node, 1, NOW);
	assert_int_equal(votes_of("n1"), 1);
	assert_int_equal(triggers(), 0);
	member_leave(&node[0]);
}

/* One client fewer than makes a domain common, and as many: then the vote says so, and the trigger goes. */
static void no_longer_rare(void **state)
{
	unsigned before;

	(void)state;
	member_join(&node[0], "n1", RARE);
	asked_by(&node[0], RARE_CLIENTS - 1);
	member_holds(&node[0], CLIENT, DOMAIN, NOW);
	members_work(node, 1, NOW);
	assert_int_equal(triggers(), 1);
	asked_by(&node[0], RARE_CLIENTS);
	members_work(node, 1, NOW + 11 * SECOND);
	members_work(node, 1, NOW + 31 * SECOND);
	assert_int_equal(triggers(), 0);
	assert_int_equal(records_at("*." DOMAIN, LDNS_RR_TYPE_CNAME), 0);
	assert_int_equal(votes_of("n1"), 1);
	assert_int_equal(held_by(&node[0], CLIENT, DOMAIN, NOW), HOLD_BY_OPERATOR);

	/* Once said it stands: one more is no news, nor is a node that starts again. */
	before = primary_updates;
	asked_by(&node[0], RARE_CLIENTS + 1);
	members_work(node, 1, NOW + MINUTE);
	member_restart(&node[0]);
	members_work(node, 1, NOW + 2 * MINUTE);
	assert_int_equal(primary_updates, before);
	member_leave(&node[0]);
}

/* A vote from before anybody was known to ask. */
static void becomes_known(void **state)
{
	(void)state;
	member_join(&node[0], "n1", RARE);
	member_holds(&node[0], CLIENT, DOMAIN, NOW);
	members_work(node, 1, NOW);
	assert_int_equal(triggers(), 0);
	asked_by(&node[0], 1);
	members_work(node, 1, NOW + 11 * SECOND);
	members_work(node, 1, NOW + 12 * SECOND);
	assert_int_equal(triggers(), 1);
	member_leave(&node[0]);
}

/* What one node knows holds for the votes of another, whoever of their clients is held; and a domain that is held for
 * all is another matter.
 */
static void common_elsewhere(void **state)
{
	(void)state;
	member_join(&node[0], "n1", RARE);
	vote_with("m1", "192.0.2.8", RARE_CLIENTS - 1);
	members_work(node, 1, NOW);
	assert_int_equal(triggers(), 1);
	vote_with("m2", "192.0.2.9", RARE_CLIENTS);
	members_work(node, 1, NOW + SECOND);
	members_work(node, 1, NOW + 40 * SECOND);
	assert_int_equal(triggers(), 0);
	member_holds(&node[0], NULL, DOMAIN, NOW + 40 * SECOND);
	members_work(node, 1, NOW + MINUTE);
	assert_int_equal(triggers(), 1);
	member_leave(&node[0]);
}

/* A node whose votes are beyond its limits has no say in it. */
static void only_admitted(void **state)
{
	(void)state;
	member_join(&node[0], "n1", RARE " fleet-limit: 1\n");
	primary_add("%032x.m1._warden." ZONE_NAME ". TXT \"v=1\" \"node=m1\" \"domain=example.net\" \"verdict=refuse\" "
	            "\"detector=x\" \"confidence=high\" \"score=50\" \"made=%u\" \"expires=%u\"", 1,
	            (unsigned)(NOW / SECOND), (unsigned)(NOW / SECOND) + 36000);
	members_work(node, 1, NOW);
	assert_int_equal(held_by(&node[0], NULL, "example.net", NOW), HOLD_BY_FLEET);
	asked_by(&node[0], 1);
	member_holds(&node[0], CLIENT, DOMAIN, NOW);
	vote_with("m1", CLIENT, 255);
	members_work(node, 1, NOW);
	assert_int_equal(triggers(), 1);
	member_leave(&node[0]);
}

/* Who publishes does not deny its subscribers what its own clients ask for; nor takes away what another has added. */
static void common_here(void **state)
{
	(void)state;
	vote_with("m1", "192.0.2.8", 1);
	member_join(&node[0], "n1", RARE);
	asked_by(&node[0], RARE_CLIENTS);
	members_work(node, 1, NOW);
	assert_int_equal(triggers(), 0);
	member_join(&node[1], "n2", RARE);
	asked_by(&node[1], RARE_CLIENTS - 1);
	members_work(node, 2, NOW + SECOND);
	assert_int_equal(triggers(), 1);
	for (unsigned i = 1; i < 10; i++)
		members_work(node, 2, NOW + i * MINUTE);
	assert_int_equal(triggers(), 1);
	assert_int_equal(primary_updates, 1);
	member_leave(&node[0]);
	member_leave(&node[1]);
}

/* Names that would say something else in the zone are neither voted for, nor taken, nor posted. */
static void other_meaning(void **state)
{
	static const char *const domains[] = { "*.com", "com.rpz-nsdname", "example.rpz-ip", "n1._warden" };
	struct name name;

	(void)state;
	member_join(&node[0], "n1", ENFORCE " domain-of-pair: yes\n");
	for (unsigned i = 0; i < 4; i++) {
		member_detects(&node[0], CLIENT, domains[i], CONFIDENCE_HIGH, NOW, NOW + HOUR);
		member_detects(&node[0], NULL, domains[i], CONFIDENCE_HIGH, NOW, NOW + HOUR);
		assert_true(name_from_text(&name, domains[i]));
		assert_false(vote_domain_is_valid(&name));
		primary_add("%032x.m1._warden." ZONE_NAME ". TXT \"v=1\" \"node=m1\" \"domain=%s\" \"verdict=refuse\" "
		            "\"detector=x\" \"confidence=high\" \"score=50\" \"made=%u\" \"expires=%u\"", i, domains[i],
		            (unsigned)(NOW / SECOND), (unsigned)(NOW / SECOND) + 3600);
	}
	members_work(node, 1, NOW);
	assert_int_equal(votes_of("n1"), 0);
	assert_int_equal(counted(node[0].warden, COUNTER_fleet_malformed), 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(records_at(domains[i], LDNS_RR_TYPE_CNAME), 0);
	member_leave(&node[0]);
}

/* All that is posted is read as what it was. */
static int read_again(const ldns_rr_list *add, const ldns_rr_list *remove)
{
	struct trigger trigger;
	struct name zone, owner;
	uint8_t again[NAME_WIRE_MAX];

	(void)remove;
	assert_true(name_from_text(&zone, ZONE_NAME));
	for (size_t i = 0; i < ldns_rr_list_rr_count(add); i++) {
		ldns_rr *rr = ldns_rr_list_rr(add, i), *other;

		if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_CNAME)
			continue;
		assert_true(name_parse(&owner, ldns_rdf_data(ldns_rr_owner(rr)), ldns_rdf_size(ldns_rr_owner(rr))));
		assert_true(trigger_from_rr(&trigger, &zone, &owner, rr));
		assert_int_equal(trigger_owner(&trigger, &zone, again), owner.len);
		assert_memory_equal(again, owner.wire, owner.len);
		assert_int_equal(trigger.wild, owner.wire[0] == 1 && owner.wire[1] == '*');
		other = trigger_to_rr(&trigger, &zone);
		assert_int_equal(ldns_rr_compare(rr, other), 0);
		ldns_rr_free(other);
	}
	return 0;
}

static void posted_is_read(void **state)
{
	static const char *const domains[] = { "*.com", "a*.com", "*a.com", "com.rpz-nsdname", "rpz-ip.com", "x.rpz-client-ip",
	                                       "_warden.com", "xn--p1ai.com", "\\000\\.\\255.org", "x.rpz-" };
	unsigned count = sizeof(domains) / sizeof(*domains);

	(void)state;
	member_join(&node[0], "n1", ENFORCE " fleet-clients: yes\n");
	primary_says = read_again;
	for (unsigned i = 0; i < count; i++)
		member_holds(&node[0], NULL, domains[i], NOW);
	member_holds(&node[0], "192.0.2.8", NULL, NOW);
	members_work(node, 1, NOW);
	assert_int_equal(votes_of("n1"), count - 4 + 1);
	assert_int_equal(records_at("a*.com", LDNS_RR_TYPE_CNAME), 1);
	assert_int_equal(records_at("rpz-ip.com", LDNS_RR_TYPE_CNAME), 1);
	assert_int_equal(records_at("32.8.2.0.192.rpz-client-ip", LDNS_RR_TYPE_CNAME), 1);
	member_leave(&node[0]);
}

int main(void)
{
#define SHARED(test) cmocka_unit_test_setup_teardown(test, primary_reset, primary_end)
	const struct CMUnitTest tests[] = {
		SHARED(by_default),
		SHARED(no_longer_rare),
		SHARED(becomes_known),
		SHARED(common_elsewhere),
		SHARED(only_admitted),
		SHARED(common_here),
		SHARED(other_meaning),
		SHARED(posted_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
