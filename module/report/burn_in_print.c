/* SPDX-License-Identifier: BSD-3-Clause */
/* burn_in_print - the report for people: what was read, who was hit, what to allow.
 *
 * Everything behind `warden:` up to the empty line can go into warden.conf as it is. Names are in
 * presentation format and words were checked, so nothing that a client chose reaches a terminal.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "report/burn_in.h"
#include "report/timestamp.h"

#define INDENT "                   "

/* "1 event", "2 events". */
static void print_count(FILE *out, uint64_t n, const char *what)
{
	fprintf(out, "%" PRIu64 " %s%s", n, what, n == 1 ? "" : "s");
}

static void print_left_out(const struct burn_in *burn, FILE *out)
{
	char since[TIMESTAMP_TEXT_MAX];

	if (burn->before)
		fprintf(out, "  left out: %" PRIu64 " before %s\n", burn->before,
		        timestamp_text(since, burn->since));
	if (burn->allowed)
		fprintf(out, "  left out: %" PRIu64 " that the configuration allows by now\n",
		        burn->allowed);
	if (burn->missing)
		fprintf(out, "  missing: %" PRIu64 " by their numbers (lost, or state was restored from "
		        "a snapshot)\n", burn->missing);
	if (burn->bad)
		fprintf(out, "  bad lines: %" PRIu64 "\n", burn->bad);
	for (unsigned i = 0; i < BURN_IN_FAULTS && i < burn->bad; i++)
		fprintf(out, "    %s:%" PRIu64 ": %s\n", burn->fault[i].file, burn->fault[i].line,
		        burn->fault[i].what);
	if (burn->bad > BURN_IN_FAULTS)
		fprintf(out, "    and %" PRIu64 " more\n", burn->bad - BURN_IN_FAULTS);
}

static void print_head(const struct burn_in *burn, FILE *out)
{
	char first[TIMESTAMP_TEXT_MAX], last[TIMESTAMP_TEXT_MAX];

	fputs("What enforce mode would have refused\n", out);
	if (burn->last)
		fprintf(out, "  %s to %s\n", timestamp_text(first, burn->first),
		        timestamp_text(last, burn->last));
	fprintf(out, "  events: %" PRIu64 ", %" PRIu64 " of them of the verdict refuse (%" PRIu64
	        " in observe mode, %" PRIu64 " in enforce mode)\n", burn->events, burn->refuse,
	        burn->dry_run, burn->refuse - burn->dry_run);
	fprintf(out, "  holds of detectors: %" PRIu64 ", %" PRIu64 " of them in no event\n",
	        burn->holds, burn->holds - burn->holds_told);
	print_left_out(burn, out);
}

static void print_evidence(const struct numbers *evidence, FILE *out)
{
	for (unsigned i = 0; i < evidence->count; i++) {
		fputs(i ? ", " : "", out);
		for (const char *c = evidence->number[i].name; *c; c++)
			putc(*c == '_' ? ' ' : *c, out);
		fprintf(out, " %" PRIu64, evidence->number[i].value);
	}
}

static void print_refusal(const struct burn_in_refusal *refusal, FILE *out)
{
	char name[NAME_TEXT_MAX], first[TIMESTAMP_TEXT_MAX], last[TIMESTAMP_TEXT_MAX];

	fprintf(out, "%7" PRIu32 " %9" PRIu64 "  %-16s  %s\n", refusal->clients,
	        burn_in_verdicts(refusal), refusal->detector,
	        name_text(name, refusal->domain->wire, refusal->domain->len));
	fputs(INDENT, out);
	print_count(out, refusal->events, "event");
	fprintf(out, ", %" PRIu64 " held back", refusal->suppressed);
	if (refusal->holds) {
		fputs(", ", out);
		print_count(out, refusal->holds, "hold");
		fprintf(out, " met %" PRIu64 " times", refusal->met);
	}
	fprintf(out, "; %s to %s\n", timestamp_text(first, refusal->first),
	        timestamp_text(last, refusal->last));
	if (refusal->evidence.count) {
		fputs(INDENT, out);
		print_evidence(&refusal->evidence, out);
		putc('\n', out);
	}
	if (refusal->example_len)
		fprintf(out, INDENT "%s\n", name_text(name, refusal->example, refusal->example_len));
}

static void print_detector(const struct burn_in_detector *detector, FILE *out)
{
	static const enum warden_verdict told[] = { WARDEN_REFUSE, WARDEN_TAG, WARDEN_LOG };
	bool any = false;

	fprintf(out, "  %s: ", detector->name);
	for (unsigned i = 0; i < sizeof(told) / sizeof(*told); i++) {
		if (!detector->events[told[i]])
			continue;
		fprintf(out, "%s%" PRIu64 " %s", any ? ", " : "", detector->events[told[i]],
		        warden_verdict_name(told[i]));
		any = true;
	}
	if (detector->holds)
		fprintf(out, "%s%" PRIu64 " held in no event", any ? ", " : "", detector->holds);
	fprintf(out, "; %" PRIu64 " held back; ", detector->suppressed);
	if (detector->domains)
		print_count(out, detector->domains, "domain");
	else if (detector->events[WARDEN_REFUSE])
		fputs("held by hand, which release ends and no line here silences", out);
	else
		fputs("enforce mode refuses none of these", out);
	putc('\n', out);
}

static void print_line(const struct allow_line *line, FILE *out)
{
	char setting[sizeof(line->value) + 16];

	if (!line->option) {
		fprintf(out, "    # no line for %s: %s\n", line->value, line->reason);
		return;
	}
	snprintf(setting, sizeof(setting), "%s: %s", line->option, line->value);
	fprintf(out, "    %-40s  # %s\n", setting, line->reason);
}

static void print_lines(const struct burn_in *burn, FILE *out)
{
	struct allow_line line;

	fputs("\nWhat would silence it, as a part of warden.conf:\n\nwarden:\n", out);
	for (size_t i = 0; i < burn->client_count; i++) {
		allow_line_client(burn, &burn->client[i], &line);
		print_line(&line, out);
	}
	for (size_t i = 0; i < burn->domain_count && !ferror(out); i++) {
		if (burn->domain[i]->by_client)
			continue;
		allow_line_domain(burn, burn->domain[i], &line);
		print_line(&line, out);
	}
	fputs("\nEach line is also a hole: no detector looks at what it allows, and a tunnel there is not\n"
	      "seen. Take those that you understand, and find out about the others.\n", out);
}

int burn_in_print(const struct burn_in *burn, FILE *out)
{
	print_head(burn, out);
	if (burn->refusal_count)
		fputs("\nclients  verdicts  detector          domain\n", out);
	for (size_t i = 0; i < burn->refusal_count && !ferror(out); i++)
		print_refusal(burn->refusal[i], out);
	if (burn->detector_count)
		fputs("\nBy detector\n", out);
	for (size_t i = 0; i < burn->detector_count; i++)
		print_detector(burn->detector[i], out);
	if (burn->refusal_count)
		print_lines(burn, out);
	else
		fputs("\nNothing would have been refused.\n", out);
	return ferror(out) || fflush(out) ? -EIO : 0;
}
