/* SPDX-License-Identifier: BSD-3-Clause */
/* page_allow - the lines that would silence findings, by the rules of `report`.
 *
 * What only detectors that judge a client object to, whatever its names, no line about a domain
 * silences: these are answered by a line for the client.
 */
#include <inttypes.h>
#include <string.h>

#include "report/evidence.h"
#include "tool/html.h"
#include "tool/page_parts.h"

/* What an event of <finding> would tell, with the name at <wire>. */
static bool told_of(struct told *told, const struct finding *finding, const uint8_t *wire, size_t len)
{
	const struct detector *detector = finding_detector(finding);
	struct name domain;

	*told = (struct told){ .now = finding->record.now, .verdict = WARDEN_REFUSE };
	if (!detector || !name_parse(&told->name, wire, len) ||
	    !name_parse(&domain, finding->key.domain, finding->domain_len))
		return false;
	told->domain_label = told->name.labels - domain.labels;
	memcpy(told->client, finding->key.client, sizeof(told->client));
	snprintf(told->detector, sizeof(told->detector), "%s", detector->name);
	for (unsigned i = 0; i < EVIDENCE_MAX && detector->evidence[i].name; i++) {
		if (detector->evidence[i].kind != EVIDENCE_NUMBER)
			continue;
		snprintf(told->evidence.number[told->evidence.count].name, EVENT_WORD_MAX, "%s",
		         detector->evidence[i].name);
		told->evidence.number[told->evidence.count++].value =
			finding->record.evidence[evidence_at(detector, i)];
	}
	return true;
}

bool allow_gather(struct sheet *sheet)
{
	struct told told;

	sheet->burn = burn_in_new(sheet->config, 0);
	if (!sheet->burn)
		return false;
	for (size_t i = 0; i < sheet->count; i++) {
		const struct finding *finding = sheet->finding[i];

		if (finding->about_client)
			continue;
		if (told_of(&told, finding, finding->name, finding->name_len))
			burn_in_finding(sheet->burn, &told);
		if (finding->apart_len && told_of(&told, finding, finding->apart, finding->apart_len))
			burn_in_finding(sheet->burn, &told);
	}
	return burn_in_finish(sheet->burn) == 0;
}

static const struct burn_in_domain *domain_of(const struct burn_in *burn, const struct finding *finding)
{
	for (size_t i = 0; i < burn->domain_count; i++)
		if (burn->domain[i]->len == finding->domain_len &&
		    !memcmp(burn->domain[i]->wire, finding->key.domain, finding->domain_len))
			return burn->domain[i];
	return NULL;
}

static const struct burn_in_client *client_of_lines(const struct burn_in *burn, const uint8_t client[16])
{
	for (size_t i = 0; i < burn->client_count; i++)
		if (!memcmp(burn->client[i].address, client, sizeof(burn->client[i].address)))
			return &burn->client[i];
	return NULL;
}

/* The line for a client that is judged as such. */
static void line_about_client(const struct sheet *sheet, const struct finding *finding, struct allow_line *line)
{
	struct burn_in_domain domain = { .len = finding->domain_len };
	struct burn_in_client client = { .domains = 1, .example = &domain };

	memcpy(domain.wire, finding->key.domain, finding->domain_len);
	memcpy(client.address, finding->key.client, sizeof(client.address));
	allow_line_client(sheet->burn, &client, line);
	snprintf(line->reason, sizeof(line->reason), "%s: about the client, not about a domain",
	         finding_rule(finding));
}

void allow_finding(const struct sheet *sheet, const struct finding *finding, struct allow_line *line)
{
	const struct burn_in_domain *domain = domain_of(sheet->burn, finding);
	const struct burn_in_client *client;

	*line = (struct allow_line){ .option = NULL };
	if (finding->about_client) {
		line_about_client(sheet, finding, line);
		return;
	}
	if (!domain)
		return;
	client = domain->by_client ? client_of_lines(sheet->burn, domain->client) : NULL;
	if (client)
		allow_line_client(sheet->burn, client, line);
	else
		allow_line_domain(sheet->burn, domain, line);
}

/* One line of the block, and how many there were. */
static void print_line(FILE *out, const struct allow_line *line, size_t *printed)
{
	if (++*printed > ROWS_SHOWN)
		return;
	if (line->option)
		html_print(out, "    %s: %s  # %s\n", line->option, line->value, line->reason);
	else
		html_print(out, "    # no line for %s: %s\n", line->value, line->reason);
}

/* Whether an earlier finding has brought the line for the client of finding <i>. */
static bool has_line(const struct sheet *sheet, size_t i)
{
	const uint8_t *client = sheet->finding[i]->key.client;

	if (client_of_lines(sheet->burn, client))
		return true;
	for (size_t j = 0; j < i; j++)
		if (sheet->finding[j]->about_client && !memcmp(sheet->finding[j]->key.client, client, 16))
			return true;
	return false;
}

static void print_lines(const struct sheet *sheet)
{
	struct allow_line line;
	size_t printed = 0;

	for (size_t i = 0; i < sheet->burn->client_count; i++) {
		allow_line_client(sheet->burn, &sheet->burn->client[i], &line);
		print_line(sheet->out, &line, &printed);
	}
	for (size_t i = 0; i < sheet->count; i++) {
		if (!sheet->finding[i]->about_client || has_line(sheet, i))
			continue;
		line_about_client(sheet, sheet->finding[i], &line);
		print_line(sheet->out, &line, &printed);
	}
	for (size_t i = 0; i < sheet->burn->domain_count; i++) {
		if (sheet->burn->domain[i]->by_client)
			continue;
		allow_line_domain(sheet->burn, sheet->burn->domain[i], &line);
		print_line(sheet->out, &line, &printed);
	}
	if (printed > ROWS_SHOWN)
		html_print(sheet->out, "    # and %lu more, which are not here\n",
		           (unsigned long)(printed - ROWS_SHOWN));
}

void page_allow(const struct sheet *sheet)
{
	if (!sheet->count)
		return;
	html_print(sheet->out, "<section id=\"allow\">\n<h2>What would silence them</h2>\n"
	           "<p>A part of <code>warden.conf</code>. Each line is also a hole: no detector looks at what it "
	           "allows, and a tunnel there is not seen. Take those that you understand, and find out about "
	           "the others.</p>\n<pre tabindex=\"0\">warden:\n");
	print_lines(sheet);
	html_print(sheet->out, "</pre>\n</section>\n");
}
