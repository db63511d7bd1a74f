/* SPDX-License-Identifier: BSD-3-Clause */
/* page_allow - the lines that would silence findings, by the rules of `report`.
 *
 * What only detectors that judge a client object to, whatever its names, no line about a domain
 * silences: these are answered by a line for the client. All others have a line for their domain, also
 * where `report` would let one for a client stand for many: what is silenced here may be one log line of
 * a client that tunnels elsewhere.
 */
#include <stdlib.h>
#include <string.h>

#include "report/evidence.h"
#include "outcome/html.h"
#include "outcome/page_parts.h"

/* What an event of <finding> would tell, with the name at <wire>. */
static bool told_of(struct told *told, const struct offence *finding, const uint8_t *wire, size_t len)
{
	const struct detector *detector = offence_detector(finding);
	struct name domain;

	*told = (struct told){ .now = finding->record.now, .verdict = WARDEN_REFUSE };
	if (!detector || !name_parse(&told->name, wire, len) ||
	    !name_parse(&domain, finding->key.domain, finding->domain_len))
		return false;
	told->domain_label = told->name.labels - domain.labels;
	memcpy(told->client, finding->key.client, sizeof(told->client));
	snprintf(told->detector, sizeof(told->detector), "%s", detector->name);
	for (unsigned i = 0; i < EVIDENCE_MAX && detector->evidence[i].name; i++) {
		if (!evidence_counts(detector->evidence[i].kind, finding->record.evidence[evidence_at(detector, i)]))
			continue;
		snprintf(told->evidence.number[told->evidence.count].name, EVENT_WORD_MAX, "%s",
		         detector->evidence[i].name);
		told->evidence.number[told->evidence.count++].value =
			finding->record.evidence[evidence_at(detector, i)];
	}
	return true;
}

static int compare_domains(const void *a, const void *b)
{
	const struct burn_in_domain *x = *(struct burn_in_domain *const *)a;
	const struct burn_in_domain *y = *(struct burn_in_domain *const *)b;

	return x->len != y->len ? (int)x->len - (int)y->len : memcmp(x->wire, y->wire, x->len);
}

bool allow_gather(struct sheet *sheet)
{
	struct told told;

	sheet->burn = burn_in_new(sheet->config, 0);
	if (!sheet->burn)
		return false;
	for (size_t i = 0; i < sheet->count; i++) {
		const struct offence *finding = sheet->finding[i];

		if (finding->about_client)
			continue;
		if (told_of(&told, finding, finding->name, finding->name_len))
			burn_in_finding(sheet->burn, &told);
		if (finding->apart_len && told_of(&told, finding, finding->apart, finding->apart_len))
			burn_in_finding(sheet->burn, &told);
	}
	if (burn_in_finish(sheet->burn))
		return false;
	sheet->domain = calloc(sheet->burn->domain_count + 1, sizeof(*sheet->domain));
	if (!sheet->domain)
		return false;
	memcpy(sheet->domain, sheet->burn->domain, sheet->burn->domain_count * sizeof(*sheet->domain));
	qsort(sheet->domain, sheet->burn->domain_count, sizeof(*sheet->domain), compare_domains);
	return true;
}

void allow_free(struct sheet *sheet)
{
	burn_in_free(sheet->burn);
	free(sheet->domain);
}

/* The place of the domain of <finding> in <sheet>->domain; NULL: it has none. */
static struct burn_in_domain **domain_of(const struct sheet *sheet, const struct offence *finding)
{
	struct burn_in_domain like = { .len = finding->domain_len }, *known_by = &like;

	memcpy(like.wire, finding->key.domain, finding->domain_len);
	return bsearch(&known_by, sheet->domain, sheet->burn->domain_count, sizeof(*sheet->domain),
	               compare_domains);
}

/* The line for a client that is judged as such. */
static void line_about_client(const struct sheet *sheet, const struct offence *finding, struct allow_line *line)
{
	struct burn_in_domain domain = { .len = finding->domain_len };
	struct burn_in_client client = { .domains = 1, .example = &domain };

	memcpy(domain.wire, finding->key.domain, finding->domain_len);
	memcpy(client.address, finding->key.client, sizeof(client.address));
	allow_line_client(sheet->burn, &client, line);
	snprintf(line->reason, sizeof(line->reason), "%s: about the client, not about a domain",
	         offence_rule(finding));
}

void allow_finding(const struct sheet *sheet, const struct offence *finding, struct allow_line *line)
{
	struct burn_in_domain **domain;

	*line = (struct allow_line){ .option = NULL };
	if (finding->about_client) {
		line_about_client(sheet, finding, line);
		return;
	}
	domain = domain_of(sheet, finding);
	if (domain)
		allow_line_domain(sheet->burn, *domain, line);
}

static void print_line(FILE *out, const struct allow_line *line)
{
	if (line->option)
		html_print(out, "    %s: %s  # %s\n", line->option, line->value, line->reason);
	else
		html_print(out, "    # no line for %s: %s\n", line->value, line->reason);
}

/* Whether finding <i> has the line of an earlier one. <said> has an octet for each domain. */
static bool is_said(const struct sheet *sheet, size_t i, char *said)
{
	const struct offence *finding = sheet->finding[i];
	struct burn_in_domain **domain;

	if (!finding->about_client) {
		domain = domain_of(sheet, finding);
		return !domain || said[domain - sheet->domain]++;
	}
	while (i--)
		if (sheet->finding[i]->about_client &&
		    !memcmp(sheet->finding[i]->key.client, finding->key.client, sizeof(finding->key.client)))
			return true;
	return false;
}

static void print_lines(const struct sheet *sheet)
{
	char *said = calloc(sheet->burn->domain_count + 1, 1);
	struct allow_line line;

	for (size_t i = 0; said && i < sheet->count && i < FINDINGS_SHOWN; i++) {
		if (is_said(sheet, i, said))
			continue;
		allow_finding(sheet, sheet->finding[i], &line);
		print_line(sheet->out, &line);
	}
	if (sheet->count > FINDINGS_SHOWN)
		html_print(sheet->out, "    # %lu weaker findings have no line here\n",
		           (unsigned long)(sheet->count - FINDINGS_SHOWN));
	free(said);
}

void page_allow(const struct sheet *sheet)
{
	if (!sheet->count)
		return;
	html_print(sheet->out, "<section id=\"allow\">\n<h2>What would silence them</h2>\n"
	           "<p>A part of <code>warden.conf</code>, strongest finding first. Each line is also a hole: no "
	           "detector looks at what it allows, and a tunnel there is not seen. Take those that you "
	           "understand, and find out about the others. What was held back behind a finding may come in its "
	           "place.</p>\n<pre tabindex=\"0\">warden:\n");
	print_lines(sheet);
	html_print(sheet->out, "</pre>\n</section>\n");
}
