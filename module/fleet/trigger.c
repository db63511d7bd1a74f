/* SPDX-License-Identifier: BSD-3-Clause */
/* trigger - see trigger.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <warden/warden.h>

#include "base/network.h"
#include "fleet/trigger.h"
#include "fleet/vote.h"

#define CLIENT_LABEL "rpz-client-ip"
#define V6_WORDS     8

/* Targets, in wire format. */
static const struct {
	uint8_t verdict, len, wire[16];
} targets[] = {
	{ WARDEN_NXDOMAIN, 1, { 0 } },
	{ WARDEN_NODATA, 3, { 1, '*', 0 } },
	{ WARDEN_DROP, 10, "\010rpz-drop" },
	{ WARDEN_TRUNCATE, 14, "\014rpz-tcp-only" },
};

#define TARGETS (sizeof(targets) / sizeof(*targets))

uint8_t trigger_verdict(uint8_t verdict)
{
	for (unsigned i = 0; i < TARGETS; i++)
		if (targets[i].verdict == verdict)
			return verdict;
	return WARDEN_NXDOMAIN;
}

/* ---- writing ------------------------------------------------------------------- */

struct labels {
	uint8_t *wire;
	size_t used, most;
	bool spilt;
};

static void label_add(struct labels *labels, const char *text)
{
	size_t len = strlen(text);

	if (labels->spilt || labels->used + 1 + len > labels->most) {
		labels->spilt = true;
		return;
	}
	labels->wire[labels->used++] = (uint8_t)len;
	memcpy(labels->wire + labels->used, text, len);
	labels->used += len;
}

static void number_add(struct labels *labels, const char *format, unsigned number)
{
	char text[16];

	snprintf(text, sizeof(text), format, number);
	label_add(labels, text);
}

/* The longest run of zeros that "zz" may stand for: of two words or more, the first of several. */
static void zeros_find(const unsigned word[V6_WORDS], unsigned *first, unsigned *count)
{
	*first = *count = 0;
	for (unsigned i = 0; i < V6_WORDS; i++) {
		unsigned run = 0;

		while (i + run < V6_WORDS && !word[i + run])
			run++;
		if (run > 1 && run > *count) {
			*first = i;
			*count = run;
		}
		i += run;
	}
}

static void client_add(struct labels *labels, const uint8_t client[16], uint8_t prefix)
{
	unsigned word[V6_WORDS], first, count;

	if (network_is_v4(client)) {
		number_add(labels, "%u", (unsigned)prefix - NETWORK_V4_BITS);
		for (unsigned i = 16; i-- > 12;)
			number_add(labels, "%u", client[i]);
	} else {
		for (unsigned i = 0; i < V6_WORDS; i++)
			word[i] = (unsigned)client[2 * i] << 8 | client[2 * i + 1];
		zeros_find(word, &first, &count);
		number_add(labels, "%u", prefix);
		for (unsigned i = V6_WORDS; i-- > 0;) {
			if (count && i == first + count - 1)
				label_add(labels, "zz");
			if (!count || i < first || i >= first + count)
				number_add(labels, "%x", word[i]);
		}
	}
	label_add(labels, CLIENT_LABEL);
}

size_t trigger_owner(const struct trigger *trigger, const struct name *zone, uint8_t owner[NAME_WIRE_MAX])
{
	struct labels labels = { .wire = owner, .most = NAME_WIRE_MAX - zone->len };

	if (trigger->is_client)
		client_add(&labels, trigger->client, trigger->prefix);
	else if (trigger->wild)
		label_add(&labels, "*");
	if (!trigger->is_client && !labels.spilt) {
		size_t len = trigger->name_len - 1u; /* without the root */

		labels.spilt = labels.used + len > labels.most;
		if (!labels.spilt)
			memcpy(owner + labels.used, trigger->name, len);
		labels.used += len;
	}
	if (labels.spilt)
		return 0;
	memcpy(owner + labels.used, zone->wire, zone->len);
	return labels.used + zone->len;
}

ldns_rr *trigger_to_rr(const struct trigger *trigger, const struct name *zone)
{
	uint8_t owner[NAME_WIRE_MAX], verdict = trigger_verdict(trigger->verdict);
	ldns_rr *rr = record_bare(owner, trigger_owner(trigger, zone, owner), LDNS_RR_TYPE_CNAME);
	ldns_rdf *rdf = NULL;

	for (unsigned i = 0; rr && i < TARGETS; i++)
		if (targets[i].verdict == verdict)
			rdf = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, targets[i].len, targets[i].wire);
	if (rdf && ldns_rr_push_rdf(rr, rdf))
		return rr;
	ldns_rdf_deep_free(rdf);
	ldns_rr_free(rr);
	return NULL;
}

/* ---- reading ------------------------------------------------------------------- */

/* Label number <label> as a number to <base>, as it is written; false when it is none up to <max>. */
static bool read_number(const struct name *name, unsigned label, int base, unsigned max, unsigned *number)
{
	const uint8_t *octets = name_tail(name, label);
	char text[8], again[16];

	if (!octets[0] || octets[0] >= sizeof(text))
		return false;
	memcpy(text, octets + 1, octets[0]);
	text[octets[0]] = '\0';
	*number = (unsigned)strtoul(text, NULL, base);
	snprintf(again, sizeof(again), base == 16 ? "%x" : "%u", *number);
	return *number <= max && !strcmp(again, text);
}

static bool is_label(const struct name *name, unsigned label, const char *text)
{
	const uint8_t *octets = name_tail(name, label);

	return octets[0] == strlen(text) && !memcmp(octets + 1, text, octets[0]);
}

static bool read_v4(struct trigger *trigger, const struct name *owner)
{
	unsigned number;

	if (!read_number(owner, 0, 10, 32, &number) || !number)
		return false;
	trigger->prefix = (uint8_t)(NETWORK_V4_BITS + number);
	memset(trigger->client + 10, 0xff, 2);
	for (unsigned i = 0; i < 4; i++) {
		if (!read_number(owner, 1 + i, 10, 255, &number))
			return false;
		trigger->client[15 - i] = (uint8_t)number;
	}
	return true;
}

static bool read_v6(struct trigger *trigger, const struct name *owner, unsigned labels)
{
	unsigned number, word = V6_WORDS;

	if (labels < 2 || labels > 1 + V6_WORDS || !read_number(owner, 0, 10, 128, &number) || !number)
		return false;
	trigger->prefix = (uint8_t)number;
	for (unsigned label = 1; label < labels; label++) {
		if (is_label(owner, label, "zz")) {
			unsigned left = labels - 1 - label; /* words that are still to come */

			if (word < left)
				return false;
			word = left;
			continue;
		}
		if (!word || !read_number(owner, label, 16, UINT16_MAX, &number))
			return false;
		word--;
		trigger->client[2 * word] = (uint8_t)(number >> 8);
		trigger->client[2 * word + 1] = (uint8_t)number;
	}
	return word == 0;
}

/* What the record does to a name: one of ours, or not. */
static uint8_t read_target(const ldns_rr *rr)
{
	const ldns_rdf *rdf = ldns_rr_rd_count(rr) == 1 ? ldns_rr_rdf(rr, 0) : NULL;

	for (unsigned i = 0; i < TARGETS && rdf && ldns_rr_get_type(rr) == LDNS_RR_TYPE_CNAME; i++)
		if (ldns_rdf_size(rdf) == targets[i].len && !memcmp(ldns_rdf_data(rdf), targets[i].wire, targets[i].len))
			return targets[i].verdict;
	return TRIGGER_FOREIGN;
}

bool trigger_from_rr(struct trigger *trigger, const struct name *zone, const struct name *owner, const ldns_rr *rr)
{
	unsigned labels, first;
	uint8_t again[NAME_WIRE_MAX];

	if (owner->labels <= zone->labels || name_alike(owner, zone) < zone->labels)
		return false;
	labels = owner->labels - zone->labels;
	*trigger = (struct trigger){ .verdict = read_target(rr) };
	if (is_label(owner, labels - 1, CLIENT_LABEL)) {
		trigger->is_client = true;
		if (!(labels == 6 && read_v4(trigger, owner)) &&
		    !(memset(trigger->client, 0, sizeof(trigger->client)), read_v6(trigger, owner, labels - 1)))
			return false;
		/* One way to write it: or it would be found at another name than it stands. */
		return trigger_owner(trigger, zone, again) == owner->len && !memcmp(again, owner->wire, owner->len);
	}
	first = is_label(owner, 0, "*") && labels > 1;
	trigger->wild = first;
	trigger->name_len = (uint8_t)(owner->label[labels - 1] + 1u + name_tail(owner, labels - 1)[0] - owner->label[first] + 1u);
	memcpy(trigger->name, name_tail(owner, first), trigger->name_len - 1u);
	trigger->name[trigger->name_len - 1] = 0;
	return !(name_tail(owner, labels - 1)[0] > 4 && !memcmp(name_tail(owner, labels - 1) + 1, "rpz-", 4)) &&
	       !is_label(owner, labels - 1, "_warden");
}
