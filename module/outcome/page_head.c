/* SPDX-License-Identifier: BSD-3-Clause */
/* page_head - the result as a sentence, and what it was made of. */
#include <string.h>

#include "outcome/html.h"
#include "outcome/page_parts.h"

#define INPUTS_SHOWN 20

/* What clients may be said to be, the worst first. */
enum likeness { LIKE_TUNNEL, LIKE_DENIED, LIKE_NOTED, LIKE_COUNT };

static bool carries_data(const struct offence *finding)
{
	static const char *const kinds[] = { "tunnel", "exfiltration", "command-and-control" };
	const struct detector *detector = offence_detector(finding);

	for (unsigned i = 0; detector && detector->category && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(detector->category, kinds[i]))
			return warden_verdict_denies(finding->strongest);
	return false;
}

static enum likeness likeness_of(const struct offence *finding)
{
	if (carries_data(finding))
		return LIKE_TUNNEL;
	return warden_verdict_denies(finding->strongest) ? LIKE_DENIED : LIKE_NOTED;
}

/* How many clients have a finding like that, each counted once; of findings strongest first. */
static size_t clients_like(const struct sheet *sheet, enum likeness likeness)
{
	struct tally clients = { 0 };
	size_t count;

	for (size_t i = 0; i < sheet->count; i++)
		if (likeness_of(sheet->finding[i]) == likeness)
			tally_add(&clients, client_hash(&sheet->warden->mapping, sheet->finding[i]->key.client), 1);
	count = clients.used;
	tally_free(&clients);
	return count;
}

/* "3 clients look like tunnels", or the strongest that can be said instead. */
static void print_result(const struct sheet *sheet)
{
	size_t tunnels = clients_like(sheet, LIKE_TUNNEL), denied = clients_like(sheet, LIKE_DENIED);
	size_t noted = clients_like(sheet, LIKE_NOTED);
	const char *least = sheet->findings->dropped ? "At least " : "";
	char text[SHORT_TEXT_MAX];

	html_print(sheet->out, "<h1>");
	if (!sheet->summary->observations)
		html_print(sheet->out, "Nothing was observed");
	else if (tunnels)
		html_print(sheet->out, tunnels == 1 ? "%s%s client looks like a tunnel" :
		           "%s%s clients look like tunnels", least, count_text(text, tunnels));
	else if (denied)
		html_print(sheet->out, denied == 1 ? "%s%s client does what is to be denied" :
		           "%s%s clients do what is to be denied", least, count_text(text, denied));
	else if (noted)
		html_print(sheet->out, "Nothing to deny; %s client%s worth a look", count_text(text, noted),
		           noted == 1 ? " is" : "s are");
	else
		html_print(sheet->out, "Nothing was found");
	html_print(sheet->out, "</h1>\n");
}

static void print_counts(const struct sheet *sheet)
{
	size_t by_confidence[CONFIDENCE_HIGH + 1] = { 0 };
	char all[SHORT_TEXT_MAX], high[SHORT_TEXT_MAX], medium[SHORT_TEXT_MAX], low[SHORT_TEXT_MAX];

	for (size_t i = 0; i < sheet->count; i++)
		by_confidence[sheet->finding[i]->confidence]++;
	if (!sheet->summary->observations)
		html_print(sheet->out, "<p class=\"lead\">The inputs hold no question and no answer that could be "
		           "used.</p>\n");
	else if (!sheet->count)
		html_print(sheet->out, "<p class=\"lead\">No detector objected to anything in %s observation%s.</p>\n",
		           count_text(all, sheet->summary->observations), plural(sheet->summary->observations));
	else
		html_print(sheet->out, "<p class=\"lead\">%s%s finding%s: <b class=\"high\">%s high</b>, "
		           "<b class=\"medium\">%s medium</b>, <b class=\"low\">%s low</b>.</p>\n",
		           sheet->findings->dropped ? "The strongest " : "",
		           count_text(all, sheet->count), plural(sheet->count),
		           count_text(high, by_confidence[CONFIDENCE_HIGH]),
		           count_text(medium, by_confidence[CONFIDENCE_MEDIUM]),
		           count_text(low, by_confidence[CONFIDENCE_LOW] + by_confidence[CONFIDENCE_NONE]));
}

static void fact(FILE *out, const char *name, const char *value)
{
	html_print(out, "<div><dt>%s</dt><dd>%s</dd></div>\n", name, value);
}

static void fact_count(FILE *out, const char *name, uint64_t n)
{
	char text[SHORT_TEXT_MAX];

	fact(out, name, count_text(text, n));
}

static void print_recorded(const struct sheet *sheet)
{
	const struct summary *summary = sheet->summary;
	char text[3 * SHORT_TEXT_MAX], from[SHORT_TEXT_MAX], to[SHORT_TEXT_MAX], span[SHORT_TEXT_MAX];

	if (!summary->observations)
		return;
	snprintf(text, sizeof(text), "%s to %s UTC (%s)", moment_text(from, summary->first),
	         moment_text(to, summary->last), span_text(span, summary->last - summary->first));
	html_print(sheet->out, "<div><dt>Recorded</dt><dd>%s</dd></div>\n", text);
}

static void print_inputs(const struct sheet *sheet)
{
	size_t count = 0;

	html_print(sheet->out, "<div><dt>Inputs</dt><dd>");
	for (; sheet->inputs[count]; count++)
		if (count < INPUTS_SHOWN)
			html_print(sheet->out, "%s<span class=\"path\">%s</span>", count ? ", " : "",
			           strcmp(sheet->inputs[count], "-") ? sheet->inputs[count] : "standard input");
	if (count > INPUTS_SHOWN)
		html_print(sheet->out, " and %lu more", (unsigned long)(count - INPUTS_SHOWN));
	html_print(sheet->out, "</dd></div>\n");
}

void page_head(const struct sheet *sheet)
{
	FILE *out = sheet->out;

	html_print(out, "<header>\n<p class=\"title\">Warden: what a recording holds</p>\n");
	print_result(sheet);
	print_counts(sheet);
	html_print(out, "<dl class=\"head\">\n");
	fact_count(out, "Observations", sheet->summary->observations);
	fact_count(out, "Questions", sheet->lines->all.questions);
	fact_count(out, "Clients", sheet->summary->clients.used);
	fact_count(out, "Pairs", sheet->summary->pairs.used);
	fact_count(out, "Skipped", sheet->summary->skipped);
	fact(out, "Mode", sheet->config->settings.mode == MODE_ENFORCE ? "enforce" : "observe");
	html_print(out, "</dl>\n<dl class=\"made\">\n");
	print_recorded(sheet);
	html_print(out, "<div><dt>Configuration</dt><dd class=\"path\">%s</dd></div>\n",
	           sheet->config->file ? sheet->config->file : "none: every option at its default");
	print_inputs(sheet);
	html_print(out, "</dl>\n</header>\n");
}
