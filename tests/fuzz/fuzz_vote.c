/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_vote - any octets as records of the zone that nodes share: a name, and the strings of a vote or a target.
 *
 * An input is a type (0 vote, else trigger), the length of the part of the owner that is before the zone, that part, and
 * the data. What is read is written as exactly the same again, so that there is one text for each vote, and what is
 * written can be removed.
 */
#include <ldns/ldns.h>

#include "fleet/trigger.h"
#include "fleet/vote.h"
#include "fuzz.h"

static const uint8_t zone_wire[] = "\5fleet\7example";

static void check_vote(const struct name *zone, const struct name *owner, const uint8_t *strings, size_t len)
{
	uint8_t again[VOTE_TEXT_MAX], name[NAME_WIRE_MAX], *copy = copy_of(strings, len);
	struct vote vote, second;
	ldns_rr *rr;

	if (vote_read(&vote, zone, owner, copy, len) == VOTE_READ) {
		struct name same;

		must(vote_strings(&vote, again) == len && !memcmp(again, strings, len));
		must(vote_owner(&vote, zone, name) == owner->len && !memcmp(name, owner->wire, owner->len));
		must(!vote.any_client || !vote.any_domain);
		must(vote.made < vote.expires && vote.score <= 100);
		must(vote.any_domain || (name_parse(&same, vote.name, vote.name_len) && same.labels));
		rr = vote_to_rr(&vote, zone);
		must(rr && vote_from_rr(&second, zone, owner, rr) == VOTE_READ && !memcmp(&vote, &second, sizeof(vote)));
		ldns_rr_free(rr);
	}
	free(copy);
}

static void check_trigger(const struct name *zone, const struct name *owner, const uint8_t *target, size_t len)
{
	ldns_rr *rr = record_bare(owner->wire, owner->len, LDNS_RR_TYPE_CNAME), *again;
	ldns_rdf *rdf = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, len, target);
	struct trigger trigger;
	uint8_t name[NAME_WIRE_MAX];

	must(rr && rdf && ldns_rr_push_rdf(rr, rdf));
	if (trigger_from_rr(&trigger, zone, owner, rr)) {
		must(trigger_owner(&trigger, zone, name) == owner->len && !memcmp(name, owner->wire, owner->len));
		if (trigger.verdict != TRIGGER_FOREIGN) {
			again = trigger_to_rr(&trigger, zone);
			must(again && !ldns_rr_compare(again, rr));
			ldns_rr_free(again);
		}
	}
	ldns_rr_free(rr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	bool is_trigger = input_octet(&input);
	const uint8_t *octets;
	uint8_t wire[UINT8_MAX + sizeof(zone_wire)];
	struct name zone, owner;
	size_t len;

	must(name_parse(&zone, zone_wire, sizeof(zone_wire)));
	len = input_octets(&input, input_octet(&input), &octets);
	if (len)
		memcpy(wire, octets, len);
	memcpy(wire + len, zone_wire, sizeof(zone_wire));
	if (!name_parse(&owner, wire, len + sizeof(zone_wire)))
		return 0;
	len = input_octets(&input, is_trigger ? NAME_WIRE_MAX : VOTE_TEXT_MAX + 1, &octets);
	if (is_trigger)
		check_trigger(&zone, &owner, octets, len);
	else
		check_vote(&zone, &owner, octets, len);
	return 0;
}
