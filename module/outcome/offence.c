/* SPDX-License-Identifier: BSD-3-Clause */
/* offence - records in, findings out. */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "report/event.h"
#include "report/rule_name.h"
#include "outcome/offence.h"

static int compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct offence_key));
}

/* Strongest first: severity as in events, what is done about it, how sure, who came first. */
static int compare_strength(const struct offence *x, const struct offence *y)
{
	if (x->confidence != y->confidence)
		return y->confidence - x->confidence;
	if (x->strongest != y->strongest)
		return y->strongest - x->strongest;
	if (x->score != y->score)
		return y->score - x->score;
	if (x->record.now != y->record.now)
		return x->record.now < y->record.now ? -1 : 1;
	return compare_keys(x, y);
}

/* Strongest leader first, then by strength. */
static int compare_listed(const void *a, const void *b)
{
	const struct offence *x = *(struct offence *const *)a, *y = *(struct offence *const *)b;

	return compare_strength(x->leader == y->leader ? x : x->leader, x->leader == y->leader ? y : y->leader);
}

static void offence_free(void *item)
{
	struct offence *finding = item;

	free(finding->reason);
	free(finding);
}

/* An array being filled. */
struct filling {
	struct offence **finding;
	size_t count;
};

static void fill(const void *node, VISIT visit, void *arg)
{
	struct filling *filling = arg;

	if (visit == postorder || visit == leaf)
		filling->finding[filling->count++] = *(struct offence *const *)node;
}

static bool is_about_client(const struct offence *finding)
{
	const struct detector *detector = offence_detector(finding);

	/* What recalls names judges each by itself; only its events go by the client. */
	return detector && detector->subject == SUBJECT_CLIENT && !detector->recall;
}

/* Findings of one client and domain lie beside each other in the order of the tree. */
static void look_at_pairs(struct offence **finding, size_t count)
{
	size_t same = offsetof(struct offence_key, detector), end;

	for (size_t i = 0; i < count; i = end) {
		const struct offence *leader = finding[i];
		bool client_only = true;

		for (end = i; end < count && !memcmp(&finding[i]->key, &finding[end]->key, same); end++) {
			client_only &= is_about_client(finding[end]);
			if (compare_strength(finding[end], leader) < 0)
				leader = finding[end];
		}
		for (size_t j = i; j < end; j++) {
			finding[j]->about_client = client_only;
			finding[j]->leader = leader;
		}
	}
}

struct offence **offences_list(struct offences *findings)
{
	struct filling filling = { calloc(findings->count + 1, sizeof(*filling.finding)), 0 };

	if (!filling.finding)
		return NULL;
	twalk_r(findings->tree, fill, &filling);
	look_at_pairs(filling.finding, filling.count);
	qsort(filling.finding, filling.count, sizeof(*filling.finding), compare_listed);
	return filling.finding;
}

/* Drops the weaker half. False without memory. */
static bool halve(struct offences *findings)
{
	struct offence **list = offences_list(findings);

	if (!list)
		return false;
	for (size_t i = findings->count / 2; i < findings->count; i++) {
		tdelete(list[i], &findings->tree, compare_keys);
		offence_free(list[i]);
		findings->dropped++;
	}
	findings->count /= 2;
	free(list);
	return true;
}

/* The finding for <key>, new if there was none; NULL without memory. */
static struct offence *offence_of(struct offences *findings, const struct offence_key *key)
{
	struct offence **found = tfind(key, &findings->tree, compare_keys);
	struct offence *finding;

	if (found)
		return *found;
	if (!findings->most)
		findings->most = OFFENCES_MAX;
	if (findings->count >= findings->most && !halve(findings))
		return NULL;
	finding = calloc(1, sizeof(*finding));
	if (!finding)
		return NULL;
	finding->key = *key;
	if (!tsearch(finding, &findings->tree, compare_keys)) {
		free(finding);
		return NULL;
	}
	findings->count++;
	return finding;
}

/* Notes what <name> has in common with the names before it. */
static void note_name(struct offence *finding, const struct name *name)
{
	struct name first, apart;

	if (!finding->name_len) {
		memcpy(finding->name, name->wire, name->len);
		finding->name_len = name->len;
		return;
	}
	if (!name_parse(&first, finding->name, finding->name_len) ||
	    (first.len == name->len && !memcmp(first.wire, name->wire, name->len)))
		return;
	if (finding->apart_len && name_parse(&apart, finding->apart, finding->apart_len) &&
	    name_alike(&first, &apart) <= name_alike(&first, name))
		return;
	memcpy(finding->apart, name->wire, name->len);
	finding->apart_len = name->len;
}

static uint8_t confidence_of(const struct record *record)
{
	return record->confidence <= CONFIDENCE_HIGH ? record->confidence : CONFIDENCE_NONE;
}

/* Whether more is done about <record> than about what is kept, or as much by a detector that is surer. */
static bool is_stronger(const struct record *record, const struct offence *finding)
{
	if (!finding->reason || record->verdict != finding->strongest)
		return !finding->reason || record->verdict > finding->strongest;
	return confidence_of(record) > finding->confidence;
}

/* Keeps <record>, all of it: how sure one is must not stand beside the reason of another. False without
 * memory.
 */
static bool note_strongest(struct offence *finding, const struct warden *warden,
                           const struct record *record)
{
	char reason[REASON_MAX], *kept;

	event_reason(reason, record, &warden->mapping);
	kept = strdup(reason);
	if (!kept)
		return false;
	free(finding->reason);
	finding->reason = kept;
	finding->strongest = record->verdict;
	finding->confidence = confidence_of(record);
	finding->score = record->score;
	finding->record = *record;
	return true;
}

bool offences_add(struct offences *findings, struct warden *warden, const struct record *record,
                  const struct offence **added)
{
	struct offence_key key = { .detector = record->detector };
	struct offence *finding;
	struct name name;
	const struct rules *rules;
	size_t domain_len;
	unsigned cell;

	*added = NULL;
	if (!name_parse(&name, record->qname, record->qname_len))
		return true; /* a record that nobody can have written says nothing */
	domain_len = name_tail_len(&name, record->payload_labels);
	memcpy(key.domain, name_tail(&name, record->payload_labels), domain_len);
	memcpy(key.client, record->client, sizeof(key.client));
	rules = rules_enter(warden, &cell);
	client_mask(&rules->config->settings, key.client);
	rules_leave(warden, cell);

	finding = offence_of(findings, &key);
	*added = finding;
	if (!finding)
		return false;
	finding->domain_len = (uint8_t)domain_len;
	note_name(finding, &name);
	if (record->detector < DETECTOR_COUNT)
		findings->records[record->detector]++;
	return !is_stronger(record, finding) || note_strongest(finding, warden, record);
}

void offences_free(struct offences *findings)
{
	tdestroy(findings->tree, offence_free);
	findings->tree = NULL;
	findings->count = 0;
}

const char *offence_rule(const struct offence *finding)
{
	const struct detector *detector = offence_detector(finding);

	if (detector)
		return detector->name;
	return rule_holder(finding->key.detector);
}
