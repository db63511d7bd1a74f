/* SPDX-License-Identifier: BSD-3-Clause */
/* page_tables - findings counted: by client, and by detector. */
#include <stdlib.h>
#include <string.h>

#include "outcome/html.h"
#include "outcome/page_parts.h"

/* A row of either table. */
struct tally_row {
	const struct offence *strongest;
	size_t number;                 /* of that, in the order of the page, from 1 */
	size_t by_confidence[CONFIDENCE_HIGH + 1], by_verdict[WARDEN_VERDICT_COUNT];
	size_t findings, domains, clients;
	uint64_t first;
};

/* A finding and where it stands in the page. */
struct ranked {
	const struct offence *finding;
	size_t number;
};

static int compare_clients(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return memcmp(&x->finding->key, &y->finding->key, sizeof(x->finding->key));
}

static int compare_detectors(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->finding->key.detector != y->finding->key.detector)
		return x->finding->key.detector - y->finding->key.detector;
	return compare_clients(a, b);
}

static int compare_domains(const void *a, const void *b)
{
	return memcmp((*(const struct offence *const *)a)->key.domain,
	              (*(const struct offence *const *)b)->key.domain, NAME_WIRE_MAX);
}

static void row_add(struct tally_row *row, const struct ranked *ranked, const struct offence *before)
{
	const struct offence *finding = ranked->finding;

	if (!row->strongest || ranked->number < row->number) {
		row->strongest = finding;
		row->number = ranked->number;
	}
	if (!row->findings || finding->record.now < row->first)
		row->first = finding->record.now;
	row->findings++;
	row->by_confidence[finding->confidence]++;
	if (finding->strongest < WARDEN_VERDICT_COUNT)
		row->by_verdict[finding->strongest]++;
	row->clients += !before || memcmp(before->key.client, finding->key.client, 16);
}

/* How many domains the <count> findings from <ranked> on have. 0 without memory. */
static size_t count_domains(const struct ranked *ranked, size_t count)
{
	const struct offence **finding = calloc(count, sizeof(*finding));
	size_t domains = 0;

	if (!finding)
		return 0;
	for (size_t i = 0; i < count; i++)
		finding[i] = ranked[i].finding;
	qsort(finding, count, sizeof(*finding), compare_domains);
	for (size_t i = 0; i < count; i++)
		domains += !i || compare_domains(&finding[i - 1], &finding[i]);
	free(finding);
	return domains;
}

/* Whether <a> and <b> belong into one row. */
typedef bool same_row(const struct offence *a, const struct offence *b);

static bool same_client(const struct offence *a, const struct offence *b)
{
	return !memcmp(a->key.client, b->key.client, sizeof(a->key.client));
}

static bool same_detector(const struct offence *a, const struct offence *b)
{
	return a->key.detector == b->key.detector;
}

static int compare_rows(const void *a, const void *b)
{
	const struct tally_row *x = a, *y = b;

	return x->number < y->number ? -1 : 1;
}

/* Makes rows of all findings, strongest first. NULL, and none, without memory. */
static struct tally_row *rows_of(const struct sheet *sheet, int (*compare)(const void *, const void *),
                                 same_row *same, size_t *rows)
{
	struct ranked *ranked = calloc(sheet->count + 1, sizeof(*ranked));
	struct tally_row *row = calloc(sheet->count + 1, sizeof(*row));
	size_t end;

	*rows = 0;
	if (!ranked || !row) {
		free(ranked);
		free(row);
		return NULL;
	}
	for (size_t i = 0; i < sheet->count; i++)
		ranked[i] = (struct ranked){ sheet->finding[i], i + 1 };
	qsort(ranked, sheet->count, sizeof(*ranked), compare);
	for (size_t i = 0; i < sheet->count; i = end, ++*rows) {
		for (end = i; end < sheet->count && same(ranked[i].finding, ranked[end].finding); end++)
			row_add(&row[*rows], &ranked[end], end > i ? ranked[end - 1].finding : NULL);
		row[*rows].domains = count_domains(ranked + i, end - i);
	}
	qsort(row, *rows, sizeof(*row), compare_rows);
	free(ranked);
	return row;
}

static void cell(FILE *out, size_t n)
{
	char text[SHORT_TEXT_MAX];

	if (n)
		html_print(out, "<td class=\"n\">%s</td>", count_text(text, n));
	else
		html_print(out, "<td class=\"n none\">0</td>");
}

static void table_begin(FILE *out, const char *id, const char *title)
{
	html_print(out, "<section id=\"%s\">\n<h2 id=\"%s-title\">%s</h2>\n<div class=\"wide\" role=\"region\" "
	           "aria-labelledby=\"%s-title\" tabindex=\"0\">\n<table>\n<thead><tr>", id, id, title, id);
}

static void table_end(FILE *out, size_t rows)
{
	char more[SHORT_TEXT_MAX];

	html_print(out, "</tbody>\n</table>\n</div>\n");
	if (rows > ROWS_SHOWN)
		html_print(out, "<p class=\"note\">%s more rows are not here.</p>\n",
		           count_text(more, rows - ROWS_SHOWN));
	html_print(out, "</section>\n");
}

/* A heading of a column of numbers, and of another. */
static void head_number(FILE *out, const char *title)
{
	html_print(out, "<th scope=\"col\" class=\"n\">%s</th>", title);
}

static void head(FILE *out, const char *title)
{
	html_print(out, "<th scope=\"col\">%s</th>", title);
}

static void client_row(const struct tally_row *row, FILE *out)
{
	char client[ADDRESS_TEXT_MAX], when[SHORT_TEXT_MAX], domain[NAME_TEXT_MAX];

	client_text(client, row->strongest->key.client);
	if (row->number <= FINDINGS_SHOWN)
		html_print(out, "<tr><th scope=\"row\"><a href=\"#f%lu\">%s</a></th>", (unsigned long)row->number,
		           client);
	else
		html_print(out, "<tr><th scope=\"row\">%s</th>", client);
	for (unsigned c = CONFIDENCE_HIGH; c > CONFIDENCE_LOW; c--)
		cell(out, row->by_confidence[c]);
	cell(out, row->by_confidence[CONFIDENCE_LOW] + row->by_confidence[CONFIDENCE_NONE]);
	cell(out, row->domains);
	html_print(out, "<td>%s</td><td class=\"name\">%s</td><td class=\"when\">%s</td></tr>\n",
	           warden_verdict_name(row->strongest->strongest),
	           name_text(domain, row->strongest->key.domain, row->strongest->domain_len),
	           moment_text(when, row->first));
}

void page_clients(const struct sheet *sheet)
{
	size_t rows;
	struct tally_row *row = rows_of(sheet, compare_clients, same_client, &rows);
	FILE *out = sheet->out;

	if (rows) {
		table_begin(out, "clients", "By client");
		head(out, "Client");
		head_number(out, "High");
		head_number(out, "Medium");
		head_number(out, "Low");
		head_number(out, "Domains");
		head(out, "Strongest");
		head(out, "For");
		head(out, "First finding");
		html_print(out, "</tr></thead>\n<tbody>\n");
		for (size_t i = 0; i < rows && i < ROWS_SHOWN; i++)
			client_row(&row[i], out);
		table_end(out, rows);
	}
	free(row);
}

static void detector_row(const struct sheet *sheet, const struct tally_row *row, const bool used[])
{
	const struct detector *detector = offence_detector(row->strongest);

	html_print(sheet->out, "<tr><th scope=\"row\">%s</th><td>%s</td>", offence_rule(row->strongest),
	           detector && detector->category ? detector->category : "hold");
	for (unsigned v = WARDEN_VERDICT_COUNT; v-- > WARDEN_LOG;)
		if (used[v])
			cell(sheet->out, row->by_verdict[v]);
	cell(sheet->out, row->findings);
	cell(sheet->out, row->clients);
	cell(sheet->out, row->domains);
	cell(sheet->out, detector ? sheet->findings->records[row->strongest->key.detector] : 0);
	html_print(sheet->out, "</tr>\n");
}

void page_detectors(const struct sheet *sheet)
{
	size_t rows;
	struct tally_row *row = rows_of(sheet, compare_detectors, same_detector, &rows);
	bool used[WARDEN_VERDICT_COUNT] = { false };
	FILE *out = sheet->out;

	for (size_t i = 0; i < sheet->count; i++)
		used[sheet->finding[i]->strongest % WARDEN_VERDICT_COUNT] = true;
	if (rows) {
		table_begin(out, "detectors", "By detector");
		head(out, "Detector");
		head(out, "Kind");
		for (unsigned v = WARDEN_VERDICT_COUNT; v-- > WARDEN_LOG;)
			if (used[v])
				head_number(out, warden_verdict_name((enum warden_verdict)v));
		head_number(out, "Findings");
		head_number(out, "Clients");
		head_number(out, "Domains");
		head_number(out, "Events");
		html_print(out, "</tr></thead>\n<tbody>\n");
		for (size_t i = 0; i < rows && i < ROWS_SHOWN; i++)
			detector_row(sheet, &row[i], used);
		table_end(out, rows);
	}
	free(row);
}
