/* SPDX-License-Identifier: BSD-3-Clause */
/* fleet_nodes - see fleet_nodes.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fleet_nodes.h"
#include "support.h"

#define LOG_MAX 20000
#define SERIAL  1

static ldns_rr_list *records;
static struct {
	bool added;
	ldns_rr *rr;
} changes[LOG_MAX];
static size_t change_count;

int (*primary_says)(const ldns_rr_list *add, const ldns_rr_list *remove);
unsigned primary_updates;

int primary_end(void **state)
{
	(void)state;
	ldns_rr_list_deep_free(records);
	records = NULL;
	for (size_t i = 0; i < change_count; i++)
		ldns_rr_free(changes[i].rr);
	change_count = 0;
	return 0;
}

int primary_reset(void **state)
{
	primary_end(state);
	records = ldns_rr_list_new();
	primary_says = NULL;
	primary_updates = 0;
	return !records;
}

static void note(bool added, const ldns_rr *rr)
{
	assert_true(change_count < LOG_MAX);
	changes[change_count].added = added;
	changes[change_count++].rr = ldns_rr_clone(rr);
}

static bool is_at(const ldns_rr *one, const ldns_rr *other)
{
	return ldns_rr_get_type(one) == ldns_rr_get_type(other) &&
	       !ldns_dname_compare(ldns_rr_owner(one), ldns_rr_owner(other));
}

static void drop(const ldns_rr *rr)
{
	for (size_t i = ldns_rr_list_rr_count(records); i-- > 0;) {
		ldns_rr *there = ldns_rr_list_rr(records, i);

		if (!is_at(there, rr) || (ldns_rr_rd_count(rr) && ldns_rr_compare(there, rr) != 0))
			continue;
		note(false, there);
		ldns_rr_list_set_rr(records, ldns_rr_list_rr(records, ldns_rr_list_rr_count(records) - 1), i);
		ldns_rr_list_pop_rr(records);
		ldns_rr_free(there);
	}
}

static void put(const ldns_rr *rr)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(records); i++)
		if (!ldns_rr_compare(ldns_rr_list_rr(records, i), rr))
			return;
	note(true, rr);
	ldns_rr_list_push_rr(records, ldns_rr_clone(rr));
}

void primary_add(const char *format, ...)
{
	char text[4096];
	va_list args;
	ldns_rr *rr;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (ldns_rr_new_frm_str(&rr, text, 60, NULL, NULL) != LDNS_STATUS_OK)
		fail_msg("no record: %s", text);
	put(rr);
	ldns_rr_free(rr);
}

/* ---- nodes --------------------------------------------------------------------- */

static void begin(struct member *member)
{
	struct name zone;

	assert_true(name_from_text(&zone, ZONE_NAME));
	assert_true(sharing_open(&member->sharing, member->warden, &zone, member->node, (const uint8_t *)member->node,
	                         strlen(member->node)));
	member->heard = 0;
}

void member_join(struct member *member, const char *node, const char *config)
{
	memset(member, 0, sizeof(*member));
	snprintf(member->node, sizeof(member->node), "%s", node);
	member->warden = open_engine(config, true);
	begin(member);
}

void member_restart(struct member *member)
{
	sharing_close(&member->sharing);
	begin(member);
}

void member_leave(struct member *member)
{
	sharing_close(&member->sharing);
	warden_close(member->warden);
}

static void hear(struct member *member)
{
	if (!member->heard) {
		sharing_whole(&member->sharing);
		for (size_t i = 0; i < ldns_rr_list_rr_count(records); i++)
			sharing_record(&member->sharing, true, ldns_rr_list_rr(records, i));
	} else {
		for (size_t i = member->heard - 1; i < change_count; i++)
			sharing_record(&member->sharing, changes[i].added, changes[i].rr);
		if (member->heard == change_count + 1)
			return;
	}
	member->heard = change_count + 1;
	sharing_done(&member->sharing, (uint32_t)(SERIAL + change_count));
}

static int answer(const ldns_rr_list *add, const ldns_rr_list *remove)
{
	int rcode = primary_says ? primary_says(add, remove) : 0;

	primary_updates++;
	for (size_t i = 0; !rcode && i < ldns_rr_list_rr_count(remove); i++)
		drop(ldns_rr_list_rr(remove, i));
	for (size_t i = 0; !rcode && i < ldns_rr_list_rr_count(add); i++)
		put(ldns_rr_list_rr(add, i));
	return rcode;
}

void member_work(struct member *member, uint64_t now)
{
	ldns_rr_list *add, *remove;

	if (!member->away)
		hear(member);
	for (unsigned i = 0; i < 1000 && sharing_work(&member->sharing, now); i++)
		;
	for (unsigned i = 0; i < 1000 && sharing_update(&member->sharing, now, &add, &remove); i++) {
		sharing_answered(&member->sharing, member->away ? -1 : answer(add, remove), now);
		ldns_rr_list_deep_free(add);
		ldns_rr_list_deep_free(remove);
		sharing_work(&member->sharing, now);
	}
}

void members_work(struct member *member, unsigned count, uint64_t now)
{
	for (unsigned round = 0; round < 4; round++)
		for (unsigned i = 0; i < count; i++)
			member_work(&member[i], now);
}

/* ---- holds --------------------------------------------------------------------- */

static const uint8_t *whom(uint8_t octets[16], const char *text)
{
	if (text)
		address(octets, text);
	return text ? octets : NULL;
}

static const struct name *domain_of(struct name *name, const char *text)
{
	if (text)
		assert_true(name_from_text(name, text));
	return text ? name : NULL;
}

void member_holds(struct member *member, const char *client, const char *domain, uint64_t now)
{
	uint8_t octets[16];
	struct name name;
	char error[FAULT_MAX];

	assert_true(engine_hold(member->warden, whom(octets, client), domain_of(&name, domain), now, now + HOUR, "",
	                        error, sizeof(error)));
}

static void detects(struct member *member, const char *client, const char *domain, uint8_t confidence, bool together,
                    uint64_t now, uint64_t expires)
{
	struct mapping *mapping = &member->warden->mapping;
	struct hold hold = { .verdict = WARDEN_REFUSE, .detector = DETECTOR_information, .confidence = confidence,
		             .together = together, .made = now, .expires = expires };
	struct name name;
	uint64_t key = 0;

	if (client) {
		address(hold.client, client);
		key = client_hash(mapping, hold.client);
	}
	if (domain_of(&name, domain)) {
		hold.name_len = name.len;
		memcpy(hold.name, name.wire, name.len);
		hold.domain_hash = domain_hash(mapping, name.wire, name.len);
	}
	assert_true(hold_set(mapping, key, &hold, now));
}

void member_detects(struct member *member, const char *client, const char *domain, uint8_t confidence, uint64_t now,
                    uint64_t expires)
{
	detects(member, client, domain, confidence, false, now, expires);
}

void member_detects_together(struct member *member, const char *client, const char *domain, uint64_t now, uint64_t expires)
{
	detects(member, client, domain, CONFIDENCE_HIGH, true, now, expires);
}

void member_releases(struct member *member, const char *client, const char *domain, uint64_t now)
{
	uint8_t octets[16];
	struct name name;

	assert_true(engine_release(member->warden, whom(octets, client), domain_of(&name, domain), now));
}

bool held_as(struct member *member, const char *client, const char *domain, uint64_t now, struct hold *hold)
{
	const struct mapping *mapping = &member->warden->mapping;
	uint8_t octets[16];
	struct name name;

	return hold_find(mapping, client ? client_hash(mapping, whom(octets, client)) : 0,
	                 domain_of(&name, domain) ? domain_hash(mapping, name.wire, name.len) : 0, now, hold);
}

int held_by(struct member *member, const char *client, const char *domain, uint64_t now)
{
	struct hold hold;

	return held_as(member, client, domain, now, &hold) ? hold.detector : -1;
}

/* ---- the zone ------------------------------------------------------------------ */

unsigned votes_of(const char *node)
{
	unsigned count = 0;

	for (size_t i = 0; i < ldns_rr_list_rr_count(records); i++) {
		ldns_rr *rr = ldns_rr_list_rr(records, i);
		char part[64], *text = ldns_rr2str(rr);

		snprintf(part, sizeof(part), ".%s._warden.", node ? node : "");
		count += ldns_rr_get_type(rr) == LDNS_RR_TYPE_TXT && (!node || strstr(text, part));
		free(text);
	}
	return count;
}

unsigned records_at(const char *name, ldns_rr_type type)
{
	char text[512];
	unsigned count = 0;

	snprintf(text, sizeof(text), "%s." ZONE_NAME ".", name);
	for (size_t i = 0; i < ldns_rr_list_rr_count(records); i++) {
		ldns_rr *rr = ldns_rr_list_rr(records, i);
		char *owner = ldns_rdf2str(ldns_rr_owner(rr));

		count += ldns_rr_get_type(rr) == type && !strcmp(owner, text);
		free(owner);
	}
	return count;
}

ldns_rr *vote_record(const char *node, const char *domain, uint64_t made, uint64_t expires)
{
	struct vote vote = { .any_client = true, .verdict = WARDEN_REFUSE, .confidence = 3, .score = 80, .made = made,
		             .expires = expires, .detector = "information" };
	struct name name, zone;
	ldns_rr *rr;

	snprintf(vote.node, sizeof(vote.node), "%s", node);
	assert_true(name_from_text(&name, domain));
	vote.name_len = name.len;
	memcpy(vote.name, name.wire, name.len);
	assert_true(vote_identify(&vote, (const uint8_t *)"x", 1));
	assert_true(name_from_text(&zone, ZONE_NAME));
	rr = vote_to_rr(&vote, &zone);
	assert_non_null(rr);
	return rr;
}

void member_hears_vote(struct member *member, const char *node, const char *domain, uint64_t made, uint64_t expires)
{
	ldns_rr *rr = vote_record(node, domain, made, expires);

	sharing_record(&member->sharing, true, rr);
	zone_end(&member->sharing.zone, member->sharing.zone.serial);
	ldns_rr_free(rr);
}
