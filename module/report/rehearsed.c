/* SPDX-License-Identifier: BSD-3-Clause */
/* rehearsed - asks for the rehearsal, and prints it. */
#include <inttypes.h>
#include <string.h>

#include "base/dns.h"
#include "engine/rehearsal.h"
#include "report/address.h"
#include "report/event.h"
#include "report/explain_holds.h"
#include "report/rehearsed.h"
#include "report/rrtype.h"
#include "report/timestamp.h"

/* The question that is rehearsed, and what is said of it. */
struct rehearsed {
	const struct mapping *mapping;
	const struct warden_observation *obs;
	const struct name *name;
	const struct rehearsal *result;
	bool allowed, held;
};

static const char *tail_text(char text[NAME_TEXT_MAX], const struct name *name, unsigned label)
{
	return name_text(text, name_tail(name, label), name_tail_len(name, label));
}

static void print_question(const struct rehearsed *about, FILE *out)
{
	const struct rehearsal *result = about->result;
	char address[ADDRESS_TEXT_MAX], name[NAME_TEXT_MAX], type[RRTYPE_TEXT_MAX];

	fprintf(out, "client: %s", address_text(address, result->client));
	if (memcmp(result->client, about->obs->client, sizeof(result->client)))
		fprintf(out, " (network of %s)", address_text(address, about->obs->client));
	if (*result->profile)
		fprintf(out, "\nprofile: %s", result->profile);
	fprintf(out, "\nquestion: %s %s", tail_text(name, about->name, 0),
	        rrtype_text(type, about->obs->qtype));
	if (result->domain_label < about->name->labels)
		fprintf(out, ", domain %s\n", tail_text(name, about->name, result->domain_label));
	else
		fputs(", of no domain\n", out);
}

static void print_lists(const struct rehearsed *about, FILE *out)
{
	char name[NAME_TEXT_MAX];

	for (unsigned i = 0; i < about->result->lists; i++) {
		const struct rehearsed_list *list = &about->result->list[i];

		fprintf(out, "list: %s of detector %s", list->name, detectors[list->detector]->name);
		if (list->detector == DETECTOR_list)
			fprintf(out, ", action %s", action_words[list->action]);
		fprintf(out, ", entry %s%s%s\n", tail_text(name, about->name, list->label),
		        *list->note ? ": " : "", list->note);
	}
	if (!about->result->lists)
		fputs("list: none\n", out);
}

static void print_opinion(const struct rehearsed *about, const struct record *record, FILE *out)
{
	char reason[REASON_MAX], until[TIMESTAMP_TEXT_MAX];

	event_reason(reason, record, about->mapping);
	fprintf(out, "detector %s: confidence %s, verdict %s: %s", detectors[record->detector]->name,
	        confidence_words[record->confidence], warden_verdict_name(record->verdict), reason);
	if (record->hold_expires)
		fprintf(out, ", would hold the %s until %s", scope_words[record->scope],
		        timestamp_text(until, record->hold_expires));
	putc('\n', out);
}

/* Who spoke; a hold that was met, of which a line stands before, has the first record. */
static void print_detectors(const struct rehearsed *about, FILE *out)
{
	uint64_t silent = about->result->spoke;

	for (unsigned i = about->held && !about->allowed; i < about->result->records; i++) {
		const struct record *record = &about->result->record[i];

		if (record->detector >= DETECTOR_COUNT)
			continue;
		silent &= ~(UINT64_C(1) << record->detector);
		print_opinion(about, record, out);
	}
	for (unsigned id = 0; id < DETECTOR_COUNT; id++)
		if (silent >> id & 1)
			fprintf(out, "detector %s: says what it held it for\n", detectors[id]->name);
	if (!about->result->spoke)
		fputs(about->allowed ? "detector: none is asked\n" : "detector: none speaks\n", out);
}

static void print_verdict(const struct rehearsed *about, FILE *out)
{
	const struct warden_decision *decision = &about->result->decision;

	fprintf(out, "verdict: %s", warden_verdict_name(decision->verdict));
	if (decision->detector)
		fprintf(out, ", by %s", decision->detector);
	if (decision->ede != WARDEN_NO_EDE)
		fprintf(out, ", Extended DNS Error %u", decision->ede);
	if (decision->keep_out)
		fputs(", kept out of the cache as others are denied it", out);
	if (decision->dry_run && warden_verdict_denies(decision->verdict))
		fputs(", but in mode observe it is answered", out);
	putc('\n', out);
}

static void print_limits(const struct rehearsed *about, FILE *out)
{
	const char *separator = " ";

	if (about->held && !about->allowed)
		fputs("assumed: that detectors are asked although it is held; they are not in mode enforce\n", out);
	fputs("assumed: a single question over UDP without cookie, in lower case, that is not in the cache "
	      "nor in local data\n"
	      "not tested: what a series of such questions adds up to, and the answer, at which look:", out);
	for (unsigned id = 0; id < DETECTOR_COUNT; id++)
		if (about->result->of_answers >> id & 1) {
			fprintf(out, "%s%s", separator, detectors[id]->name);
			separator = ", ";
		}
	fputs(*separator == ' ' ? " none\n" : "\n", out);
}

bool rehearsed_print(struct warden *warden, const uint8_t client[16], const struct name *name,
                     uint16_t type, uint64_t now, FILE *out, char *error, size_t error_len)
{
	struct warden_observation obs = {
		.now = now,
		.what = WARDEN_QUESTION,
		.path = WARDEN_PATH_MISS,
		.transport = WARDEN_TRANSPORT_UDP,
		.qtype = type,
		.qclass = DNS_CLASS_IN,
		.qname = name->wire,
		.qname_len = name->len,
	};
	struct rehearsal result;
	struct rehearsed about = { .mapping = &warden->mapping, .obs = &obs, .name = name, .result = &result };
	struct explained whom;

	memcpy(obs.client, client, sizeof(obs.client));
	if (!engine_rehearse(warden, &obs, name, &result, error, error_len))
		return false;
	whom = (struct explained){
		.client = result.client_hash,
		.name = name,
		.domain_label = result.domain_label,
		.allows_client = result.allows_client,
		.allows_domain = result.allows_domain,
		.now = now,
		.observes = result.observes,
	};
	print_question(&about, out);
	about.allowed = explain_allowed(about.mapping, &whom, out);
	print_lists(&about, out);
	about.held = explain_holds(about.mapping, &whom, out);
	print_detectors(&about, out);
	print_verdict(&about, out);
	print_limits(&about, out);
	return true;
}
