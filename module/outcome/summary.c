/* SPDX-License-Identifier: BSD-3-Clause */
/* summary - what a replay amounts to, as one JSON object.
 *
 * Verdicts lie in a tree ordered by their key, so that the same traffic gives the same
 * octets whatever the order of its verdicts. There is no clock in it for the same reason:
 * `seconds` is the recorded time from the first observation to the last.
 */
#include <errno.h>
#include <jansson.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "detect/detector.h"
#include "name/name.h"
#include "report/address.h"
#include "report/count.h"
#include "outcome/summary.h"

/* Who did what, and who said so. Compared as octets, so it has no padding. */
struct key {
	uint8_t client[16]; /* masked */
	uint8_t domain[NAME_WIRE_MAX];
	uint8_t detector;
};

static_assert(sizeof(struct key) == 16 + NAME_WIRE_MAX + 1, "struct key is compared as octets");

struct verdict {
	struct key key;
	uint8_t domain_len, strongest, confidence, score;
	uint64_t first_time, at_query; /* of the strongest verdict */
};

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct key));
}

/* The verdict for <key>, new if there was none; NULL without memory. */
static struct verdict *verdict_of(struct summary *summary, const struct key *key)
{
	struct verdict **found = tfind(key, &summary->verdicts, compare);
	struct verdict *verdict;

	if (found)
		return *found;
	verdict = calloc(1, sizeof(*verdict));
	if (!verdict)
		return NULL;
	verdict->key = *key;
	if (!tsearch(verdict, &summary->verdicts, compare)) {
		free(verdict);
		return NULL;
	}
	return verdict;
}

/* Cuts <client> to what <warden>'s configuration takes for a client. */
static void mask(struct warden *warden, uint8_t client[16])
{
	unsigned cell;
	const struct rules *rules = rules_enter(warden, &cell);

	client_mask(&rules->config->settings, client);
	rules_leave(warden, cell);
}

static unsigned domain_of(struct warden *warden, const struct name *name)
{
	unsigned cell;
	const struct rules *rules = rules_enter(warden, &cell);
	unsigned label = suffix_domain(rules->config->suffixes, name);

	rules_leave(warden, cell);
	return label;
}

bool summary_observe(struct summary *summary, struct warden *warden,
                     const struct warden_observation *obs)
{
	const struct mapping *mapping = &warden->mapping;
	uint8_t address[16];
	struct name name;
	uint64_t client, domain;
	unsigned label;

	if (!summary->observations++ || obs->now < summary->first)
		summary->first = obs->now;
	if (obs->now > summary->last)
		summary->last = obs->now;

	memcpy(address, obs->client, sizeof(address));
	mask(warden, address);
	client = client_hash(mapping, address);
	if (!tally_add(&summary->clients, client, 1))
		return false;
	if (!name_parse(&name, obs->qname, obs->qname_len))
		return true;
	label = domain_of(warden, &name);
	domain = domain_hash(mapping, name_tail(&name, label), name_tail_len(&name, label));
	return tally_add(&summary->pairs, pair_hash(mapping, client, domain),
	                 obs->what & WARDEN_QUESTION);
}

bool summary_record(struct summary *summary, struct warden *warden, const struct record *record)
{
	struct key key = { .detector = record->detector };
	struct verdict *verdict;
	struct name name;
	size_t domain_len;

	if (!name_parse(&name, record->qname, record->qname_len))
		return true; /* a record that nobody can have written says nothing */
	domain_len = name_tail_len(&name, record->payload_labels);
	memcpy(key.client, record->client, sizeof(key.client));
	mask(warden, key.client);
	memcpy(key.domain, name_tail(&name, record->payload_labels), domain_len);

	verdict = verdict_of(summary, &key);
	if (!verdict)
		return false;
	verdict->domain_len = (uint8_t)domain_len;
	if (record->verdict > verdict->strongest) {
		verdict->strongest = record->verdict;
		verdict->first_time = record->now;
		verdict->at_query = record->at_query;
	}
	if (record->confidence > verdict->confidence)
		verdict->confidence = record->confidence;
	if (record->score > verdict->score)
		verdict->score = record->score;
	return true;
}

/* How often the pair of <verdict> has asked in all. */
static uint64_t queries_of(const struct summary *summary, const struct mapping *mapping,
                             const struct verdict *verdict)
{
	uint64_t client = client_hash(mapping, verdict->key.client);
	uint64_t domain = domain_hash(mapping, verdict->key.domain, verdict->domain_len);

	return tally_get(&summary->pairs, pair_hash(mapping, client, domain));
}

struct verdict_list {
	json_t *list;
	const struct summary *summary;
	const struct mapping *mapping;
};

static void list_verdict(const void *node, VISIT visit, void *arg)
{
	const struct verdict *verdict = *(struct verdict *const *)node;
	const struct verdict_list *listing = arg;
	char client[ADDRESS_TEXT_MAX], domain[NAME_TEXT_MAX];

	if (visit != postorder && visit != leaf)
		return;
	json_array_append_new(listing->list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:f, s:o, s:o}",
		"client", address_text(client, verdict->key.client),
		"domain", name_text(domain, verdict->key.domain, verdict->domain_len),
		"detector", verdict->key.detector < DETECTOR_COUNT
			? detectors[verdict->key.detector]->name : "operator",
		"verdict", warden_verdict_name(verdict->strongest),
		"confidence", verdict->confidence <= CONFIDENCE_HIGH
			? confidence_words[verdict->confidence] : "unknown",
		"score", (int)verdict->score,
		"first_time", (double)verdict->first_time / 1000,
		"at_query", count_json(verdict->at_query),
		"queries", count_json(queries_of(listing->summary, listing->mapping, verdict))));
}

int summary_write(const struct summary *summary, const struct warden *warden, const char *path,
                  char *error, size_t error_len)
{
	struct verdict_list listing = { json_array(), summary, &warden->mapping };
	FILE *file = fopen(path, "w");
	json_t *object;
	bool written;

	if (!file) {
		snprintf(error, error_len, "%s: cannot be written: %s", path, strerror(errno));
		json_decref(listing.list);
		return -1;
	}
	twalk_r(summary->verdicts, list_verdict, &listing);
	object = json_pack("{s:o, s:o, s:o, s:o, s:f, s:o}",
		"observations", count_json(summary->observations),
		"clients", count_json(summary->clients.used),
		"pairs", count_json(summary->pairs.used),
		"skipped", count_json(summary->skipped),
		"seconds", (double)(summary->last - summary->first) / 1000,
		"verdicts", listing.list);
	written = object && !json_dumpf(object, file, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	written &= fputc('\n', file) != EOF;
	written &= fclose(file) == 0;
	json_decref(object);
	if (!written) {
		snprintf(error, error_len, "%s: cannot be written", path);
		return -1;
	}
	return 0;
}

void summary_free(struct summary *summary)
{
	tdestroy(summary->verdicts, free);
	tally_free(&summary->clients);
	tally_free(&summary->pairs);
}
