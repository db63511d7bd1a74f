/* SPDX-License-Identifier: BSD-3-Clause */
/* page_finding - who did what, when it was seen, why it was judged so, and what would allow it.
 *
 * What was found of one client and domain stands in one frame: its questions over time once, and
 * below a part for each detector, strongest first.
 */
#include <ctype.h>
#include <string.h>

#include "report/evidence.h"
#include "report/rrtype.h"
#include "outcome/html.h"
#include "outcome/page_parts.h"

struct timeline *page_timeline(const struct timelines *lines, const struct mapping *mapping,
                               const struct offence *finding)
{
	uint64_t client = client_hash(mapping, finding->key.client);
	uint64_t domain = domain_hash(mapping, finding->key.domain, finding->domain_len);

	return timelines_find(lines, pair_hash(mapping, client, domain));
}

/* One fact: what it is called, and what it is. */
static void fact(FILE *out, const char *name, const char *value)
{
	html_print(out, "<div><dt>%s</dt><dd>%s</dd></div>", name, value);
}

/* --- one detector's part --------------------------------------------------------------------- */

/* "would refuse": in observe mode nothing is done. */
static const char *doing(const struct offence *finding)
{
	return finding->record.dry_run && warden_verdict_denies(finding->strongest) ? "would " : "";
}

static void print_tags(const struct offence *finding, FILE *out)
{
	const struct detector *detector = offence_detector(finding);

	html_print(out, "<p class=\"tags\"><b>%s confidence</b> <span>%s%s</span> <strong>%s</strong> "
	           "<span class=\"kind\">%s</span></p>\n", severity_title(finding->confidence), doing(finding),
	           warden_verdict_name(finding->strongest), offence_rule(finding),
	           detector && detector->category ? detector->category : "hold");
}

static void print_reason(const struct offence *finding, FILE *out)
{
	html_print(out, "<p class=\"reason\">%c%s.</p>\n", toupper((unsigned char)*finding->reason),
	           *finding->reason ? finding->reason + 1 : "");
}

/* The question that brought it, as it was asked. */
static void print_question(const struct offence *finding, FILE *out)
{
	char name[NAME_TEXT_MAX], type[RRTYPE_TEXT_MAX];

	name_text(name, finding->record.qname, finding->record.qname_len);
	rrtype_text(type, finding->record.qtype);
	html_print(out, "<p class=\"question\"><code>%s</code> %s</p>\n", name, type);
}

static void print_attack(const struct offence *finding, FILE *out)
{
	const struct detector *detector = offence_detector(finding);

	if (!detector || !detector->attack || !detector->attack[0])
		return;
	html_print(out, "<div class=\"long\"><dt>ATT&amp;CK</dt><dd>");
	for (unsigned i = 0; detector->attack[i]; i++)
		html_print(out, "%s<span class=\"id\">%s</span>", i ? " " : "", detector->attack[i]);
	html_print(out, "</dd></div>");
}

static void print_facts(const struct offence *finding, FILE *out)
{
	char text[SHORT_TEXT_MAX];

	html_print(out, "<dl class=\"facts\">");
	fact(out, "First reached", moment_text(text, finding->record.now));
	fact(out, "At question", count_text(text, finding->record.at_query));
	fact(out, "Score", count_text(text, finding->score));
	print_attack(finding, out);
	html_print(out, "</dl>\n");
}

/* A name of evidence as words, as event.reason has it. */
static void words_of(char text[SHORT_TEXT_MAX], const char *name)
{
	snprintf(text, SHORT_TEXT_MAX, "%s", name);
	for (char *c = text; *c; c++)
		if (*c == '_')
			*c = ' ';
}

static void print_evidence(const struct sheet *sheet, const struct offence *finding)
{
	const struct detector *detector = offence_detector(finding);
	char value[EVIDENCE_VALUE_MAX], name[SHORT_TEXT_MAX], number[SHORT_TEXT_MAX];

	if (!detector || !detector->evidence[0].name)
		return;
	html_print(sheet->out, "<dl class=\"evidence\">");
	for (unsigned i = 0; i < EVIDENCE_MAX && detector->evidence[i].name; i++) {
		if (!evidence_value(value, detector, i, finding->record.evidence, &sheet->warden->mapping))
			continue;
		words_of(name, detector->evidence[i].name);
		if (evidence_counts(detector->evidence[i].kind, finding->record.evidence[evidence_at(detector, i)]))
			fact(sheet->out, name,
			     count_text(number, finding->record.evidence[evidence_at(detector, i)]));
		else
			html_print(sheet->out, "<div class=\"long\"><dt>%s</dt><dd>%s</dd></div>", name, value);
	}
	html_print(sheet->out, "</dl>\n");
}

static void print_verdict(const struct sheet *sheet, const struct offence *finding)
{
	html_print(sheet->out, "<li class=\"%s\">\n<div class=\"why\">\n", severity_word(finding->confidence));
	print_tags(finding, sheet->out);
	print_reason(finding, sheet->out);
	print_question(finding, sheet->out);
	html_print(sheet->out, "</div>\n<div class=\"numbers\">\n");
	print_facts(finding, sheet->out);
	print_evidence(sheet, finding);
	html_print(sheet->out, "</div>\n</li>\n");
}

/* --- a client and a domain ------------------------------------------------------------------- */

static void print_allow(const struct sheet *sheet, const struct offence *finding)
{
	struct allow_line line;

	allow_finding(sheet, finding, &line);
	if (line.option)
		html_print(sheet->out, "<p class=\"allow\"><span>Silenced by</span> <code>%s: %s</code></p>\n",
		           line.option, line.value);
	else if (*line.reason)
		html_print(sheet->out, "<p class=\"allow\"><span>Silenced by</span> no line: %s</p>\n",
		           line.reason);
}

static void print_pair_head(const struct sheet *sheet, struct offence *const *finding, size_t count)
{
	const struct timeline *line = page_timeline(sheet->lines, &sheet->warden->mapping, finding[0]);
	char client[ADDRESS_TEXT_MAX], domain[NAME_TEXT_MAX], questions[SHORT_TEXT_MAX];

	html_print(sheet->out, "<div class=\"pair\">\n<h4><span class=\"who\">%s</span> <span class=\"to\">asks for"
	           "</span> <span class=\"what\">%s</span></h4>\n",
	           client_text(client, finding[0]->key.client),
	           name_text(domain, finding[0]->key.domain, finding[0]->domain_len));
	html_print(sheet->out, "<p class=\"sum\">%s question%s, %lu detector%s</p>\n",
	           line ? count_text(questions, line->questions) : "Many",
	           plural(line ? line->questions : 0), (unsigned long)count, plural(count));
	print_allow(sheet, finding[0]);
	html_print(sheet->out, "</div>\n");
	if (line)
		chart_pair(sheet, finding, count, line);
	else
		html_print(sheet->out, "<p class=\"note\">Its questions over time were forgotten: there were too "
		           "many pairs.</p>\n");
}

/* Prints the pair of finding <first>, in so far as it is before <end>. Returns where the next begins. */
static size_t print_pair(const struct sheet *sheet, size_t first, size_t end)
{
	struct offence *const *finding = sheet->finding + first;
	size_t count = 1;

	while (first + count < end && finding[count]->leader == finding[0]->leader)
		count++;
	html_print(sheet->out, "<article class=\"%s\" id=\"f%lu\">\n", severity_word(finding[0]->confidence),
	           (unsigned long)first + 1);
	print_pair_head(sheet, finding, count);
	html_print(sheet->out, "<ol>\n");
	for (size_t i = 0; i < count; i++)
		print_verdict(sheet, finding[i]);
	html_print(sheet->out, "</ol>\n</article>\n");
	return first + count;
}

/* What is not told in full. */
static void print_rest(const struct sheet *sheet)
{
	char rest[SHORT_TEXT_MAX], shown[SHORT_TEXT_MAX], dropped[SHORT_TEXT_MAX];

	if (sheet->count > FINDINGS_SHOWN)
		html_print(sheet->out, "<p class=\"note\" id=\"rest\">The strongest %s findings are told here; %s "
		           "weaker ones are only counted, above and in the tables.</p>\n",
		           count_text(shown, FINDINGS_SHOWN), count_text(rest, sheet->count - FINDINGS_SHOWN));
	if (sheet->findings->dropped)
		html_print(sheet->out, "<p class=\"note\" id=\"dropped\">There were more findings than a page keeps: "
		           "%s of the weakest are in no number here.</p>\n",
		           count_text(dropped, sheet->findings->dropped));
}

void page_findings(const struct sheet *sheet)
{
	unsigned group = CONFIDENCE_HIGH + 1;
	size_t shown = sheet->count < FINDINGS_SHOWN ? sheet->count : FINDINGS_SHOWN;

	if (!sheet->count)
		return;
	html_print(sheet->out, "<section id=\"findings\">\n<h2>Findings</h2>\n");
	for (size_t i = 0; i < shown && !ferror(sheet->out); i = print_pair(sheet, i, shown)) {
		unsigned confidence = sheet->finding[i]->confidence;

		if (confidence != group)
			html_print(sheet->out, "<h3 class=\"%s\">%s severity</h3>\n", severity_word(confidence),
			           severity_title(confidence));
		group = confidence;
	}
	print_rest(sheet);
	html_print(sheet->out, "</section>\n");
}
