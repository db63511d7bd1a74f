/* SPDX-License-Identifier: BSD-3-Clause */
/* burn_in_json - the report for programs: one JSON object that tells what the text tells. */
#include <errno.h>

#include "report/burn_in.h"
#include "report/count.h"
#include "report/timestamp.h"

static json_t *time_json(uint64_t when)
{
	char text[TIMESTAMP_TEXT_MAX];

	return when && *timestamp_text(text, when) ? json_string(text) : json_null();
}

static json_t *name_json(const uint8_t *wire, size_t len)
{
	char text[NAME_TEXT_MAX];

	return len ? json_string(name_text(text, wire, len)) : json_null();
}

static json_t *events_json(const struct burn_in *burn)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
	                 "read", count_json(burn->events),
	                 "refuse", count_json(burn->refuse),
	                 "dry_run", count_json(burn->dry_run),
	                 "before", count_json(burn->before),
	                 "allowed", count_json(burn->allowed),
	                 "missing", count_json(burn->missing),
	                 "bad", count_json(burn->bad));
}

static json_t *faults_json(const struct burn_in *burn)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < BURN_IN_FAULTS && i < burn->bad; i++)
		json_array_append_new(list, json_pack("{s:s, s:o, s:s}",
		                                      "file", burn->fault[i].file,
		                                      "line", count_json(burn->fault[i].line),
		                                      "fault", burn->fault[i].what));
	return list;
}

static json_t *evidence_json(const struct numbers *evidence)
{
	json_t *object = json_object();

	for (unsigned i = 0; i < evidence->count; i++)
		json_object_set_new(object, evidence->number[i].name,
		                    count_json(evidence->number[i].value));
	return object;
}

static json_t *refusals_json(const struct burn_in *burn)
{
	json_t *list = json_array();

	for (size_t i = 0; i < burn->refusal_count; i++) {
		const struct burn_in_refusal *r = burn->refusal[i];

		json_array_append_new(list, json_pack(
			"{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			"detector", r->detector,
			"domain", name_json(r->domain->wire, r->domain->len),
			"clients", count_json(r->clients),
			"verdicts", count_json(burn_in_verdicts(r)),
			"events", count_json(r->events),
			"dry_run", count_json(r->dry_run),
			"suppressed", count_json(r->suppressed),
			"holds", count_json(r->holds),
			"met", count_json(r->met),
			"first", time_json(r->first),
			"last", time_json(r->last),
			"evidence", evidence_json(&r->evidence),
			"example", name_json(r->example, r->example_len)));
	}
	return list;
}

static json_t *detectors_json(const struct burn_in *burn)
{
	json_t *list = json_array();

	for (size_t i = 0; i < burn->detector_count; i++) {
		const struct burn_in_detector *d = burn->detector[i];

		json_array_append_new(list, json_pack(
			"{s:s, s:o, s:o, s:o, s:o, s:o, s:o}",
			"detector", d->name,
			"refuse", count_json(d->events[WARDEN_REFUSE]),
			"tag", count_json(d->events[WARDEN_TAG]),
			"log", count_json(d->events[WARDEN_LOG]),
			"suppressed", count_json(d->suppressed),
			"holds", count_json(d->holds),
			"domains", count_json(d->domains)));
	}
	return list;
}

static void line_json(const struct allow_line *line, const char *subject, json_t *allow, json_t *none)
{
	if (line->option)
		json_array_append_new(allow, json_pack("{s:s, s:s, s:s}", "option", line->option, "value", line->value,
		                                       "reason", line->reason));
	else
		json_array_append_new(none, json_pack("{s:s, s:s}", subject, line->value, "reason", line->reason));
}

/* <allow> gets the lines, <none> the domains, and the clients, for which there is none. */
static void lines_json(const struct burn_in *burn, json_t *allow, json_t *none)
{
	struct allow_line line;

	for (size_t i = 0; i < burn->client_count; i++) {
		allow_line_client(burn, &burn->client[i], &line);
		line_json(&line, "client", allow, none);
	}
	for (size_t i = 0; i < burn->domain_count; i++) {
		if (burn->domain[i]->by_client)
			continue;
		allow_line_domain(burn, burn->domain[i], &line);
		line_json(&line, "domain", allow, none);
	}
}

int burn_in_json(const struct burn_in *burn, FILE *out)
{
	json_t *allow = json_array(), *none = json_array(), *report;
	bool written;

	lines_json(burn, allow, none);
	report = json_pack("{s:o, s:o, s:o, s:o, s:o, s:{s:o, s:o}, s:o, s:o, s:o, s:o}",
	                   "since", time_json(burn->since),
	                   "first", time_json(burn->first),
	                   "last", time_json(burn->last),
	                   "events", events_json(burn),
	                   "bad_lines", faults_json(burn),
	                   "holds",
	                   "read", count_json(burn->holds),
	                   "in_no_event", count_json(burn->holds - burn->holds_told),
	                   "refusals", refusals_json(burn),
	                   "detectors", detectors_json(burn),
	                   "allow", allow,
	                   "no_line", none);
	if (!report)
		return -ENOMEM;
	written = !json_dumpf(report, out, JSON_INDENT(2)) && putc('\n', out) != EOF && !fflush(out);
	json_decref(report);
	return written ? 0 : -EIO;
}
